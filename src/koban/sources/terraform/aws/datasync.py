"""AWS DataSync."""

from __future__ import annotations

from koban.model.aws.datasync import Task
from koban.sources.terraform.mapping import block, maps

maps(
    "aws_datasync_task",
    Task,
    Name="name",
    TaskArn="arn",
    CloudWatchLogGroupArn="cloudwatch_log_group_arn",
    Options=block("options", LogLevel="log_level", VerifyMode="verify_mode"),
)
