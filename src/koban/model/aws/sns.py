"""Amazon SNS."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Part, Resource, derived, fact, field, link, links, parts, referring

WATCHED = ("http/s", "http", "firehose", "lambda", "application", "sqs")  # protocols whose delivery SNS can log


class DeliveryLog(Part):
    """Where SNS logs delivery over one protocol."""

    protocol: str = field("Protocol", "", "lambda, sqs, firehose, application or http/s")
    failure_role: str = field("FailureFeedbackRoleArn", "", "The role with which failures are logged")
    success_role: str = field("SuccessFeedbackRoleArn", "", "The role with which deliveries are logged")


class Topic(
    Resource,
    type="AWS::SNS::Topic",
    ids="TopicName TopicArn",
    arn="arn:{partition}:sns:{region}:{account}:{TopicName}",
):
    """An SNS topic."""

    key: Any = link("KmsMasterKeyId", "AWS::KMS::Key", "The KMS key that messages are encrypted with")
    key_id: str = field("KmsMasterKeyId", "", "The id or alias of that key; empty: not encrypted with KMS")
    delivery_logs: tuple[DeliveryLog, ...] = parts("DeliveryStatusLogging", DeliveryLog, "How delivery is logged")
    inline_endpoints: tuple[str, ...] = field("Subscription[].Endpoint", (), "Who a template subscribes on the spot")
    subscriptions: tuple[Subscription, ...] = referring("AWS::SNS::Subscription", "topic", "Who gets its messages")
    policies: tuple[TopicPolicy, ...] = referring("AWS::SNS::TopicPolicy", "topics", "Its own policy")

    @derived
    def subscribed(self) -> bool:
        """Whether somebody gets its messages: a subscription that was confirmed."""
        return any(one.confirmed for one in self.subscriptions) or bool(self.inline_endpoints)


class TopicPolicy(Resource, type="AWS::SNS::TopicPolicy", ids="Id"):
    """The policy of one or more topics."""

    topics: tuple[Topic, ...] = links("Topics", "AWS::SNS::Topic", "The topics that it is on")
    policy: Policy = policy("PolicyDocument", "Who may publish, subscribe, ...")


class Subscription(Resource, type="AWS::SNS::Subscription", ids="Arn"):
    """One receiver of a topic's messages."""

    topic: Topic = link("TopicArn", "AWS::SNS::Topic", "The topic")
    protocol: str = field("Protocol", "", "email, https, http, sms, lambda, sqs, firehose, application, ...")
    endpoint: str = field("Endpoint", "", "The address, number or ARN that gets the messages")
    confirmed: bool = fact("Confirmed", True, "Whether the receiver has agreed to get messages")
