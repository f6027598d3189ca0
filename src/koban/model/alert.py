"""What a detection says: something happened that somebody should look at, and the events that show it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

LEVELS = ("informational", "low", "medium", "high", "critical")
"""Sigma's levels, from the least; OCSF's severity_id is the place in it plus one."""

RISK = {"informational": 1, "low": 5, "medium": 15, "high": 40, "critical": 80}
"""The points that an alert of each level adds to the risk of its entities."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Who or what an alert is about: `user`, `session`, `credential`, `ip`, `host`, `resource`, `account`, `domain`."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One event that an alert rests on, as it can be found again in the lake."""

    time: str
    """ISO, UTC."""
    source: str
    origin: str
    origin_line: int
    uid: str = ""
    """The event's own id, where its source gives one."""
    summary: str = ""
    """The event in one line: who, what, on what."""


EVENTS_MAX = 5000
"""So many events of an alert are known one by one; of more, the highest count that was seen counts."""

EVIDENCE_MAX = 100


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.  The same facts give the same `fingerprint`, whoever finds them and however often."""

    rule: str
    """Id of the rule (Sigma's UUID, or the name of a behaviour, feed or product's finding type)."""
    title: str
    kind: str
    """`sigma`, `correlation`, `behaviour`, `intelligence` or `product`."""
    level: str
    time_first: str
    time_last: str
    """When the first and the last of its events happened (ISO, UTC)."""
    entities: tuple[Entity, ...]
    """The one that it is grouped by comes first."""
    evidence: tuple[Evidence, ...]
    """At most a hundred, the first and the last among them; `count` says how many there are."""
    count: int = 1
    why: str = ""
    """In plain words: what was normal and what came, or which indicator matched."""
    tags: tuple[str, ...] = ()
    """ATT&CK tags as Sigma writes them: attack.t1078.004."""
    account: str = ""
    region: str = ""
    key: str = ""
    """What makes this alert another than the rule's other alerts: entity, window; '' takes the first evidence."""
    details: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    """Short hashes of the events that it rests on, so that none is counted twice; empty where nobody knows them all."""

    def with_more(self, other: Alert) -> Alert:
        """This alert and another one of the same fingerprint, as one: each event counts once."""
        events = tuple(dict.fromkeys((*self.events, *other.events)))
        known = bool(self.events and other.events) and len(events) <= EVENTS_MAX
        evidence = tuple(sorted({*self.evidence, *other.evidence}, key=lambda e: (e.time, e.origin, e.origin_line)))
        later = other if other.time_last >= self.time_last else self
        return replace(
            later,
            level=max(self.level, other.level, key=LEVELS.index),
            time_first=min(self.time_first, other.time_first),
            time_last=max(self.time_last, other.time_last),
            entities=tuple(dict.fromkeys((*self.entities, *other.entities))),
            evidence=_ends(evidence),
            count=len(events) if known else max(self.count, other.count, len(events)),
            events=events[:EVENTS_MAX],
        )

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that stay the same when the same facts are judged again."""
        first = self.evidence[0] if self.evidence else None
        key = self.key or (f"{first.uid or first.origin}:{first.origin_line}:{first.time}" if first else "")
        return hashlib.sha256(f"{self.rule}\0{key}".encode()).hexdigest()[:16]


def _ends(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The first and the last of much evidence."""
    half = EVIDENCE_MAX // 2
    return evidence if len(evidence) <= EVIDENCE_MAX else evidence[:half] + evidence[-half:]
