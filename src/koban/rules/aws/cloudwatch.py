"""Posture rules for Amazon CloudWatch alarms."""

from __future__ import annotations

from koban.model.aws.cloudwatch import Alarm, CompositeAlarm
from koban.model.aws.sns import Subscription, Topic
from koban.model.rule import rule

TOPIC = "arn:aws:sns:eu-west-1:111122223333:t"


@rule("low", Alarm, "aws-fsbp:CloudWatch.15", "nist-csf-2.0:DE.AE-06")
def cloudwatch_alarm_without_action(alarm: Alarm) -> bool:
    """Nothing happens when the alarm goes off, and no composite alarm listens to it.

    Why: an alarm that tells nobody protects nothing.
    Fix: add an action for the alarm state, such as an SNS topic that people or a pager subscribe to.
    """
    return not alarm.actions and not any(alarm.name in one.alarm_rule for one in alarm.in_region.every(CompositeAlarm))


cloudwatch_alarm_without_action.cases(
    bad=[
        {"AlarmName": "a"},
        ({"AlarmName": "a"}, CompositeAlarm({"AlarmName": "c", "AlarmRule": 'ALARM("other")'})),
    ],
    good=[
        {"AlarmActions": [TOPIC]},
        ({"AlarmName": "a"}, CompositeAlarm({"AlarmName": "c", "AlarmRule": 'ALARM("a")'})),
    ],
)


@rule("medium", Alarm, "aws-fsbp:CloudWatch.17", "nist-csf-2.0:DE.AE-06", when=lambda alarm: alarm.actions)
def cloudwatch_alarm_actions_off(alarm: Alarm) -> bool:
    """The alarm has actions, and they are turned off.

    Why: it looks as if somebody is told, and nobody is; alarms are often muted for an hour and forgotten.
    Fix: turn the alarm's actions on again.
    """
    return not alarm.actions_enabled


cloudwatch_alarm_actions_off.cases(
    bad=[{"AlarmActions": [TOPIC], "ActionsEnabled": False}], good=[{"AlarmActions": [TOPIC]}], skipped=[{}]
)


@rule(
    "medium",
    Alarm,
    "nist-csf-2.0:DE.AE-06",
    only="live",
    when=lambda alarm: alarm.actions_enabled and any(":sns:" in action for action in alarm.actions),
)
def cloudwatch_alarm_nobody_subscribed(alarm: Alarm) -> bool:
    """The alarm publishes to a topic that nobody subscribes to.

    Why: messages to a topic without a confirmed subscription vanish.
    Fix: subscribe the people on duty to the topic, and let them confirm.
    """
    return not alarm.notifies


cloudwatch_alarm_nobody_subscribed.cases(
    bad=[
        ({"AlarmActions": [TOPIC]}, Topic({"TopicArn": TOPIC})),
        (
            {"AlarmActions": [TOPIC]},
            Topic({"TopicArn": TOPIC}),
            Subscription({"TopicArn": TOPIC, "Protocol": "email", "Confirmed": False}),
        ),
    ],
    good=[
        ({"AlarmActions": [TOPIC]}, Topic({"TopicArn": TOPIC}), Subscription({"TopicArn": TOPIC, "Protocol": "email"}))
    ],
    unknown=[{"AlarmActions": [TOPIC]}],
    skipped=[{}, {"AlarmActions": ["arn:aws:automate:eu-west-1:ec2:recover"]}],
)


@rule("low", CompositeAlarm, "aws-fsbp:CloudWatch.15", "nist-csf-2.0:DE.AE-06")
def cloudwatch_composite_alarm_without_action(alarm: CompositeAlarm) -> bool:
    """Nothing happens when the composite alarm goes off.

    Why: an alarm that tells nobody protects nothing.
    Fix: add an action for the alarm state and turn actions on.
    """
    return not alarm.actions or not alarm.actions_enabled


cloudwatch_composite_alarm_without_action.cases(
    bad=[{}, {"AlarmActions": [TOPIC], "ActionsEnabled": False}], good=[{"AlarmActions": [TOPIC]}]
)
