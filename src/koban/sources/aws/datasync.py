"""Reads AWS DataSync."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.datasync import Task
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick


def task_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "TaskArn", "Name", "CloudWatchLogGroupArn", Arn="TaskArn")
    if raw.get("Options"):
        document["Options"] = pick(raw["Options"], "LogLevel", "VerifyMode")
    return document


@reads(Task, "datasync:DescribeTask", "datasync:ListTasks")
def tasks(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return task_from_api(aws.call("datasync:DescribeTask", TaskArn=raw["TaskArn"]))

    yield from aws.each(aws.pages("datasync:ListTasks", "Tasks"), detail)
