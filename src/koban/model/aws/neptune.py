"""Amazon Neptune."""

from __future__ import annotations

from typing import Any

from koban.model.aws.engine_support import out_of_support
from koban.model.aws.rds import Snapshot
from koban.model.resource import Resource, derived, fact, field, link, referring


class DBCluster(
    Resource,
    type="AWS::Neptune::DBCluster",
    ids="DBClusterIdentifier",
    arn="arn:{partition}:rds:{region}:{account}:cluster:{DBClusterIdentifier}",
):
    """A Neptune graph database."""

    version: str = field("EngineVersion", "", "The engine's version")
    encrypted: bool = field("StorageEncrypted", False, "Whether its storage is encrypted")
    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The KMS key of its storage")
    deletion_protection: bool = field("DeletionProtection", False, "Whether deleting it is refused")
    backup_days: int = field("BackupRetentionPeriod", 1, "Days that automatic backups are kept")
    copies_tags: bool = field("CopyTagsToSnapshot", False, "Whether snapshots get its tags")
    iam_auth: bool = field("IamAuthEnabled", False, "Whether callers sign in with IAM")
    log_exports: tuple[str, ...] = field("EnableCloudwatchLogsExports", (), "Logs sent to CloudWatch Logs")
    source_snapshot: str = field("SnapshotIdentifier", "", "The snapshot that a template restores it from")
    source_cluster: str = field("SourceDBClusterIdentifier", "", "The cluster that a template restores it from")
    spans_zones: bool = fact("MultiAZ", False, "Whether its instances run in more than one zone")
    instances: tuple[Any, ...] = referring("AWS::Neptune::DBInstance", "cluster", "Its instances")

    @derived
    def outdated(self) -> bool:
        """Whether standard support of its engine version has ended."""
        return out_of_support("neptune", self.version, self.now())


class DBInstance(
    Resource,
    type="AWS::Neptune::DBInstance",
    ids="DBInstanceIdentifier",
    arn="arn:{partition}:rds:{region}:{account}:db:{DBInstanceIdentifier}",
):
    """One instance of a Neptune cluster."""

    cluster: Any = link("DBClusterIdentifier", "AWS::Neptune::DBCluster", "The cluster that it is a member of")
    minor_upgrades: bool = field("AutoMinorVersionUpgrade", True, "Whether minor versions are installed by themselves")
    public: bool = field("PubliclyAccessible", False, "Whether its name resolves to a public address")


class DBClusterSnapshot(
    Snapshot,
    type="Koban::Neptune::DBClusterSnapshot",
    ids="DBClusterSnapshotIdentifier DBClusterSnapshotArn",
    arn="arn:{partition}:rds:{region}:{account}:cluster-snapshot:{DBClusterSnapshotIdentifier}",
):
    """A snapshot of a Neptune cluster."""

    kind: str = field("SnapshotType", "manual", "manual, automated, shared, public or awsbackup")
    encrypted: bool = field("StorageEncrypted", False, "Whether it is encrypted")
    shared_with: tuple[str, ...] = field("SharedWith", (), "Accounts that may restore it; all: everyone")
