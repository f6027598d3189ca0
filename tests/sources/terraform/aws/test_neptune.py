from koban.model.aws.neptune import DBCluster, DBClusterSnapshot, DBInstance
from koban.model.unknown import Unknown


def test_a_cluster(twins):
    twins(
        "aws_neptune_cluster",
        {
            "cluster_identifier": "c",
            "engine_version": "1.4.5.0",
            "storage_encrypted": True,
            "kms_key_arn": "k",
            "deletion_protection": True,
            "backup_retention_period": 7,
            "copy_tags_to_snapshot": True,
            "iam_database_authentication_enabled": True,
            "enable_cloudwatch_logs_exports": ["audit"],
            "snapshot_identifier": "snap",
        },
        DBCluster,
        {
            "DBClusterIdentifier": "c",
            "EngineVersion": "1.4.5.0",
            "StorageEncrypted": True,
            "KmsKeyId": "k",
            "DeletionProtection": True,
            "BackupRetentionPeriod": 7,
            "CopyTagsToSnapshot": True,
            "IamAuthEnabled": True,
            "EnableCloudwatchLogsExports": ["audit"],
            "SnapshotIdentifier": "snap",
        },
    )
    twins("aws_neptune_cluster", {"engine": "neptune"}, DBCluster, {})


def test_an_instance(twins):
    twins(
        "aws_neptune_cluster_instance",
        {
            "identifier": "i",
            "cluster_identifier": "c",
            "auto_minor_version_upgrade": False,
            "publicly_accessible": True,
        },
        DBInstance,
        {
            "DBInstanceIdentifier": "i",
            "DBClusterIdentifier": "c",
            "AutoMinorVersionUpgrade": False,
            "PubliclyAccessible": True,
        },
    )
    twins("aws_neptune_cluster_instance", {"cluster_identifier": "c"}, DBInstance, {"DBClusterIdentifier": "c"})


def test_a_snapshot(twins, document):
    twins(
        "aws_neptune_cluster_snapshot",
        {"db_cluster_snapshot_identifier": "s", "snapshot_type": "manual", "storage_encrypted": True},
        DBClusterSnapshot,
        {"DBClusterSnapshotIdentifier": "s", "SnapshotType": "manual", "StorageEncrypted": True},
    )
    made = document("aws_neptune_cluster_snapshot", {"db_cluster_snapshot_identifier": "s"})
    assert isinstance(made["StorageEncrypted"], Unknown)
