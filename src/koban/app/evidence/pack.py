"""What an evidence pack holds, however it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from koban.app.evidence.standing import Standing
from koban.rules.framework import Framework


@dataclass(frozen=True, slots=True)
class Scanned:
    """A target of the scans, and when it was last read."""

    name: str
    kind: str
    finished: datetime | None
    resources: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """An account in scope."""

    account: str
    name: str
    environment: str


@dataclass(frozen=True, slots=True)
class NotRead:
    type: str
    account: str
    region: str
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one rule said of one resource."""

    rule: str
    state: str  # failed, unknown, excepted, passed
    severity: str
    uid: str
    name: str
    type: str
    account: str
    region: str
    environment: str
    file: str
    line: int | None
    message: str
    because: Sequence[str]
    first_seen: datetime
    last_seen: datetime
    exception: int | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """An exception that findings of the pack are under."""

    id: int
    rule: str
    account: str
    uid: str
    reason: str
    asked_by: str
    decided_by: str
    decided: datetime | None
    expires: date


@dataclass(frozen=True)
class Pack:
    """All of it.  `evidence(rules, limit)` reads the findings of some rules, those that need a look first."""

    framework: Framework
    made: datetime
    made_by: str
    version: str
    limited: str  # in words, where the reader of the pack may not see all; else empty
    scanned: Sequence[Scanned]
    places: Sequence[Place]
    not_read: Sequence[NotRead]
    not_read_count: int
    standings: Sequence[Standing]
    titles: dict[str, str]  # of rules
    exceptions: Sequence[Accepted]
    evidence: Callable[[Sequence[str], int | None], Iterator[Evidence]]
