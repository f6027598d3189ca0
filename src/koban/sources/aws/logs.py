"""Reads Amazon CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.cloudtrail import Trail
from koban.model.aws.logs import LogGroup, LogsResourcePolicy, MetricFilter
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick
from koban.sources.aws.s3 import policy_from_api


def log_group_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        LogGroupName="logGroupName",
        Arn="arn",
        RetentionInDays="retentionInDays",
        KmsKeyId="kmsKeyId",
        LogGroupClass="logGroupClass",
        DeletionProtectionEnabled="deletionProtectionEnabled",
    )
    if "Arn" in document:
        document["LogGroupArn"] = document["Arn"].removesuffix(":*")  # some services call it by this one
    return document


@reads(LogGroup, "logs:DescribeLogGroups")
def log_groups(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("logs:DescribeLogGroups", "logGroups"):
        yield log_group_from_api(raw)


def metric_filter_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, FilterName="filterName", FilterPattern="filterPattern", LogGroupName="logGroupName")
    document["MetricTransformations"] = [
        pick(one, MetricName="metricName", MetricNamespace="metricNamespace", MetricValue="metricValue")
        for one in raw.get("metricTransformations", ())
    ]
    return document


def watched(aws: Reader) -> bool:
    """Whether a trail hands its events to a log group of this account and region."""
    arns = [str(trail.document.get("CloudWatchLogsLogGroupArn", "")) for trail in aws.read(Trail)]
    return any(arn.split(":")[3:5] == [aws.region, aws.account] for arn in arns)


@reads(MetricFilter, "logs:DescribeMetricFilters", needs=(Trail,), where=watched)
def metric_filters(aws: Reader) -> Iterator[Resource]:
    """Filters where no trail's events come in say nothing about what happens to the account."""
    for raw in aws.pages("logs:DescribeMetricFilters", "metricFilters"):
        document = metric_filter_from_api(raw)
        place = f"log-group:{document.get('LogGroupName', '')}:metric-filter:{document['FilterName']}"
        yield aws.made(MetricFilter, document, uid=aws.arn("logs", place))


@reads(LogsResourcePolicy, "logs:DescribeResourcePolicies")
def resource_policies(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("logs:DescribeResourcePolicies", "resourcePolicies"):
        document = pick(raw, PolicyName="policyName")
        document["PolicyDocument"] = policy_from_api(raw.get("policyDocument"))
        yield document
