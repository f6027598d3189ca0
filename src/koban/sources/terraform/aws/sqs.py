"""Amazon SQS queues and their policies."""

from __future__ import annotations

from koban.model.aws.sqs import Queue, QueuePolicy
from koban.sources.terraform.mapping import json, listed, maps

maps(
    "aws_sqs_queue",
    Queue,
    QueueName="name",
    QueueUrl="url",
    KmsMasterKeyId="kms_master_key_id",
    SqsManagedSseEnabled="sqs_managed_sse_enabled",
)
maps(
    "aws_sqs_queue",
    QueuePolicy,
    when=lambda body: body.get("policy"),
    Queues=listed("id"),
    PolicyDocument=json("policy"),
)
maps("aws_sqs_queue_policy", QueuePolicy, Queues=listed("queue_url"), PolicyDocument=json("policy"))
