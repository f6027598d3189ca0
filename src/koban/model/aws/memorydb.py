"""Amazon MemoryDB."""

from __future__ import annotations

from koban.model.resource import Resource, derived, field, matches


class Cluster(
    Resource,
    type="AWS::MemoryDB::Cluster",
    ids="ClusterName",
    arn="arn:{partition}:memorydb:{region}:{account}:cluster/{ClusterName}",
):
    """A MemoryDB cluster, always encrypted at rest."""

    tls: bool = field("TLSEnabled", True, "Whether connections use TLS")
    acl: str = field("ACLName", "", "The list of users that may sign in; open-access: everyone")
    snapshot_days: int = field("SnapshotRetentionLimit", 0, "Days that automatic snapshots are kept; 0: none")
    minor_upgrades: bool = field("AutoMinorVersionUpgrade", True, "Whether minor versions are installed by themselves")
    replicas: int = field("NumReplicasPerShard", 1, "Replicas of each shard")


class User(
    Resource,
    type="AWS::MemoryDB::User",
    ids="UserName",
    arn="arn:{partition}:memorydb:{region}:{account}:user/{UserName}",
):
    """Somebody who may sign in to a MemoryDB cluster."""

    access: str = field("AccessString", "", "What the user may do: on ~* +@all, ...")
    kind: str = field("AuthenticationMode.Type", "", "password, iam or no-password")

    @derived
    def unlimited(self) -> bool:
        """Whether the user may run every command on every key."""
        return bool(matches(r"\+@all", self.access)) and bool(matches(r"~\*|allkeys", self.access))
