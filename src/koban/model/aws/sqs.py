"""Amazon SQS."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Resource, field, link, links, referring


class Queue(
    Resource,
    type="AWS::SQS::Queue",
    ids="QueueName QueueUrl",
    arn="arn:{partition}:sqs:{region}:{account}:{QueueName}",
):
    """An SQS queue."""

    key: Any = link("KmsMasterKeyId", "AWS::KMS::Key", "The KMS key that messages are encrypted with")
    key_id: str = field("KmsMasterKeyId", "", "The id or alias of that key; empty: not encrypted with KMS")
    sqs_keys: bool = field("SqsManagedSseEnabled", True, "Whether messages are encrypted with keys of SQS")
    policies: tuple[QueuePolicy, ...] = referring("AWS::SQS::QueuePolicy", "queues", "Its own policy")


class QueuePolicy(Resource, type="AWS::SQS::QueuePolicy", ids="Id"):
    """The policy of one or more queues."""

    queues: tuple[Queue, ...] = links("Queues", "AWS::SQS::Queue", "The queues that it is on")
    policy: Policy = policy("PolicyDocument", "Who may send, receive, ...")
