"""A scan under way, whatever it scans: what the interfaces print and the formats write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from koban.app.earlier import Earlier
from koban.model.resource import Resource
from koban.model.result import Gap, Result


@dataclass
class Section:
    """Something to say beside the rules: a heading and (word, what, where) lines."""

    title: str
    aside: str = ""
    lines: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Scan:
    """Iterate `results` once, to the end; after that `gaps`, `notes` and `sections` are complete.

    `title` says what was scanned, in one line.  `started` is the moment as of which ages are counted (UTC).
    `earlier` are scans whose findings are known; `scoped` says that only part of what is there was judged.
    """

    title: str
    started: datetime
    results: Iterable[Result]
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    earlier: list[Earlier] = field(default_factory=list)
    scoped: bool = False
    sections: list[Section] = field(default_factory=list)


# Why resources of a type, account, region and file may not have been read: None where all were, empty where nobody
# asked for them.
Unread = Callable[[str, str, str, str], str | None]


class Watcher(Protocol):
    """Hears what a scan reads, beside what it makes of it."""

    def resource(self, resource: Resource) -> None:
        """A resource, before any result about it."""
        ...

    def left_out(self, result: Result) -> None:
        """A result that nobody is shown: it is unknown because the user left out what it needs."""
        ...

    def covered(self, unread: Unread) -> None:
        """All resources have been told; `unread` answers from now on, also after the scan."""
        ...
