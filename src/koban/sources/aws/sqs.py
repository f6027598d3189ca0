"""Reads Amazon SQS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.sqs import Queue, QueuePolicy
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick
from koban.sources.aws.s3 import policy_from_api


def queue_from_api(url: str, attributes: Any) -> dict[str, Any]:
    """A queue's document from its URL and what ``GetQueueAttributes`` says, or the Unknown that it gave."""
    document: dict[str, Any] = {"QueueUrl": url, "QueueName": url.rsplit("/", 1)[-1]}
    if isinstance(attributes, Unknown):
        return {**document, "KmsMasterKeyId": attributes, "SqsManagedSseEnabled": attributes}
    document |= pick(attributes, "KmsMasterKeyId", Arn="QueueArn")
    document["SqsManagedSseEnabled"] = attributes.get("SqsManagedSseEnabled") == "true"
    return document


@reads(
    (Queue, QueuePolicy),
    "sqs:ListQueues",
    KmsMasterKeyId="sqs:GetQueueAttributes",
    SqsManagedSseEnabled="sqs:GetQueueAttributes",
    PolicyDocument="sqs:GetQueueAttributes",
)
def queues(aws: Reader) -> Iterator[Resource]:
    def detail(url: str) -> list[Resource]:
        attributes = aws.ask("sqs:GetQueueAttributes", "Attributes", otherwise={}, QueueUrl=url, AttributeNames=["All"])
        made = [aws.made(Queue, queue_from_api(url, attributes))]
        policy = attributes if isinstance(attributes, Unknown) else policy_from_api(attributes.get("Policy"))
        if isinstance(policy, Unknown) or policy:
            own = {"Id": made[0].name, "Queues": [url], "PolicyDocument": policy}
            made.append(aws.made(QueuePolicy, own, uid=f"{made[0].uid}/policy"))
        return made

    listed = aws.pages("sqs:ListQueues", "QueueUrls", MaxResults=1000)  # without it AWS stops at the first 1,000
    for made in aws.each(listed, detail):
        yield from made
