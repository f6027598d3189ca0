"""Reads Amazon CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.cloudwatch import Alarm, CompositeAlarm
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick


def alarm_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw,
        "AlarmName",
        "ActionsEnabled",
        "AlarmActions",
        "MetricName",
        "Namespace",
        "Metrics",
        "AlarmRule",
        Arn="AlarmArn",
    )


@reads(Alarm, "cloudwatch:DescribeAlarms")
def alarms(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("cloudwatch:DescribeAlarms", "MetricAlarms", AlarmTypes=["MetricAlarm"]):
        yield alarm_from_api(raw)


@reads(CompositeAlarm, "cloudwatch:DescribeAlarms")
def composite_alarms(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("cloudwatch:DescribeAlarms", "CompositeAlarms", AlarmTypes=["CompositeAlarm"]):
        yield alarm_from_api(raw)
