"""Amazon ElastiCache."""

from __future__ import annotations

from typing import Any

from koban.model.aws.elasticache import CacheCluster, ReplicationGroup, ServerlessCache, User
from koban.model.unknown import Unknown
from koban.sources.terraform.conversions import filled, given, lower
from koban.sources.terraform.mapping import ABSENT, Body, Entry, arg, block, blocks, first, made, maps


def shared(argument: str, path: str) -> Entry:
    """What a secondary of a global replication group takes from the primary, whose configuration is elsewhere."""

    def read(body: Body) -> Any:
        told = body.get(argument)
        if told is not None:
            return told
        if given(body.get("global_replication_group_id")):
            return Unknown(path, "the primary of its global replication group says it")
        return ABSENT

    return made(read, argument, "global_replication_group_id", careful=True)


maps(
    "aws_elasticache_replication_group",
    ReplicationGroup,
    ReplicationGroupId="replication_group_id",
    Engine=arg("engine", lower),
    EngineVersion=shared("engine_version", "EngineVersion"),
    SnapshotRetentionLimit="snapshot_retention_limit",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    AutomaticFailoverEnabled="automatic_failover_enabled",
    MultiAZEnabled="multi_az_enabled",
    AtRestEncryptionEnabled=shared("at_rest_encryption_enabled", "AtRestEncryptionEnabled"),
    TransitEncryptionEnabled=shared("transit_encryption_enabled", "TransitEncryptionEnabled"),
    TransitEncryptionMode=shared("transit_encryption_mode", "TransitEncryptionMode"),
    AuthToken=first(arg("auth_token", filled), "auth_token_wo"),
    UserGroupIds="user_group_ids",
    CacheSubnetGroupName="subnet_group_name",
    LogDeliveryConfigurations=blocks("log_delivery_configuration", LogType="log_type"),
)
maps(
    "aws_elasticache_cluster",
    CacheCluster,
    ClusterName="cluster_id",
    Engine=arg("engine", lower),
    EngineVersion="engine_version",
    ReplicationGroupId="replication_group_id",
    SnapshotRetentionLimit="snapshot_retention_limit",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    TransitEncryptionEnabled="transit_encryption_enabled",
    CacheSubnetGroupName="subnet_group_name",
)
maps(
    "aws_elasticache_serverless_cache",
    ServerlessCache,
    ServerlessCacheName="name",
    Engine=arg("engine", lower),
    UserGroupId="user_group_id",
    SnapshotRetentionLimit="snapshot_retention_limit",
)
maps(
    "aws_elasticache_user",
    User,
    UserId="user_id",
    UserName="user_name",
    AccessString="access_string",
    NoPasswordRequired="no_password_required",
    AuthenticationMode=block("authentication_mode", Type="type"),
)
