"""Amazon ElastiCache."""

from __future__ import annotations

from koban.model.aws.engine_support import out_of_support
from koban.model.resource import Part, Resource, derived, fact, field, matches, parts


class LogDelivery(Part):
    """Where one kind of log goes."""

    kind: str = field("LogType", "", "slow-log or engine-log")


class ReplicationGroup(
    Resource,
    type="AWS::ElastiCache::ReplicationGroup",
    ids="ReplicationGroupId",
    arn="arn:{partition}:elasticache:{region}:{account}:replicationgroup:{ReplicationGroupId}",
):
    """A Redis or Valkey cache with replicas."""

    engine: str = field("Engine", "redis", "redis or valkey")
    version: str = field("EngineVersion", "", "The engine's version")
    snapshot_days: int = field("SnapshotRetentionLimit", 0, "Days that automatic backups are kept; 0: none")
    minor_upgrades: bool = field("AutoMinorVersionUpgrade", True, "Whether minor versions are installed by themselves")
    failover: bool = field("AutomaticFailoverEnabled", False, "Whether a replica takes over by itself")
    multi_az: bool = field("MultiAZEnabled", False, "Whether replicas run in other zones")
    encrypted_setting: bool = field("AtRestEncryptionEnabled", False, "Whether its disks and backups are encrypted")
    tls: bool = field("TransitEncryptionEnabled", False, "Whether connections use TLS")
    tls_mode: str = field("TransitEncryptionMode", "required", "required, or preferred: plain text is accepted, too")
    auth_token: str = field("AuthToken", "", "The password that a template sets")
    has_token: bool = fact("AuthTokenEnabled", False, "Whether clients must give a password")
    user_groups: tuple[str, ...] = field("UserGroupIds", (), "The groups of users that may sign in")
    subnet_group_name: str = field("CacheSubnetGroupName", "", "The subnets that it is in; empty: the default ones")
    logs: tuple[LogDelivery, ...] = parts("LogDeliveryConfigurations", LogDelivery, "Where its logs go")

    @derived
    def encrypted(self) -> bool:
        """Whether its disks and backups are encrypted; Valkey's are unless told otherwise."""
        if self.is_code and "AtRestEncryptionEnabled" not in self.document:
            return self.engine == "valkey"
        return self.encrypted_setting

    @derived
    def authenticates(self) -> bool:
        """Whether clients must sign in."""
        return bool(self.has_token) or bool(self.auth_token) or bool(self.user_groups)

    @derived
    def outdated(self) -> bool:
        """Whether standard support of its engine version has ended."""
        return out_of_support(self.engine, self.version, self.now())


class CacheCluster(
    Resource,
    type="AWS::ElastiCache::CacheCluster",
    ids="ClusterName",
    arn="arn:{partition}:elasticache:{region}:{account}:cluster:{ClusterName}",
):
    """A cache node, or a Memcached cluster; members of a replication group are judged there."""

    engine: str = field("Engine", "", "memcached, redis or valkey")
    version: str = field("EngineVersion", "", "The engine's version")
    group: str = fact("ReplicationGroupId", "", "The replication group that it is a member of")
    snapshot_days: int = field("SnapshotRetentionLimit", 0, "Days that automatic backups are kept; 0: none")
    minor_upgrades: bool = field("AutoMinorVersionUpgrade", True, "Whether minor versions are installed by themselves")
    tls: bool = field("TransitEncryptionEnabled", False, "Whether connections use TLS")
    subnet_group_name: str = field("CacheSubnetGroupName", "", "The subnets that it is in; empty: the default ones")

    @derived
    def alone(self) -> bool:
        """Whether it is in no replication group."""
        return not self.group

    @derived
    def keeps_data(self) -> bool:
        """Whether its engine can write backups, which Memcached cannot."""
        return bool(matches("^(redis|valkey)$", self.engine))

    @derived
    def outdated(self) -> bool:
        """Whether standard support of its engine version has ended."""
        return out_of_support(self.engine, self.version, self.now())


class ServerlessCache(
    Resource,
    type="AWS::ElastiCache::ServerlessCache",
    ids="ServerlessCacheName",
    arn="arn:{partition}:elasticache:{region}:{account}:serverlesscache:{ServerlessCacheName}",
):
    """A serverless cache, always encrypted at rest and in transit."""

    engine: str = field("Engine", "", "memcached, redis or valkey")
    user_group: str = field("UserGroupId", "", "The group of users that may sign in")
    snapshot_days: int = field("SnapshotRetentionLimit", 0, "Days that automatic backups are kept; 0: none")


class User(Resource, type="AWS::ElastiCache::User", ids="UserId"):
    """Somebody who may sign in to a cache."""

    user_name: str = field("UserName", "", "The name that clients give")
    access: str = field("AccessString", "", "What the user may do: on ~* +@all, ...")
    no_password: bool = field("NoPasswordRequired", False, "Whether the name alone is enough")
    kind: str = field("AuthenticationMode.Type", "", "password, no-password-required or iam")
    groups: tuple[str, ...] = fact("UserGroupIds", (), "The groups that the user is in")

    @derived
    def open(self) -> bool:
        """Whether the name alone is enough to sign in and do something."""
        free = self.no_password or self.kind == "no-password-required"
        return bool(free) and bool(matches(r"(^| )on( |$)", self.access))
