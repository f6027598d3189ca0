"""Reads Amazon MQ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.mq import Broker
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags


def broker_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "BrokerName",
        "EngineType",
        "EngineVersion",
        "DeploymentMode",
        "PubliclyAccessible",
        "AutoMinorVersionUpgrade",
        "EncryptionOptions",
        Arn="BrokerArn",
        Id="BrokerId",
    )
    if raw.get("Logs"):
        document["Logs"] = pick(raw["Logs"], "Audit", "General")
    return {**document, "Tags": tags(raw.get("Tags"))}


@reads(Broker, "mq:DescribeBroker", "mq:ListBrokers")
def brokers(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return broker_from_api(aws.call("mq:DescribeBroker", BrokerId=raw["BrokerId"]))

    yield from aws.each(aws.pages("mq:ListBrokers", "BrokerSummaries"), detail)
