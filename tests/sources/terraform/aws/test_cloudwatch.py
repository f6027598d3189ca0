from koban.model.aws.cloudwatch import Alarm, CompositeAlarm


def test_an_alarm(twins):
    twins(
        "aws_cloudwatch_metric_alarm",
        {
            "alarm_name": "a",
            "actions_enabled": False,
            "alarm_actions": ["arn:aws:sns:eu-west-1:111122223333:t"],
            "metric_name": "m",
            "namespace": "n",
        },
        Alarm,
        {
            "AlarmName": "a",
            "ActionsEnabled": False,
            "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:t"],
            "MetricName": "m",
            "Namespace": "n",
        },
    )
    twins("aws_cloudwatch_metric_alarm", {"alarm_name": "a"}, Alarm, {"AlarmName": "a"})


def test_an_alarm_that_computes(twins):
    body = {
        "alarm_name": "a",
        "metric_query": [
            {"id": "e", "expression": "m1*2"},
            {"id": "m1", "metric": [{"metric_name": "m", "namespace": "n", "period": 60}]},
        ],
    }
    code = {"AlarmName": "a", "Metrics": [{}, {"MetricStat": {"Metric": {"MetricName": "m", "Namespace": "n"}}}]}
    twins("aws_cloudwatch_metric_alarm", body, Alarm, code)


def test_a_composite_alarm(twins):
    body = {"alarm_name": "c", "actions_enabled": False, "alarm_actions": ["t"], "alarm_rule": "ALARM(a)"}
    code = {"AlarmName": "c", "ActionsEnabled": False, "AlarmActions": ["t"], "AlarmRule": "ALARM(a)"}
    twins("aws_cloudwatch_composite_alarm", body, CompositeAlarm, code)
    body = {"alarm_name": "c", "alarm_rule": "ALARM(a)"}
    twins("aws_cloudwatch_composite_alarm", body, CompositeAlarm, {"AlarmName": "c", "AlarmRule": "ALARM(a)"})
