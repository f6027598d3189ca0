"""Amazon Neptune."""

from __future__ import annotations

from koban.model.aws.neptune import DBCluster, DBClusterSnapshot, DBInstance
from koban.sources.terraform.aws.rds import snapshot_encryption
from koban.sources.terraform.mapping import maps

maps(
    "aws_neptune_cluster",
    DBCluster,
    lacks={"SourceDBClusterIdentifier": "the provider restores clusters from snapshots only, not to a point in time"},
    DBClusterIdentifier="cluster_identifier",
    DBClusterArn="arn",
    EngineVersion="engine_version",
    StorageEncrypted="storage_encrypted",
    KmsKeyId="kms_key_arn",
    DeletionProtection="deletion_protection",
    BackupRetentionPeriod="backup_retention_period",
    CopyTagsToSnapshot="copy_tags_to_snapshot",
    IamAuthEnabled="iam_database_authentication_enabled",
    EnableCloudwatchLogsExports="enable_cloudwatch_logs_exports",
    SnapshotIdentifier="snapshot_identifier",
)
maps(
    "aws_neptune_cluster_instance",
    DBInstance,
    DBInstanceIdentifier="identifier",
    DBClusterIdentifier="cluster_identifier",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    PubliclyAccessible="publicly_accessible",
)
maps(
    "aws_neptune_cluster_snapshot",
    DBClusterSnapshot,
    lacks={"SharedWith": "the provider has no argument for whom a snapshot is shared with"},
    DBClusterSnapshotIdentifier="db_cluster_snapshot_identifier",
    DBClusterSnapshotArn="db_cluster_snapshot_arn",
    SnapshotType="snapshot_type",
    StorageEncrypted=snapshot_encryption("storage_encrypted", "StorageEncrypted"),
)
