"""Okta's system log: the API's array, log streaming, EventBridge, and event hooks."""

from __future__ import annotations

from typing import Any

from koban.sources.logs.format import envelope, json_records


@json_records("okta-system")
def system(record: dict[str, Any]) -> bool:
    """`eventType`, `published` and `uuid`."""
    return "eventType" in record and "published" in record and "uuid" in record


@envelope("okta-event-hook", lambda r: "eventTypeVersion" in r and isinstance(r.get("data"), dict))
def hook(record: dict[str, Any]) -> Any:
    """What Okta posts to an event hook."""
    events = record["data"].get("events")
    return events if isinstance(events, list) else ()
