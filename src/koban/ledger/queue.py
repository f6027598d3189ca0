"""Scans that wait for their turn, and which of several processes sees to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from koban.ledger import audit, schema
from koban.ledger.errors import Conflict
from koban.ledger.running import forget
from koban.ledger.scans import ACTIVE
from koban.ledger.who import Actor

S = schema.scans.c
T = schema.targets.c


# -- one process sees to what has to be done once ------------------------------------------------------------------


def hold(connection: Connection, name: str, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Take or keep the lease `name`; False while somebody else has it."""
    settings = schema.settings
    value = {"holder": holder, "until": (now + lasts).timestamp()}
    query = select(settings.c.value).where(settings.c.name == f"lease.{name}").with_for_update()
    kept = connection.execute(query).scalar_one_or_none()
    if kept is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(settings).values(name=f"lease.{name}", value=value))
        except IntegrityError:
            return False  # somebody was faster
        return True
    if kept["holder"] != holder and kept["until"] > now.timestamp():
        return False
    connection.execute(update(settings).where(settings.c.name == f"lease.{name}").values(value=value))
    return True


def release(connection: Connection, name: str, holder: str) -> None:
    """Give the lease up, so that another need not wait for its end."""
    settings = schema.settings
    query = select(settings.c.value).where(settings.c.name == f"lease.{name}").with_for_update()
    kept = connection.execute(query).scalar_one_or_none()
    if kept is not None and kept["holder"] == holder:
        value = {"holder": "", "until": 0}
        connection.execute(update(settings).where(settings.c.name == f"lease.{name}").values(value=value))


# -- the queue -----------------------------------------------------------------------------


def ask(connection: Connection, actor: Actor, target: int, now: datetime) -> int:
    """Ask for a scan; it begins as soon as its turn comes.  Raises Conflict while the target is scanned."""
    busy = connection.scalar(select(S.id).where(S.target == target, S.state.in_(ACTIVE)).limit(1))
    if busy is not None:
        raise Conflict(f"scan {busy} of this target is not done yet")
    made = connection.execute(
        insert(schema.scans).values(target=target, state="queued", asked_by=actor.name, queued=now)
    ).inserted_primary_key
    assert made is not None
    audit.record(connection, actor, "scan.start", f"scan {made[0]}", target=target)
    return int(made[0])


def ask_due(connection: Connection, now: datetime) -> list[int]:
    """Ask for the scans whose time has come: each target that has a rhythm and was not asked for within it."""
    last = (
        select(S.target, func.max(S.queued).label("queued"), func.count().filter(S.state.in_(ACTIVE)).label("active"))
        .group_by(S.target)
        .subquery()
    )
    query = (
        select(T.id, T.every_seconds, last.c.queued, last.c.active)
        .select_from(schema.targets.outerjoin(last, last.c.target == T.id))
        .where(T.enabled, T.every_seconds.is_not(None))
    )
    asked = []
    for row in connection.execute(query).all():
        if row.active or (row.queued is not None and row.queued + timedelta(seconds=row.every_seconds) > now):
            continue
        asked.append(ask(connection, Actor("system", "schedule", role="admin"), row.id, now))
    return asked


def waiting(connection: Connection, limit: int) -> list[int]:
    """The scans that wait, the first that was asked for first."""
    return list(connection.scalars(select(S.id).where(S.state == "queued").order_by(S.id).limit(limit)))


def give_back(connection: Connection, scan: int) -> bool:
    """Put a scan that was stopped back into the queue: the server went down, nobody cancelled it."""
    where = (S.id == scan) & S.state.in_(("running", "landing"))
    values: dict[str, Any] = {"state": "queued", "started": None, "heartbeat": None, "progress": None}
    if not connection.execute(update(schema.scans).where(where).values(values)).rowcount:
        return False
    forget(connection, scan)
    return True


def clear(connection: Connection, scan: int) -> None:
    """Throw away what is staged of a scan that is over."""
    if connection.scalar(select(S.id).where(S.id == scan, S.state.in_(ACTIVE))) is None:
        forget(connection, scan)


def active(connection: Connection) -> dict[int, str]:
    """The scans that are not over, with their states."""
    rows = connection.execute(select(S.id, S.state).where(S.state.in_(ACTIVE)))
    return {row.id: row.state for row in rows}
