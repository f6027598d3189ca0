"""Amazon CloudWatch alarms."""

from __future__ import annotations

from koban.model.aws.cloudwatch import Alarm, CompositeAlarm
from koban.sources.terraform.mapping import block, blocks, group, maps

maps(
    "aws_cloudwatch_metric_alarm",
    Alarm,
    AlarmName="alarm_name",
    ActionsEnabled="actions_enabled",
    AlarmActions="alarm_actions",
    MetricName="metric_name",
    Namespace="namespace",
    Metrics=blocks(
        "metric_query",
        MetricStat=block("metric", Metric=group(MetricName="metric_name", Namespace="namespace")),
    ),
)
maps(
    "aws_cloudwatch_composite_alarm",
    CompositeAlarm,
    AlarmName="alarm_name",
    ActionsEnabled="actions_enabled",
    AlarmActions="alarm_actions",
    AlarmRule="alarm_rule",
)
