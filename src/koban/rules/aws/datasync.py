"""Posture rules for AWS DataSync."""

from __future__ import annotations

from koban.model.aws.datasync import Task
from koban.model.rule import rule


@rule("medium", Task, "aws-fsbp:DataSync.1", "nist-csf-2.0:PR.PS-04")
def datasync_task_unlogged(task: Task) -> bool:
    """What this task copies is not logged.

    Why: files that were not copied, or copied to the wrong place, go unnoticed.
    Fix: set CloudWatchLogGroupArn, and LogLevel of Options to BASIC or TRANSFER.
    """
    return not task.log_group or task.log_level == "OFF"


GROUP = {"CloudWatchLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:datasync"}

datasync_task_unlogged.cases(
    bad=[{}, GROUP, {"Options": {"LogLevel": "BASIC"}}],
    good=[{**GROUP, "Options": {"LogLevel": "BASIC"}}, {**GROUP, "Options": {"LogLevel": "TRANSFER"}}],
)


@rule("low", Task, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.DS-02")
def datasync_task_unverified(task: Task) -> bool:
    """This task does not compare what arrived with what it sent.

    Why: data that was damaged or changed on the way is found out when it is needed.
    Fix: set VerifyMode of Options to ONLY_FILES_TRANSFERRED or POINT_IN_TIME_CONSISTENT.
    """
    return task.verify == "NONE"


datasync_task_unverified.cases(bad=[{"Options": {"VerifyMode": "NONE"}}], good=[{}])
