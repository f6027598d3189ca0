"""AWS Backup."""

from __future__ import annotations

from koban.model.aws.backup import Plan, Selection, Vault
from koban.sources.terraform.mapping import arg, block, blocks, folds, group, json, maps

maps(
    "aws_backup_vault",
    Vault,
    BackupVaultName="name",
    BackupVaultArn="arn",
    EncryptionKeyArn="kms_key_arn",
)
folds("aws_backup_vault_policy", Vault, "backup_vault_name", AccessPolicy=json("policy"))
folds(
    "aws_backup_vault_lock_configuration",
    Vault,
    "backup_vault_name",
    # A lock without a minimum is a lock all the same.
    LockConfiguration=group(
        MinRetentionDays=arg("min_retention_days", default=0),
        MaxRetentionDays="max_retention_days",
        ChangeableForDays="changeable_for_days",
    ),
)
maps(
    "aws_backup_plan",
    Plan,
    BackupPlanId="id",
    BackupPlanArn="arn",
    BackupPlan=group(
        BackupPlanName="name",
        BackupPlanRule=blocks(
            "rule",
            RuleName="rule_name",
            TargetBackupVault="target_vault_name",
            Lifecycle=block("lifecycle", DeleteAfterDays="delete_after"),
            CopyActions=blocks("copy_action", DestinationBackupVaultArn="destination_vault_arn"),
        ),
    ),
)
maps(
    "aws_backup_selection",
    Selection,
    SelectionId="id",
    BackupPlanId="plan_id",
    BackupSelection=group(SelectionName="name"),
)
