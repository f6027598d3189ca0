"""Posture rules for AWS Secrets Manager."""

from __future__ import annotations

from typing import Any

from koban.model.aws.secretsmanager import RotationSchedule, Secret, SecretAttachment, SecretPolicy
from koban.model.rule import rule
from koban.model.unknown import Unknown

LONG_AGO, LATER = "2020-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"
NAMED = {"Name": "db"}
MONTHLY = RotationSchedule({"SecretId": "db", "RotationRules": {"AutomaticallyAfterDays": 30}})


def opened_to(principal: object, **more: object) -> dict[str, object]:
    """A secret's policy for tables."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "secretsmanager:*", "Resource": "*", **more}
    return {"SecretId": "db", "ResourcePolicy": {"Statement": [statement]}}


def not_managed(secret: Secret) -> Any:
    """A secret that an AWS service made is that service's to rotate and to delete."""
    return not secret.made_by


@rule("medium", Secret, "aws-fsbp:SecretsManager.1", "nist-csf-2.0:PR.AA-01", when=not_managed)
def secretsmanager_rotation_off(secret: Secret) -> bool:
    """A secret is not rotated automatically.

    Why: a secret that leaked unnoticed works until somebody changes it, and by hand nobody does.
    Fix: turn on rotation with a schedule; Secrets Manager has ready functions for databases.
    """
    return not secret.is_rotated


secretsmanager_rotation_off.cases(
    bad=[NAMED, (NAMED, SecretAttachment({"Id": "tie", "SecretId": "db"}))],
    good=[
        (NAMED, MONTHLY),
        (NAMED, SecretAttachment({"Id": "tie", "SecretId": "db"}), RotationSchedule({"SecretId": "tie"})),
    ],
    skipped=[{**NAMED, "OwningService": "appflow"}],
)


@rule("low", RotationSchedule, "nist-csf-2.0:PR.AA-01")
def secretsmanager_rotation_slow(schedule: RotationSchedule, *, rotation_days_max: int = 90) -> bool:
    """A secret is rotated less often than every 90 days.

    Why: the longer a secret lives, the more places it has been copied to.
    Fix: set the rotation schedule to 90 days or less.
    """
    return schedule.days > rotation_days_max


secretsmanager_rotation_slow.cases(
    bad=[{"SecretId": "db", "RotationRules": {"AutomaticallyAfterDays": 365}}],
    good=[
        {"SecretId": "db", "RotationRules": {"AutomaticallyAfterDays": 30}},
        {"SecretId": "db", "RotationRules": {"ScheduleExpression": "rate(10 days)"}},
    ],
)


@rule(
    "medium",
    Secret,
    "aws-fsbp:SecretsManager.2",
    "nist-csf-2.0:PR.AA-01",
    only="live",
    when=lambda secret: secret.schedules,
)
def secretsmanager_rotation_failed(secret: Secret, *, late_days_max: int = 1) -> bool:
    """The last rotation of a secret did not happen when it was due.

    Why: the rotation function fails, so the secret is as old as if it were never rotated.
    Fix: look at the log of the rotation function, mend it, and rotate the secret at once.
    """
    return secret.overdue_days > late_days_max


secretsmanager_rotation_failed.cases(
    bad=[({**NAMED, "NextRotationDate": LONG_AGO}, MONTHLY)],
    good=[({**NAMED, "NextRotationDate": LATER}, MONTHLY), (NAMED, MONTHLY)],
    skipped=[{**NAMED, "NextRotationDate": LONG_AGO}],
)


@rule("low", Secret, "aws-fsbp:SecretsManager.3", "nist-csf-2.0:ID.AM-08", only="live", when=not_managed)
def secretsmanager_secret_unused(secret: Secret, *, unused_days_max: int = 90) -> bool:
    """Nobody has read a secret for 90 days.

    Why: a secret that nobody needs still opens what it opens, and nobody will notice its theft.
    Fix: find out what it was for, then schedule its deletion; it can be restored within the waiting period.
    """
    return secret.idle_days > unused_days_max


