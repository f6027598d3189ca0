"""Reads Amazon CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.cloudwatch import Alarm, CompositeAlarm
from koban.model.resource import Resource
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


@reads((Alarm, CompositeAlarm), "cloudwatch:DescribeAlarms")
def alarms(aws: Reader) -> Iterator[Resource]:
    """Both kinds in one call; without the names of the kinds AWS would give the first alone."""
    for page in aws.answers("cloudwatch:DescribeAlarms", AlarmTypes=["MetricAlarm", "CompositeAlarm"]):
        for raw in page.get("MetricAlarms", ()):
            yield aws.made(Alarm, alarm_from_api(raw))
        for raw in page.get("CompositeAlarms", ()):
            yield aws.made(CompositeAlarm, alarm_from_api(raw))
