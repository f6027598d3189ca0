"""Amazon Macie."""

from __future__ import annotations

from koban.model.resource import Resource, derived, field


class MacieSession(
    Resource, type="AWS::Macie::Session", ids="AwsAccountId", arn="arn:{partition}:macie2:{region}:{account}:session"
):
    """Macie in one region."""

    status: str = field("Status", "ENABLED", "ENABLED, PAUSED, or DISABLED where it was never turned on")
    discovery: str = field("AutomatedDiscoveryStatus", "DISABLED", "Whether it samples all buckets by itself")

    @derived
    def enabled(self) -> bool:
        return self.status == "ENABLED"
