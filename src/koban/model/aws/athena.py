"""Amazon Athena."""

from __future__ import annotations

from koban.model.resource import Resource, field


class WorkGroup(
    Resource,
    type="AWS::Athena::WorkGroup",
    ids="Name",
    arn="arn:{partition}:athena:{region}:{account}:workgroup/{Name}",
):
    """A workgroup: settings that queries share."""

    state: str = field("State", "ENABLED", "ENABLED or DISABLED")
    encryption: str = field(
        "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.EncryptionOption",
        "",
        "SSE_S3, SSE_KMS or CSE_KMS; empty: results are not encrypted by Athena",
    )
    enforced: bool = field(
        "WorkGroupConfiguration.EnforceWorkGroupConfiguration", True, "Whether clients cannot set other settings"
    )
    metrics: bool = field("WorkGroupConfiguration.PublishCloudWatchMetricsEnabled", True, "Whether queries are metered")
    managed_results: bool = field(
        "WorkGroupConfiguration.ManagedQueryResultsConfiguration.Enabled",
        False,
        "Whether Athena keeps results, encrypted",
    )
