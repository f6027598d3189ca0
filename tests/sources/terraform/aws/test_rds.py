import pytest

from koban.model.aws.rds import (
    DBCluster,
    DBClusterSnapshot,
    DBInstance,
    DBParameterGroup,
    DBProxy,
    DBSecurityGroup,
    DBSnapshot,
    DBSubnetGroup,
    EventSubscription,
    GlobalCluster,
)
from koban.model.unknown import Maybe, OpenList, Unknown, WorldsNeeded

NOT_KNOWN = Unknown("var.x", "it has no default")
CLUSTER = Unknown("aws_rds_cluster.c.id", "known after apply", shape=".+", target="aws_rds_cluster.c")


def test_an_instance(twins):
    twins(
        "aws_db_instance",
        {
            "identifier": "orders",
            "engine": "Postgres",
            "engine_version": "16.3",
            "storage_encrypted": True,
            "kms_key_id": "arn:aws:kms:eu-west-1:111122223333:key/k",
            "publicly_accessible": True,
            "db_subnet_group_name": "data",
            "vpc_security_group_ids": ["sg-1", "sg-2"],
            "security_group_names": ["old"],
            "auto_minor_version_upgrade": False,
            "multi_az": True,
            "deletion_protection": True,
            "backup_retention_period": 14,
            "copy_tags_to_snapshot": True,
            "iam_database_authentication_enabled": True,
            "monitoring_interval": 60,
            "enabled_cloudwatch_logs_exports": ["postgresql"],
            "performance_insights_enabled": True,
            "username": "owner",
            "manage_master_user_password": True,
            "password": "not-a-real-one",
            "port": 6432,
            "parameter_group_name": "strict",
            "replicate_source_db": "first",
            "snapshot_identifier": "snap",
            "ca_cert_identifier": "rds-ca-rsa2048-g1",
        },
        DBInstance,
        {
            "DBInstanceIdentifier": "orders",
            "Engine": "postgres",
            "EngineVersion": "16.3",
            "StorageEncrypted": True,
            "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k",
            "PubliclyAccessible": True,
            "DBSubnetGroupName": "data",
            "VPCSecurityGroups": ["sg-1", "sg-2"],
            "DBSecurityGroups": ["old"],
            "AutoMinorVersionUpgrade": False,
            "MultiAZ": True,
            "DeletionProtection": True,
            "BackupRetentionPeriod": 14,
            "CopyTagsToSnapshot": True,
            "EnableIAMDatabaseAuthentication": True,
            "MonitoringInterval": 60,
            "EnableCloudwatchLogsExports": ["postgresql"],
            "EnablePerformanceInsights": True,
            "MasterUsername": "owner",
            "ManageMasterUserPassword": True,
            "MasterUserPassword": "not-a-real-one",
            "Port": "6432",
            "DBParameterGroupName": "strict",
            "SourceDBInstanceIdentifier": "first",
            "DBSnapshotIdentifier": "snap",
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        },
    )


def test_an_instance_of_which_little_is_said_is_private_and_makes_no_backups(twins):
    twins(
        "aws_db_instance",
        {"instance_class": "db.t4g.micro", "engine": "mysql"},
        DBInstance,
        {"Engine": "mysql", "PubliclyAccessible": False, "BackupRetentionPeriod": 0},
    )


@pytest.mark.parametrize("made_of", ["snapshot_identifier", "replicate_source_db"])
def test_an_instance_made_of_another_leaves_the_days_of_backups_to_it(document, made_of):
    assert "BackupRetentionPeriod" not in document("aws_db_instance", {made_of: "x"})
    assert document("aws_db_instance", {made_of: "x", "backup_retention_period": 3})["BackupRetentionPeriod"] == 3


def test_an_instance_restored_to_a_point_in_time_is_encrypted_as_the_other_is(document):
    body = {"restore_to_point_in_time": [{"source_db_instance_identifier": "first"}]}
    assert isinstance(document("aws_db_instance", body)["StorageEncrypted"], Unknown)
    assert document("aws_db_instance", {**body, "storage_encrypted": True})["StorageEncrypted"] is True
    assert "StorageEncrypted" not in document("aws_db_instance", {"restore_to_point_in_time": []})


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        ("engine", "Engine"),
        ("storage_encrypted", "StorageEncrypted"),
        ("backup_retention_period", "BackupRetentionPeriod"),
        ("publicly_accessible", "PubliclyAccessible"),
        ("password", "MasterUserPassword"),
        ("vpc_security_group_ids", "VPCSecurityGroups"),
    ],
)
def test_what_is_not_known_of_an_instance_stays_so(document, argument, path):
    assert document("aws_db_instance", {argument: NOT_KNOWN})[path] is NOT_KNOWN


