"""Amazon Kinesis Data Streams."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Resource, field, link


class Stream(
    Resource, type="AWS::Kinesis::Stream", ids="Name", arn="arn:{partition}:kinesis:{region}:{account}:stream/{Name}"
):
    """A data stream."""

    encryption: str = field("StreamEncryption.EncryptionType", "NONE", "KMS or NONE")
    key: Any = link("StreamEncryption.KeyId", "AWS::KMS::Key", "The KMS key that records are encrypted with")
    retention_hours: int = field("RetentionPeriodHours", 24, "Hours that records can be read")


class StreamPolicy(Resource, type="AWS::Kinesis::ResourcePolicy", ids="ResourceArn"):
    """The policy of a stream, or of a consumer of one."""

    stream: Any = link("ResourceArn", "AWS::Kinesis::Stream", "The stream that it is on")
    policy: Policy = policy("ResourcePolicy", "Who may read and write")
