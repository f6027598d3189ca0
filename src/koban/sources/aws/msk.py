"""Reads Amazon MSK: every cluster with all its settings in one list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.msk import Cluster, Connector
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pascal, pick


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """A cluster with brokers of its own; serverless ones have none of these settings and are always encrypted."""
    same = pascal(raw, "tags")
    settings = same.get("Provisioned") or {}
    document = {
        **pick(same, "ClusterName", Arn="ClusterArn"),
        **pick(settings, "EncryptionInfo", "EnhancedMonitoring", "ClientAuthentication", "LoggingInfo"),
        **pick(settings, KafkaVersion="CurrentBrokerSoftwareInfo.KafkaVersion"),
    }
    connectivity = (settings.get("BrokerNodeGroupInfo") or {}).get("ConnectivityInfo")
    if connectivity:
        document["BrokerNodeGroupInfo"] = {"ConnectivityInfo": pick(connectivity, "PublicAccess")}
    if same.get("Tags"):
        document["Tags"] = same["Tags"]
    return document


@reads(Cluster, "kafka:ListClustersV2")
def clusters(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("kafka:ListClustersV2", "ClusterInfoList"):
        if (raw.get("ClusterType") or raw.get("clusterType")) != "SERVERLESS":
            yield cluster_from_api(raw)


def connector_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        pascal(raw),
        "ConnectorName",
        "ConnectorArn",
        "KafkaClusterEncryptionInTransit",
        "KafkaClusterClientAuthentication",
        "LogDelivery",
        Arn="ConnectorArn",
    )


@reads(Connector, "kafkaconnect:ListConnectors")
def connectors(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(connector_from_api, aws.pages("kafkaconnect:ListConnectors", "connectors"))
