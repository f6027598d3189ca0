from koban.model.aws.sns import Subscription, Topic
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.sources.aws.sns import subscription_from_api, topic_from_api

ARN = "arn:aws:sns:eu-west-1:111122223333:t"


def test_a_topic_with_its_policy_and_subscription(aws, collect):
    arn = aws("sns").create_topic(Name="t", Attributes={"KmsMasterKeyId": "alias/aws/sns"})["TopicArn"]
    aws("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-1:123456789012:q")
    found = [*collect("sns.topics"), *collect("sns.subscriptions")]
    MemoryEstate(found)
    topic, policy, subscription = found
    assert topic.uid == arn
    assert topic.key_id == "alias/aws/sns"
    assert topic.subscribed
    assert topic.policies == (policy,)
    assert not policy.policy.public
    assert subscription.topic is topic
    assert collect.failures == []


def test_a_subscription_that_waits_counts_for_nobody():
    raw = {"SubscriptionArn": "PendingConfirmation", "TopicArn": ARN, "Protocol": "email", "Endpoint": "a@example.com"}
    waiting, topic = Subscription(subscription_from_api(raw)), Topic(topic_from_api(ARN, {}))
    MemoryEstate([waiting, topic])
    assert not topic.subscribed


def test_the_api_and_a_template_tell_the_same_topic():
    attributes = {"TopicArn": ARN, "LambdaFailureFeedbackRoleArn": "r", "KmsMasterKeyId": "k", "Owner": "111122223333"}
    live = topic_from_api(ARN, attributes)
    code = {"TopicName": "t", "KmsMasterKeyId": "k"}
    code["DeliveryStatusLogging"] = [{"Protocol": "lambda", "FailureFeedbackRoleArn": "r"}]
    assert {name: live[name] for name in code} == code


def test_denied_attributes_are_unknown():
    denied = Unknown("Attributes", "AccessDenied sns:GetTopicAttributes")
    assert isinstance(Topic(topic_from_api(ARN, denied)).key_id, Unknown)
