"""AWS Security Hub."""

from __future__ import annotations

from koban.model.resource import Resource, fact, field


class Hub(
    Resource, type="AWS::SecurityHub::Hub", ids="ARN", arn="arn:{partition}:securityhub:{region}:{account}:hub/default"
):
    """Security Hub in one region."""

    auto_enable_controls: bool = field("AutoEnableControls", True, "Whether new controls of its standards turn on")


class Standard(
    Resource,
    type="AWS::SecurityHub::Standard",
    ids="StandardsArn StandardsSubscriptionArn",
    arn="arn:{partition}:securityhub:{region}:{account}:subscription/{StandardsArn}",
):
    """A standard against which Security Hub checks one region."""

    standard_arn: str = field("StandardsArn", "", "The ARN of the standard")
    status: str = fact("StandardsStatus", "READY", "READY, PENDING, INCOMPLETE, FAILED or DELETING")
