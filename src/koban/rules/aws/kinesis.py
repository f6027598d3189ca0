"""Posture rules for Amazon Kinesis Data Streams."""

from __future__ import annotations

from koban.model.aws.kinesis import Stream, StreamPolicy
from koban.model.rule import rule
from koban.model.unknown import Unknown

DENIED = Unknown("x", "AccessDenied kinesis:DescribeStreamSummary")


@rule("medium", Stream, "aws-fsbp:Kinesis.1", "nist-csf-2.0:PR.DS-01")
def kinesis_stream_not_encrypted(stream: Stream) -> bool:
    """Records of the stream are not encrypted at rest.

    Why: a stream holds a day or more of what your programs and devices say.
    Fix: turn on server-side encryption with a KMS key.
    """
    return stream.encryption != "KMS"


kinesis_stream_not_encrypted.cases(
    bad=[{}],
    good=[{"StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}}],
    unknown=[{"StreamEncryption": DENIED}],
)


@rule("low", Stream, "aws-fsbp:Kinesis.3", "nist-csf-2.0:PR.DS-11")
def kinesis_stream_keeps_too_briefly(stream: Stream, *, kept_hours_min: int = 168) -> bool:
    """The stream drops records before a week has passed.

    Why: a reader that stands still over a long weekend loses data that nobody has elsewhere.
    Fix: set the retention of the stream to 168 hours or more.
    """
    return stream.retention_hours < kept_hours_min


kinesis_stream_keeps_too_briefly.cases(
    bad=[{}, {"RetentionPeriodHours": "48"}],
    good=[{"RetentionPeriodHours": 168}],
    unknown=[{"RetentionPeriodHours": DENIED}],
)


@rule("high", StreamPolicy, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def kinesis_stream_public(policy: StreamPolicy) -> bool:
    """Any AWS account can read from the stream, or write to it.

    Why: strangers read your records, or send false ones to the program that works through them.
    Fix: name the accounts in the policy of the stream.
    """
    return policy.policy.public


def _policy(who: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": who, "Action": "kinesis:GetRecords", "Resource": "*"}
    return {"ResourceArn": "s", "ResourcePolicy": {"Statement": [statement]}}


kinesis_stream_public.cases(
    bad=[_policy("*"), _policy({"AWS": "*"})],
    good=[_policy({"AWS": "444455556666"})],
    unknown=[{"ResourceArn": "s", "ResourcePolicy": DENIED}],
)


@rule("low", StreamPolicy, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:GV.SC-07", only="live")
def kinesis_stream_cross_account(policy: StreamPolicy) -> bool:
    """The policy of the stream lets in another account by name.

    Why: records leave your control through accounts that somebody trusted once and nobody looks at since.
    Fix: confirm that the account is yours or a partner's; else remove it.
    """
    return bool(policy.policy.accounts_beside(policy.account))


kinesis_stream_cross_account.cases(
    bad=[_policy({"AWS": "444455556666"})],
    good=[_policy({"AWS": "111122223333"})],
    unknown=[{"ResourceArn": "s", "ResourcePolicy": DENIED}],
)
