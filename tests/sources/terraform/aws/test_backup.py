from koban.model.aws.backup import Plan, Selection, Vault
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")
POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "backup:CopyIntoBackupVault"}]}'


def test_a_vault(twins):
    twins(
        "aws_backup_vault",
        {"name": "v", "kms_key_arn": "arn:k"},
        Vault,
        {"BackupVaultName": "v", "EncryptionKeyArn": "arn:k"},
    )
    twins("aws_backup_vault", {"name": "v"}, Vault, {"BackupVaultName": "v"})


def test_policy_and_lock_as_resources_of_their_own(document):
    assert Vault(document("aws_backup_vault_policy", {"backup_vault_name": "v", "policy": POLICY})).policy.public
    made = document("aws_backup_vault_policy", {"backup_vault_name": "v", "policy": NOT_KNOWN})
    assert isinstance(made["AccessPolicy"], Unknown)
    lock = {"min_retention_days": 7, "max_retention_days": 90, "changeable_for_days": 3}
    assert document("aws_backup_vault_lock_configuration", {"backup_vault_name": "v", **lock}) == {
        "LockConfiguration": {"MinRetentionDays": 7, "MaxRetentionDays": 90, "ChangeableForDays": 3}
    }


def test_a_lock_without_a_minimum_is_a_lock_all_the_same(document):
    lock = Vault(document("aws_backup_vault_lock_configuration", {"backup_vault_name": "v"})).lock
    assert lock
    assert lock.days_min == 0


def test_a_plan(twins):
    twins(
        "aws_backup_plan",
        {
            "name": "daily",
            "rule": [
                {
                    "rule_name": "daily",
                    "target_vault_name": "v",
                    "lifecycle": [{"delete_after": 35}],
                    "copy_action": [{"destination_vault_arn": "arn:v2"}, {"destination_vault_arn": "arn:v3"}],
                },
                {"rule_name": "monthly", "target_vault_name": "v"},
            ],
        },
        Plan,
        {
            "BackupPlan": {
                "BackupPlanName": "daily",
                "BackupPlanRule": [
                    {
                        "RuleName": "daily",
                        "TargetBackupVault": "v",
                        "Lifecycle": {"DeleteAfterDays": 35},
                        "CopyActions": [
                            {"DestinationBackupVaultArn": "arn:v2"},
                            {"DestinationBackupVaultArn": "arn:v3"},
                        ],
                    },
                    {"RuleName": "monthly", "TargetBackupVault": "v"},
                ],
            }
        },
    )


def test_schedules_that_are_not_known(document):
    (one,) = Plan(document("aws_backup_plan", {"rule": [{"copy_action": NOT_KNOWN, "lifecycle": NOT_KNOWN}]})).rules
    assert isinstance(one.copies, Unknown)
    assert isinstance(one.kept_days, Unknown)
    assert isinstance(Plan(document("aws_backup_plan", {"rule": NOT_KNOWN})).rules, Unknown)


def test_a_selection(twins):
    twins(
        "aws_backup_selection",
        {"name": "tagged", "plan_id": "p"},
        Selection,
        {"BackupPlanId": "p", "BackupSelection": {"SelectionName": "tagged"}},
    )
