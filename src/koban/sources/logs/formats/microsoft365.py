"""Microsoft 365: the unified audit log, from the Management API and from an export of an audit search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.sources.logs.format import envelope, json_records


@json_records("m365-audit", wrappers=("value",))
def audit(record: dict[str, Any]) -> bool:
    """`CreationTime`, `Operation` and `RecordType`."""
    return "CreationTime" in record and "Operation" in record and "RecordType" in record


@envelope("m365-audit-search", lambda r: "AuditData" in r and ("CreationDate" in r or "RecordType" in r))
def search(record: dict[str, Any]) -> Iterator[Any]:
    """A row of an audit search, whose AuditData is the record."""
    yield record["AuditData"]


@envelope("m365-audit-graph", lambda r: isinstance(r.get("auditData"), dict) and "auditLogRecordType" in r)
def graph(record: dict[str, Any]) -> Iterator[Any]:
    """Graph's audit log query: the record is its auditData."""
    yield record["auditData"]
