"""Posture rules for Amazon Data Firehose."""

from __future__ import annotations

from koban.model.aws.firehose import DeliveryStream
from koban.model.rule import rule
from koban.model.unknown import Unknown

DENIED = Unknown("x", "AccessDenied firehose:DescribeDeliveryStream")


@rule(
    "medium",
    DeliveryStream,
    "aws-fsbp:DataFirehose.1",
    "nist-csf-2.0:PR.DS-01",
    when=lambda stream: stream.source == "DirectPut",
)
def firehose_stream_not_encrypted(stream: DeliveryStream) -> bool:
    """Records are not encrypted while they wait in the Firehose stream.

    Why: logs and events on their way to your lake lie on disks in the clear.
    Fix: turn on server-side encryption of the stream. One that reads from another stream relies on that one's.
    """
    return not stream.key_type


firehose_stream_not_encrypted.cases(
    bad=[{}, {"DeliveryStreamType": "DirectPut"}],
    good=[{"DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"}}],
    unknown=[{"DeliveryStreamEncryptionConfigurationInput": DENIED}],
    skipped=[{"DeliveryStreamType": "KinesisStreamAsSource"}],
)
