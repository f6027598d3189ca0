"""GitHub's audit log: streamed, exported or read from the API."""

from __future__ import annotations

from typing import Any

from koban.sources.logs.format import json_records


@json_records("github-audit", rank=1)
def audit(record: dict[str, Any]) -> bool:
    """`action` with `@timestamp` or `created_at`, and who or what it was about."""
    return (
        "action" in record
        and ("@timestamp" in record or "created_at" in record)
        and ("_document_id" in record or "actor" in record)
        and bool(record.keys() & {"org", "business", "repo", "user", "actor_id", "operation_type", "_document_id"})
    )
