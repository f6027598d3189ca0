"""Posture rules for Amazon MemoryDB."""

from __future__ import annotations

from koban.model.aws.memorydb import Cluster, User
from koban.model.rule import rule


@rule("medium", Cluster, "nist-csf-2.0:PR.DS-02")
def memorydb_cluster_no_tls(cluster: Cluster) -> bool:
    """The MemoryDB cluster accepts connections without TLS.

    Why: passwords and data cross the network in plain text.
    Fix: create the cluster anew from a snapshot with TLSEnabled true.
    """
    return not cluster.tls


memorydb_cluster_no_tls.cases(bad=[{"TLSEnabled": False}], good=[{}, {"TLSEnabled": True}])


@rule("high", Cluster, "nist-csf-2.0:PR.AA-03")
def memorydb_cluster_open_access(cluster: Cluster) -> bool:
    """Clients need no password for the MemoryDB cluster.

    Why: everyone who can reach its port can read, change and flush all data.
    Fix: replace the open-access list with one of users that have passwords or IAM authentication.
    """
    return cluster.acl == "open-access"


memorydb_cluster_open_access.cases(bad=[{"ACLName": "open-access"}], good=[{"ACLName": "app"}])


@rule("medium", Cluster, "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def memorydb_cluster_snapshots_short(cluster: Cluster, *, snapshot_days_min: int = 7) -> bool:
    """Automatic snapshots of the MemoryDB cluster are off or kept too briefly.

    Why: damage that is noticed after the last snapshot has gone cannot be undone.
    Fix: set SnapshotRetentionLimit to at least 7 days.
    """
    return cluster.snapshot_days < snapshot_days_min


memorydb_cluster_snapshots_short.cases(bad=[{}], good=[{"SnapshotRetentionLimit": 7}])


@rule("medium", Cluster, "nist-csf-2.0:PR.PS-02")
def memorydb_cluster_no_minor_upgrades(cluster: Cluster) -> bool:
    """Minor engine versions are not installed by themselves on the MemoryDB cluster.

    Why: minor versions carry security fixes; without them known holes stay open.
    Fix: set AutoMinorVersionUpgrade to true.
    """
    return not cluster.minor_upgrades


memorydb_cluster_no_minor_upgrades.cases(bad=[{"AutoMinorVersionUpgrade": False}], good=[{}])


@rule("low", Cluster, "nist-csf-2.0:PR.IR-04")
def memorydb_cluster_no_replicas(cluster: Cluster) -> bool:
    """The MemoryDB cluster's shards have no replica.

    Why: when a node or its zone fails, nothing takes over until AWS has replaced the node.
    Fix: set NumReplicasPerShard to at least 1.
    """
    return cluster.replicas == 0


memorydb_cluster_no_replicas.cases(bad=[{"NumReplicasPerShard": 0}], good=[{}, {"NumReplicasPerShard": 2}])


@rule("low", User, "nist-csf-2.0:PR.AA-05", when=lambda user: user.name != "default")
def memorydb_user_unlimited(user: User) -> bool:
    """The MemoryDB user may run every command on every key.

    Why: whoever gets hold of this user's password can read, change and flush everything.
    Fix: limit AccessString to the keys and commands that the application needs.
    """
    return user.unlimited


memorydb_user_unlimited.cases(
    bad=[{"UserName": "app", "AccessString": "on ~* &* +@all"}],
    good=[{"UserName": "app", "AccessString": "on ~orders:* +@read +@write"}],
    skipped=[{"UserName": "default", "AccessString": "on ~* &* +@all"}],
)
