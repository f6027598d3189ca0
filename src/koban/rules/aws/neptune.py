"""Posture rules for Amazon Neptune."""

from __future__ import annotations

from koban.model.aws.neptune import DBCluster, DBClusterSnapshot, DBInstance
from koban.model.resource import size
from koban.model.rule import rule
from koban.model.unknown import Unknown

C = {"DBClusterIdentifier": "c"}


@rule("high", DBCluster, "aws-fsbp:Neptune.1", "nist-csf-2.0:PR.DS-01")
def neptune_cluster_unencrypted(cluster: DBCluster) -> bool:
    """The Neptune cluster's storage is not encrypted.

    Why: whoever gets hold of a disk, a snapshot or a backup can read the graph, and it cannot be encrypted later.
    Fix: restore a snapshot into a new cluster with StorageEncrypted and a KMS key.
    """
    inherits = cluster.is_code and (cluster.source_snapshot or cluster.source_cluster)
    return not cluster.encrypted and not inherits


neptune_cluster_unencrypted.cases(bad=[{}, {"StorageEncrypted": False}], good=[{"StorageEncrypted": True}])


@rule("medium", DBCluster, "aws-fsbp:Neptune.2", "nist-csf-2.0:PR.PS-04")
def neptune_cluster_audit_not_exported(cluster: DBCluster) -> bool:
    """The Neptune cluster's audit log is not sent to CloudWatch Logs.

    Why: without it nobody can tell afterwards who queried or changed what.
    Fix: set neptune_enable_audit_log in the parameters and add audit to EnableCloudwatchLogsExports.
    """
    return "audit" not in cluster.log_exports


neptune_cluster_audit_not_exported.cases(bad=[{}], good=[{"EnableCloudwatchLogsExports": ["audit"]}])


@rule("medium", DBCluster, "aws-fsbp:Neptune.4", "nist-csf-2.0:PR.DS-11")
def neptune_cluster_deletable(cluster: DBCluster) -> bool:
    """The Neptune cluster can be deleted with one call.

    Why: a mistake, a wrong script or a thief with the right permission destroys it at once.
    Fix: set DeletionProtection to true.
    """
    return not cluster.deletion_protection


neptune_cluster_deletable.cases(bad=[{}], good=[{"DeletionProtection": True}])


