"""Amazon Kinesis Data Streams."""

from __future__ import annotations

from koban.model.aws.kinesis import Stream, StreamPolicy
from koban.sources.terraform.mapping import group, json, maps

maps(
    "aws_kinesis_stream",
    Stream,
    Name="name",
    StreamEncryption=group(EncryptionType="encryption_type", KeyId="kms_key_id"),
    RetentionPeriodHours="retention_period",
)
maps("aws_kinesis_resource_policy", StreamPolicy, ResourceArn="resource_arn", ResourcePolicy=json("policy"))
