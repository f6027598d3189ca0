"""AWS Secrets Manager: secrets, their values where code holds them, rotation and policies."""

from __future__ import annotations

from koban.model.aws.secretsmanager import RotationSchedule, Secret, SecretAttachment, SecretPolicy
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import Argument, Entry, block, first, folds, json, makes_no, maps


def value(name: str) -> Entry:
    """A secret's value.  Of one that is put together nobody can tell whether the secret part stands in the code."""
    return Argument(name, unknown=lambda part: Unknown(part._path, part._why, root=part._root))


ROTATION = block("rotation_rules", AutomaticallyAfterDays="automatically_after_days")

maps("aws_secretsmanager_secret", Secret, Name="name", Id="arn", KmsKeyId="kms_key_id")
maps(
    "aws_secretsmanager_secret",
    SecretPolicy,
    when=lambda body: body.get("policy"),
    SecretId="id",
    ResourcePolicy=json("policy"),
)
maps(
    "aws_secretsmanager_secret",
    RotationSchedule,
    when=lambda body: body.get("rotation_lambda_arn"),
    SecretId="id",
    RotationRules=ROTATION,
)
maps("aws_secretsmanager_secret_rotation", RotationSchedule, SecretId="secret_id", RotationRules=ROTATION)
maps("aws_secretsmanager_secret_policy", SecretPolicy, SecretId="secret_arn", ResourcePolicy=json("policy"))
folds(
    "aws_secretsmanager_secret_version",
    Secret,
    "secret_id",
    SecretString=first(value("secret_string"), value("secret_string_wo"), value("secret_binary")),
)
makes_no(SecretAttachment, "a database's address is written into the secret's value like the rest of it")
