"""Reads Amazon ElastiCache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.elasticache import CacheCluster, ReplicationGroup, ServerlessCache, User
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

# How the API and CloudFormation call the same way of signing in.
AUTHENTICATION = {"no-password": "no-password-required"}


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw,
        "Engine",
        "EngineVersion",
        "ReplicationGroupId",
        "SnapshotRetentionLimit",
        "AutoMinorVersionUpgrade",
        "TransitEncryptionEnabled",
        "CacheSubnetGroupName",
        "CacheNodeType",
        ClusterName="CacheClusterId",
        Arn="ARN",
    )


@reads(CacheCluster, "elasticache:DescribeCacheClusters")
def clusters(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(cluster_from_api, aws.pages("elasticache:DescribeCacheClusters", "CacheClusters"))


def group_from_api(raw: dict[str, Any], member: dict[str, Any] | None = None) -> dict[str, Any]:
    """A replication group; its version and subnets are those of its members, of which `member` is one."""
    document = pick(
        raw,
        "ReplicationGroupId",
        "Engine",
        "SnapshotRetentionLimit",
        "AutoMinorVersionUpgrade",
        "AtRestEncryptionEnabled",
        "TransitEncryptionEnabled",
        "TransitEncryptionMode",
        "AuthTokenEnabled",
        "UserGroupIds",
        "KmsKeyId",
        Arn="ARN",
    )
    document["AutomaticFailoverEnabled"] = raw.get("AutomaticFailover") in ("enabled", "enabling")
    document["MultiAZEnabled"] = raw.get("MultiAZ") == "enabled"
    document["LogDeliveryConfigurations"] = [
        pick(one, "LogType", "DestinationType") for one in raw.get("LogDeliveryConfigurations") or ()
    ]
    for name in ("Engine", "EngineVersion", "CacheSubnetGroupName"):
        if member is None:
            document.setdefault(name, Unknown(name, "the group's cache clusters were not read"))
        elif member.get(name):
            document[name] = member[name]
    return document


@reads(ReplicationGroup, "elasticache:DescribeReplicationGroups", needs=(CacheCluster,))
def replication_groups(aws: Reader) -> Iterator[dict[str, Any]]:
    members = {one.document.get("ReplicationGroupId"): one.document for one in aws.read(CacheCluster)}
    for raw in aws.pages("elasticache:DescribeReplicationGroups", "ReplicationGroups"):
        yield group_from_api(raw, members.get(raw["ReplicationGroupId"]))


@reads(ServerlessCache, "elasticache:DescribeServerlessCaches")
def serverless_caches(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("elasticache:DescribeServerlessCaches", "ServerlessCaches"):
        yield pick(raw, "ServerlessCacheName", "Engine", "UserGroupId", "SnapshotRetentionLimit", "KmsKeyId", Arn="ARN")


def user_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "UserId", "UserName", "AccessString", "UserGroupIds", Arn="ARN")
    kind = (raw.get("Authentication") or {}).get("Type")
    if kind:
        document["AuthenticationMode"] = {"Type": AUTHENTICATION.get(kind, kind)}
    return document


@reads(User, "elasticache:DescribeUsers")
def users(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(user_from_api, aws.pages("elasticache:DescribeUsers", "Users"))
