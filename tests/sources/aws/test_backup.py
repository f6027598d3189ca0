from koban.model.aws.backup import Plan, RecoveryPoint, Selection, Vault
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.sources.aws.backup import plan_from_api, recovery_point_from_api, selection_from_api, vault_from_api


def test_vaults_and_plans(aws, collect):
    backup = aws("backup")
    backup.create_backup_vault(BackupVaultName="v")
    backup.create_backup_plan(
        BackupPlan={
            "BackupPlanName": "daily",
            "Rules": [{"RuleName": "r", "TargetBackupVaultName": "v", "Lifecycle": {"DeleteAfterDays": 35}}],
        }
    )
    (vault,) = collect("backup.vaults")
    (plan,) = collect("backup.plans")
    assert vault.name == "v"
    assert not vault.lock
    assert (plan.title, [one.kept_days for one in plan.rules]) == ("daily", [35])


def test_a_vault_that_is_locked_for_good():
    raw = {"BackupVaultName": "v", "Locked": True, "MinRetentionDays": 7, "LockDate": "2024-01-01T00:00:00Z"}
    vault = Vault(vault_from_api(raw, '{"Statement": []}'))
    assert (vault.lock.days_min, vault.lock.changeable_days) == (7, 3)
    assert not vault.policy.public


def test_the_api_and_a_template_tell_the_same_plan():
    destination = {"DestinationBackupVaultArn": "arn:w"}
    listed = {"BackupPlanId": "p", "BackupPlanArn": "arn:p", "BackupPlanName": "daily"}
    rule = {"RuleName": "r", "TargetBackupVaultName": "v", "Lifecycle": {"DeleteAfterDays": 35}}
    live = plan_from_api(listed, {"BackupPlanName": "daily", "Rules": [{**rule, "CopyActions": [destination]}]})
    code = {
        "BackupPlan": {
            "BackupPlanName": "daily",
            "BackupPlanRule": [
                {
                    "RuleName": "r",
                    "TargetBackupVault": "v",
                    "Lifecycle": {"DeleteAfterDays": "35"},
                    "CopyActions": [destination],
                }
            ],
        }
    }
    api, template = Plan(live), Plan(code)
    assert [(one.kept_days, one.copies) for one in api.rules] == [(one.kept_days, one.copies) for one in template.rules]
    assert isinstance(Plan(plan_from_api(listed, Unknown("x", "AccessDenied backup:GetBackupPlan"))).rules, Unknown)


def test_a_plan_knows_what_it_backs_up():
    plan = Plan({"BackupPlanId": "p"})
    chosen = Selection(selection_from_api({"SelectionId": "s", "SelectionName": "all", "BackupPlanId": "p"}))
    MemoryEstate([plan, chosen])
    assert plan.selections == (chosen,)


def test_a_recovery_point():
    raw = {
        "RecoveryPointArn": "arn:r",
        "BackupVaultName": "v",
        "ResourceType": "EBS",
        "Status": "COMPLETED",
        "IsEncrypted": True,
        "CreationDate": "2024-01-01T00:00:00+00:00",
    }
    point = RecoveryPoint(recovery_point_from_api(raw))
    assert (point.encrypted, point.complete, point.uid) == (True, True, "arn:r")
