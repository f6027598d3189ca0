"""Scans and what they could not read, as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from koban.ledger import schema
from koban.ledger.errors import NotFound
from koban.ledger.paging import FIRST, LIMIT_MAX, Ask, Order, Page, every, paged
from koban.ledger.who import Sight

S = schema.scans.c
G = schema.gaps.c
ACTIVE = ("queued", "running", "landing")
STATES = (*ACTIVE, "landed", "failed", "cancelled")


@dataclass(frozen=True)
class Scan:
    id: int
    target: int
    target_name: str
    target_kind: str
    state: str
    asked_by: str
    title: str
    queued: datetime
    started: datetime | None
    finished: datetime | None
    heartbeat: datetime | None
    progress: dict[str, Any] | None
    counts: dict[str, int] | None
    error: str | None
    rules: int | None


@dataclass(frozen=True)
class GapRow:
    """What could not be read: empty `account` or `region` is all of them."""

    id: int
    scan: int
    type: str
    account: str
    region: str
    why: str


_NAMES = tuple(one.name for one in fields(Scan))
NEWEST = Order("scans", (S.id,), down=True)
GAPS = Order("gaps", (G.id,))


def _select() -> Any:
    others = {
        "target_name": schema.targets.c.name.label("target_name"),
        "target_kind": schema.targets.c.kind.label("target_kind"),
    }
    return select(*(others[one] if one in others else S[one] for one in _NAMES)).select_from(
        schema.scans.join(schema.targets, schema.targets.c.id == S.target)
    )


def page(
    connection: Connection, *, target: tuple[int, ...] = (), state: tuple[str, ...] = (), ask: Ask = FIRST
) -> Page[Scan]:
    """One page of the scans, newest first."""
    asked = _select()
    if target:
        asked = asked.where(S.target.in_(target))
    if state:
        asked = asked.where(S.state.in_(state))
    return paged(connection, asked, NEWEST, ask).map(lambda row: Scan(**row._mapping))


def get(connection: Connection, id: int) -> Scan:
    """One scan.  Raises NotFound."""
    row = connection.execute(_select().where(S.id == id)).first()
    if row is None:
        raise NotFound(f"there is no scan {id}")
    return Scan(**row._mapping)


def as_seen(scan: Scan, sight: Sight) -> Scan:
    """A scan as a sight may see it: whose sight is limited is not told of numbers and errors elsewhere."""
    if sight.everything:
        return scan
    progress = {key: value for key, value in (scan.progress or {}).items() if key in ("done", "total")}
    return replace(
        scan,
        title="",
        counts=None,
        progress=None if scan.progress is None else progress,
        error=None if scan.error is None else "it failed",
    )


def latest(connection: Connection) -> list[int]:
    """The last landed scan of each target."""
    asked = select(func.max(S.id)).where(S.state == "landed").group_by(S.target)
    return sorted(connection.scalars(asked))


def gaps(
    connection: Connection, sight: Sight, *, scan: tuple[int, ...] | None = None, ask: Ask = FIRST
) -> Page[GapRow]:
    """One page of what could not be read: by the scans named, else by the last landed one of each target."""
    wanted = latest(connection) if scan is None else scan
    asked = select(*(G[one.name] for one in fields(GapRow))).where(G.scan.in_(wanted), sight.where(schema.gaps))
    return paged(connection, asked, GAPS, ask).map(lambda row: GapRow(**row._mapping))


def every_gap(connection: Connection, sight: Sight, scan: tuple[int, ...] | None = None) -> Iterator[GapRow]:
    """All of them, a page at a time in memory."""
    return every(lambda cursor: gaps(connection, sight, scan=scan, ask=Ask(LIMIT_MAX, cursor, counted=False)))
