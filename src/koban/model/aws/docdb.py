"""Amazon DocumentDB."""

from __future__ import annotations

from typing import Any

from koban.model.aws.engine_support import out_of_support
from koban.model.aws.rds import Snapshot
from koban.model.resource import Resource, age, as_fact, derived, fact, field, link, referring


class DBClusterParameterGroup(
    Resource,
    type="AWS::DocDB::DBClusterParameterGroup",
    ids="Name",
    arn="arn:{partition}:rds:{region}:{account}:cluster-pg:{Name}",
):
    """The engine settings of DocumentDB clusters.  Live, only those that bear on security are read."""

    tls: str = field("Parameters.tls", "enabled", "enabled, disabled, tls1.2+, tls1.3+, fips-140-3")
    audit_logs: str = field("Parameters.audit_logs", "disabled", "disabled, enabled, ddl, dml_read, dml_write, all")


class DBCluster(
    Resource,
    type="AWS::DocDB::DBCluster",
    ids="DBClusterIdentifier",
    arn="arn:{partition}:rds:{region}:{account}:cluster:{DBClusterIdentifier}",
):
    """A DocumentDB cluster."""

    version: str = field("EngineVersion", "", "The engine's version")
    encrypted: bool = field("StorageEncrypted", False, "Whether its storage is encrypted")
    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The KMS key of its storage")
    deletion_protection: bool = field("DeletionProtection", False, "Whether deleting it is refused")
    backup_days: int = field("BackupRetentionPeriod", 1, "Days that automatic backups are kept")
    log_exports: tuple[str, ...] = field("EnableCloudwatchLogsExports", (), "Logs sent to CloudWatch Logs")
    master_user: str = field("MasterUsername", "", "The administrator's name")
    source_snapshot: str = field("SnapshotIdentifier", "", "The snapshot that a template restores it from")
    source_cluster: str = field("SourceDBClusterIdentifier", "", "The cluster that a template restores it from")
    spans_zones: bool = fact("MultiAZ", False, "Whether its instances run in more than one zone")
    instances: tuple[Any, ...] = referring("AWS::DocDB::DBInstance", "cluster", "Its instances")
    parameter_group: Any = link(
        "DBClusterParameterGroupName", "AWS::DocDB::DBClusterParameterGroup", "Its engine settings"
    )

    @derived
    def outdated(self) -> bool:
        """Whether standard support of its engine version has ended."""
        return out_of_support("docdb", self.version, self.now())


class DBInstance(
    Resource,
    type="AWS::DocDB::DBInstance",
    ids="DBInstanceIdentifier",
    arn="arn:{partition}:rds:{region}:{account}:db:{DBInstanceIdentifier}",
):
    """One instance of a DocumentDB cluster."""

    cluster: Any = link("DBClusterIdentifier", "AWS::DocDB::DBCluster", "The cluster that it is a member of")
    minor_upgrades: bool = field("AutoMinorVersionUpgrade", True, "Has no effect in DocumentDB; kept for inventory")
    certificate: str = field("CACertificateIdentifier", "", "The certificate authority of its TLS certificate")
    certificate_end: str = fact("CertificateDetails.ValidTill", "", "When its TLS certificate ends")
    certificate_age_days: float = as_fact(
        age("CertificateDetails.ValidTill", "Days since its certificate ended; < 0: it lasts")
    )


class DBClusterSnapshot(
    Snapshot,
    type="Koban::DocDB::DBClusterSnapshot",
    ids="DBClusterSnapshotIdentifier DBClusterSnapshotArn",
    arn="arn:{partition}:rds:{region}:{account}:cluster-snapshot:{DBClusterSnapshotIdentifier}",
):
    """A snapshot of a DocumentDB cluster."""

    kind: str = field("SnapshotType", "manual", "manual, automated, shared, public or awsbackup")
    encrypted: bool = field("StorageEncrypted", False, "Whether it is encrypted")
    shared_with: tuple[str, ...] = field("SharedWith", (), "Accounts that may restore it; all: everyone")
