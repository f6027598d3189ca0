"""AWS Backup."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Part, Resource, age, derived, field, link, part, parts, referring


class VaultLock(Part):
    """The lock of a vault: for how long its backups cannot be deleted."""

    days_min: int = field("MinRetentionDays", 0, "Days for which each backup is kept at least; 0: no minimum")
    changeable_days: int = field("ChangeableForDays", 0, "Days until nobody can lift the lock; 0: it can be lifted")


class Vault(Resource, type="AWS::Backup::BackupVault", ids="BackupVaultName BackupVaultArn"):
    """A backup vault."""

    key: Any = link("EncryptionKeyArn", "AWS::KMS::Key", "The KMS key that its backups are encrypted with")
    lock: VaultLock = part("LockConfiguration", VaultLock, "Its lock; absent: none")
    policy: Policy = policy("AccessPolicy", "Who may do what with its backups")


class PlanRule(Part):
    """One schedule of a plan."""

    kept_days: int = field("Lifecycle.DeleteAfterDays", 0, "Days that its backups are kept; 0: for ever")
    copies: tuple[str, ...] = field("CopyActions[].DestinationBackupVaultArn", (), "Vaults that get a copy")


class Plan(Resource, type="AWS::Backup::BackupPlan", ids="BackupPlanId BackupPlanArn"):
    """A backup plan."""

    title: str = field("BackupPlan.BackupPlanName", "", "Its name")
    rules: tuple[PlanRule, ...] = parts("BackupPlan.BackupPlanRule", PlanRule, "Its schedules")
    selections: tuple[Selection, ...] = referring("AWS::Backup::BackupSelection", "plan", "What it backs up")


class Selection(Resource, type="AWS::Backup::BackupSelection", ids="SelectionId Id"):
    """The resources that a plan backs up."""

    plan: Plan = link("BackupPlanId", "AWS::Backup::BackupPlan", "The plan")
    title: str = field("BackupSelection.SelectionName", "", "Its name")


class RecoveryPoint(Resource, type="Koban::Backup::RecoveryPoint", ids="RecoveryPointArn"):
    """One backup in a vault."""

    encrypted: bool = field("IsEncrypted", False, "Whether it is encrypted")
    status: str = field("Status", "", "COMPLETED, PARTIAL, EXPIRED, ...")
    vault_name: str = field("BackupVaultName", "", "The vault that it is in")
    kind: str = field("ResourceType", "", "What was backed up: EBS, RDS, S3, ...")
    age_days: float = age("CreationDate", "Days since it was made")

    @derived
    def complete(self) -> bool:
        return self.status in ("COMPLETED", "AVAILABLE", "")


class ProtectedResource(Resource, type="Koban::Backup::ProtectedResource", ids="ResourceName"):
    """Something, of whatever type, that AWS Backup has backed up at least once."""

    resource: Any = link("ResourceArn", "AWS::RDS::DBInstance", "What is backed up; ask from the other side")
    backup_age_days: float = age("LastBackupTime", "Days since the last backup")