def test_a_write_only_password_stands_in_the_configuration_too(document):
    secret = "not-a-real-one"
    assert document("aws_db_instance", {"password_wo": secret})["MasterUserPassword"] == secret
    assert document("aws_rds_cluster", {"master_password_wo": secret})["MasterUserPassword"] == secret


def test_an_instance_of_a_cluster(twins):
    twins(
        "aws_rds_cluster_instance",
        {
            "identifier": "one",
            "cluster_identifier": "c",
            "engine": "aurora-mysql",
            "engine_version": "8.0.mysql_aurora.3.08.0",
            "publicly_accessible": True,
            "db_subnet_group_name": "data",
            "auto_minor_version_upgrade": False,
            "copy_tags_to_snapshot": True,
            "monitoring_interval": 30,
            "performance_insights_enabled": True,
            "db_parameter_group_name": "strict",
            "ca_cert_identifier": "rds-ca-2019",
            "storage_encrypted": True,
            "port": 3307,
        },
        DBInstance,
        {
            "DBInstanceIdentifier": "one",
            "DBClusterIdentifier": "c",
            "Engine": "aurora-mysql",
            "EngineVersion": "8.0.mysql_aurora.3.08.0",
            "PubliclyAccessible": True,
            "DBSubnetGroupName": "data",
            "AutoMinorVersionUpgrade": False,
            "CopyTagsToSnapshot": True,
            "MonitoringInterval": 30,
            "EnablePerformanceInsights": True,
            "DBParameterGroupName": "strict",
            "CACertificateIdentifier": "rds-ca-2019",
            "StorageEncrypted": True,
            "Port": 3307,
        },
    )
    twins(
        "aws_rds_cluster_instance",
        {"cluster_identifier": "c", "engine": "postgres", "instance_class": "db.r6gd.large"},
        DBInstance,
        {"DBClusterIdentifier": "c", "Engine": "postgres", "PubliclyAccessible": False},
    )


def test_an_instance_keeps_the_reference_to_its_cluster(document):
    assert document("aws_rds_cluster_instance", {"cluster_identifier": CLUSTER})["DBClusterIdentifier"] is CLUSTER


def test_a_cluster(twins):
    twins(
        "aws_rds_cluster",
        {
            "cluster_identifier": "c",
            "engine": "aurora-mysql",
            "engine_version": "8.0.mysql_aurora.3.08.0",
            "engine_mode": "provisioned",
            "storage_encrypted": True,
            "kms_key_id": "k",
            "deletion_protection": True,
            "backup_retention_period": 14,
            "copy_tags_to_snapshot": True,
            "iam_database_authentication_enabled": True,
            "enabled_cloudwatch_logs_exports": ["audit"],
            "auto_minor_version_upgrade": False,
            "monitoring_interval": 30,
            "publicly_accessible": True,
            "backtrack_window": 3600,
            "db_cluster_instance_class": "db.m6gd.large",
            "master_username": "owner",
            "manage_master_user_password": True,
            "master_password": "not-a-real-one",
            "snapshot_identifier": "snap",
            "restore_to_point_in_time": [{"source_cluster_identifier": "first"}],
            "replication_source_identifier": "arn:aws:rds:eu-west-1:111122223333:cluster:other",
            "port": 3307,
            "serverlessv2_scaling_configuration": [{"min_capacity": 0.5, "max_capacity": 4.0}],
        },
        DBCluster,
        {
            "DBClusterIdentifier": "c",
            "Engine": "aurora-mysql",
            "EngineVersion": "8.0.mysql_aurora.3.08.0",
            "EngineMode": "provisioned",
            "StorageEncrypted": True,
            "KmsKeyId": "k",
            "DeletionProtection": True,
            "BackupRetentionPeriod": 14,
            "CopyTagsToSnapshot": True,
            "EnableIAMDatabaseAuthentication": True,
            "EnableCloudwatchLogsExports": ["audit"],
            "AutoMinorVersionUpgrade": False,
            "MonitoringInterval": 30,
            "PubliclyAccessible": True,
            "BacktrackWindow": 3600,
            "DBClusterInstanceClass": "db.m6gd.large",
            "MasterUsername": "owner",
            "ManageMasterUserPassword": True,
            "MasterUserPassword": "not-a-real-one",
            "SnapshotIdentifier": "snap",
            "SourceDBClusterIdentifier": "first",
            "ReplicationSourceIdentifier": "arn:aws:rds:eu-west-1:111122223333:cluster:other",
            "Port": 3307,
            "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 4.0},
        },
    )
    twins("aws_rds_cluster", {"engine": "aurora-mysql"}, DBCluster, {"Engine": "aurora-mysql"})


