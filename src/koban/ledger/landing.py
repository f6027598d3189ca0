"""What is staged of a scan becomes the state of its target, as a whole or not at all.

`land` is one transaction: it compares what is staged with what is there and touches only what differs.  Whoever is
killed, whenever, leaves the state before or the state after.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    Text,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    text,
    update,
)

from koban.ledger import audit, exceptions, notifications, schema
from koban.ledger.bulk import batches, load
from koban.ledger.database import Ledger
from koban.ledger.inventory import land_resources
from koban.ledger.running import Stopped, check_running, fail, forget
from koban.ledger.staging import BATCH
from koban.ledger.tallying import ZERO, tally_anew, tally_scopes
from koban.ledger.text import NOTHING, clean
from koban.ledger.trending import draw
from koban.ledger.who import scanning
from koban.model.result import Gap

F = schema.findings.c
S = schema.staged.c
M = schema.moves.c
C = schema.scans.c
NOT_RUN = "the rule was not run"
NOT_PART = "not part of the last scan"
NO_LONGER = "the rule is no longer for it"
IS_GONE = "it is no longer there"


class Superseded(Stopped):
    """A scan of the same target that began later has landed: this one's view is the older."""


@dataclass(frozen=True)
class AccountRow:
    id: str
    name: str = ""
    ou: str = ""
    environment: str | None = None


@dataclass
class Coverage:
    """What a scan can answer for.

    `unread(type, account, region, file)` says why things there may not have been read: None where all were, empty
    where nobody asked for them.  `rules` are the ids of those that were run, `controls` what each rule speaks to.
    `gaps` are shown to people.  `unjudged` are the fingerprints of findings that were not judged though the resource
    was read, because what else they need was left out.
    """

    rules: Collection[str]
    unread: Callable[[str, str, str, str], str | None]
    gaps: Sequence[Gap] = ()
    controls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    accounts: Sequence[AccountRow] = ()
    unjudged: Collection[str] = ()
    title: str = ""


@dataclass(frozen=True)
class Counts:
    """What a scan found, and what it changed."""

    fail: int = 0
    unknown: int = 0
    excepted: int = 0
    passed: int = 0
    opened: int = 0
    resolved: int = 0
    reopened: int = 0
    not_read: int = 0
    resources: int = 0
    gaps: int = 0

    def __getitem__(self, name: str) -> int:
        return int(getattr(self, name))


def land(ledger: Ledger, scan: int, coverage: Coverage) -> Counts:
    """Make what is staged the state of the target, in one transaction.  Raises Stopped, and Superseded."""
    with ledger.writing() as connection:  # seen by others at once: from here on it cannot be cancelled
        check_running(connection, scan)
        now = datetime.now(UTC)
        connection.execute(
            update(schema.scans).where(C.id == scan, C.state == "running").values(state="landing", heartbeat=now)
        )
    with ledger.writing() as connection:
        _look_at(connection, schema.staged, schema.staged_resources)
    try:
        with ledger.writing() as connection:
            row = check_running(connection, scan, lock=True)
            counts, changed = _land(connection, scan, int(row.target), row.started, coverage)
    except Superseded as error:
        fail(ledger, scan, str(error), "cancelled")
        raise
    if changed > BATCH:
        _learn(ledger)
    return counts


