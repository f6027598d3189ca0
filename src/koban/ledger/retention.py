"""What the ledger forgets, so that it stays small: never the audit log, and nothing that is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, not_, or_, select, text, update

from koban.ledger import audit, schema
from koban.ledger.database import Ledger
from koban.ledger.scans import ACTIVE
from koban.ledger.tallying import move_tallies
from koban.ledger.who import SYSTEM

F = schema.findings.c
V = schema.versions.c
PAGES = 5_000  # of SQLite, given back at once
BATCH = 5_000  # rows of one transaction: others wait no longer for it
COMPACTED = "retention.compacted"


@dataclass(frozen=True)
class Keep:
    """For how many days."""

    ended: int = 400  # findings that are resolved and resources that are gone; changes, scans, documents of before
    passed: int = 30  # passes of what is gone
    every: int = 30  # every document of a resource; after that one a day
    gaps: int = 30  # what scans could not read, but for the last of each target
    numbers: int = 800  # of the overview
    deliveries: int = 30  # messages that were sent or given up


@dataclass(frozen=True)
class Tidied:
    """How many rows were forgotten."""

    findings: int = 0
    changes: int = 0
    resources: int = 0
    versions: int = 0
    scans: int = 0
    gaps: int = 0
    numbers: int = 0
    deliveries: int = 0
    staged: int = 0


def tidy(ledger: Ledger, keep: Keep = Keep(), now: datetime | None = None) -> Tidied:
    """Forget what is older than it is kept, a little at a time so that nobody waits, and let the database tidy up."""
    now = now or datetime.now(UTC)
    old = now - timedelta(days=keep.ended)
    passes = now - timedelta(days=keep.passed)
    busy = select(schema.scans.c.id).where(schema.scans.c.state.in_(ACTIVE))
    last = _last_landed()
    c, s, g, r, t, d = (
        one.c for one in (schema.changes, schema.scans, schema.gaps, schema.resources, schema.trends, schema.deliveries)
    )
    in_case = exists().where(schema.case_items.c.finding == F.id)
    over = or_(
        and_(F.status == "resolved", F.gone < old, not_(in_case)),
        and_(F.status == "passed", F.gone < passes, not_(in_case)),
    )
    old_scans = select(s.id).where(s.finished < now - timedelta(days=keep.gaps), s.id.not_in(last))
    done = Tidied(
        staged=sum(_plainly(ledger, one, one.c.scan.not_in(busy)) for one in (schema.staged, schema.staged_resources)),
        findings=_by_batch(ledger, schema.findings, over, _with_tallies),
        changes=_by_batch(ledger, schema.changes, c.at < old),
        versions=_by_batch(ledger, schema.versions, V.until < old) + _compact(ledger, now - timedelta(days=keep.every)),
        resources=_by_batch(ledger, schema.resources, r.gone < old, _with_scopes),
        gaps=_by_batch(ledger, schema.gaps, g.scan.in_(old_scans)),
        scans=_by_batch(ledger, schema.scans, and_(s.finished < old, s.state.not_in(ACTIVE), s.id.not_in(last))),
        numbers=_plainly(ledger, schema.trends, t.day < (now - timedelta(days=keep.numbers)).date()),
        deliveries=_by_batch(
            ledger,
            schema.deliveries,
            and_(d.state.in_(("sent", "given-up")), d.next < now - timedelta(days=keep.deliveries)),
        ),
    )
    if any(asdict(done).values()):
        with ledger.writing() as connection:
            audit.record(connection, SYSTEM, "ledger.tidy", "ledger", **asdict(done))
    _upkeep(ledger)
    return done


def _last_landed() -> Any:
    s = schema.scans.c
    return select(func.max(s.id)).where(s.state == "landed").group_by(s.target)


def _plainly(ledger: Ledger, table: Table, condition: ColumnElement[bool]) -> int:
    with ledger.writing() as connection:
        return int(connection.execute(delete(table).where(condition)).rowcount)


def _by_batch(
    ledger: Ledger,
    table: Table,
    condition: ColumnElement[bool],
    forget: Callable[[Connection, Table, list[int]], None] | None = None,
) -> int:
    count = 0
    while True:
        with ledger.reading() as connection:
            ids = list(connection.scalars(select(table.c.id).where(condition).limit(BATCH)))
        if not ids:
            return count
        with ledger.writing() as connection:
            for start in range(0, len(ids), 1_000):
                (forget or _forget)(connection, table, ids[start : start + 1_000])
        count += len(ids)


def _forget(connection: Connection, table: Table, ids: list[int]) -> None:
    connection.execute(delete(table).where(table.c.id.in_(ids)))


def _with_tallies(connection: Connection, table: Table, ids: list[int]) -> None:
    # Looked at again: a scan may have found it anew since it was chosen.
    ids = list(connection.scalars(select(F.id).where(F.id.in_(ids), F.gone.is_not(None)).with_for_update()))
    with move_tallies(connection, ids):
        connection.execute(delete(table).where(F.id.in_(ids)))


def _with_scopes(connection: Connection, table: Table, ids: list[int]) -> None:
    # What is in a case outlives its resource, and is then in no scope any more.
    r = schema.resources.c
    ids = list(connection.scalars(select(r.id).where(r.id.in_(ids), r.gone.is_not(None)).with_for_update()))
    scoped = select(F.id).join_from(schema.findings, schema.resources, r.key == F.resource)
    with move_tallies(connection, list(connection.scalars(scoped.where(r.id.in_(ids), r.scope.is_not(None))))):
        connection.execute(delete(table).where(r.id.in_(ids)))


def _compact(ledger: Ledger, before: datetime) -> int:
    """Of the documents that a resource had on one day before, keep the last alone."""
    settings = schema.settings.c
    with ledger.reading() as connection:
        value = connection.scalar(select(settings.value).where(settings.name == COMPACTED))
        since = datetime.fromisoformat(value) if value else datetime.min.replace(tzinfo=UTC)
        asked = select(V.id, V.resource, V.until).where(V.until >= since, V.until < before)
        last: dict[tuple[int, Any], int] = {}
        spare: list[int] = []
        for row in connection.execute(asked.order_by(V.id)):
            key = row.resource, row.until.date()
            if key in last:
                spare.append(last[key])
            last[key] = row.id
    for start in range(0, len(spare), 1_000):
        with ledger.writing() as connection:
            connection.execute(delete(schema.versions).where(V.id.in_(spare[start : start + 1_000])))
    midnight = before.replace(hour=0, minute=0, second=0, microsecond=0).isoformat()
    with ledger.writing() as connection:
        changed = connection.execute(update(schema.settings).where(settings.name == COMPACTED).values(value=midnight))
        if not changed.rowcount:
            connection.execute(schema.settings.insert().values(name=COMPACTED, value=midnight))
    return len(spare)


def _upkeep(ledger: Ledger) -> None:
    if ledger.dialect == "sqlite":
        with ledger.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            for pragma in ("analysis_limit=2000", "optimize"):
                raw.execute(f"PRAGMA {pragma}").fetchall()
            # Give the room of what was forgotten back, a little at a time: others write in between.
            for _ in range(raw.execute("PRAGMA freelist_count").fetchone()[0] // PAGES + 1):
                # Not `execute`: it asks once, and the pragma gives one page back each time that it is asked.
                raw.executescript(f"PRAGMA incremental_vacuum({PAGES})")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return
    with ledger.writing() as connection:
        for table in (schema.findings, schema.resources, schema.tallies, schema.changes):
            connection.execute(text(f"ANALYZE {table.name}"))
