"""Amazon DocumentDB."""

from __future__ import annotations

from koban.model.aws.docdb import DBCluster, DBClusterParameterGroup, DBClusterSnapshot, DBInstance
from koban.sources.terraform.aws.rds import snapshot_encryption
from koban.sources.terraform.conversions import by_name
from koban.sources.terraform.mapping import maps

maps(
    "aws_docdb_cluster",
    DBCluster,
    DBClusterIdentifier="cluster_identifier",
    DBClusterArn="arn",
    EngineVersion="engine_version",
    StorageEncrypted="storage_encrypted",
    KmsKeyId="kms_key_id",
    DeletionProtection="deletion_protection",
    BackupRetentionPeriod="backup_retention_period",
    EnableCloudwatchLogsExports="enabled_cloudwatch_logs_exports",
    MasterUsername="master_username",
    SnapshotIdentifier="snapshot_identifier",
    SourceDBClusterIdentifier="restore_to_point_in_time.source_cluster_identifier",
    DBClusterParameterGroupName="db_cluster_parameter_group_name",
)
maps(
    "aws_docdb_cluster_instance",
    DBInstance,
    DBInstanceIdentifier="identifier",
    DBClusterIdentifier="cluster_identifier",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    CACertificateIdentifier="ca_cert_identifier",
)
maps(
    "aws_docdb_cluster_parameter_group",
    DBClusterParameterGroup,
    Name="name",
    Family="family",
    Parameters=by_name("parameter", "name", lambda body: body.get("value")),
)
maps(
    "aws_docdb_cluster_snapshot",
    DBClusterSnapshot,
    lacks={"SharedWith": "the provider has no argument for whom a snapshot is shared with"},
    DBClusterSnapshotIdentifier="db_cluster_snapshot_identifier",
    DBClusterSnapshotArn="db_cluster_snapshot_arn",
    SnapshotType="snapshot_type",
    StorageEncrypted=snapshot_encryption("storage_encrypted", "StorageEncrypted"),
)
