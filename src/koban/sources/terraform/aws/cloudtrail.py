"""AWS CloudTrail: trails, and event data stores of CloudTrail Lake."""

from __future__ import annotations

from koban.model.aws.cloudtrail import EventDataStore, Trail
from koban.sources.terraform.mapping import arg, blocks, maps

RETENTION_DAYS = 2555  # where nothing is said; CloudFormation keeps events for another time

maps(
    "aws_cloudtrail",
    Trail,
    TrailName="name",
    IsLogging="enable_logging",
    IsMultiRegionTrail="is_multi_region_trail",
    IsOrganizationTrail="is_organization_trail",
    IncludeGlobalServiceEvents="include_global_service_events",
    EnableLogFileValidation="enable_log_file_validation",
    KMSKeyId="kms_key_id",
    S3BucketName="s3_bucket_name",
    S3KeyPrefix="s3_key_prefix",
    CloudWatchLogsLogGroupArn="cloud_watch_logs_group_arn",
    EventSelectors=blocks(
        "event_selector",
        ReadWriteType="read_write_type",
        IncludeManagementEvents="include_management_events",
        ExcludeManagementEventSources="exclude_management_event_sources",
        DataResources=blocks("data_resource", Type="type", Values="values"),
    ),
    AdvancedEventSelectors=blocks(
        "advanced_event_selector",
        FieldSelectors=blocks(
            "field_selector",
            Field="field",
            Equals="equals",
            NotEquals="not_equals",
            StartsWith="starts_with",
            EndsWith="ends_with",
            NotStartsWith="not_starts_with",
            NotEndsWith="not_ends_with",
        ),
    ),
    InsightSelectors=blocks("insight_selector", InsightType="insight_type"),
)
maps(
    "aws_cloudtrail_event_data_store",
    EventDataStore,
    Name="name",
    EventDataStoreArn="arn",
    KmsKeyId="kms_key_id",
    RetentionPeriod=arg("retention_period", default=RETENTION_DAYS),
    TerminationProtectionEnabled="termination_protection_enabled",
    MultiRegionEnabled="multi_region_enabled",
)
