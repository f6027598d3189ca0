"""Behavioural detections in the lists of `koban rules`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from koban.engines.behaviour.detection import Detection, detections
from koban.engines.behaviour.settings import documented
from koban.interfaces.cli.listing import PAGE_WIDTH, SEVERITY_COLOURS, labelled


def behaviour_of(name: str) -> Detection | None:
    """The behavioural detection of that name."""
    return detections().get(name)


def rows_of(severities: Sequence[str]) -> Iterator[dict[str, Any]]:
    for one in detections().values():
        if not severities or one.severity in severities:
            yield row(one)


def row(detection: Detection) -> dict[str, Any]:
    return {
        "rule": detection.name,
        "kind": "behaviour",
        "severity": detection.severity,
        "needs": detection.needs or None,
        "summary": detection.title,
        "tags": list(detection.tags),
        "thresholds": {name: value for name, value, _ in documented(detection.thresholds)},
    }


def whole_row(detection: Detection) -> dict[str, Any]:
    return {
        **row(detection),
        "description": detection.description,
        "falsepositives": detection.false_positives,
        "response": list(detection.response),
    }


def page(detection: Detection, paint: Any) -> Iterator[str]:
    yield f"{paint('1', detection.name)}   {paint(SEVERITY_COLOURS[detection.severity], detection.severity)}"
    yield ""
    yield from textwrap.wrap(f"{detection.title}.", PAGE_WIDTH)
    for heading, texts in (
        ("What", [detection.description]),
        ("Also when", [detection.false_positives]),
        ("Response", detection.response),
    ):
        yield ""
        yield from labelled(heading, list(texts), paint)
    yield ""
    yield from labelled("Kind", ["behaviour: events against what was normal"], paint)
    yield from labelled(
        "Needs", [f"a database (--geoip) with {detection.needs}" if detection.needs else "nothing"], paint
    )
    yield from labelled("ATT&CK", [", ".join(detection.tags)], paint)
    limits = [f"{name} = {value!r}: {meaning}" for name, value, meaning in documented(detection.thresholds)]
    yield from labelled("Thresholds", limits, paint)
