"""Amazon DocumentDB."""

from __future__ import annotations

from typing import Any

from koban.model.aws.rds import ClusterSnapshot, EngineCluster
from koban.model.resource import Resource, age, as_fact, fact, field, link, referring


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
    EngineCluster,
    type="AWS::DocDB::DBCluster",
    ids="DBClusterIdentifier",
    arn="arn:{partition}:rds:{region}:{account}:cluster:{DBClusterIdentifier}",
):
    """A DocumentDB cluster."""

    engine = "docdb"
    master_user: str = field("MasterUsername", "", "The administrator's name")
    instances: tuple[Any, ...] = referring("AWS::DocDB::DBInstance", "cluster", "Its instances")
    parameter_group: Any = link(
        "DBClusterParameterGroupName", "AWS::DocDB::DBClusterParameterGroup", "Its engine settings"
    )


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
    ClusterSnapshot,
    type="Koban::DocDB::DBClusterSnapshot",
    ids="DBClusterSnapshotIdentifier DBClusterSnapshotArn",
    arn="arn:{partition}:rds:{region}:{account}:cluster-snapshot:{DBClusterSnapshotIdentifier}",
):
    """A snapshot of a DocumentDB cluster."""
