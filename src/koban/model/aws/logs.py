"""Amazon CloudWatch Logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from koban.model.aws.filterpattern import passes
from koban.model.aws.policy import Policy, policy
from koban.model.resource import Part, Resource, asked, derived, field, link, parts, referring
from koban.model.unknown import Unknown

if TYPE_CHECKING:
    from koban.model.aws.cloudwatch import Alarm


class LogGroup(
    Resource,
    type="AWS::Logs::LogGroup",
    ids="LogGroupName LogGroupArn",
    arn="arn:{partition}:logs:{region}:{account}:log-group:{LogGroupName}:*",
):
    """A group of log streams that share retention, encryption and filters."""

    retention_days: int = field("RetentionInDays", 0, "Days that events are kept; 0: for ever")
    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The KMS key that events are encrypted with")
    key_id: str = field("KmsKeyId", "", "The ARN of that key; empty: keys of CloudWatch Logs")
    log_class: str = field("LogGroupClass", "STANDARD", "STANDARD, INFREQUENT_ACCESS or DELIVERY")
    deletion_protected: bool = field("DeletionProtectionEnabled", False, "Whether it refuses to be deleted")
    filters: tuple[MetricFilter, ...] = referring("AWS::Logs::MetricFilter", "log_group", "The filters on it")

    @derived
    def metric_filters(self) -> tuple[MetricFilter, ...]:
        """The filters on it, without those on a group of the same name elsewhere."""
        return tuple(one for one in self.filters if one.region == self.region and one.account == self.account)


class MetricTransformation(Part):
    """What a metric filter counts into."""

    metric_name: str = field("MetricName", "", "The metric's name")
    namespace: str = field("MetricNamespace", "", "The metric's namespace")


class MetricFilter(Resource, type="AWS::Logs::MetricFilter", ids="FilterName"):
    """A filter that counts the log events that pass it into a metric."""

    log_group: Any = link("LogGroupName", "AWS::Logs::LogGroup", "The group whose events it looks at")
    pattern: str = field("FilterPattern", "", "Which events pass; empty: all")
    transformations: tuple[MetricTransformation, ...] = parts(
        "MetricTransformations", MetricTransformation, "The metrics that it counts into"
    )

    @asked
    def counts(self, event: dict[str, Any]) -> bool:
        """Whether `event` (a CloudTrail record) passes the filter."""
        if isinstance(self.pattern, Unknown):
            return bool(self.pattern.counts(json.dumps(event)))
        try:
            return passes(self.pattern, event)
        except ValueError as error:
            return bool(Unknown("FilterPattern", str(error)))

    @derived
    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms of the same region that watch a metric that it counts into."""
        from koban.model.aws.cloudwatch import Alarm

        return tuple(
            alarm
            for alarm in self.in_region.every(Alarm)
            if any(alarm.watches(one.namespace, one.metric_name) for one in self.transformations)
        )


class LogsResourcePolicy(Resource, type="AWS::Logs::ResourcePolicy", ids="PolicyName"):
    """A policy by which others may write to, or read from, log groups of a region."""

    policy: Policy = policy("PolicyDocument", "Who may do what with which log groups")
