from koban.model.aws.docdb import DBCluster, DBClusterParameterGroup, DBClusterSnapshot, DBInstance
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")


def test_a_cluster(twins):
    twins(
        "aws_docdb_cluster",
        {
            "cluster_identifier": "c",
            "engine_version": "5.0.0",
            "storage_encrypted": True,
            "kms_key_id": "k",
            "deletion_protection": True,
            "backup_retention_period": 7,
            "enabled_cloudwatch_logs_exports": ["audit", "profiler"],
            "master_username": "owner",
            "snapshot_identifier": "snap",
            "restore_to_point_in_time": [{"source_cluster_identifier": "first"}],
            "db_cluster_parameter_group_name": "strict",
        },
        DBCluster,
        {
            "DBClusterIdentifier": "c",
            "EngineVersion": "5.0.0",
            "StorageEncrypted": True,
            "KmsKeyId": "k",
            "DeletionProtection": True,
            "BackupRetentionPeriod": 7,
            "EnableCloudwatchLogsExports": ["audit", "profiler"],
            "MasterUsername": "owner",
            "SnapshotIdentifier": "snap",
            "SourceDBClusterIdentifier": "first",
            "DBClusterParameterGroupName": "strict",
        },
    )
    twins("aws_docdb_cluster", {"master_username": "owner"}, DBCluster, {"MasterUsername": "owner"})


def test_an_instance(twins):
    twins(
        "aws_docdb_cluster_instance",
        {
            "identifier": "i",
            "cluster_identifier": "c",
            "auto_minor_version_upgrade": False,
            "ca_cert_identifier": "rds-ca-rsa2048-g1",
        },
        DBInstance,
        {
            "DBInstanceIdentifier": "i",
            "DBClusterIdentifier": "c",
            "AutoMinorVersionUpgrade": False,
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        },
    )
    twins("aws_docdb_cluster_instance", {"cluster_identifier": "c"}, DBInstance, {"DBClusterIdentifier": "c"})


def test_a_parameter_group(twins):
    twins(
        "aws_docdb_cluster_parameter_group",
        {
            "name": "strict",
            "family": "docdb5.0",
            "parameter": [{"name": "tls", "value": "tls1.2+"}, {"name": "audit_logs", "value": "all"}],
        },
        DBClusterParameterGroup,
        {"Name": "strict", "Family": "docdb5.0", "Parameters": {"tls": "tls1.2+", "audit_logs": "all"}},
    )
    twins("aws_docdb_cluster_parameter_group", {"family": "docdb5.0"}, DBClusterParameterGroup, {"Family": "docdb5.0"})


def test_parameters_that_are_not_known(document):
    made = document("aws_docdb_cluster_parameter_group", {"parameter": NOT_KNOWN})
    assert isinstance(DBClusterParameterGroup(made).tls, Unknown)


def test_a_snapshot(twins, document):
    twins(
        "aws_docdb_cluster_snapshot",
        {"db_cluster_snapshot_identifier": "s", "snapshot_type": "manual", "storage_encrypted": False},
        DBClusterSnapshot,
        {"DBClusterSnapshotIdentifier": "s", "SnapshotType": "manual", "StorageEncrypted": False},
    )
    made = document("aws_docdb_cluster_snapshot", {"db_cluster_snapshot_identifier": "s"})
    assert isinstance(made["StorageEncrypted"], Unknown)
