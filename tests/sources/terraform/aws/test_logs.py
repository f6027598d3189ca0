from koban.model.aws.logs import LogGroup, LogsResourcePolicy, MetricFilter


def test_a_log_group(twins):
    twins(
        "aws_cloudwatch_log_group",
        {
            "name": "g",
            "retention_in_days": 365,
            "kms_key_id": "k",
            "log_group_class": "INFREQUENT_ACCESS",
            "deletion_protection_enabled": True,
        },
        LogGroup,
        {
            "LogGroupName": "g",
            "RetentionInDays": 365,
            "KmsKeyId": "k",
            "LogGroupClass": "INFREQUENT_ACCESS",
            "DeletionProtectionEnabled": True,
        },
    )
    twins("aws_cloudwatch_log_group", {}, LogGroup, {})


def test_a_metric_filter(twins):
    twins(
        "aws_cloudwatch_log_metric_filter",
        {
            "name": "f",
            "log_group_name": "g",
            "pattern": '{ $.errorCode = "AccessDenied" }',
            "metric_transformation": [{"name": "m", "namespace": "n", "value": "1"}],
        },
        MetricFilter,
        {
            "FilterName": "f",
            "LogGroupName": "g",
            "FilterPattern": '{ $.errorCode = "AccessDenied" }',
            "MetricTransformations": [{"MetricName": "m", "MetricNamespace": "n"}],
        },
    )


def test_a_resource_policy(twins):
    body = {"policy_name": "p", "policy_document": '{"Statement": []}'}
    code = {"PolicyName": "p", "PolicyDocument": {"Statement": []}}
    twins("aws_cloudwatch_log_resource_policy", body, LogsResourcePolicy, code)
