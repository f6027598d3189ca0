"""Amazon CloudWatch."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Part, Resource, asked, derived, field, links, parts


class AlarmMetric(Part):
    """One of the metrics that an alarm computes with."""

    metric_name: str = field("MetricStat.Metric.MetricName", "", "The metric's name")
    namespace: str = field("MetricStat.Metric.Namespace", "", "The metric's namespace")


class Alarm(
    Resource,
    type="AWS::CloudWatch::Alarm",
    ids="AlarmName",
    arn="arn:{partition}:cloudwatch:{region}:{account}:alarm:{AlarmName}",
):
    """An alarm on a metric."""

    actions_enabled: bool = field("ActionsEnabled", True, "Whether a change of state does anything at all")
    actions: tuple[str, ...] = field("AlarmActions", (), "ARNs of what happens when it goes off")
    targets: tuple[Any, ...] = links("AlarmActions", "AWS::SNS::Topic", "The topics among its actions")
    metric_name: str = field("MetricName", "", "The metric that it watches")
    namespace: str = field("Namespace", "", "The namespace of that metric")
    metrics: tuple[AlarmMetric, ...] = parts("Metrics", AlarmMetric, "The metrics that it computes with")

    @asked
    def watches(self, namespace: str, metric_name: str) -> bool:
        """Whether it watches that metric, alone or among others."""
        if self.metric_name == metric_name and self.namespace == namespace:
            return True
        return any(one.metric_name == metric_name and one.namespace == namespace for one in self.metrics)

    @derived
    def notifies(self) -> bool:
        """Whether somebody hears of it: it is on, and a topic among its actions has a confirmed subscription."""
        pairs = zip(self.actions, self.targets, strict=False)
        return self.actions_enabled and any(":sns:" in name and topic.subscribed for name, topic in pairs)


class CompositeAlarm(
    Resource,
    type="AWS::CloudWatch::CompositeAlarm",
    ids="AlarmName",
    arn="arn:{partition}:cloudwatch:{region}:{account}:alarm:{AlarmName}",
):
    """An alarm on the states of other alarms."""

    actions_enabled: bool = field("ActionsEnabled", True, "Whether a change of state does anything at all")
    actions: tuple[str, ...] = field("AlarmActions", (), "ARNs of what happens when it goes off")
    alarm_rule: str = field("AlarmRule", "", "The expression over other alarms, which names them")