def _look_at(connection: Connection, *tables: Table) -> None:
    """Let PostgreSQL see what was put into tables just now: it would take them for empty, and go row by row."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.execute(text(f"ANALYZE {table.name}"))


def _learn(ledger: Ledger) -> None:
    """Let the database see how its tables have changed, so that it finds the short way to each page."""
    with ledger.writing() as connection:
        if ledger.dialect == "sqlite":
            connection.exec_driver_sql("PRAGMA analysis_limit=2000")
            connection.exec_driver_sql("ANALYZE")
        else:
            _look_at(connection, schema.findings, schema.resources, schema.tallies, schema.texts, schema.tags)


def _land(connection: Connection, scan: int, target: int, moment: datetime, coverage: Coverage) -> tuple[Counts, int]:
    targets = schema.targets.c
    row = connection.execute(select(targets.landed).where(targets.id == target).with_for_update()).one()
    before: datetime | None = row.landed
    if before is not None and before > moment:
        raise Superseded("a scan of the same that began later has landed before it")
    exceptions.expire(connection)
    _learn_controls(connection, coverage)
    schema.moves.create(connection)
    _plan_moves(connection, scan, target)
    not_read = _plan_missing(connection, scan, target, coverage)
    _look_at(connection, schema.moves)
    kinds = _move(connection, scan, target, moment, before)
    excepted = _except(connection, scan, target)
    resources, rescoped = land_resources(connection, scan, target, moment, before, coverage.unread)
    moves = sum(kinds.values()) + excepted
    if moves or before is None:
        tally_anew(connection, target)
    elif rescoped:
        tally_scopes(connection, target)
    if moves:
        _tell_movements(connection, scan, target)
    draw(connection, target, moment.astimezone(UTC).date())
    _keep_accounts(connection, coverage.accounts)
    gaps = sorted(set(coverage.gaps), key=lambda one: (one.type, one.account, one.region, one.why))
    load(connection, schema.gaps, [{"scan": scan, **{k: clean(v) for k, v in asdict(one).items()}} for one in gaps])
    verdicts: dict[str, int] = dict(
        connection.execute(select(S.verdict, func.count()).where(S.scan == scan).group_by(S.verdict)).all()
    )
    counts = Counts(
        fail=verdicts.get("fail", 0),
        unknown=verdicts.get("unknown", 0),
        excepted=verdicts.get("excepted", 0),
        passed=verdicts.get("pass", 0),
        opened=kinds.get("opened", 0),
        resolved=kinds.get("resolved", 0),
        reopened=kinds.get("reopened", 0),
        not_read=not_read,
        resources=resources,
        gaps=len(gaps),
    )
    forget(connection, scan)
    schema.moves.drop(connection)
    connection.execute(update(schema.targets).where(targets.id == target).values(landed=moment))
    values = {
        "state": "landed",
        "finished": datetime.now(UTC),
        "counts": asdict(counts),
        "rules": len(coverage.rules),
        "error": None,
    }
    if coverage.title:
        values["title"] = clean(coverage.title)
    connection.execute(update(schema.scans).where(C.id == scan).values(**values))
    notifications.put_scan(connection, scan)
    audit.record(connection, scanning(scan), "scan.land", f"scan {scan}", target=target, **asdict(counts))
    return counts, moves


def _learn_controls(connection: Connection, coverage: Coverage) -> None:
    table = schema.finding_controls
    rows = [
        {"control": control, "rule": rule}
        for rule in sorted(coverage.controls)
        for control in sorted(set(coverage.controls[rule]))
    ]
    known = {(row.control, row.rule) for row in connection.execute(select(table.c.control, table.c.rule))}
    if {(row["control"], row["rule"]) for row in rows} != {one for one in known if one[1] in coverage.controls}:
        for some in batches(sorted(coverage.controls)):
            connection.execute(delete(table).where(table.c.rule.in_(some)))
        load(connection, table, rows, "ON CONFLICT DO NOTHING")


def _plan_moves(connection: Connection, scan: int, target: int) -> None:
    """What becomes of each staged result that is not just as it was."""
    bad = S.verdict.in_(("fail", "unknown"))
    ours = and_(F.status == "excepted", F.exception.is_not(None))  # by an exception of the ledger, which still holds
    status = case(
        (and_(S.verdict == "pass", or_(F.id.is_(None), F.status == "passed")), "passed"),
        (S.verdict == "pass", "resolved"),
        (or_(S.verdict == "excepted", ours), "excepted"),
        else_="open",
    )
    kind = case(
        (and_(S.verdict == "pass", F.status.in_(("open", "excepted"))), "resolved"),
        (S.verdict == "pass", ""),
        (and_(S.verdict == "excepted", or_(F.id.is_(None), F.status != "excepted")), "excepted"),
        (and_(bad, or_(F.id.is_(None), F.status == "passed")), "opened"),
        (and_(bad, or_(F.status == "resolved", and_(F.status == "excepted", not_(ours)))), "reopened"),
        (or_(F.verdict != S.verdict, F.severity != S.severity), "changed"),
        else_="",
    )
    why = case(
        (and_(S.verdict == "pass", F.status.in_(("open", "excepted"))), "read again, and passes"),
        (and_(bad, F.status == "excepted", not_(ours)), "nothing excepts it any more"),
        else_="",
    )
    joined = schema.staged.outerjoin(schema.findings, and_(F.target == target, F.fingerprint == S.fingerprint))
    differs = or_(
        F.id.is_(None),
        F.digest != S.digest,
        F.not_read.is_not(None),
        F.gone.is_not(None),
        F.last_seen.is_not(None),
    )
    chosen = select(
        S.scan, S.fingerprint, F.id, kind, status, F.status, F.verdict, F.severity, why.label("why")
    ).select_from(joined)
    names = ["scan", "fingerprint", "finding", "kind", "status", "before_status", "before_verdict", "before_severity"]
    connection.execute(insert(schema.moves).from_select([*names, "why"], chosen.where(S.scan == scan, differs)))


def _plan_missing(connection: Connection, scan: int, target: int, coverage: Coverage) -> int:
    """What becomes of findings of which the scan says nothing.  Returns how many of those could not be read."""
    staged = exists().where(S.scan == scan, S.fingerprint == F.fingerprint)
    there = exists().where(schema.staged_resources.c.scan == scan, schema.staged_resources.c.key == F.resource)
    names = (
        F.id,
        F.fingerprint,
        F.rule,
        F.type,
        F.account,
        F.region,
        F.file,
        F.status,
        F.verdict,
        F.severity,
        F.not_read,
    )
    asked = select(*names, there.label("there")).where(F.target == target, F.gone.is_(None), not_(staged))
    rules = frozenset(coverage.rules)
    answers: dict[tuple[str, str, str, str], str | None] = {}
    rows: list[dict[str, Any]] = []
    count = 0
    for row in _by_id(connection, asked):
        place = (row.type, row.account or "", row.region or "", row.file or "")
        if place not in answers:
            answers[place] = coverage.unread(*place)
        why = NOT_RUN if row.rule not in rules else answers[place]
        if why == "" or row.fingerprint in coverage.unjudged:
            why = NOT_PART
        elif why is not None and why != NOT_RUN and row.there:
            why = None  # others may be missing; this one was read, and the rule was run
        count += why is not None and row.status in ("open", "excepted")
        if why is not None and row.not_read == why:
            continue
        kind, status = "not_read", row.status
        if why is None:
            kind = "resolved" if row.status in ("open", "excepted") else "gone"
            status = "resolved" if row.status in ("open", "excepted") else row.status
        elif row.not_read is not None:
            kind = "still_not_read"
        rows.append(
            {
                "scan": scan,
                "fingerprint": row.fingerprint,
                "finding": row.id,
                "kind": kind,
                "status": status,
                "before_status": row.status,
                "before_verdict": row.verdict,
                "before_severity": row.severity,
                "why": clean(why) if why is not None else NO_LONGER if row.there else IS_GONE,
            }
        )
    load(connection, schema.moves, rows)
    return count


def _by_id(connection: Connection, asked: Select[Any], size: int = 20_000) -> Iterator[Row[Any]]:
    """The rows of a question about findings, some thousands at a time in memory."""
    last = 0
    while True:
        rows = connection.execute(asked.where(F.id > last).order_by(F.id).limit(size)).all()
        yield from rows
        if len(rows) < size:
            return
        last = rows[-1].id


def _json(connection: Connection, **values: Any) -> ColumnElement[Any]:
    make = func.json_object if connection.dialect.name == "sqlite" else func.jsonb_build_object
    parts = [part for name, value in values.items() for part in (literal(name, Text), value)]
    return make(*parts, type_=schema.Json)


def _move(connection: Connection, scan: int, target: int, moment: datetime, before: datetime | None) -> dict[str, int]:
    """Carry the moves out; returns how many there are of each kind."""
    kinds: dict[str, int] = dict(
        connection.execute(select(M.kind, func.count()).where(M.scan == scan).group_by(M.kind)).all()
    )
    if not kinds:
        return {}
    mine = and_(M.scan == scan, M.finding == F.id)
    staged = and_(S.scan == scan, S.fingerprint == M.fingerprint)
    moment_ = literal(moment, schema.Moment)
    connection.execute(  # those that were read
        update(schema.findings)
        .where(mine, staged)
        .values(
            **{name: S[name] for name in schema.RESULT},
            status=M.status,
            first_seen=case((M.kind == "opened", moment_), else_=F.first_seen),
            last_seen=null(),
            resolved=case((M.kind == "resolved", moment_), (M.status == "resolved", F.resolved), else_=null()),
            reopened=F.reopened + case((M.kind == "reopened", 1), else_=0),
            exception=case((M.status == "excepted", F.exception), else_=null()),
            gone=null(),
            not_read=null(),
            scan=case((M.kind != "", scan), else_=F.scan),
        )
    )
    last = func.coalesce(F.last_seen, literal(before, schema.Moment))
    connection.execute(  # those that could not be
        update(schema.findings)
        .where(mine, M.kind.in_(("not_read", "still_not_read")))
        .values(not_read=M.why, last_seen=last, scan=scan)
    )
    read = exists().where(staged)
    connection.execute(  # those that are gone
        update(schema.findings)
        .where(mine, M.kind.in_(("resolved", "gone")), not_(read))
        .values(
            status=M.status,
            resolved=case((M.kind == "resolved", moment_), else_=F.resolved),
            exception=null(),
            gone=moment,
            last_seen=last,
            not_read=null(),
            scan=scan,
        )
    )
    new = (
        select(
            literal(target),
            S.fingerprint,
            *(S[name] for name in schema.RESULT),
            M.status,
            moment_,
            literal(0),
            literal(scan),
        )
        .select_from(schema.moves.join(schema.staged, staged))
        .where(M.scan == scan, M.finding.is_(None))
        .order_by(M.fingerprint)
    )
    names = ["target", "fingerprint", *schema.RESULT, "status", "first_seen", "reopened", "scan"]
    connection.execute(insert(schema.findings).from_select(names, new, include_defaults=False))
    told = ("opened", "resolved", "reopened", "changed", "excepted", "not_read")
    known = and_(F.target == target, F.fingerprint == M.fingerprint)
    is_new = M.finding.is_(None)
    was = _json(connection, status=M.before_status, verdict=M.before_verdict, severity=M.before_severity)
    told_now = _json(connection, status=F.status, verdict=F.verdict, severity=F.severity)
    lives = (
        select(
            F.id,
            literal(datetime.now(UTC), schema.Moment),
            literal(f"scan {scan}"),
            M.kind,
            case((is_new, null()), else_=was),
            told_now,
            func.coalesce(M.why, ""),
            literal(scan),
        )
        .select_from(schema.moves.join(schema.findings, known))
        .where(M.scan == scan, M.kind.in_(told))
        .order_by(F.id)
    )
    columns = ["finding", "at", "actor", "kind", "before", "after", "why", "scan"]
    connection.execute(insert(schema.changes).from_select(columns, lives))
    return {kind: int(n) for kind, n in kinds.items()}


def _tell_movements(connection: Connection, scan: int, target: int) -> None:
    """Keep how many findings the scan moved, by place."""
    R = schema.resources.c
    kinds = [func.coalesce(F.account, NOTHING).label("account"), func.coalesce(R.scope, ZERO).label("scope"), M.kind]
    joined = schema.moves.join(schema.findings, and_(F.target == target, F.fingerprint == M.fingerprint)).outerjoin(
        schema.resources, R.key == F.resource
    )
    counted = select(literal(scan), *kinds, func.count()).select_from(joined)
    counted = counted.where(M.kind.in_(schema.MOVEMENTS)).group_by(*kinds)
    connection.execute(insert(schema.movements).from_select(["scan", "account", "scope", "kind", "n"], counted))


def _except(connection: Connection, scan: int, target: int) -> int:
    """Put what is open of the target under the exceptions that are in force; returns how much that is."""
    E = schema.exceptions.c
    count = 0
    now = datetime.now(UTC)
    for row in connection.execute(select(schema.exceptions).where(E.state == "approved").order_by(E.id)).all():
        wanted = and_(F.target == target, F.status == "open", exceptions.covers(connection, row))
        chosen = select(
            F.id,
            literal(now, schema.Moment),
            literal(f"scan {scan}"),
            literal("excepted"),
            _json(connection, status=F.status),
            _json(connection, status=literal("excepted", Text), exception=literal(row.id)),
            literal(row.reason, Text),
            literal(scan),
        ).where(wanted)
        columns = ["finding", "at", "actor", "kind", "before", "after", "why", "scan"]
        connection.execute(insert(schema.changes).from_select(columns, chosen))
        put = connection.execute(
            update(schema.findings).where(wanted).values(status="excepted", exception=row.id, scan=scan)
        )
        count += put.rowcount
    return count


def _keep_accounts(connection: Connection, accounts: Sequence[AccountRow]) -> None:
    """Names of accounts, as the organisation tells them.  What it does not tell stays."""
    rows = [
        {"id": one.id, "name": clean(one.name), "ou": clean(one.ou), "environment": one.environment} for one in accounts
    ]
    load(
        connection,
        schema.accounts,
        rows,
        "ON CONFLICT (id) DO UPDATE SET "
        "name = CASE WHEN excluded.name = '' THEN accounts.name ELSE excluded.name END, "
        "ou = CASE WHEN excluded.ou = '' THEN accounts.ou ELSE excluded.ou END, "
        "environment = coalesce(excluded.environment, accounts.environment)",
    )
