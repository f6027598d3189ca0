"""Amazon RDS and Aurora: instances, clusters, their snapshots, and what stands around them."""

from __future__ import annotations

from typing import Any

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
from koban.model.unknown import Unknown
from koban.sources.terraform.conversions import by_name, filled, given, lower
from koban.sources.terraform.mapping import ABSENT, Body, Entry, arg, block, blocks, first, made, maps

RESTORED = Unknown("StorageEncrypted", "restored from another database's backups, and encrypted as that one is")
AS_ORIGINAL = "a snapshot is encrypted as what it was taken of, which this does not say"


def instance_encryption(body: Body) -> Any:
    """What the instance says itself; one that is restored to a point in time takes after the other."""
    told = body.get("storage_encrypted")
    if told is not None:
        return told
    return RESTORED if given(body.get("restore_to_point_in_time")) else ABSENT


def instance_backup_days(body: Body) -> Any:
    """The provider sends zero where nothing is said, except for instances that are made of others."""
    told = body.get("backup_retention_period")
    if told is not None:
        return told
    sources = ("snapshot_identifier", "restore_to_point_in_time", "replicate_source_db")
    return ABSENT if any(given(body.get(name)) for name in sources) else 0


def cluster_encryption(body: Body) -> Any:
    """What the cluster says itself; a serverless one (v1) is always encrypted."""
    told = body.get("storage_encrypted")
    if told is not None:
        return told
    mode = body.get("engine_mode")
    if isinstance(mode, Unknown):
        return mode._child(" is serverless")
    return True if mode == "serverless" else ABSENT


def snapshot_encryption(argument: str, path: str, key: str = "") -> Entry:
    """Whether a snapshot is encrypted: state knows, and a copy with a key of its own is."""

    def read(body: Body) -> Any:
        told = body.get(argument)
        if told is not None:
            return told
        named = body.get(key)
        if isinstance(named, Unknown):
            return True if named._target else named._child(" is set")
        return True if given(named) else Unknown(path, AS_ORIGINAL)

    return made(read, *filter(None, (argument, key)), careful=True)


