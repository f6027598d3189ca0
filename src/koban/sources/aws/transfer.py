"""Reads AWS Transfer Family."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.transfer import Connector, Server
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags


def server_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "Arn",
        "ServerId",
        "Protocols",
        "EndpointType",
        "LoggingRole",
        "StructuredLogDestinations",
        "SecurityPolicyName",
    )
    return {**document, "Tags": tags(raw.get("Tags"))}


def connector_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return {**pick(raw, "Arn", "ConnectorId", "Url", "LoggingRole"), "Tags": tags(raw.get("Tags"))}


@reads(Server, "transfer:DescribeServer", "transfer:ListServers")
def servers(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return server_from_api(aws.call("transfer:DescribeServer", ServerId=raw["ServerId"])["Server"])

    yield from aws.each(aws.pages("transfer:ListServers", "Servers"), detail)


@reads(Connector, "transfer:DescribeConnector", "transfer:ListConnectors")
def connectors(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return connector_from_api(aws.call("transfer:DescribeConnector", ConnectorId=raw["ConnectorId"])["Connector"])

    yield from aws.each(aws.pages("transfer:ListConnectors", "Connectors"), detail)
