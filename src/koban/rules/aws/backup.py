"""Posture rules for AWS Backup."""

from __future__ import annotations

from koban.model.aws.backup import Plan, RecoveryPoint, Selection, Vault
from koban.model.aws.lambda_ import Function
from koban.model.estate import Region
from koban.model.rule import rule
from koban.model.unknown import Unknown

USED = Function({"FunctionName": "f"})
DENIED = Unknown("x", "AccessDenied backup:GetBackupPlan")


@rule("medium", RecoveryPoint, "aws-fsbp:Backup.1", "nist-csf-2.0:PR.DS-01", when=lambda point: point.complete)
def backup_recovery_point_not_encrypted(point: RecoveryPoint) -> bool:
    """The backup is not encrypted.

    Why: a backup holds all that the original holds, and is often shared more widely.
    Fix: encrypt the original, or copy its backups to a vault with a KMS key; then delete this one.
    """
    return not point.encrypted


backup_recovery_point_not_encrypted.cases(
    bad=[{"IsEncrypted": False, "Status": "COMPLETED"}],
    good=[{"IsEncrypted": True, "Status": "COMPLETED"}],
    skipped=[{"Status": "DELETING"}],
)


@rule("medium", Vault, "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def backup_vault_not_locked(vault: Vault) -> bool:
    """Backups in the vault can be deleted before their time.

    Why: ransomware deletes the backups first, with the rights of an administrator.
    Fix: lock the vault with a minimum retention, in compliance mode for what must survive an administrator.
    """
    return not vault.lock or vault.lock.days_min == 0


backup_vault_not_locked.cases(
    bad=[{}, {"LockConfiguration": {"MaxRetentionDays": 30}}],
    good=[{"LockConfiguration": {"MinRetentionDays": 7}}],
    unknown=[{"LockConfiguration": Unknown("LockConfiguration", "parameter Lock has no default")}],
)


@rule("info", Vault, "nist-csf-2.0:PR.DS-11", when=lambda vault: vault.lock)
def backup_vault_lock_can_be_lifted(vault: Vault) -> bool:
    """An administrator can lift the lock of the vault at any time.

    Why: who has stolen the rights of an administrator lifts the lock and deletes the backups.
    Fix: set a grace period (ChangeableForDays, 3 or more), after which nobody can lift the lock.
    """
    return vault.lock.changeable_days == 0


backup_vault_lock_can_be_lifted.cases(
    bad=[{"LockConfiguration": {"MinRetentionDays": 7}}],
    good=[{"LockConfiguration": {"MinRetentionDays": 7, "ChangeableForDays": 3}}],
    skipped=[{}],
)


@rule("critical", Vault, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def backup_vault_public(vault: Vault) -> bool:
    """Any AWS account can reach the backups in the vault.

    Why: strangers can copy your backups, with all the data in them, into their own account.
    Fix: name the accounts in the vault's access policy, or add the condition aws:PrincipalOrgID.
    """
    return vault.policy.public


def _policy(who: object, **more: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": who, "Action": "backup:CopyIntoBackupVault", "Resource": "*", **more}
    return {"BackupVaultName": "v", "AccessPolicy": {"Statement": [statement]}}


backup_vault_public.cases(
    bad=[_policy("*")],
    good=[
        {},
        _policy("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        _policy("*", Effect="Deny"),
    ],
    unknown=[{"AccessPolicy": Unknown("AccessPolicy", "AccessDenied backup:GetBackupVaultAccessPolicy")}],
)


@rule("medium", Vault, "nist-csf-2.0:PR.DS-11")
def backup_vault_deletion_not_denied(vault: Vault) -> bool:
    """Neither a lock nor the access policy keeps people from deleting backups in the vault.

    Why: one administrator, or one stolen session, is enough to lose every backup.
    Fix: deny backup:DeleteRecoveryPoint to everyone in the vault's access policy, or lock the vault.
    """
    denied = any(
        s.effect == "Deny" and s.anyone and s.does("backup:DeleteRecoveryPoint") for s in vault.policy.statements
    )
    return not vault.lock and not denied


DELETION_DENIED = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint"}}

backup_vault_deletion_not_denied.cases(
    bad=[{}, _policy({"AWS": "111122223333"})],
    good=[{"AccessPolicy": DELETION_DENIED}, {"LockConfiguration": {"MinRetentionDays": 7}}],
    unknown=[{"AccessPolicy": Unknown("AccessPolicy", "AccessDenied backup:GetBackupVaultAccessPolicy")}],
)


@rule("medium", Plan, "nist-csf-2.0:PR.DS-11")
def backup_plan_without_selection(plan: Plan) -> bool:
    """The backup plan backs up nothing: no resource is assigned to it.

    Why: a plan in the list looks like safety, and there is no backup to restore.
    Fix: assign resources to the plan, best by tag.
    """
    return not plan.selections


backup_plan_without_selection.cases(
    bad=[{"BackupPlanId": "p"}],
    good=[({"BackupPlanId": "p"}, Selection({"SelectionId": "s", "BackupPlanId": "p"}))],
)


@rule("low", Plan, "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def backup_plan_keeps_too_briefly(plan: Plan, *, kept_days_min: int = 35) -> bool:
    """A schedule of the plan drops backups within five weeks.

    Why: damage that is noticed after a month has reached every backup that is left.
    Fix: keep backups for 35 days or more, daily ones with monthly ones beside them.
    """
    return any(0 < one.kept_days < kept_days_min for one in plan.rules)


backup_plan_keeps_too_briefly.cases(
    bad=[{"BackupPlan": {"BackupPlanRule": [{"Lifecycle": {"DeleteAfterDays": 7}}]}}],
    good=[{}, {"BackupPlan": {"BackupPlanRule": [{"Lifecycle": {"DeleteAfterDays": 35}}, {}]}}],
    unknown=[{"BackupPlan": DENIED}],
)


@rule("low", Plan, "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:PR.IR-03")
def backup_plan_without_copy(plan: Plan) -> bool:
    """No schedule of the plan copies backups to another region or account.

    Why: what destroys the account or the region destroys the backups with it.
    Fix: add a copy action to a vault in another account, in another region.
    """
    return not any(one.copies for one in plan.rules)


COPY = {"DestinationBackupVaultArn": "arn:aws:backup:eu-central-1:444455556666:backup-vault:v"}

backup_plan_without_copy.cases(
    bad=[{}, {"BackupPlan": {"BackupPlanRule": [{"RuleName": "daily"}]}}],
    good=[{"BackupPlan": {"BackupPlanRule": [{"CopyActions": [COPY]}]}}],
    unknown=[{"BackupPlan": DENIED}],
)


@rule("low", Region, "nist-csf-2.0:PR.DS-11", only="live", when=lambda region: region.in_use)
def backup_without_plan(region: Region) -> bool:
    """No backup plan covers this region, though the account uses it.

    Why: backups that each team makes by hand are the ones that turn out to be missing.
    Fix: make a backup plan in this region, or record the other tool in an exception.
    """
    return not region.every(Plan)


backup_without_plan.cases(bad=[({}, USED)], good=[({}, USED, Plan({"BackupPlanId": "p"}))], skipped=[{}])
