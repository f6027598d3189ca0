"""How a field reads what stands at its path."""

import pytest

from koban.engines.posture import judge
from koban.model.aws.logs import LogGroup
from koban.model.aws.s3 import Bucket
from koban.model.aws.sqs import Queue
from koban.model.unknown import NON_EMPTY_SHAPE, TEXT_SHAPE, Partial, Unknown, WorldsNeeded
from koban.rules.aws.logs import logs_group_keeps_for_ever
from koban.rules.aws.s3 import s3_bucket_without_bucket_key
from koban.rules.aws.sqs import sqs_queue_not_encrypted

OPEN = Unknown("var.x", "variable x has no default")


def shaped(shape):
    return Unknown("var.on", "variable on has no default", shape=shape)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (shaped("(?:true|false)"), "unknown"),
        (shaped(TEXT_SHAPE), "unknown"),
        (shaped(NON_EMPTY_SHAPE), "unknown"),
        (shaped("(?:True|False)"), "unknown"),
        (shaped("true"), "pass"),
        (shaped("false"), "fail"),
        (Partial("x", ("tr", OPEN)), "pass"),
        (OPEN, "unknown"),
    ],
)
def test_a_yes_or_no_of_which_only_the_shape_is_known_is_not_a_yes(value, verdict):
    assert judge(sqs_queue_not_encrypted, Queue({"SqsManagedSseEnabled": value})).verdict == verdict


def test_a_number_of_which_only_the_shape_is_known_may_be_zero():
    group = LogGroup({"RetentionInDays": shaped("-?[0-9.]+")})
    assert judge(logs_group_keeps_for_ever, group).verdict == "unknown"
    with pytest.raises(WorldsNeeded):
        bool(group.retention_days)


def test_nor_is_one_that_is_gathered_from_a_list():
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": shaped("(?:true|false)")}
    bucket = Bucket({"BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]}})
    assert judge(s3_bucket_without_bucket_key, bucket).verdict == "unknown"


@pytest.mark.parametrize(("value", "verdict"), [(shaped(NON_EMPTY_SHAPE), "pass"), (shaped("(?:a|b)"), "pass")])
def test_a_text_that_is_surely_not_empty_is_a_yes(value, verdict):
    document = {"KmsMasterKeyId": value, "SqsManagedSseEnabled": False}
    assert judge(sqs_queue_not_encrypted, Queue(document)).verdict == verdict
