"""AWS DataSync."""

from __future__ import annotations

from koban.model.resource import Resource, field


class Task(Resource, type="AWS::DataSync::Task", ids="Name TaskArn"):
    """A task: copies data from one place to another."""

    log_group: str = field("CloudWatchLogGroupArn", "", "The log group; empty: none")
    log_level: str = field("Options.LogLevel", "OFF", "OFF, BASIC (errors) or TRANSFER (every file)")
    verify: str = field("Options.VerifyMode", "POINT_IN_TIME_CONSISTENT", "NONE: what arrived is not compared")
