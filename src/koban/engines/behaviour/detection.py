"""What a behavioural detection is, and how one is written.

    @behaviour("first-seen-country", "A principal calls from a country that is new for it", "medium",
               ("attack.t1078.004",), thresholds=FirstSeen(), observes=(SEEN,))
    def first_seen_country(batch: Batch, settings: FirstSeen) -> Iterator[Hit]:
        \"\"\"What it means, in a few lines.

False positives: when it is nothing.
Response: what to do first; what to do then.
        \"\"\"

The folder `detections` is the list of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from koban.engines.behaviour.batch import Batch, Hit, Observation
from koban.engines.behaviour.settings import Thresholds
from koban.model.alert import LEVELS, Alert

KIND = "behaviour"

Judge = Callable[[Batch, Any], Iterator[Hit]]


@dataclass(frozen=True)
class Detection:
    """One behavioural detection."""

    name: str
    title: str
    level: str
    tags: tuple[str, ...]
    judge: Judge
    thresholds: Thresholds
    observes: tuple[Observation, ...] = ()
    """What it remembers of events; the first under its own name, others under `name.what`."""
    needs: str = ""
    """`coordinates`: it is off without them; `country`, `asn`: it judges only events that tell them."""
    description: str = ""
    false_positives: str = ""
    response: tuple[str, ...] = ()

    @property
    def severity(self) -> str:
        """Its level as posture rules name it."""
        return "info" if self.level == "informational" else self.level

    def alerts(self, batch: Batch, settings: Thresholds) -> Iterator[Alert]:
        """What it says of a batch of events."""
        for hit in self.judge(batch, settings):
            yield Alert(
                rule=self.name,
                title=self.title,
                kind=KIND,
                level=hit.level or self.level,
                time_first=hit.time_first,
                time_last=hit.time_last,
                entities=hit.entities,
                evidence=hit.evidence,
                count=hit.count,
                why=hit.why,
                tags=self.tags,
                account=hit.account,
                region=hit.region,
                key=hit.key,
                details=hit.details,
                events=hit.events,
            )


@dataclass
class _Registry:
    found: dict[str, Detection] = field(default_factory=dict)


_registry = _Registry()


def behaviour(
    name: str,
    title: str,
    level: str,
    tags: tuple[str, ...],
    *,
    thresholds: Thresholds,
    observes: tuple[Observation, ...] = (),
    needs: str = "",
) -> Callable[[Judge], Judge]:
    """Registers a detection; its docstring is its description, false positives and response."""
    if level not in LEVELS:
        raise ValueError(f"{name}: no level {level}")

    def register(judge: Judge) -> Judge:
        if name in _registry.found:
            raise ValueError(f"two detections are named {name}")
        description, false_positives, response = _said(judge)
        _registry.found[name] = Detection(
            name, title, level, tags, judge, thresholds, observes, needs, description, false_positives, response
        )
        return judge

    return register


def _said(judge: Judge) -> tuple[str, str, tuple[str, ...]]:
    text = inspect.getdoc(judge) or ""
    text, _, response = text.partition("Response:")
    text, _, false = text.partition("False positives:")

    def one(part: str) -> str:
        return " ".join(part.split())

    return one(text), one(false), tuple(s.strip() for s in one(response).rstrip(".").split(";") if s.strip())


@cache
def detections() -> dict[str, Detection]:
    """Every behavioural detection, by name."""
    folder = import_module("koban.engines.behaviour.detections")
    for module in iter_modules(folder.__path__):
        import_module(f"{folder.__name__}.{module.name}")
    return dict(sorted(_registry.found.items()))


def thresholds() -> dict[str, Thresholds]:
    """The thresholds that each detection has where nobody says otherwise."""
    return {name: d.thresholds for name, d in detections().items()}
