"""Amazon Inspector."""

from __future__ import annotations

from koban.model.resource import Resource, derived, field


class InspectorStatus(
    Resource,
    type="Koban::Inspector::Status",
    ids="AccountId",
    arn="arn:{partition}:inspector2:{region}:{account}:status",
):
    """What Inspector scans in one region: each ENABLED, DISABLED, SUSPENDED or on the way to one of them."""

    status: str = field("Status", "DISABLED", "Inspector as a whole")
    ec2: str = field("Ec2", "DISABLED", "Scans of servers")
    ecr: str = field("Ecr", "DISABLED", "Scans of container images")
    functions: str = field("Lambda", "DISABLED", "Scans of the packages that functions bring along")
    function_code: str = field("LambdaCode", "DISABLED", "Scans of the functions' own code")

    @derived
    def enabled(self) -> bool:
        return self.status in ("ENABLED", "ENABLING")
