"""Amazon CloudWatch Logs."""

from __future__ import annotations

from koban.model.aws.logs import LogGroup, LogsResourcePolicy, MetricFilter
from koban.sources.terraform.mapping import blocks, json, maps

maps(
    "aws_cloudwatch_log_group",
    LogGroup,
    LogGroupName="name",
    LogGroupArn="arn",
    RetentionInDays="retention_in_days",
    KmsKeyId="kms_key_id",
    LogGroupClass="log_group_class",
    DeletionProtectionEnabled="deletion_protection_enabled",
)
maps(
    "aws_cloudwatch_log_metric_filter",
    MetricFilter,
    FilterName="name",
    LogGroupName="log_group_name",
    FilterPattern="pattern",
    MetricTransformations=blocks("metric_transformation", MetricName="name", MetricNamespace="namespace"),
)
maps(
    "aws_cloudwatch_log_resource_policy",
    LogsResourcePolicy,
    PolicyName="policy_name",
    PolicyDocument=json("policy_document"),
)
