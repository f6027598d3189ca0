"""Reads AWS Secrets Manager: everything about secrets but their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.secretsmanager import RotationSchedule, Secret, SecretPolicy
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags


def secret_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "Name",
        "KmsKeyId",
        "OwningService",
        "CreatedDate",
        "LastAccessedDate",
        "LastRotatedDate",
        "LastChangedDate",
        "NextRotationDate",
        Id="ARN",
    )
    if raw.get("Tags"):
        document["Tags"] = tags(raw["Tags"])
    return document


def schedule_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "RotationRules", "RotationLambdaARN", SecretId="ARN")


@reads(
    (Secret, RotationSchedule, SecretPolicy),
    "secretsmanager:ListSecrets",
    ResourcePolicy="secretsmanager:GetResourcePolicy",
)
def secrets(aws: Reader) -> Iterator[Resource]:
    def policy_of(raw: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        gone = ("ResourceNotFoundException",)
        policy = aws.ask(
            "secretsmanager:GetResourcePolicy", "ResourcePolicy", absent=gone, otherwise="", SecretId=raw["ARN"]
        )
        return raw, policy

    for raw, policy in aws.each(aws.pages("secretsmanager:ListSecrets", "SecretList"), policy_of):
        yield aws.made(Secret, secret_from_api(raw))
        if raw.get("RotationEnabled"):
            yield aws.made(RotationSchedule, schedule_from_api(raw))
        if not isinstance(policy, str) or policy:
            yield aws.made(SecretPolicy, {"SecretId": raw["ARN"], "ResourcePolicy": policy})
