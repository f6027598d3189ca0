"""Reads AWS Backup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.backup import Plan, ProtectedResource, RecoveryPoint, Selection, Vault
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick
from koban.sources.aws.s3 import policy_from_api


def vault_from_api(raw: dict[str, Any], policy: Any = "") -> dict[str, Any]:
    """A vault's document from ``ListBackupVaults`` and its access policy (JSON text, empty, or Unknown)."""
    document = pick(raw, "BackupVaultName", "BackupVaultArn", "EncryptionKeyArn", Arn="BackupVaultArn")
    if raw.get("Locked"):
        lock = {"MinRetentionDays": raw.get("MinRetentionDays", 0), "MaxRetentionDays": raw.get("MaxRetentionDays", 0)}
        document["LockConfiguration"] = lock
        if raw.get("LockDate"):  # the day from which nobody can lift it
            document["LockConfiguration"]["ChangeableForDays"] = 3
    if isinstance(policy, Unknown) or policy:
        document["AccessPolicy"] = policy_from_api(policy)
    return document


@reads(Vault, "backup:ListBackupVaults", AccessPolicy="backup:GetBackupVaultAccessPolicy")
def vaults(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        policy = aws.ask(
            "backup:GetBackupVaultAccessPolicy",
            "Policy",
            absent=("ResourceNotFoundException",),
            otherwise="",
            BackupVaultName=raw["BackupVaultName"],
        )
        return vault_from_api(raw, policy)

    yield from aws.each(aws.pages("backup:ListBackupVaults", "BackupVaultList"), detail)


def plan_from_api(raw: dict[str, Any], plan: Any) -> dict[str, Any]:
    """A plan's document from ``ListBackupPlans`` and ``GetBackupPlan``'s plan, or the Unknown in its place."""
    document = pick(raw, "BackupPlanId", "BackupPlanArn", Arn="BackupPlanArn")
    if isinstance(plan, Unknown):
        return {**document, "BackupPlan": plan}
    rules = [
        {
            **pick(one, "RuleName", "ScheduleExpression", "Lifecycle", TargetBackupVault="TargetBackupVaultName"),
            "CopyActions": [pick(each, "DestinationBackupVaultArn") for each in one.get("CopyActions", ())],
        }
        for one in plan.get("Rules", ())
    ]
    document["BackupPlan"] = {"BackupPlanName": plan.get("BackupPlanName", ""), "BackupPlanRule": rules}
    return document


@reads(Plan, "backup:ListBackupPlans", BackupPlan="backup:GetBackupPlan")
def plans(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return plan_from_api(raw, aws.ask("backup:GetBackupPlan", "BackupPlan", BackupPlanId=raw["BackupPlanId"]))

    yield from aws.each(aws.pages("backup:ListBackupPlans", "BackupPlansList"), detail)


def selection_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "SelectionId", "BackupPlanId")
    document["BackupSelection"] = pick(raw, "SelectionName", "IamRoleArn")
    return document


@reads(Selection, "backup:ListBackupSelections", needs=(Plan,))
def selections(aws: Reader) -> Iterator[dict[str, Any]]:
    for plan in aws.read(Plan):
        for raw in aws.pages("backup:ListBackupSelections", "BackupSelectionsList", BackupPlanId=plan.name):
            yield selection_from_api(raw)


def recovery_point_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw,
        "RecoveryPointArn",
        "BackupVaultName",
        "ResourceType",
        "Status",
        "CreationDate",
        "IsEncrypted",
        Arn="RecoveryPointArn",
    )


@reads(RecoveryPoint, "backup:ListRecoveryPointsByBackupVault", needs=(Vault,))
def recovery_points(aws: Reader) -> Iterator[dict[str, Any]]:
    for vault in aws.read(Vault):
        for raw in aws.pages("backup:ListRecoveryPointsByBackupVault", "RecoveryPoints", BackupVaultName=vault.name):
            yield recovery_point_from_api(raw)


@reads(ProtectedResource, "backup:ListProtectedResources")
def protected_resources(aws: Reader) -> Iterator[Any]:
    """Everything that has been backed up, of every type, with one list."""
    for raw in aws.pages("backup:ListProtectedResources", "Results"):
        document = pick(raw, "ResourceArn", "ResourceName", "ResourceType", "LastBackupTime")
        uid = aws.arn("backup", f"protected-resource/{raw['ResourceArn']}")
        yield aws.made(ProtectedResource, document, uid=uid)
