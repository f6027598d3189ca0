"""Where messages go, and those that wait: a message is written with the change that it tells of, and sent after it.

So no message tells of what never happened, and none is lost when the server dies in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from koban.ledger import audit
from koban.ledger.errors import Conflict, NotFound
from koban.ledger.schema import SEVERITY_RANK, accounts, changes, deliveries, findings, notifications, scans, targets
from koban.ledger.text import clean_json
from koban.ledger.who import Actor

FINDINGS_TOLD = 20  # a message names so many; it counts the others
KINDS = {"opened": "finding.opened", "reopened": "finding.reopened", "resolved": "finding.resolved"}
SENT_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Target:
    """Where messages of some events go.  Secrets in `options` are sealed."""

    id: int
    name: str
    kind: str
    options: Mapping[str, Any]
    events: Sequence[str]
    severity: str
    enabled: bool
    created: datetime


@dataclass(frozen=True)
class Delivery:
    """A message to one target."""

    id: int
    notification: int
    event: str
    body: Mapping[str, Any]
    state: str
    tries: int
    next: datetime
    error: str | None


# -- where they go ------------------------------------------------------------------------------------------------


def every(connection: Connection) -> list[Target]:
    """All targets by name."""
    rows = connection.execute(select(notifications).order_by(notifications.c.name))
    return [Target(**row._mapping) for row in rows]


def one(connection: Connection, id: int) -> Target:
    row = connection.execute(select(notifications).where(notifications.c.id == id)).first()
    if row is None:
        raise NotFound(f"there is no notification {id}")
    return Target(**row._mapping)


def create(
    connection: Connection,
    actor: Actor,
    *,
    name: str,
    kind: str,
    options: Mapping[str, Any],
    events: Sequence[str],
    severity: str,
    enabled: bool,
) -> int:
    """A new target; its number.  Raises Conflict where the name is taken."""
    values = {"name": name, "kind": kind, "options": dict(options), "events": list(events), "severity": severity}
    _free(connection, name, 0)
    made = connection.execute(insert(notifications).values(**values, enabled=enabled, created=datetime.now(UTC)))
    assert made.inserted_primary_key is not None
    id = int(made.inserted_primary_key[0])
    audit.record(connection, actor, "notification.create", f"notification {id}", name=name, kind=kind, events=events)
    return id


def change(connection: Connection, actor: Actor, id: int, values: Mapping[str, Any]) -> None:
    """Change columns of a target.  What its options hold is not written into the audit log."""
    one(connection, id)
    if "name" in values:
        _free(connection, values["name"], id)
    if not values:
        return
    connection.execute(update(notifications).where(notifications.c.id == id).values(**values))
    told = {name: value for name, value in values.items() if name != "options"}
    audit.record(connection, actor, "notification.change", f"notification {id}", fields=sorted(values), **told)


def remove(connection: Connection, actor: Actor, id: int) -> None:
    found = one(connection, id)
    connection.execute(delete(deliveries).where(deliveries.c.notification == id))
    connection.execute(delete(notifications).where(notifications.c.id == id))
    audit.record(connection, actor, "notification.delete", f"notification {id}", name=found.name)


def _free(connection: Connection, name: str, but: int) -> None:
    taken = select(notifications.c.id).where(notifications.c.name == name, notifications.c.id != but)
    if connection.execute(taken).first() is not None:
        raise Conflict(f"there is a notification named {name!r} already")


def last(connection: Connection, ids: Sequence[int]) -> dict[int, Delivery]:
    """The newest message to each target."""
    newest = (
        select(func.max(deliveries.c.id)).where(deliveries.c.notification.in_(ids)).group_by(deliveries.c.notification)
    )
    rows = connection.execute(select(deliveries).where(deliveries.c.id.in_(newest)))
    return {row.notification: Delivery(**row._mapping) for row in rows}


# -- what waits ---------------------------------------------------------------------------------------------------


def put(connection: Connection, event: str, body: Mapping[str, Any], severity: str | None = None) -> int:
    """Let a message wait for each target that wants it, in the caller's transaction; how many there are."""
    wanted = [one for one in every(connection) if one.enabled and event in one.events]
    if severity is not None:
        wanted = [one for one in wanted if SEVERITY_RANK[severity] <= SEVERITY_RANK[one.severity]]
    for target in wanted:
        _put(connection, target.id, event, body)
    return len(wanted)


def _put(connection: Connection, target: int, event: str, body: Mapping[str, Any]) -> None:
    connection.execute(
        insert(deliveries).values(
            notification=target,
            event=event,
            body=clean_json(dict(body)),
            state="waiting",
            tries=0,
            next=datetime.now(UTC),
        )
    )


