"""Posture rules for Amazon ElastiCache."""

from __future__ import annotations

from koban.model.aws.elasticache import CacheCluster, ReplicationGroup, ServerlessCache, User
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("medium", ReplicationGroup, "aws-fsbp:ElastiCache.1", "nist-csf-2.0:PR.DS-11")
def elasticache_group_not_backed_up(group: ReplicationGroup, *, snapshot_days_min: int = 1) -> bool:
    """The cache's data is not backed up.

    Why: what is only in the cache is lost when its nodes fail or somebody flushes it.
    Fix: set SnapshotRetentionLimit to at least 1 day.
    """
    return group.snapshot_days < snapshot_days_min


elasticache_group_not_backed_up.cases(bad=[{}, {"SnapshotRetentionLimit": 0}], good=[{"SnapshotRetentionLimit": 7}])


@rule("medium", ReplicationGroup, "aws-fsbp:ElastiCache.2", "nist-csf-2.0:PR.PS-02")
def elasticache_group_no_minor_upgrades(group: ReplicationGroup) -> bool:
    """Minor engine versions are not installed by themselves on the cache.

    Why: minor versions carry security fixes; without them known holes stay open.
    Fix: set AutoMinorVersionUpgrade to true.
    """
    return not group.minor_upgrades


elasticache_group_no_minor_upgrades.cases(bad=[{"AutoMinorVersionUpgrade": False}], good=[{}])


@rule("medium", ReplicationGroup, "aws-fsbp:ElastiCache.3", "nist-csf-2.0:PR.IR-04")
def elasticache_group_no_failover(group: ReplicationGroup) -> bool:
    """No replica takes over by itself when the cache's primary node fails.

    Why: writes fail until somebody promotes a replica by hand.
    Fix: set AutomaticFailoverEnabled to true, with at least one replica.
    """
    return not group.failover


elasticache_group_no_failover.cases(bad=[{}], good=[{"AutomaticFailoverEnabled": True}])


@rule("low", ReplicationGroup, "nist-csf-2.0:PR.IR-04")
def elasticache_group_single_zone(group: ReplicationGroup) -> bool:
    """The cache's replicas may all run in one availability zone.

    Why: when that zone fails, there is no node left to take over.
    Fix: set MultiAZEnabled to true, with replicas in at least two zones.
    """
    return not group.multi_az


elasticache_group_single_zone.cases(bad=[{}], good=[{"MultiAZEnabled": True}])


@rule("medium", ReplicationGroup, "aws-fsbp:ElastiCache.4", "nist-csf-2.0:PR.DS-01")
def elasticache_group_unencrypted(group: ReplicationGroup) -> bool:
    """The cache's disks and backups are not encrypted.

    Why: whoever gets hold of a backup or swap file can read sessions, tokens and personal data.
    Fix: create the replication group anew from a backup with AtRestEncryptionEnabled.
    """
    return not group.encrypted


elasticache_group_unencrypted.cases(
    bad=[{}, {"AtRestEncryptionEnabled": False}, ReplicationGroup({"Engine": "redis"}, file="t.yaml")],
    good=[{"AtRestEncryptionEnabled": True}, ReplicationGroup({"Engine": "valkey"}, file="t.yaml")],
)


@rule("medium", ReplicationGroup, "aws-fsbp:ElastiCache.5", "nist-csf-2.0:PR.DS-02")
def elasticache_group_no_tls(group: ReplicationGroup) -> bool:
    """The cache accepts connections without TLS.

    Why: passwords, sessions and data cross the network in plain text.
    Fix: set TransitEncryptionEnabled to true and TransitEncryptionMode to required.
    """
    return not group.tls or group.tls_mode == "preferred"


elasticache_group_no_tls.cases(
    bad=[{}, {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}],
    good=[{"TransitEncryptionEnabled": True}],
)


@rule("high", ReplicationGroup, "aws-fsbp:ElastiCache.6", "nist-csf-2.0:PR.AA-03")
def elasticache_group_no_password(group: ReplicationGroup) -> bool:
    """Clients need no password for the cache.

    Why: everyone who can reach its port can read, change and flush all data.
    Fix: give it user groups (from version 6), or an AuthToken; both need TLS.
    """
    return not group.authenticates


elasticache_group_no_password.cases(
    bad=[{}, {"AuthTokenEnabled": False}],
    good=[{"AuthTokenEnabled": True}, {"AuthToken": "{{resolve:secretsmanager:t}}"}, {"UserGroupIds": ["app"]}],
)


