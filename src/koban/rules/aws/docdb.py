"""Posture rules for Amazon DocumentDB."""

from __future__ import annotations

from koban.model.aws.docdb import DBCluster, DBClusterParameterGroup, DBClusterSnapshot, DBInstance
from koban.model.resource import size
from koban.model.rule import rule
from koban.model.unknown import Unknown

C = {"DBClusterIdentifier": "c"}
G = {"DBClusterParameterGroupName": "g"}


@rule("high", DBCluster, "aws-fsbp:DocumentDB.1", "nist-csf-2.0:PR.DS-01")
def docdb_cluster_unencrypted(cluster: DBCluster) -> bool:
    """The DocumentDB cluster's storage is not encrypted.

    Why: whoever gets hold of a disk, a snapshot or a backup can read all documents, and it cannot be encrypted later.
    Fix: restore a snapshot into a new cluster with StorageEncrypted and a KMS key.
    """
    inherits = cluster.is_code and (cluster.source_snapshot or cluster.source_cluster)
    return not cluster.encrypted and not inherits


docdb_cluster_unencrypted.cases(bad=[{}, {"StorageEncrypted": False}], good=[{"StorageEncrypted": True}])


@rule("medium", DBCluster, "aws-fsbp:DocumentDB.2", "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def docdb_cluster_backups_short(cluster: DBCluster, *, backup_days_min: int = 7) -> bool:
    """The DocumentDB cluster's backups are kept too briefly.

    Why: damage that is noticed after the last backup has gone cannot be undone.
    Fix: set BackupRetentionPeriod to at least 7 days.
    """
    return cluster.backup_days < backup_days_min


docdb_cluster_backups_short.cases(bad=[{}, {"BackupRetentionPeriod": 1}], good=[{"BackupRetentionPeriod": 7}])


@rule("medium", DBCluster, "aws-fsbp:DocumentDB.4", "nist-csf-2.0:PR.PS-04")
def docdb_cluster_audit_not_exported(cluster: DBCluster) -> bool:
    """The DocumentDB cluster's audit log is not sent to CloudWatch Logs.

    Why: without it nobody can tell afterwards who signed in, failed to, or dropped a collection.
    Fix: set audit_logs in the parameters and add audit to EnableCloudwatchLogsExports.
    """
    return "audit" not in cluster.log_exports


docdb_cluster_audit_not_exported.cases(
    bad=[{}, {"EnableCloudwatchLogsExports": ["profiler"]}], good=[{"EnableCloudwatchLogsExports": ["audit"]}]
)


@rule("medium", DBCluster, "nist-csf-2.0:PR.PS-04", when=lambda cluster: "audit" in cluster.log_exports)
def docdb_cluster_audit_log_empty(cluster: DBCluster) -> bool:
    """The DocumentDB cluster exports an audit log that it does not write.

    Why: the export alone records nothing; the engine must be told to write audit events.
    Fix: set audit_logs to all, or to enabled, in the cluster's own parameter group.
    """
    return not cluster.parameter_group or any(
        cluster.parameter_group.audit_logs == word for word in ("disabled", "none")
    )


AUDITED = {"EnableCloudwatchLogsExports": ["audit"]}
docdb_cluster_audit_log_empty.cases(
    bad=[AUDITED, ({**AUDITED, **G}, DBClusterParameterGroup({"Name": "g", "Parameters": {"tls": "enabled"}}))],
    good=[({**AUDITED, **G}, DBClusterParameterGroup({"Name": "g", "Parameters": {"audit_logs": "all"}}))],
    unknown=[({**AUDITED, **G}, DBClusterParameterGroup({"Name": "g", "Parameters": Unknown("Parameters", "denied")}))],
    skipped=[{}],
)


@rule("medium", DBCluster, "aws-fsbp:DocumentDB.5", "nist-csf-2.0:PR.DS-11")
def docdb_cluster_deletable(cluster: DBCluster) -> bool:
    """The DocumentDB cluster can be deleted with one call.

    Why: a mistake, a wrong script or a thief with the right permission destroys it at once.
    Fix: set DeletionProtection to true.
    """
    return not cluster.deletion_protection


docdb_cluster_deletable.cases(bad=[{}], good=[{"DeletionProtection": True}])


@rule("medium", DBCluster, "aws-fsbp:DocumentDB.6", "nist-csf-2.0:PR.DS-02")
def docdb_cluster_tls_off(cluster: DBCluster) -> bool:
    """The DocumentDB cluster does not use TLS.

    Why: passwords and documents cross the network in plain text.
    Fix: set tls to enabled, or tls1.2+, in the cluster's parameter group and restart its instances.
    """
    group = cluster.parameter_group
    return bool(group) and group.tls == "disabled"


docdb_cluster_tls_off.cases(
    bad=[(G, DBClusterParameterGroup({"Name": "g", "Parameters": {"tls": "disabled"}}))],
    good=[{}, (G, DBClusterParameterGroup({"Name": "g", "Parameters": {"tls": "tls1.2+"}}))],
    unknown=[G],
)


@rule("medium", DBCluster, "nist-csf-2.0:PR.IR-04")
def docdb_cluster_single_zone(cluster: DBCluster) -> bool:
    """The DocumentDB cluster's instances run in one availability zone only.

    Why: when the zone fails, there is no instance left to take over.
    Fix: add an instance in another zone.
    """
    return not cluster.spans_zones and not (cluster.is_code and size(cluster.instances) > 1)


docdb_cluster_single_zone.cases(
    bad=[{"MultiAZ": False}, DBCluster(C, file="t.yaml")],
    good=[
        {"MultiAZ": True},
        (
            DBCluster(C, file="t.yaml"),
            DBInstance({**C, "DBInstanceIdentifier": "i"}, file="t.yaml", uid="i"),
            DBInstance({**C, "DBInstanceIdentifier": "j"}, file="t.yaml", uid="j"),
        ),
    ],
)


@rule("low", DBCluster, "nist-csf-2.0:PR.AA-01")
def docdb_cluster_default_user(cluster: DBCluster) -> bool:
    """The DocumentDB cluster's administrator has a name that everyone guesses.

    Why: half of what an attacker must guess is known; password lists start with these names.
    Fix: create the cluster with a MasterUsername of your own; it cannot be changed later.
    """
    return any(cluster.master_user == name for name in ("admin", "administrator", "root", "docdbadmin", "master"))


docdb_cluster_default_user.cases(bad=[{"MasterUsername": "root"}], good=[{"MasterUsername": "catalog_owner"}, {}])


@rule("high", DBCluster, "nist-csf-2.0:PR.PS-02")
def docdb_cluster_engine_out_of_support(cluster: DBCluster) -> bool:
    """The DocumentDB cluster's engine version is out of standard support.

    Why: it gets no ordinary fixes any more, and AWS bills extended support.
    Fix: upgrade to a supported engine version, first on a clone of the cluster.
    """
    return cluster.outdated


docdb_cluster_engine_out_of_support.cases(bad=[{"EngineVersion": "3.6.0"}], good=[{"EngineVersion": "5.0.0"}, {}])


@rule("medium", DBInstance, "nist-csf-2.0:PR.DS-02", only="live", when=lambda instance: bool(instance.certificate_end))
def docdb_instance_certificate_expiring(instance: DBInstance, *, days_left_min: int = 60) -> bool:
    """The DocumentDB instance's TLS certificate ends soon.

    Why: clients that check certificates can no longer connect once it, or the authority behind it, has expired.
    Fix: switch the instance to a newer certificate authority, and clients to its bundle, before that day.
    """
    return instance.certificate_age_days > -days_left_min


docdb_instance_certificate_expiring.cases(
    bad=[{"CertificateDetails": {"ValidTill": "2024-08-22T17:08:50+00:00"}}],
    good=[{"CertificateDetails": {"ValidTill": "2061-05-18T22:53:38+00:00"}}],
    skipped=[{}],
)


@rule("critical", DBClusterSnapshot, "aws-fsbp:DocumentDB.3", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def docdb_snapshot_public(snapshot: DBClusterSnapshot) -> bool:
    """Every AWS account can restore this DocumentDB snapshot.

    Why: anyone can copy all documents into an account of their own, and public snapshots are searched all the time.
    Fix: remove "all" from the snapshot's restore attribute, and treat the data as leaked.
    """
    return snapshot.public


docdb_snapshot_public.cases(
    bad=[{"SharedWith": ["all"]}],
    good=[{"SharedWith": []}, {}],
    unknown=[{"SharedWith": Unknown("SharedWith", "AccessDenied rds:DescribeDBClusterSnapshotAttributes")}],
)


@rule("medium", DBClusterSnapshot, "nist-csf-2.0:PR.AA-05")
def docdb_snapshot_shared(snapshot: DBClusterSnapshot) -> bool:
    """Other AWS accounts can restore this DocumentDB snapshot.

    Why: whoever controls that account has a full copy of the data, outside your own controls and logs.
    Fix: remove the accounts that need it no longer from the snapshot's restore attribute.
    """
    return bool(size(snapshot.accounts) > 0)


docdb_snapshot_shared.cases(bad=[{"SharedWith": ["444455556666"]}], good=[{"SharedWith": []}])


@rule("high", DBClusterSnapshot, "nist-csf-2.0:PR.DS-01")
def docdb_snapshot_unencrypted(snapshot: DBClusterSnapshot) -> bool:
    """The DocumentDB snapshot is not encrypted.

    Why: it can be shared with anyone and read by whoever restores it, without a key that could be withdrawn.
    Fix: copy the snapshot with a KMS key and delete the original.
    """
    return not snapshot.encrypted


docdb_snapshot_unencrypted.cases(bad=[{"StorageEncrypted": False}], good=[{"StorageEncrypted": True}])
