"""Reads Amazon EventBridge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.events import EventBus, EventEndpoint, EventRule
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick
from koban.sources.aws.s3 import policy_from_api


def bus_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "Name", "Arn")
    if raw.get("Policy"):
        document["Policy"] = policy_from_api(raw["Policy"])
    return document


@reads(EventBus, "events:ListEventBuses")
def buses(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages_by_token("events:ListEventBuses", "EventBuses"):
        yield bus_from_api(raw)


def rule_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "Name", "Arn", "State", "EventBusName")


@reads(EventRule, "events:ListRules", needs=(EventBus,))
def rules(aws: Reader) -> Iterator[dict[str, Any]]:
    """The rules of every bus, without those that AWS services manage for themselves."""
    for bus in aws.read(EventBus):
        for raw in aws.pages("events:ListRules", "Rules", EventBusName=bus.name):
            if not raw.get("ManagedBy"):
                yield rule_from_api(raw)


def endpoint_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "Name", "Arn", "ReplicationConfig")


@reads(EventEndpoint, "events:ListEndpoints")
def endpoints(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages_by_token("events:ListEndpoints", "Endpoints"):
        yield endpoint_from_api(raw)
