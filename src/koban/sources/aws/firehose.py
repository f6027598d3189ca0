"""Reads Amazon Data Firehose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.firehose import DeliveryStream
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick


def delivery_stream_from_api(name: str, raw: Any) -> dict[str, Any]:
    """A stream's document from its name and description, or the Unknown in its place."""
    if isinstance(raw, Unknown):
        unread = ("DeliveryStreamType", "DeliveryStreamEncryptionConfigurationInput")
        return {"DeliveryStreamName": name, **dict.fromkeys(unread, raw)}
    document = {"DeliveryStreamName": name, **pick(raw, "DeliveryStreamType", Arn="DeliveryStreamARN")}
    encryption = raw.get("DeliveryStreamEncryptionConfiguration") or {}
    if encryption.get("Status") in ("ENABLED", "ENABLING"):
        key = {"KeyType": encryption.get("KeyType", "AWS_OWNED_CMK"), **pick(encryption, "KeyARN")}
        document["DeliveryStreamEncryptionConfigurationInput"] = key
    return document


def _names(aws: Reader) -> Iterator[str]:
    last: dict[str, str] = {}
    while True:
        answer = aws.call("firehose:ListDeliveryStreams", Limit=100, **last)
        names = answer.get("DeliveryStreamNames") or []
        yield from names
        if not answer.get("HasMoreDeliveryStreams") or not names:
            return
        last = {"ExclusiveStartDeliveryStreamName": names[-1]}


@reads(
    DeliveryStream,
    "firehose:ListDeliveryStreams",
    DeliveryStreamType="firehose:DescribeDeliveryStream",
    DeliveryStreamEncryptionConfigurationInput="firehose:DescribeDeliveryStream",
)
def delivery_streams(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(name: str) -> dict[str, Any]:
        raw = aws.ask("firehose:DescribeDeliveryStream", "DeliveryStreamDescription", DeliveryStreamName=name)
        return delivery_stream_from_api(name, raw)

    yield from aws.each(_names(aws), detail)
