"""Reads Amazon SNS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.sns import Subscription, Topic, TopicPolicy
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick
from koban.sources.aws.s3 import policy_from_api

PROTOCOLS = {"HTTP": "http/s", "Firehose": "firehose", "Lambda": "lambda", "Application": "application", "SQS": "sqs"}


def topic_from_api(arn: str, attributes: Any) -> dict[str, Any]:
    """A topic's document from its ARN and what ``GetTopicAttributes`` says, or the Unknown that it gave."""
    document: dict[str, Any] = {"TopicArn": arn, "Arn": arn, "TopicName": arn.rsplit(":", 1)[-1]}
    if isinstance(attributes, Unknown):
        return {**document, "KmsMasterKeyId": attributes, "DeliveryStatusLogging": attributes}
    document |= pick(attributes, "KmsMasterKeyId")
    logs = []
    for name, protocol in PROTOCOLS.items():
        roles = pick(
            attributes,
            SuccessFeedbackRoleArn=f"{name}SuccessFeedbackRoleArn",
            FailureFeedbackRoleArn=f"{name}FailureFeedbackRoleArn",
        )
        if any(roles.values()):
            logs.append({"Protocol": protocol, **roles})
    if logs:
        document["DeliveryStatusLogging"] = logs
    return document


@reads(
    (Topic, TopicPolicy),
    "sns:ListTopics",
    KmsMasterKeyId="sns:GetTopicAttributes",
    DeliveryStatusLogging="sns:GetTopicAttributes",
    PolicyDocument="sns:GetTopicAttributes",
)
def topics(aws: Reader) -> Iterator[Resource]:
    def detail(raw: dict[str, Any]) -> list[Resource]:
        arn = raw["TopicArn"]
        attributes = aws.ask("sns:GetTopicAttributes", "Attributes", otherwise={}, TopicArn=arn)
        document = topic_from_api(arn, attributes)
        made = [aws.made(Topic, document)]
        policy = attributes if isinstance(attributes, Unknown) else policy_from_api(attributes.get("Policy"))
        if isinstance(policy, Unknown) or policy:
            own = {"Id": document["TopicName"], "Topics": [arn], "PolicyDocument": policy}
            made.append(aws.made(TopicPolicy, own, uid=f"{arn}/policy"))
        return made

    for made in aws.each(aws.pages("sns:ListTopics", "Topics"), detail):
        yield from made


def subscription_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """A subscription's document; one that waits for its receiver has no ARN of its own yet."""
    document = pick(raw, "TopicArn", "Protocol", "Endpoint")
    arn = raw.get("SubscriptionArn", "")
    document["Confirmed"] = arn.startswith("arn:")
    return {**document, "Arn": arn} if document["Confirmed"] else document


@reads(Subscription, "sns:ListSubscriptions")
def subscriptions(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("sns:ListSubscriptions", "Subscriptions"):
        document = subscription_from_api(raw)
        waiting = "/".join(str(document.get(name, "")) for name in ("TopicArn", "Protocol", "Endpoint"))
        yield aws.made(Subscription, document, uid=document.get("Arn", waiting))
