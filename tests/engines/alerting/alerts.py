"""Alerts for tests."""

from __future__ import annotations

from typing import Any

from koban.model.alert import Alert, Entity, Evidence


def alert(rule: str, time: str, *entities: str, level: str = "medium", **over: Any) -> Alert:
    made = tuple(Entity(*e.split(":", 1)) for e in entities)
    given: dict[str, Any] = {
        "rule": rule,
        "title": f"About {rule}",
        "kind": "sigma",
        "level": level,
        "time_first": time,
        "time_last": time,
        "entities": made,
        "evidence": (Evidence(time, "aws-cloudtrail", "file", 1, f"{rule}-{time}-{entities}"),),
    }
    return Alert(**(given | over))