secretsmanager_secret_unused.cases(
    bad=[{**NAMED, "CreatedDate": LONG_AGO}, {**NAMED, "CreatedDate": LONG_AGO, "LastAccessedDate": LONG_AGO}],
    good=[{**NAMED, "CreatedDate": LONG_AGO, "LastAccessedDate": LATER}, {**NAMED, "CreatedDate": LATER}],
    skipped=[{**NAMED, "CreatedDate": LONG_AGO, "OwningService": "appflow"}],
)


@rule("medium", Secret, "aws-fsbp:SecretsManager.4", "nist-csf-2.0:PR.AA-01", only="live", when=not_managed)
def secretsmanager_secret_old(secret: Secret, *, age_days_max: int = 90) -> bool:
    """A secret has not been rotated for 90 days.

    Why: the longer a secret lives, the more places it has been copied to.
    Fix: rotate it now, and turn on a rotation schedule of 90 days or less.
    """
    return secret.value_days > age_days_max


secretsmanager_secret_old.cases(
    bad=[{**NAMED, "CreatedDate": LONG_AGO}, {**NAMED, "CreatedDate": LONG_AGO, "LastRotatedDate": LONG_AGO}],
    good=[{**NAMED, "CreatedDate": LONG_AGO, "LastRotatedDate": LATER}, {**NAMED, "CreatedDate": LATER}],
    skipped=[{**NAMED, "CreatedDate": LONG_AGO, "OwningService": "appflow"}],
)


@rule("critical", SecretPolicy, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-05")
def secretsmanager_secret_public(policy: SecretPolicy) -> bool:
    """Anyone with an AWS account can read this secret.

    Why: a wildcard principal without a condition gives the secret's value to every account.
    Fix: name the roles that need it, and set BlockPublicPolicy when putting the policy.
    """
    return policy.policy.public


secretsmanager_secret_public.cases(
    bad=[opened_to("*"), opened_to({"AWS": "*"})],
    good=[
        opened_to({"AWS": "arn:aws:iam::111122223333:role/app"}),
        opened_to("*", Effect="Deny"),
        opened_to("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3"}}),
    ],
    unknown=[
        {"SecretId": "db", "ResourcePolicy": Unknown("ResourcePolicy", "AccessDenied secretsmanager:GetResourcePolicy")}
    ],
)


@rule("low", SecretPolicy, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:GV.SC-07", only="live")
def secretsmanager_secret_shared(policy: SecretPolicy) -> bool:
    """Another account can use this secret.

    Why: whoever runs that account has the secret, and you cannot see who read it there.
    Fix: check that the account is yours or a partner's, and limit it to one role and to reading.
    """
    return bool(policy.policy.accounts_beside(policy.account))


secretsmanager_secret_shared.cases(
    bad=[opened_to({"AWS": "arn:aws:iam::999988887777:root"})],
    good=[opened_to({"AWS": "arn:aws:iam::111122223333:role/app"})],
)


@rule("low", Secret, "nist-csf-2.0:PR.DS-01")
def secretsmanager_secret_without_own_key(secret: Secret) -> bool:
    """A secret is encrypted with the key that AWS manages.

    Why: the policy of aws/secretsmanager cannot be narrowed: who may read the secret may also decrypt it.
    Fix: encrypt it with a KMS key of your own that only those who need the secret may use.
    """
    return not secret.key_id or secret.key_id.endswith("alias/aws/secretsmanager")


secretsmanager_secret_without_own_key.cases(
    bad=[NAMED, {**NAMED, "KmsKeyId": "alias/aws/secretsmanager"}], good=[{**NAMED, "KmsKeyId": "alias/secrets"}]
)


@rule("high", Secret, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.PS-06", only="code")
def secretsmanager_value_in_template(secret: Secret) -> bool:
    """A template holds the value of a secret.

    Why: whoever reads the repository, the stack or its change sets has the secret.
    Fix: let Secrets Manager make the value with GenerateSecretString, or put it in by hand after deployment.
    """
    return bool(secret.value_in_template)


secretsmanager_value_in_template.cases(
    bad=[{**NAMED, "SecretString": "a-value"}],
    good=[NAMED],
    unknown=[{**NAMED, "SecretString": Unknown("SecretString", "parameter Password has no default")}],
)