maps(
    "aws_db_instance",
    DBInstance,
    lacks={
        "CertificateDetails.ValidTill": "only the service knows when the certificate that it made ends",
        "DBClusterSnapshotIdentifier": "the provider restores an instance from snapshots of instances alone",
    },
    DBInstanceIdentifier="identifier",
    DBInstanceArn="arn",
    Engine=arg("engine", lower),
    EngineVersion="engine_version",
    StorageEncrypted=made(instance_encryption, "storage_encrypted", "restore_to_point_in_time", careful=True),
    KmsKeyId="kms_key_id",
    PubliclyAccessible=arg("publicly_accessible", default=False),
    DBSubnetGroupName="db_subnet_group_name",
    VPCSecurityGroups="vpc_security_group_ids",
    DBSecurityGroups="security_group_names",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    MultiAZ="multi_az",
    DeletionProtection="deletion_protection",
    BackupRetentionPeriod=made(instance_backup_days, "backup_retention_period", careful=True),
    CopyTagsToSnapshot="copy_tags_to_snapshot",
    EnableIAMDatabaseAuthentication="iam_database_authentication_enabled",
    MonitoringInterval="monitoring_interval",
    EnableCloudwatchLogsExports="enabled_cloudwatch_logs_exports",
    EnablePerformanceInsights="performance_insights_enabled",
    MasterUsername="username",
    ManageMasterUserPassword="manage_master_user_password",
    MasterUserPassword=first(arg("password", filled), "password_wo"),
    Port="port",
    DBParameterGroupName="parameter_group_name",
    SourceDBInstanceIdentifier="replicate_source_db",
    DBSnapshotIdentifier="snapshot_identifier",
    SourceDbiResourceId=arg("restore_to_point_in_time.source_dbi_resource_id", filled),
    SourceDBInstanceAutomatedBackupsArn=arg(
        "restore_to_point_in_time.source_db_instance_automated_backups_arn", filled
    ),
    CACertificateIdentifier="ca_cert_identifier",
)
maps(
    "aws_rds_cluster_instance",
    DBInstance,
    DBInstanceIdentifier="identifier",
    DBInstanceArn="arn",
    DBClusterIdentifier="cluster_identifier",
    Engine=arg("engine", lower),
    EngineVersion="engine_version",
    StorageEncrypted="storage_encrypted",
    KmsKeyId="kms_key_id",
    PubliclyAccessible=arg("publicly_accessible", default=False),
    DBSubnetGroupName="db_subnet_group_name",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    CopyTagsToSnapshot="copy_tags_to_snapshot",
    MonitoringInterval="monitoring_interval",
    EnablePerformanceInsights="performance_insights_enabled",
    Port="port",
    DBParameterGroupName="db_parameter_group_name",
    CACertificateIdentifier="ca_cert_identifier",
)
maps(
    "aws_rds_cluster",
    DBCluster,
    DBClusterIdentifier="cluster_identifier",
    DBClusterArn="arn",
    Engine="engine",
    EngineVersion="engine_version",
    EngineMode="engine_mode",
    StorageEncrypted=made(cluster_encryption, "storage_encrypted", "engine_mode", careful=True),
    KmsKeyId="kms_key_id",
    DeletionProtection="deletion_protection",
    BackupRetentionPeriod="backup_retention_period",
    CopyTagsToSnapshot="copy_tags_to_snapshot",
    EnableIAMDatabaseAuthentication="iam_database_authentication_enabled",
    EnableCloudwatchLogsExports="enabled_cloudwatch_logs_exports",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    MonitoringInterval="monitoring_interval",
    PubliclyAccessible="publicly_accessible",
    DBSubnetGroupName="db_subnet_group_name",
    BacktrackWindow="backtrack_window",
    DBClusterInstanceClass="db_cluster_instance_class",
    MasterUsername="master_username",
    ManageMasterUserPassword="manage_master_user_password",
    MasterUserPassword=first(arg("master_password", filled), "master_password_wo"),
    SnapshotIdentifier="snapshot_identifier",
    SourceDBClusterIdentifier=first(
        arg("restore_to_point_in_time.source_cluster_identifier", filled),
        "restore_to_point_in_time.source_cluster_resource_id",
    ),
    ReplicationSourceIdentifier="replication_source_identifier",
    Port="port",
    ServerlessV2ScalingConfiguration=block(
        "serverlessv2_scaling_configuration", MinCapacity="min_capacity", MaxCapacity="max_capacity"
    ),
)
maps(
    "aws_db_parameter_group",
    DBParameterGroup,
    DBParameterGroupName="name",
    Family="family",
    Parameters=by_name("parameter", "name", lambda body: body.get("value")),
)
maps(
    "aws_db_snapshot",
    DBSnapshot,
    DBSnapshotIdentifier="db_snapshot_identifier",
    DBSnapshotArn="db_snapshot_arn",
    SnapshotType="snapshot_type",
    Encrypted=snapshot_encryption("encrypted", "Encrypted"),
    SharedWith="shared_accounts",
)
maps(
    "aws_db_snapshot_copy",
    DBSnapshot,
    DBSnapshotIdentifier="target_db_snapshot_identifier",
    DBSnapshotArn="db_snapshot_arn",
    SnapshotType="snapshot_type",
    Encrypted=snapshot_encryption("encrypted", "Encrypted", key="kms_key_id"),
    SharedWith="shared_accounts",
)
maps(
    "aws_db_cluster_snapshot",
    DBClusterSnapshot,
    DBClusterSnapshotIdentifier="db_cluster_snapshot_identifier",
    DBClusterSnapshotArn="db_cluster_snapshot_arn",
    SnapshotType="snapshot_type",
    StorageEncrypted=snapshot_encryption("storage_encrypted", "StorageEncrypted"),
    SharedWith="shared_accounts",
)
maps(
    "aws_rds_cluster_snapshot_copy",
    DBClusterSnapshot,
    DBClusterSnapshotIdentifier="target_db_cluster_snapshot_identifier",
    DBClusterSnapshotArn="db_cluster_snapshot_arn",
    SnapshotType="snapshot_type",
    StorageEncrypted=snapshot_encryption("storage_encrypted", "StorageEncrypted", key="kms_key_id"),
    SharedWith="shared_accounts",
)
maps(
    "aws_db_event_subscription",
    EventSubscription,
    SubscriptionName="name",
    SnsTopicArn="sns_topic",
    Enabled="enabled",
    SourceType="source_type",
    EventCategories="event_categories",
    SourceIds="source_ids",
)
maps("aws_db_subnet_group", DBSubnetGroup, DBSubnetGroupName="name", SubnetIds="subnet_ids")
maps(
    "aws_db_proxy",
    DBProxy,
    DBProxyName="name",
    DBProxyArn="arn",
    RequireTLS="require_tls",
    DebugLogging="debug_logging",
    Auth=blocks("auth", AuthScheme="auth_scheme", IAMAuth="iam_auth"),
)
maps(
    "aws_rds_global_cluster",
    GlobalCluster,
    GlobalClusterIdentifier="global_cluster_identifier",
    Engine="engine",
    StorageEncrypted="storage_encrypted",
    SourceDBClusterIdentifier="source_db_cluster_identifier",
    DeletionProtection="deletion_protection",
)
maps("aws_db_security_group", DBSecurityGroup, Id="id", DBSecurityGroupIngress=blocks("ingress", CIDRIP="cidr"))
