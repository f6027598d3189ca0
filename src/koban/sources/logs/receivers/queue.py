"""New objects in S3, as a queue of SQS tells of them: from S3 itself, through SNS, or through EventBridge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from koban.sources.logs.format import Rejected
from koban.sources.logs.inputs import Input

POISON_RECEIVES = 5
"""A message that came back so often is put into quarantine: nothing will ever come of it."""


@dataclass(frozen=True)
class Notice:
    """One message: the objects that it tells of, and how to say that they are in the lake."""

    queue: str
    handle: str
    objects: tuple[Input, ...]
    poison: Rejected | None = None


def receive(client: Any, queue: str, wait_seconds: int = 2) -> list[Notice]:
    """Waits for messages of a queue, at most ten.  Raises what the SDK raises."""
    answer = client.receive_message(
        QueueUrl=queue,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=wait_seconds,
        AttributeNames=["ApproximateReceiveCount"],
    )
    return [_notice(queue, message) for message in answer.get("Messages", ())]


def _notice(queue: str, message: dict[str, Any]) -> Notice:
    body = message["Body"]
    times = int(message.get("Attributes", {}).get("ApproximateReceiveCount", "1"))
    try:
        objects = tuple(_objects(json.loads(body)))
        reason = f"came back {times} times" if times > POISON_RECEIVES else ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        objects, reason = (), f"a notice that tells of no object: {error or type(error).__name__}"
    poison = Rejected(reason, body.encode(), 0) if reason else None
    return Notice(queue, message["ReceiptHandle"], objects, poison)


def _objects(body: dict[str, Any]) -> Iterator[Input]:
    if body.get("Type") == "Notification" and "Message" in body:
        body = json.loads(body["Message"])
    if body.get("Event") == "s3:TestEvent":
        return
    if "detail" in body and body.get("source") == "aws.s3":
        detail = body["detail"]
        if body.get("detail-type") == "Object Created":
            yield _input(detail["bucket"]["name"], detail["object"]["key"], detail["object"])
        return
    for record in body["Records"]:
        if str(record.get("eventName", "")).removeprefix("s3:").startswith("ObjectCreated"):
            entity = record["s3"]["object"]
            # S3's own notices write keys as in a query string; EventBridge does not
            yield _input(record["s3"]["bucket"]["name"], unquote_plus(entity["key"]), entity)


def _input(bucket: str, key: str, entity: dict[str, Any]) -> Input:
    etag = str(entity.get("eTag") or entity.get("etag") or "")
    return Input(f"s3://{bucket}/{key}", int(entity.get("size", 0)), None, etag.strip('"'))


def done(client: Any, notice: Notice) -> None:
    """Deletes a message whose objects are in the lake."""
    client.delete_message(QueueUrl=notice.queue, ReceiptHandle=notice.handle)