def put_scan(connection: Connection, scan: int) -> int:
    """Messages about what a landed scan changed, in the landing's own transaction: one for each kind of change."""
    wanted = [one for one in every(connection) if one.enabled]
    if not wanted:
        return 0
    about = connection.execute(
        select(targets.c.name, scans.c.state, scans.c.error).join_from(scans, targets).where(scans.c.id == scan)
    ).one()
    made = 0
    for kind, event in KINDS.items():
        for target in (one for one in wanted if event in one.events):
            body = _changed(connection, scan, kind, SEVERITY_RANK[target.severity])
            if body is not None:
                _put(connection, target.id, event, {"target": about.name, "scan": scan, **body})
                made += 1
    for target in (one for one in wanted if "scan.landed" in one.events):
        _put(connection, target.id, "scan.landed", {"title": f"{about.name} was scanned", "scan": scan})
        made += 1
    return made


def put_failed(connection: Connection, scan: int, error: str) -> int:
    """Messages about a scan that failed."""
    name = connection.execute(select(targets.c.name).join_from(scans, targets).where(scans.c.id == scan)).scalar_one()
    body = {"title": f"the scan of {name} failed", "text": error, "target": name, "scan": scan}
    return put(connection, "scan.failed", body)


def _changed(connection: Connection, scan: int, kind: str, rank: int) -> dict[str, Any] | None:
    """The findings that a scan changed in this way, of this rank or a worse one; None where there are none."""
    condition = and_(
        changes.c.scan == scan, changes.c.kind == kind, findings.c.rank <= rank, findings.c.verdict != "unknown"
    )
    if kind == "resolved":
        condition = and_(changes.c.scan == scan, changes.c.kind == kind, findings.c.rank <= rank)
    joined = changes.join(findings, changes.c.finding == findings.c.id)
    counted = connection.execute(
        select(findings.c.severity, func.count())
        .select_from(joined)
        .where(condition)
        .group_by(findings.c.severity, findings.c.rank)
        .order_by(findings.c.rank)
    ).all()
    if not counted:
        return None
    columns = ("id", "rule", "severity", "message", "uid", "name", "type", "account", "region", "file", "line")
    rows = connection.execute(
        select(*(findings.c[one] for one in columns), accounts.c.name.label("account_name"))
        .select_from(joined.outerjoin(accounts, accounts.c.id == findings.c.account))
        .where(condition)
        .order_by(findings.c.rank, findings.c.id)
        .limit(FINDINGS_TOLD)
    ).all()
    told = [
        {
            "id": row.id,
            "rule": row.rule,
            "severity": row.severity,
            "title": row.message,
            "resource": row.name or row.uid,
            "uid": row.uid,
            "type": row.type,
            "account": row.account,
            "account_name": row.account_name or None,
            "region": row.region,
            "file": row.file,
            "line": row.line,
        }
        for row in rows
    ]
    counts = {severity: int(number) for severity, number in counted}
    return {"counts": counts, "findings": told, "more": sum(counts.values()) - len(told)}


def claim(connection: Connection, now: datetime, lease: timedelta, limit: int = 20) -> list[Delivery]:
    """Messages that are due.  Nobody else gets them until the lease is over: if whoever claimed them dies, they come
    again."""
    found = connection.execute(
        select(deliveries)
        .where(deliveries.c.state == "waiting", deliveries.c.next <= now)
        .order_by(deliveries.c.next, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if found:
        ids = [row.id for row in found]
        connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(next=now + lease))
    return [Delivery(**row._mapping) for row in found]


def sent(connection: Connection, id: int) -> None:
    values = {"state": "sent", "error": None, "next": datetime.now(UTC), "tries": deliveries.c.tries + 1}
    connection.execute(update(deliveries).where(deliveries.c.id == id).values(**values))


def failed(connection: Connection, id: int, error: str, again: datetime | None) -> None:
    """It did not arrive: it is tried again at a moment, or given up."""
    values: dict[str, Any] = {"error": error[:1_000], "tries": deliveries.c.tries + 1}
    values |= {"state": "given-up"} if again is None else {"next": again}
    connection.execute(update(deliveries).where(deliveries.c.id == id).values(**values))


def forget(connection: Connection, now: datetime) -> int:
    """Remove messages that were sent or given up long ago."""
    gone = delete(deliveries).where(deliveries.c.state != "waiting", deliveries.c.next < now - SENT_KEPT)
    return int(connection.execute(gone).rowcount)
