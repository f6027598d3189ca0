from koban.model.aws.cloudwatch import Alarm, CompositeAlarm
from koban.sources.aws.cloudwatch import alarm_from_api


def test_an_alarm(aws, collect):
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="a",
        MetricName="m",
        Namespace="n",
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        EvaluationPeriods=1,
        Threshold=1,
        Period=300,
        Statistic="Sum",
        ActionsEnabled=False,
    )
    (alarm,) = collect("cloudwatch.alarms")
    assert (alarm.name, alarm.metric_name, alarm.namespace, alarm.actions_enabled) == ("a", "m", "n", False)
    assert collect.failures == []


def test_both_kinds_come_in_one_call(answered):
    def describe(**asked):
        assert asked == {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
        alarm = {"AlarmName": "a", "AlarmArn": "arn:a"}
        return {"MetricAlarms": [alarm], "CompositeAlarms": [{"AlarmName": "c", "AlarmArn": "arn:c"}]}

    found = answered("cloudwatch.alarms", {"cloudwatch:DescribeAlarms": describe})
    assert [(type(one), one.name) for one in found] == [(Alarm, "a"), (CompositeAlarm, "c")]


def test_a_composite_alarm():
    raw = {"AlarmName": "c", "AlarmArn": "arn:c", "AlarmRule": 'ALARM("a")', "ActionsEnabled": True, "AlarmActions": []}
    composite = CompositeAlarm(alarm_from_api(raw))
    assert (composite.uid, composite.alarm_rule, composite.actions) == ("arn:c", 'ALARM("a")', ())


def test_an_alarm_on_computed_metrics_watches_each():
    metric = {"Id": "x", "MetricStat": {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}}
    alarm = Alarm(alarm_from_api({"AlarmName": "a", "Metrics": [metric, {"Id": "e", "Expression": "x * 2"}]}))
    assert alarm.watches("n", "m")
    assert not alarm.watches("n", "other")
