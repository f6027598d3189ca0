"""Reads Amazon Kinesis Data Streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.kinesis import Stream, StreamPolicy
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick
from koban.sources.aws.s3 import policy_from_api


def stream_from_api(name: str, raw: Any) -> dict[str, Any]:
    """A stream's document from its name and its summary, or the Unknown in its place."""
    if isinstance(raw, Unknown):
        return {"Name": name, "StreamEncryption": raw, "RetentionPeriodHours": raw}
    document = {"Name": name, **pick(raw, "RetentionPeriodHours", Arn="StreamARN")}
    if raw.get("EncryptionType", "NONE") != "NONE":
        document["StreamEncryption"] = pick(raw, "EncryptionType", "KeyId")
    return document


@reads(
    (Stream, StreamPolicy),
    "kinesis:ListStreams",
    StreamEncryption="kinesis:DescribeStreamSummary",
    RetentionPeriodHours="kinesis:DescribeStreamSummary",
    ResourcePolicy="kinesis:GetResourcePolicy",
)
def streams(aws: Reader) -> Iterator[Resource]:
    def detail(name: str) -> list[Resource]:
        summary = aws.ask("kinesis:DescribeStreamSummary", "StreamDescriptionSummary", StreamName=name)
        stream = aws.made(Stream, stream_from_api(name, summary))
        policy = aws.ask(
            "kinesis:GetResourcePolicy",
            "Policy",
            absent=("ResourceNotFoundException",),
            otherwise="",
            ResourceARN=stream.uid,
        )
        document = policy if isinstance(policy, Unknown) else policy_from_api(policy or {})
        if not isinstance(document, Unknown) and not document:
            return [stream]
        own = {"ResourceArn": stream.uid, "ResourcePolicy": document}
        return [stream, aws.made(StreamPolicy, own, uid=f"{stream.uid}/policy")]

    for made in aws.each(aws.pages("kinesis:ListStreams", "StreamNames"), detail):
        yield from made
