"""Reads AWS Database Migration Service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.dms import Endpoint, ReplicationInstance, ReplicationTask
from koban.sources.aws.collector import reads, there
from koban.sources.aws.reader import Reader, pick


def instance_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw,
        "ReplicationInstanceIdentifier",
        "PubliclyAccessible",
        "AutoMinorVersionUpgrade",
        "MultiAZ",
        "KmsKeyId",
        "EngineVersion",
        Arn="ReplicationInstanceArn",
    )


@reads(ReplicationInstance, "dms:DescribeReplicationInstances")
def instances(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(instance_from_api, aws.pages("dms:DescribeReplicationInstances", "ReplicationInstances"))


def endpoint_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw, "EndpointIdentifier", "EndpointArn", "EngineName", "EndpointType", "SslMode", "KmsKeyId", Arn="EndpointArn"
    )
    # The API spells the kind in capitals.
    if "EndpointType" in document:
        document["EndpointType"] = document["EndpointType"].lower()
    for name, kept in (
        ("NeptuneSettings", ("IamAuthEnabled",)),
        ("MongoDbSettings", ("AuthType", "AuthMechanism")),
        ("RedisSettings", ("SslSecurityProtocol", "AuthType")),
    ):
        if raw.get(name):
            document[name] = pick(raw[name], *kept)
    return document


@reads(Endpoint, "dms:DescribeEndpoints")
def endpoints(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(endpoint_from_api, aws.pages("dms:DescribeEndpoints", "Endpoints"))


def task_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw,
        "ReplicationTaskIdentifier",
        "ReplicationTaskArn",
        "ReplicationTaskSettings",
        "MigrationType",
        Arn="ReplicationTaskArn",
    )


@reads(ReplicationTask, "dms:DescribeReplicationTasks", needs=(ReplicationInstance,), where=there(ReplicationInstance))
def tasks(aws: Reader) -> Iterator[dict[str, Any]]:
    """Asked for where there is an instance: a task runs on one, which cannot be deleted before it."""
    yield from map(task_from_api, aws.pages("dms:DescribeReplicationTasks", "ReplicationTasks"))
