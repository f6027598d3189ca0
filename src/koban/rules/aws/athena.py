"""Posture rules for Amazon Athena."""

from __future__ import annotations

from koban.model.aws.athena import WorkGroup
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("medium", WorkGroup, "nist-csf-2.0:PR.DS-01", when=lambda group: group.state == "ENABLED")
def athena_workgroup_unencrypted(group: WorkGroup) -> bool:
    """The workgroup does not encrypt query results.

    Why: results are extracts of the data, and lie in a bucket where other people and programs read.
    Fix: set an EncryptionConfiguration for query results, SSE_KMS where a key of your own is wanted.
    """
    return not group.encryption and not group.managed_results


def with_results(option: str) -> dict[str, object]:
    """A workgroup that encrypts its results so."""
    return {
        "WorkGroupConfiguration": {"ResultConfiguration": {"EncryptionConfiguration": {"EncryptionOption": option}}}
    }


athena_workgroup_unencrypted.cases(
    bad=[{}, {"WorkGroupConfiguration": {"ResultConfiguration": {"OutputLocation": "s3://results/"}}}],
    good=[
        with_results("SSE_KMS"),
        {"WorkGroupConfiguration": {"ManagedQueryResultsConfiguration": {"Enabled": True}}},
    ],
    unknown=[{"WorkGroupConfiguration": Unknown("WorkGroupConfiguration", "AccessDenied athena:GetWorkGroup")}],
    skipped=[{"State": "DISABLED"}],
)


@rule("medium", WorkGroup, "nist-csf-2.0:PR.PS-01", when=lambda group: group.state == "ENABLED")
def athena_workgroup_not_enforced(group: WorkGroup) -> bool:
    """Clients can set aside the workgroup's settings.

    Why: a query can then write unencrypted results to any bucket.
    Fix: set EnforceWorkGroupConfiguration to true.
    """
    return not group.enforced


athena_workgroup_not_enforced.cases(
    bad=[{"WorkGroupConfiguration": {"EnforceWorkGroupConfiguration": False}}],
    good=[{}],
    skipped=[{"State": "DISABLED"}],
)


@rule("low", WorkGroup, "aws-fsbp:Athena.4", "nist-csf-2.0:PR.PS-04", when=lambda group: group.state == "ENABLED")
def athena_workgroup_not_metered(group: WorkGroup) -> bool:
    """The workgroup does not publish query metrics.

    Why: unusual amounts of data read, or of failed queries, raise no alarm.
    Fix: set PublishCloudWatchMetricsEnabled to true.
    """
    return not group.metrics


athena_workgroup_not_metered.cases(
    bad=[{"WorkGroupConfiguration": {"PublishCloudWatchMetricsEnabled": False}}],
    good=[{}],
    skipped=[{"State": "DISABLED"}],
)