@rule("high", ReplicationGroup, "aws-fsbp:ElastiCache.7", "nist-csf-2.0:PR.IR-01")
def elasticache_group_default_subnets(group: ReplicationGroup) -> bool:
    """The cache is in the default subnet group.

    Why: that group holds the default VPC's subnets, which have a route to the internet.
    Fix: create the cache in a subnet group of private subnets.
    """
    return not group.subnet_group_name or group.subnet_group_name == "default"


elasticache_group_default_subnets.cases(
    bad=[{"CacheSubnetGroupName": "default"}, {}], good=[{"CacheSubnetGroupName": "private"}]
)


@rule("high", ReplicationGroup, "nist-csf-2.0:PR.PS-02")
def elasticache_group_engine_out_of_support(group: ReplicationGroup) -> bool:
    """The cache's engine version is out of standard support.

    Why: it gets no ordinary fixes any more, and AWS bills extended support.
    Fix: upgrade to a supported Valkey or Redis OSS version.
    """
    return group.outdated


elasticache_group_engine_out_of_support.cases(
    bad=[{"Engine": "redis", "EngineVersion": "5.0.6"}], good=[{"Engine": "redis", "EngineVersion": "7.1"}, {}]
)


@rule("high", ReplicationGroup, "nist-csf-2.0:PR.AA-01", only="code", when=lambda group: bool(group.auth_token))
def elasticache_group_token_in_template(group: ReplicationGroup) -> bool:
    """The cache's password stands in the template.

    Why: everyone who can read the repository or the stack can sign in.
    Fix: use a dynamic reference to Secrets Manager, and change the password that leaked.
    """
    return not group.auth_token.startswith("{{resolve:")


elasticache_group_token_in_template.cases(
    bad=[{"AuthToken": "not-a-real-one"}],
    good=[{"AuthToken": "{{resolve:secretsmanager:cache:SecretString:token}}"}],
    unknown=[{"AuthToken": Unknown("AuthToken", "parameter Token has no default")}],
    skipped=[{}],
)


@rule("low", ReplicationGroup, "nist-csf-2.0:PR.PS-04")
def elasticache_group_not_logged(group: ReplicationGroup) -> bool:
    """The cache's engine log is not delivered anywhere.

    Why: failed sign-ins and restarts go unseen.
    Fix: add a LogDeliveryConfiguration for engine-log, to CloudWatch Logs or Firehose.
    """
    return not any(one.kind == "engine-log" for one in group.logs)


elasticache_group_not_logged.cases(bad=[{}], good=[{"LogDeliveryConfigurations": [{"LogType": "engine-log"}]}])


# Clusters without a replication group


@rule(
    "medium",
    CacheCluster,
    "aws-fsbp:ElastiCache.1",
    "nist-csf-2.0:PR.DS-11",
    when=lambda cluster: cluster.alone and cluster.keeps_data,
)
def elasticache_cluster_not_backed_up(cluster: CacheCluster, *, snapshot_days_min: int = 1) -> bool:
    """The cache node's data is not backed up.

    Why: what is only in the cache is lost when the node fails or somebody flushes it.
    Fix: set SnapshotRetentionLimit to at least 1 day.
    """
    return cluster.snapshot_days < snapshot_days_min


elasticache_cluster_not_backed_up.cases(
    bad=[{"Engine": "redis"}],
    good=[{"Engine": "redis", "SnapshotRetentionLimit": 3}],
    skipped=[{"Engine": "memcached"}, {"Engine": "redis", "ReplicationGroupId": "g"}],
)


@rule("medium", CacheCluster, "aws-fsbp:ElastiCache.2", "nist-csf-2.0:PR.PS-02", when=lambda cluster: cluster.alone)
def elasticache_cluster_no_minor_upgrades(cluster: CacheCluster) -> bool:
    """Minor engine versions are not installed by themselves on the cache cluster.

    Why: minor versions carry security fixes; without them known holes stay open.
    Fix: set AutoMinorVersionUpgrade to true.
    """
    return not cluster.minor_upgrades


elasticache_cluster_no_minor_upgrades.cases(
    bad=[{"AutoMinorVersionUpgrade": False}],
    good=[{}],
    skipped=[{"AutoMinorVersionUpgrade": False, "ReplicationGroupId": "g"}],
)