def test_a_cluster_restored_from_one_that_is_gone(document):
    block = {"source_cluster_identifier": "", "source_cluster_resource_id": "cluster-X"}
    made = document("aws_rds_cluster", {"restore_to_point_in_time": [block]})
    assert made["SourceDBClusterIdentifier"] == "cluster-X"


def test_a_serverless_cluster_is_always_encrypted(document):
    assert document("aws_rds_cluster", {"engine_mode": "serverless"})["StorageEncrypted"] is True
    assert "StorageEncrypted" not in document("aws_rds_cluster", {"engine_mode": "provisioned"})
    open_mode = Unknown("var.mode", "it has no default", shape="(?:serverless|provisioned)")
    encrypted = document("aws_rds_cluster", {"engine_mode": open_mode})["StorageEncrypted"]
    assert isinstance(encrypted, Unknown)
    assert encrypted._shape != open_mode._shape, "a text that is never empty would be taken for true"


def test_a_parameter_group(twins):
    twins(
        "aws_db_parameter_group",
        {
            "name": "strict",
            "family": "postgres13",
            "parameter": [{"name": "rds.force_ssl", "value": "1", "apply_method": "immediate"}],
        },
        DBParameterGroup,
        {"DBParameterGroupName": "strict", "Family": "postgres13", "Parameters": {"rds.force_ssl": "1"}},
    )
    twins("aws_db_parameter_group", {"family": "mysql8.0"}, DBParameterGroup, {"Family": "mysql8.0"})


def test_parameters_that_may_not_be_there(document):
    gap = Maybe("parameter", "var.strict has no default", ({"name": "rds.force_ssl", "value": "1"},))
    made = document("aws_db_parameter_group", {"family": "postgres13", "parameter": OpenList([gap])})
    assert isinstance(made["Parameters"]["rds.force_ssl"], Unknown)
    made = document("aws_db_parameter_group", {"family": "postgres13", "parameter": NOT_KNOWN})
    assert isinstance(made["Parameters"], Unknown)


def test_snapshots(twins):
    twins(
        "aws_db_snapshot",
        {"db_snapshot_identifier": "s", "snapshot_type": "manual", "encrypted": True, "shared_accounts": ["all"]},
        DBSnapshot,
        {"DBSnapshotIdentifier": "s", "SnapshotType": "manual", "Encrypted": True, "SharedWith": ["all"]},
    )
    twins(
        "aws_db_snapshot_copy",
        {"target_db_snapshot_identifier": "s", "encrypted": False, "shared_accounts": ["444455556666"]},
        DBSnapshot,
        {"DBSnapshotIdentifier": "s", "Encrypted": False, "SharedWith": ["444455556666"]},
    )
    twins(
        "aws_db_cluster_snapshot",
        {"db_cluster_snapshot_identifier": "s", "storage_encrypted": True, "shared_accounts": ["all"]},
        DBClusterSnapshot,
        {"DBClusterSnapshotIdentifier": "s", "StorageEncrypted": True, "SharedWith": ["all"]},
    )
    twins(
        "aws_rds_cluster_snapshot_copy",
        {"target_db_cluster_snapshot_identifier": "s", "kms_key_id": "k"},
        DBClusterSnapshot,
        {"DBClusterSnapshotIdentifier": "s", "StorageEncrypted": True},
    )


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("aws_db_snapshot", "Encrypted"),
        ("aws_db_snapshot_copy", "Encrypted"),
        ("aws_db_cluster_snapshot", "StorageEncrypted"),
        ("aws_rds_cluster_snapshot_copy", "StorageEncrypted"),
    ],
)
def test_a_snapshot_does_not_say_whether_it_is_encrypted(document, source, path):
    assert isinstance(document(source, {})[path], Unknown)


