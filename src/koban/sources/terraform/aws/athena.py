"""Amazon Athena."""

from __future__ import annotations

from koban.model.aws.athena import WorkGroup
from koban.sources.terraform.mapping import block, maps

maps(
    "aws_athena_workgroup",
    WorkGroup,
    Name="name",
    State="state",
    WorkGroupConfiguration=block(
        "configuration",
        EnforceWorkGroupConfiguration="enforce_workgroup_configuration",
        PublishCloudWatchMetricsEnabled="publish_cloudwatch_metrics_enabled",
        ResultConfiguration=block(
            "result_configuration",
            EncryptionConfiguration=block("encryption_configuration", EncryptionOption="encryption_option"),
        ),
        ManagedQueryResultsConfiguration=block("managed_query_results_configuration", Enabled="enabled"),
    ),
)