@rule("medium", DBCluster, "aws-fsbp:Neptune.5", "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def neptune_cluster_backups_short(cluster: DBCluster, *, backup_days_min: int = 7) -> bool:
    """The Neptune cluster's backups are kept too briefly.

    Why: damage that is noticed after the last backup has gone cannot be undone.
    Fix: set BackupRetentionPeriod to at least 7 days.
    """
    return cluster.backup_days < backup_days_min


neptune_cluster_backups_short.cases(bad=[{}, {"BackupRetentionPeriod": 1}], good=[{"BackupRetentionPeriod": 7}])


@rule("medium", DBCluster, "aws-fsbp:Neptune.7", "nist-csf-2.0:PR.AA-03")
def neptune_cluster_no_iam_auth(cluster: DBCluster) -> bool:
    """The Neptune cluster answers callers who do not sign in.

    Why: without IAM authentication, everyone who can reach its port can read and change the whole graph.
    Fix: set IamAuthEnabled to true and let applications sign their requests with their roles.
    """
    return not cluster.iam_auth


neptune_cluster_no_iam_auth.cases(bad=[{}], good=[{"IamAuthEnabled": True}])


@rule("low", DBCluster, "aws-fsbp:Neptune.8", "nist-csf-2.0:ID.AM-08")
def neptune_cluster_tags_not_copied(cluster: DBCluster) -> bool:
    """Snapshots do not get the Neptune cluster's tags.

    Why: permissions and clean-up that go by tags miss the snapshots, which hold the same data.
    Fix: set CopyTagsToSnapshot to true.
    """
    return not cluster.copies_tags


neptune_cluster_tags_not_copied.cases(bad=[{}], good=[{"CopyTagsToSnapshot": True}])


@rule("medium", DBCluster, "aws-fsbp:Neptune.9", "nist-csf-2.0:PR.IR-04")
def neptune_cluster_single_zone(cluster: DBCluster) -> bool:
    """The Neptune cluster's instances run in one availability zone only.

    Why: when the zone fails, there is no instance left to take over.
    Fix: add a reader instance in another zone.
    """
    return not cluster.spans_zones and not (cluster.is_code and size(cluster.instances) > 1)


neptune_cluster_single_zone.cases(
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


@rule("high", DBCluster, "nist-csf-2.0:PR.PS-02")
def neptune_cluster_engine_out_of_support(cluster: DBCluster) -> bool:
    """The Neptune cluster's engine version is out of support.

    Why: it gets no fixes any more, and AWS upgrades it at a time of its own choosing.
    Fix: upgrade to a supported engine version, first on a clone of the cluster.
    """
    return cluster.outdated


neptune_cluster_engine_out_of_support.cases(bad=[{"EngineVersion": "1.0.5.1"}], good=[{"EngineVersion": "1.4.5.0"}, {}])


@rule("medium", DBInstance, "nist-csf-2.0:PR.PS-02")
def neptune_instance_no_minor_upgrades(instance: DBInstance) -> bool:
    """Minor engine versions are not installed by themselves on the Neptune instance.

    Why: minor versions carry the engine's security fixes; without them known holes stay open.
    Fix: set AutoMinorVersionUpgrade to true.
    """
    return not instance.minor_upgrades


neptune_instance_no_minor_upgrades.cases(bad=[{"AutoMinorVersionUpgrade": False}], good=[{}])


@rule("high", DBInstance, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def neptune_instance_public(instance: DBInstance) -> bool:
    """The Neptune instance has a public address.

    Why: it can be reached from the internet as soon as a firewall rule lets it.
    Fix: set PubliclyAccessible to false and place the cluster in private subnets.
    """
    return instance.public


neptune_instance_public.cases(bad=[{"PubliclyAccessible": True}], good=[{}, {"PubliclyAccessible": False}])


@rule("critical", DBClusterSnapshot, "aws-fsbp:Neptune.3", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def neptune_snapshot_public(snapshot: DBClusterSnapshot) -> bool:
    """Every AWS account can restore this Neptune snapshot.

    Why: anyone can copy the whole graph into an account of their own, and public snapshots are searched all the time.
    Fix: remove "all" from the snapshot's restore attribute, and treat the data as leaked.
    """
    return snapshot.public


neptune_snapshot_public.cases(
    bad=[{"SharedWith": ["all"]}],
    good=[{"SharedWith": []}, {}],
    unknown=[{"SharedWith": Unknown("SharedWith", "AccessDenied rds:DescribeDBClusterSnapshotAttributes")}],
)


@rule("medium", DBClusterSnapshot, "nist-csf-2.0:PR.AA-05")
def neptune_snapshot_shared(snapshot: DBClusterSnapshot) -> bool:
    """Other AWS accounts can restore this Neptune snapshot.

    Why: whoever controls that account has a full copy of the data, outside your own controls and logs.
    Fix: remove the accounts that need it no longer from the snapshot's restore attribute.
    """
    return bool(size(snapshot.accounts) > 0)


neptune_snapshot_shared.cases(bad=[{"SharedWith": ["444455556666"]}], good=[{"SharedWith": []}])


@rule("high", DBClusterSnapshot, "aws-fsbp:Neptune.6", "nist-csf-2.0:PR.DS-01")
def neptune_snapshot_unencrypted(snapshot: DBClusterSnapshot) -> bool:
    """The Neptune snapshot is not encrypted.

    Why: it can be shared with anyone and read by whoever restores it, without a key that could be withdrawn.
    Fix: copy the snapshot with a KMS key and delete the original.
    """
    return not snapshot.encrypted


neptune_snapshot_unencrypted.cases(bad=[{"StorageEncrypted": False}], good=[{"StorageEncrypted": True}])
