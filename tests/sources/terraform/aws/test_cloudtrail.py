from koban.model.aws.cloudtrail import EventDataStore, Trail


def test_a_trail(twins):
    twins(
        "aws_cloudtrail",
        {
            "name": "t",
            "s3_bucket_name": "b",
            "s3_key_prefix": "p",
            "enable_logging": False,
            "is_multi_region_trail": True,
            "is_organization_trail": True,
            "include_global_service_events": False,
            "enable_log_file_validation": True,
            "kms_key_id": "k",
            "cloud_watch_logs_group_arn": "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
            "event_selector": [
                {
                    "read_write_type": "WriteOnly",
                    "include_management_events": False,
                    "exclude_management_event_sources": ["kms.amazonaws.com"],
                    "data_resource": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}],
                }
            ],
            "insight_selector": [{"insight_type": "ApiCallRateInsight"}],
        },
        Trail,
        {
            "TrailName": "t",
            "S3BucketName": "b",
            "S3KeyPrefix": "p",
            "IsLogging": False,
            "IsMultiRegionTrail": True,
            "IsOrganizationTrail": True,
            "IncludeGlobalServiceEvents": False,
            "EnableLogFileValidation": True,
            "KMSKeyId": "k",
            "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
            "EventSelectors": [
                {
                    "ReadWriteType": "WriteOnly",
                    "IncludeManagementEvents": False,
                    "ExcludeManagementEventSources": ["kms.amazonaws.com"],
                    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
                }
            ],
            "InsightSelectors": [{"InsightType": "ApiCallRateInsight"}],
        },
    )
    least = {"name": "t", "s3_bucket_name": "b"}
    twins("aws_cloudtrail", least, Trail, {"TrailName": "t", "S3BucketName": "b", "IsLogging": True})
    code = {"TrailName": "t", "S3BucketName": "b", "EventSelectors": [{}]}
    twins("aws_cloudtrail", {**least, "event_selector": [{}]}, Trail, code)


def test_advanced_selectors(twins):
    twins(
        "aws_cloudtrail",
        {
            "name": "t",
            "advanced_event_selector": [
                {
                    "name": "n",
                    "field_selector": [
                        {"field": "eventCategory", "equals": ["Data"]},
                        {"field": "resources.ARN", "starts_with": ["arn:aws:s3:::"]},
                        {"field": "eventSource", "not_equals": ["kms.amazonaws.com"]},
                    ],
                }
            ],
        },
        Trail,
        {
            "TrailName": "t",
            "AdvancedEventSelectors": [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Data"]},
                        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::"]},
                        {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
                    ]
                }
            ],
        },
    )


def test_an_event_data_store(twins):
    twins(
        "aws_cloudtrail_event_data_store",
        {
            "name": "s",
            "kms_key_id": "k",
            "retention_period": 90,
            "termination_protection_enabled": False,
            "multi_region_enabled": False,
        },
        EventDataStore,
        {
            "Name": "s",
            "KmsKeyId": "k",
            "RetentionPeriod": 90,
            "TerminationProtectionEnabled": False,
            "MultiRegionEnabled": False,
        },
    )
    twins("aws_cloudtrail_event_data_store", {"name": "s"}, EventDataStore, {"Name": "s", "RetentionPeriod": 2555})
