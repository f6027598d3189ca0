"""Posture rules for Amazon CloudWatch Logs."""

from __future__ import annotations

from koban.model.aws.logs import LogGroup, LogsResourcePolicy
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("low", LogGroup, "aws-fsbp:CloudWatch.16", "nist-csf-2.0:PR.PS-04")
def logs_group_keeps_too_briefly(group: LogGroup, *, kept_days_min: int = 365) -> bool:
    """The log group drops events before a year has passed.

    Why: intruders are often found months after they came in; the investigation starts with the first day.
    Fix: set the retention of the log group to 365 days or more, or to never expire.
    """
    return 0 < group.retention_days < kept_days_min


logs_group_keeps_too_briefly.cases(
    bad=[{"RetentionInDays": 30}, {"RetentionInDays": "364"}],
    good=[{}, {"RetentionInDays": 365}, {"RetentionInDays": 3653}],
    unknown=[{"RetentionInDays": Unknown("RetentionInDays", "parameter Days has no default")}],
)


@rule("info", LogGroup, "nist-csf-2.0:ID.AM-08")
def logs_group_keeps_for_ever(group: LogGroup) -> bool:
    """Nobody decided how long the log group keeps its events: it keeps them for ever.

    Why: logs gather personal data that the law lets you keep for a stated time only, and the cost only grows.
    Fix: set the retention that you agreed on, 365 days or more.
    """
    return group.retention_days == 0


logs_group_keeps_for_ever.cases(
    bad=[{}],
    good=[{"RetentionInDays": 400}],
    unknown=[{"RetentionInDays": Unknown("RetentionInDays", "parameter Days has no default")}],
)


@rule("low", LogGroup, "nist-csf-2.0:PR.DS-01")
def logs_group_not_encrypted_with_kms(group: LogGroup) -> bool:
    """The log group is not encrypted with a KMS key of your own.

    Why: logs hold names, addresses and sometimes secrets; with your own key, reading them needs the right to the key.
    Fix: associate a customer managed KMS key with the log group.
    """
    return not group.key_id


logs_group_not_encrypted_with_kms.cases(
    bad=[{}],
    good=[{"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1"}],
)


@rule("info", LogGroup, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:PR.DS-11")
def logs_group_deletable(group: LogGroup) -> bool:
    """One call deletes the log group with all of its events.

    Why: intruders delete logs to hide; deletion protection makes them take a second step that you can hear of.
    Fix: turn on deletion protection for log groups that hold evidence.
    """
    return not group.deletion_protected


logs_group_deletable.cases(bad=[{}], good=[{"DeletionProtectionEnabled": True}])


@rule("high", LogsResourcePolicy, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def logs_resource_policy_public(policy: LogsResourcePolicy) -> bool:
    """A resource policy of CloudWatch Logs lets in anyone.

    Why: strangers can fill the log groups with false events, or read what is there.
    Fix: name the service or account that needs the log group, with a condition on aws:SourceArn.
    """
    return policy.policy.public


logs_resource_policy_public.cases(
    bad=[{"PolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "logs:PutLogEvents"}]}}],
    good=[
        {
            "PolicyDocument": (
                '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "es.amazonaws.com"},'
                ' "Action": "logs:PutLogEvents", "Resource": "*"}]}'
            )
        }
    ],
    unknown=[{"PolicyDocument": Unknown("x", "AccessDenied logs:DescribeResourcePolicies")}],
)
