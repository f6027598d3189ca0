"""Amazon SNS topics, their policies and subscriptions."""

from __future__ import annotations

from typing import Any

from koban.model.aws.sns import Subscription, Topic, TopicPolicy
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import ABSENT, Body, json, listed, made, maps

PROTOCOLS = {"http": "http/s", "firehose": "firehose", "lambda": "lambda", "application": "application", "sqs": "sqs"}
ROLES = {"SuccessFeedbackRoleArn": "success_feedback_role_arn", "FailureFeedbackRoleArn": "failure_feedback_role_arn"}


def delivery_logs(body: Body) -> Any:
    """How delivery is logged over each protocol for which a role is given."""
    logs = []
    for prefix, protocol in PROTOCOLS.items():
        roles = {name: body.get(f"{prefix}_{suffix}") for name, suffix in ROLES.items()}
        given = {name: role for name, role in roles.items() if isinstance(role, Unknown) or role}
        if given:
            logs.append({"Protocol": protocol, **given})
    return logs or ABSENT


maps(
    "aws_sns_topic",
    Topic,
    TopicName="name",
    TopicArn="arn",
    KmsMasterKeyId="kms_master_key_id",
    DeliveryStatusLogging=made(
        delivery_logs, *(f"{prefix}_{suffix}" for prefix in PROTOCOLS for suffix in ROLES.values()), careful=True
    ),
    lacks={"Subscription": "the provider makes each subscription as a resource of its own"},
)
maps(
    "aws_sns_topic",
    TopicPolicy,
    when=lambda body: body.get("policy"),
    Topics=listed("arn"),
    PolicyDocument=json("policy"),
)
maps("aws_sns_topic_policy", TopicPolicy, Topics=listed("arn"), PolicyDocument=json("policy"))
maps("aws_sns_topic_subscription", Subscription, TopicArn="topic_arn", Protocol="protocol", Endpoint="endpoint")
