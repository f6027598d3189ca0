from koban.model.aws.logs import LogGroup, MetricFilter
from koban.model.estate import MemoryEstate
from koban.sources.aws.logs import log_group_from_api, metric_filter_from_api


def test_log_groups_with_filters_and_alarms_where_a_trail_comes_in(aws, collect):
    logs = aws("logs")
    logs.create_log_group(logGroupName="trail")
    logs.create_log_group(logGroupName="other")
    logs.put_retention_policy(logGroupName="trail", retentionInDays=400)
    counted = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName="trail", filterName="f", filterPattern="{ $.x = 1 }", metricTransformations=[counted]
    )
    topic = aws("sns").create_topic(Name="alarms")["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-1:123456789012:q")
    aws("cloudwatch").put_metric_alarm(
        AlarmName="a",
        MetricName="m",
        Namespace="n",
        AlarmActions=[topic],
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        EvaluationPeriods=1,
        Threshold=1,
        Period=300,
        Statistic="Sum",
    )
    assert collect("logs.metric_filters") == []
    group = "arn:aws:logs:eu-west-1:123456789012:log-group:trail:*"
    aws("s3").create_bucket(Bucket="trails", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("cloudtrail").create_trail(
        Name="all",
        S3BucketName="trails",
        CloudWatchLogsLogGroupArn=group,
        CloudWatchLogsRoleArn="arn:aws:iam::123456789012:role/r",
    )
    found = [
        one
        for name in (
            "logs.log_groups",
            "logs.metric_filters",
            "cloudwatch.alarms",
            "sns.topics",
            "sns.subscriptions",
        )
        for one in collect(name)
    ]
    MemoryEstate(found)
    group = next(one for one in found if one.name == "trail")
    assert group.retention_days == 400
    (watching,) = group.metric_filters
    assert watching.counts({"x": 1})
    assert not watching.counts({"x": 2})
    (alarm,) = watching.alarms
    assert alarm.notifies
    assert collect.failures == []


def test_the_api_and_a_template_tell_the_same():
    live = log_group_from_api(
        {
            "logGroupName": "g",
            "creationTime": 1,
            "retentionInDays": 30,
            "metricFilterCount": 0,
            "arn": "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
            "logGroupClass": "STANDARD",
        }
    )
    api, template = LogGroup(live), LogGroup({"LogGroupName": "g", "RetentionInDays": "30"})
    assert (api.name, api.retention_days, api.key_id) == (template.name, template.retention_days, template.key_id)
    counted = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    raw = {"filterName": "f", "filterPattern": "x", "logGroupName": "g", "metricTransformations": [counted]}
    assert metric_filter_from_api(raw) == {
        "FilterName": "f",
        "FilterPattern": "x",
        "LogGroupName": "g",
        "MetricTransformations": [{"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}],
    }


def test_a_filter_that_is_not_understood_is_open():
    from koban.model.unknown import World, open_world

    odd = MetricFilter({"FilterName": "f", "FilterPattern": "[a, b]"})
    with open_world(World((True,))):
        assert odd.counts({})
    with open_world(World()):
        assert not odd.counts({})


def test_resource_policies(aws, collect):
    policy = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "logs:*", "Resource": "*"}]}'
    aws("logs").put_resource_policy(policyName="p", policyDocument=policy)
    (found,) = collect("logs.resource_policies")
    assert found.policy.public
