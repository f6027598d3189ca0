import json

from koban.model.aws.kinesis import Stream
from koban.model.unknown import Unknown
from koban.sources.aws.kinesis import stream_from_api


def test_a_stream_with_its_policy(aws, collect):
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    kinesis.create_stream(StreamName="t", ShardCount=1)
    kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    arn = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kinesis:*", "Resource": arn}]}
    kinesis.put_resource_policy(ResourceARN=arn, Policy=json.dumps(policy))
    stream, own, plain = collect("kinesis.streams")
    assert (stream.uid, stream.encryption, stream.retention_hours) == (arn, "KMS", 24)
    assert own.policy.public
    assert plain.encryption == "NONE"
    assert collect.failures == []


def test_the_api_and_a_template_tell_the_same_stream():
    raw = {"StreamName": "s", "StreamARN": "arn:s", "RetentionPeriodHours": 48, "EncryptionType": "NONE"}
    api, template = Stream(stream_from_api("s", raw)), Stream({"Name": "s", "RetentionPeriodHours": "48"})
    assert (api.encryption, api.retention_hours) == (template.encryption, template.retention_hours)


def test_a_stream_that_may_not_be_described():
    denied = Unknown("x", "AccessDenied kinesis:DescribeStreamSummary")
    assert isinstance(Stream(stream_from_api("s", denied)).encryption, Unknown)
