"""Posture rules for Amazon SQS."""

from __future__ import annotations

from koban.model.aws.sqs import Queue, QueuePolicy
from koban.model.rule import rule
from koban.model.unknown import Unknown

DENIED = Unknown("x", "AccessDenied sqs:GetQueueAttributes")


def _policy(who: object, **more: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": who, "Action": "sqs:SendMessage", "Resource": "*", **more}
    return {"Queues": ["q"], "PolicyDocument": {"Statement": [statement]}}


@rule("medium", Queue, "aws-fsbp:SQS.1", "nist-csf-2.0:PR.DS-01")
def sqs_queue_not_encrypted(queue: Queue) -> bool:
    """Messages of the queue are not encrypted while they wait.

    Why: messages carry the data of the programs that exchange them.
    Fix: turn on encryption with keys of SQS, or set a KMS key.
    """
    return not queue.key_id and not queue.sqs_keys


sqs_queue_not_encrypted.cases(
    bad=[{"SqsManagedSseEnabled": False}],
    good=[{}, {"SqsManagedSseEnabled": False, "KmsMasterKeyId": "alias/q"}],
    unknown=[{"SqsManagedSseEnabled": DENIED, "KmsMasterKeyId": DENIED}],
)


@rule("high", QueuePolicy, "aws-fsbp:SQS.3", "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def sqs_queue_public(policy: QueuePolicy) -> bool:
    """Anyone can send to the queue, or read from it.

    Why: strangers read your messages, or send false ones to the program that works through them.
    Fix: name the accounts or services in the queue policy, or add a condition on aws:SourceArn.
    """
    return policy.policy.public


sqs_queue_public.cases(
    bad=[_policy("*"), _policy({"AWS": "*"})],
    good=[
        _policy("*", Condition={"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:t"}}),
        _policy({"AWS": "111122223333"}),
    ],
    unknown=[{"Queues": ["q"], "PolicyDocument": DENIED}],
)


@rule("low", QueuePolicy, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:GV.SC-07", only="live")
def sqs_queue_cross_account(policy: QueuePolicy) -> bool:
    """The queue's policy lets in another account by name.

    Why: messages leave your control through accounts that somebody trusted once and nobody looks at since.
    Fix: confirm that the account is yours or a partner's; else remove it.
    """
    return bool(policy.policy.accounts_beside(policy.account))


sqs_queue_cross_account.cases(
    bad=[_policy({"AWS": "444455556666"})],
    good=[_policy({"AWS": "111122223333"})],
    unknown=[{"Queues": ["q"], "PolicyDocument": DENIED}],
)


@rule("low", QueuePolicy, "nist-csf-2.0:PR.DS-02")
def sqs_queue_without_tls(policy: QueuePolicy) -> bool:
    """The queue answers requests that do not come over TLS.

    Why: whoever is on the network path reads and changes what is sent in plain HTTP.
    Fix: add a statement to the queue policy that denies sqs:* where aws:SecureTransport is false.
    """
    return not policy.policy.tls_only


sqs_queue_without_tls.cases(
    bad=[_policy({"AWS": "111122223333"})],
    good=[_policy("*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})],
    unknown=[{"Queues": ["q"], "PolicyDocument": DENIED}],
)
