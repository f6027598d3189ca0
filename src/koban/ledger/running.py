"""A scan until it lands: begun, alive, failed, cancelled, or buried when its process has died."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    delete,
    insert,
    select,
    update,
)

from koban.ledger import audit, notifications, schema
from koban.ledger.database import Ledger
from koban.ledger.errors import LedgerError, NotFound
from koban.ledger.text import clean, clean_json
from koban.ledger.who import Actor

C = schema.scans.c
STALE = timedelta(minutes=3)  # a scan that has not said for so long that it lives is dead


class Stopped(LedgerError):
    """The scan may not go on: it was cancelled, given up as dead, or has ended already."""


def begin(ledger: Ledger, target: int, asked_by: str, *, queued: bool = False, title: str = "") -> int:
    """A new scan of a target, running or (`queued`) waiting for :func:`start`.  Returns its id; raises NotFound."""
    now = datetime.now(UTC)
    with ledger.writing() as connection:
        if connection.execute(select(schema.targets.c.id).where(schema.targets.c.id == target)).first() is None:
            raise NotFound(f"there is no target {target}")
        values: dict[str, Any] = {
            "target": target,
            "state": "queued" if queued else "running",
            "asked_by": clean(asked_by)[:200],
            "title": clean(title),
            "queued": now,
        }
        if not queued:
            values |= {"started": now, "heartbeat": now}
        return int(connection.execute(insert(schema.scans).values(**values)).inserted_primary_key[0])  # type: ignore[index]


def start(ledger: Ledger, scan: int) -> bool:
    """Take a queued scan to run it; False where another process has it, or it was cancelled."""
    now = datetime.now(UTC)
    with ledger.writing() as connection:
        taken = connection.execute(
            update(schema.scans)
            .where(C.id == scan, C.state == "queued")
            .values(state="running", started=now, heartbeat=now)
        )
        return bool(taken.rowcount)


def beat(ledger: Ledger, scan: int, progress: Mapping[str, Any] | None = None) -> None:
    """Say that the scan lives, and how far it is.  Raises Stopped where it may not go on."""
    values: dict[str, Any] = {"heartbeat": datetime.now(UTC)}
    if progress is not None:
        values["progress"] = clean_json(progress)
    with ledger.writing() as connection:
        check_running(connection, scan)
        connection.execute(update(schema.scans).where(C.id == scan).values(**values))


def check_running(connection: Connection, scan: int, lock: bool = False) -> Any:
    asked = select(C.id, C.target, C.state, C.started, C.error).where(C.id == scan)
    row = connection.execute(asked.with_for_update() if lock else asked).first()
    if row is None:
        raise Stopped(f"scan {scan} is no longer there")
    if row.state not in ("running", "landing"):
        raise Stopped(f"scan {scan} is {row.state}{f': {row.error}' if row.error else ''}")
    return row


def fail(ledger: Ledger, scan: int, error: str, state: str = "failed") -> None:
    """End a scan that will not land, and throw away what is staged of it.  One that has ended already stays so."""
    with ledger.writing() as connection:
        _end(connection, scan, error, state)


def cancel(connection: Connection, actor: Actor, scan: int) -> bool:
    """Tell a scan to stop; False where it has ended already.  What runs it hears of it at its next sign of life."""
    ended = _end(connection, scan, f"cancelled by {actor.name}", "cancelled", ("queued", "running"))
    if ended:
        audit.record(connection, actor, "scan.cancel", f"scan {scan}")
    return ended


def _end(
    connection: Connection, scan: int, error: str, state: str, of: Sequence[str] = ("queued", "running", "landing")
) -> bool:
    line = clean(" ".join(error.split()))[:2_000]
    ended = connection.execute(
        update(schema.scans)
        .where(C.id == scan, C.state.in_(of))
        .values(state=state, error=line, finished=datetime.now(UTC))
    )
    if ended.rowcount:
        forget(connection, scan)
        if state == "failed":
            notifications.put_failed(connection, scan, line)
    return bool(ended.rowcount)


def forget(connection: Connection, scan: int) -> None:
    """Throw away what is staged of a scan."""
    for table in (schema.staged, schema.staged_resources):
        connection.execute(delete(table).where(table.c.scan == scan))


def bury(ledger: Ledger, now: datetime | None = None, stale: timedelta = STALE) -> list[int]:
    """Fail the scans whose process has died, known by their silence; returns their ids.

    One that is landing right now holds its row, and is left alone however long that takes.
    """
    now = now or datetime.now(UTC)
    with ledger.writing() as connection:
        dead = connection.scalars(
            select(C.id)
            .where(C.state.in_(("running", "landing")), C.heartbeat < now - stale)
            .order_by(C.id)
            .with_for_update(skip_locked=True)
        ).all()
        for scan in dead:
            _end(connection, scan, "it stopped without a word: its process has died", "failed")
        return list(dead)
