import pytest

from koban.engines.posture import judge
from koban.model.aws.sns import Subscription, Topic, TopicPolicy
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.rules.aws.sns import sns_topic_delivery_not_logged

OPEN = Unknown("var.x", "variable x has no default")
TEXT, POLICY = '{"Statement": []}', {"Statement": []}


def test_a_topic(twins, every_document):
    body = {
        "arn": "a",
        "name": "t",
        "kms_master_key_id": "alias/aws/sns",
        "http_failure_feedback_role_arn": "f",
        "lambda_success_feedback_role_arn": "s",
        "lambda_failure_feedback_role_arn": "",
    }
    twins(
        "aws_sns_topic",
        body,
        Topic,
        {
            "TopicName": "t",
            "KmsMasterKeyId": "alias/aws/sns",
            "DeliveryStatusLogging": [
                {"Protocol": "http/s", "FailureFeedbackRoleArn": "f"},
                {"Protocol": "lambda", "SuccessFeedbackRoleArn": "s"},
            ],
        },
    )
    twins("aws_sns_topic", {}, Topic, {})
    assert every_document("aws_sns_topic", body, TopicPolicy) == []


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ({}, "fail"),
        ({"sqs_failure_feedback_role_arn": "r"}, "pass"),
        ({"sqs_failure_feedback_role_arn": OPEN}, "unknown"),
    ],
)
def test_a_role_that_is_not_known_may_log_delivery(document, body, verdict):
    topic = Topic(document("aws_sns_topic", {"name": "t", **body}, Topic), uid="t", file="f")
    subscription = Subscription({"TopicArn": "t", "Protocol": "sqs"}, uid="s", file="f")
    MemoryEstate([topic, subscription])
    assert judge(sns_topic_delivery_not_logged, topic).verdict == verdict


@pytest.mark.parametrize("source", ["aws_sns_topic", "aws_sns_topic_policy"])
def test_the_policy_of_a_topic(twins, source):
    twins(source, {"arn": "a", "policy": TEXT}, TopicPolicy, {"Topics": ["a"], "PolicyDocument": POLICY})


def test_a_subscription(twins):
    twins(
        "aws_sns_topic_subscription",
        {"topic_arn": "a", "protocol": "http", "endpoint": "http://e"},
        Subscription,
        {"TopicArn": "a", "Protocol": "http", "Endpoint": "http://e"},
    )
