"""Google Cloud: audit, VPC flow and DNS entries of Cloud Logging (sinks, exports, Pub/Sub), and Workspace's reports.

A sink to BigQuery writes audit entries under other names (`protopayload_auditlog`, `requestJson`, ...).  Their rows are
brought back to the entry that they were made of, so that one rule reads both, with the row as it came beside.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
from collections.abc import Iterator
from typing import Any

from koban.sources.logs.format import Record, Rejected, as_json, envelope, json_records

DEPTH_MAX = 64
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


AUDIT_LOG = "type.googleapis.com/google.cloud.audit.AuditLog"
_JSON_ENDING = "Json"


@envelope("gcp-bigquery-audit", lambda r: _has(r, "protopayload_auditlog"))
def bigquery_audit(record: dict[str, Any]) -> Iterator[Any]:
    """A row of an audit log's table in BigQuery, out of `bq extract`, `bq query --format=json` or Parquet."""
    payload: dict[str, Any] = {"@type": AUDIT_LOG}
    for name, value in _said(record["protopayload_auditlog"]).items():
        plain, read = name.removesuffix(_JSON_ENDING), None
        if name != plain and isinstance(value, str):
            with contextlib.suppress(ValueError, RecursionError):
                read = json.loads(value)
        if read is None:
            payload[name] = value
        else:
            payload[plain] = read
    entry = {k: _said(v) for k, v in record.items() if k != "protopayload_auditlog" and v is not None}
    entry["protoPayload"] = payload
    if not audit(entry):
        yield Rejected("a protopayload_auditlog that names no method", as_json(record).encode(), 0)
        return
    yield Record("gcp-audit", as_json(entry), 0, as_json(record))


def _said(value: Any, depth: int = 0) -> Any:
    """Without the columns that have no value in this row, which BigQuery writes as null or as an empty list."""
    if isinstance(value, dict) and depth < DEPTH_MAX:
        return {k: _said(v, depth + 1) for k, v in value.items() if v is not None and v != []}
    if isinstance(value, list) and depth < DEPTH_MAX:
        return [_said(v, depth + 1) for v in value]
    return value


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