@rule("medium", CacheCluster, "nist-csf-2.0:PR.DS-02", when=lambda cluster: cluster.alone)
def elasticache_cluster_no_tls(cluster: CacheCluster) -> bool:
    """The cache cluster accepts connections without TLS.

    Why: sessions and data cross the network in plain text.
    Fix: create a Memcached cluster with TransitEncryptionEnabled, or a replication group in place of a Redis node.
    """
    return not cluster.tls


elasticache_cluster_no_tls.cases(
    bad=[{"Engine": "memcached"}], good=[{"TransitEncryptionEnabled": True}], skipped=[{"ReplicationGroupId": "g"}]
)


@rule("high", CacheCluster, "aws-fsbp:ElastiCache.7", "nist-csf-2.0:PR.IR-01", when=lambda cluster: cluster.alone)
def elasticache_cluster_default_subnets(cluster: CacheCluster) -> bool:
    """The cache cluster is in the default subnet group.

    Why: that group holds the default VPC's subnets, which have a route to the internet.
    Fix: create the cluster in a subnet group of private subnets.
    """
    return not cluster.subnet_group_name or cluster.subnet_group_name == "default"


elasticache_cluster_default_subnets.cases(
    bad=[{"CacheSubnetGroupName": "default"}, {}],
    good=[{"CacheSubnetGroupName": "private"}],
    skipped=[{"CacheSubnetGroupName": "default", "ReplicationGroupId": "g"}],
)


@rule("high", CacheCluster, "nist-csf-2.0:PR.PS-02", when=lambda cluster: cluster.alone)
def elasticache_cluster_engine_out_of_support(cluster: CacheCluster) -> bool:
    """The cache cluster's engine version is out of standard support.

    Why: it gets no ordinary fixes any more, and AWS bills extended support.
    Fix: upgrade to a supported engine version.
    """
    return cluster.outdated


elasticache_cluster_engine_out_of_support.cases(
    bad=[{"Engine": "redis", "EngineVersion": "4.0.10"}], good=[{"Engine": "memcached", "EngineVersion": "1.6.22"}]
)


# Serverless caches and users


@rule("medium", ServerlessCache, "nist-csf-2.0:PR.AA-03", when=lambda cache: cache.engine != "memcached")
def elasticache_serverless_no_users(cache: ServerlessCache) -> bool:
    """Clients need no password for the serverless cache.

    Why: everyone who can reach its endpoint can read, change and flush all data.
    Fix: set UserGroupId to a group of users with passwords or IAM authentication.
    """
    return not cache.user_group


elasticache_serverless_no_users.cases(
    bad=[{"Engine": "valkey"}],
    good=[{"Engine": "valkey", "UserGroupId": "app"}],
    skipped=[{"Engine": "memcached"}],
)


@rule("low", ServerlessCache, "nist-csf-2.0:PR.DS-11", when=lambda cache: cache.engine != "memcached")
def elasticache_serverless_not_backed_up(cache: ServerlessCache) -> bool:
    """The serverless cache's data is not backed up.

    Why: what is only in the cache is lost when somebody flushes or deletes it.
    Fix: set SnapshotRetentionLimit to at least 1 day.
    """
    return cache.snapshot_days == 0


elasticache_serverless_not_backed_up.cases(
    bad=[{"Engine": "valkey"}], good=[{"Engine": "valkey", "SnapshotRetentionLimit": 1}]
)


@rule("high", User, "nist-csf-2.0:PR.AA-03", when=lambda user: user.is_code or user.groups)
def elasticache_user_no_password(user: User) -> bool:
    """The name of this cache user is enough to sign in.

    Why: everyone who can reach a cache with this user's group has the user's rights.
    Fix: give the user a password or IAM authentication, or switch the user off in AccessString.
    """
    return user.open


OPEN = {"AccessString": "on ~* +@all", "AuthenticationMode": {"Type": "no-password-required"}}
elasticache_user_no_password.cases(
    bad=[
        {**OPEN, "UserGroupIds": ["app"]},
        User({"AccessString": "on ~* +@all", "NoPasswordRequired": True}, file="t.yaml"),
    ],
    good=[
        {**OPEN, "AccessString": "off -@all", "UserGroupIds": ["app"]},
        {**OPEN, "AuthenticationMode": {"Type": "iam"}, "UserGroupIds": ["app"]},
    ],
    skipped=[OPEN],
)
