"""Suricata's EVE JSON."""

from __future__ import annotations

from typing import Any

from koban.sources.logs.format import json_records


@json_records("suricata-eve")
def eve(record: dict[str, Any]) -> bool:
    kind = record.get("event_type")
    return (
        isinstance(kind, str)
        and "timestamp" in record
        and ("flow_id" in record or "src_ip" in record or kind in record or kind == "fileinfo")
    )
