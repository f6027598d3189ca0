"""Reads Amazon MemoryDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.memorydb import Cluster, User
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "TLSEnabled",
        "ACLName",
        "SnapshotRetentionLimit",
        "AutoMinorVersionUpgrade",
        "KmsKeyId",
        "EngineVersion",
        ClusterName="Name",
        Arn="ARN",
    )
    for shard in (raw.get("Shards") or ())[:1]:
        document["NumReplicasPerShard"] = max(shard.get("NumberOfNodes", 2) - 1, 0)
    return document


@reads(Cluster, "memorydb:DescribeClusters")
def clusters(aws: Reader) -> Iterator[dict[str, Any]]:
    pages = aws.pages("memorydb:DescribeClusters", "Clusters", ShowShardDetails=True)
    yield from map(cluster_from_api, pages)


def user_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "AccessString", UserName="Name", Arn="ARN")
    document["AuthenticationMode"] = pick(raw.get("Authentication") or {}, "Type")
    return document


@reads(User, "memorydb:DescribeUsers")
def users(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(user_from_api, aws.pages("memorydb:DescribeUsers", "Users"))
