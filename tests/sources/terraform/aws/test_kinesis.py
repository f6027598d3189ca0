import json

from koban.model.aws.kinesis import Stream, StreamPolicy

POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kinesis:GetRecords", "Resource": "*"}]}


def test_a_stream(twins):
    twins(
        "aws_kinesis_stream",
        {"name": "s", "encryption_type": "KMS", "kms_key_id": "alias/aws/kinesis", "retention_period": 168},
        Stream,
        {
            "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
            "RetentionPeriodHours": 168,
        },
    )
    twins("aws_kinesis_stream", {"name": "s"}, Stream, {})


def test_the_policy_of_a_stream(twins):
    twins(
        "aws_kinesis_resource_policy",
        {"resource_arn": "arn:aws:kinesis:eu-west-1:111122223333:stream/s", "policy": json.dumps(POLICY)},
        StreamPolicy,
        {"ResourceArn": "arn:aws:kinesis:eu-west-1:111122223333:stream/s", "ResourcePolicy": POLICY},
    )
