"""What a detection says: something happened that somebody should look at, and the events that show it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

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

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that stay the same when the same facts are judged again."""
        first = self.evidence[0] if self.evidence else None
        key = self.key or (f"{first.uid or first.origin}:{first.origin_line}:{first.time}" if first else "")
        return hashlib.sha256(f"{self.rule}\0{key}".encode()).hexdigest()[:16]
