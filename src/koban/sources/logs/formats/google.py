"""Google Cloud: audit, VPC flow and DNS entries of Cloud Logging (sinks, exports, Pub/Sub), and Workspace's reports."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from koban.sources.logs.format import Rejected, envelope, json_records

WRAPPERS = ("entries", "items", "receivedMessages")


def _has(record: dict[str, Any], key: str, *names: str) -> bool:
    inner = record.get(key)
    return isinstance(inner, dict) and all(name in inner for name in names)


@json_records("gcp-audit", wrappers=WRAPPERS)
def audit(record: dict[str, Any]) -> bool:
    """A `protoPayload` with `methodName`, or one of an audit log."""
    return _has(record, "protoPayload", "methodName") or (
        _has(record, "protoPayload", "serviceName") and "cloudaudit.googleapis.com" in str(record.get("logName"))
    )


@json_records("gcp-vpc-flow", wrappers=WRAPPERS)
def vpc_flow(record: dict[str, Any]) -> bool:
    """A `jsonPayload` with `connection`, of a log named vpc_flows."""
    return _has(record, "jsonPayload", "connection") and str(record.get("logName")).endswith("vpc_flows")


@json_records("gcp-dns", wrappers=WRAPPERS)
def dns(record: dict[str, Any]) -> bool:
    """A `jsonPayload` with `queryName`."""
    return _has(record, "jsonPayload", "queryName")


@json_records("workspace-reports", wrappers=WRAPPERS)
def reports(record: dict[str, Any]) -> bool:
    """An `id` with `time` and `applicationName`, and `events`."""
    return _has(record, "id", "time", "applicationName") and isinstance(record.get("events"), list)


def _is_message(record: dict[str, Any]) -> bool:
    return _has(record, "message", "data") and ("subscription" in record or "ackId" in record)


@envelope("gcp-pubsub", _is_message)
def pubsub(record: dict[str, Any]) -> Iterator[Any]:
    """A message of Pub/Sub, pushed or pulled, with the entry in base64."""
    data = str(record["message"]["data"])
    try:
        yield base64.b64decode(data, validate=True).decode()
    except (ValueError, binascii.Error) as error:
        yield Rejected(f"not base64 of text: {error}", data.encode("utf-8", "backslashreplace"), 0)