def test_a_copy_of_a_snapshot_with_a_key_is_encrypted(document):
    key = Unknown("aws_kms_key.k.arn", "known after apply", target="aws_kms_key.k")
    assert document("aws_rds_cluster_snapshot_copy", {"kms_key_id": key})["StorageEncrypted"] is True
    assert isinstance(document("aws_rds_cluster_snapshot_copy", {"kms_key_id": NOT_KNOWN})["StorageEncrypted"], Unknown)


def test_an_event_subscription(twins):
    twins(
        "aws_db_event_subscription",
        {
            "name": "s",
            "sns_topic": "arn:t",
            "enabled": False,
            "source_type": "db-instance",
            "event_categories": ["failure"],
            "source_ids": ["orders"],
        },
        EventSubscription,
        {
            "SubscriptionName": "s",
            "Enabled": False,
            "SourceType": "db-instance",
            "EventCategories": ["failure"],
            "SourceIds": ["orders"],
        },
    )
    twins("aws_db_event_subscription", {"sns_topic": "arn:t"}, EventSubscription, {"SnsTopicArn": "arn:t"})


def test_a_subnet_group(twins):
    twins(
        "aws_db_subnet_group",
        {"name": "data", "subnet_ids": ["subnet-1", "subnet-2"]},
        DBSubnetGroup,
        {"DBSubnetGroupName": "data", "SubnetIds": ["subnet-1", "subnet-2"]},
    )


def test_a_proxy(twins):
    twins(
        "aws_db_proxy",
        {
            "name": "p",
            "require_tls": True,
            "debug_logging": True,
            "auth": [{"auth_scheme": "SECRETS", "iam_auth": "REQUIRED"}, {"auth_scheme": "SECRETS"}],
        },
        DBProxy,
        {
            "DBProxyName": "p",
            "RequireTLS": True,
            "DebugLogging": True,
            "Auth": [{"AuthScheme": "SECRETS", "IAMAuth": "REQUIRED"}, {"AuthScheme": "SECRETS"}],
        },
    )
    twins("aws_db_proxy", {"name": "p", "auth": [{}]}, DBProxy, {"DBProxyName": "p", "Auth": [{}]})


def test_a_global_cluster(twins):
    twins(
        "aws_rds_global_cluster",
        {
            "global_cluster_identifier": "g",
            "engine": "aurora-postgresql",
            "storage_encrypted": True,
            "source_db_cluster_identifier": "arn:c",
            "deletion_protection": True,
        },
        GlobalCluster,
        {
            "GlobalClusterIdentifier": "g",
            "Engine": "aurora-postgresql",
            "StorageEncrypted": True,
            "SourceDBClusterIdentifier": "arn:c",
            "DeletionProtection": True,
        },
    )
    twins("aws_rds_global_cluster", {"global_cluster_identifier": "g"}, GlobalCluster, {})


def test_a_firewall_from_before_vpcs(twins):
    twins(
        "aws_db_security_group",
        {"name": "old", "ingress": [{"cidr": "0.0.0.0/0"}, {"security_group_name": "other"}]},
        DBSecurityGroup,
        {"DBSecurityGroupIngress": [{"CIDRIP": "0.0.0.0/0"}, {"EC2SecurityGroupName": "other"}]},
    )


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("source_dbi_resource_id", "SourceDbiResourceId"),
        ("source_db_instance_automated_backups_arn", "SourceDBInstanceAutomatedBackupsArn"),
    ],
)
def test_what_is_restored_to_a_point_in_time_is_encrypted_as_its_source_in_both_languages(document, argument, name):
    made = document("aws_db_instance", {"restore_to_point_in_time": [{argument: "x"}]})
    terraform, template = DBInstance(made, file="main.tf"), DBInstance({name: "x"}, file="t.yaml")
    for one in (terraform, template):
        with pytest.raises(WorldsNeeded):
            bool(one.storage_encrypted)
    assert made[name] == "x"
