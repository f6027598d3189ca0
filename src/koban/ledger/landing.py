"""How a scan comes into the ledger: staged as it goes, then landed as a whole or not at all.

While it runs, results and resources lie in tables of their own that nobody else reads.  `land` is one transaction: it
compares what is staged with what is there and touches only what differs.  Whoever is killed, whenever, leaves the
state before or the state after.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
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
from koban.ledger.bulk import load
from koban.ledger.database import Ledger
from koban.ledger.documents import digest_of, pack
from koban.ledger.errors import LedgerError, NotFound
from koban.ledger.inventory import land_resources
from koban.ledger.spool import encode
from koban.ledger.tallying import ZERO, tally_anew, tally_scopes
from koban.ledger.text import NOTHING, clean, clean_json, clean_or_none
from koban.ledger.trending import draw
from koban.ledger.who import Actor, scanning
from koban.model.estate import link_names
from koban.model.resource import Resource
from koban.model.result import Gap, Result, Subject

F = schema.findings.c
S = schema.staged.c
M = schema.moves.c
C = schema.scans.c
BATCH = 2_000
STALE = timedelta(minutes=3)  # a scan that has not said for so long that it lives is dead
WORDS_MAX = 1_500  # characters by which a resource is found
WORD_MAX = 120
VERDICTS = ("fail", "unknown", "excepted", "pass")  # the worst first
NOT_RUN = "the rule was not run"
NOT_PART = "not part of the last scan"
NO_LONGER = "the rule is no longer for it"
IS_GONE = "it is no longer there"


class Stopped(LedgerError):
    """The scan may not go on: it was cancelled, given up as dead, or has ended already."""


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


# -- before it lands ----------------------------------------------------------------------------------------------


def target_named(connection: Connection, name: str, kind: str, options: Mapping[str, Any]) -> int:
    """The id of the target of that name, made where there is none yet.  Raises LedgerError for one of another kind."""
    targets = schema.targets.c
    row = connection.execute(select(targets.id, targets.kind).where(targets.name == name)).first()
    if row is not None:
        if row.kind != kind:
            raise LedgerError(f"the target {name!r} is one of {row.kind}: give another name")
        return int(row.id)
    made = connection.execute(
        insert(schema.targets).values(
            name=clean(name)[:200], kind=kind, options=clean_json(options), enabled=True, created=datetime.now(UTC)
        )
    )
    return int(made.inserted_primary_key[0])  # type: ignore[index]


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
        _check_running(connection, scan)
        connection.execute(update(schema.scans).where(C.id == scan).values(**values))


def _check_running(connection: Connection, scan: int, lock: bool = False) -> Any:
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


# -- staged -------------------------------------------------------------------------------------------------------


def resource_key(target: int, subject: Subject | Resource) -> str:
    """What the ledger calls a resource of a target."""
    kind = subject.type_name if isinstance(subject, Resource) else subject.type
    return _key(target, kind, subject.account or "", subject.region or "", subject.uid)


@lru_cache(maxsize=20_000)  # of one resource there are many results
def _key(target: int, kind: str, account: str, region: str, uid: str) -> str:
    return digest_of(target, clean(kind), account, region, clean(uid))


def result_row(target: int, result: Result, environments: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """A result as it is staged; `environments` are those of resources, by key."""
    r = result.resource
    key = resource_key(target, r)
    row: dict[str, Any] = {
        "rule": result.rule,
        "verdict": result.verdict,
        "severity": result.severity,
        "rank": schema.SEVERITY_RANK[result.severity],
        "uid": clean(r.uid),
        "type": clean(r.type)[:200],
        "name": clean_or_none(r.name),
        "account": r.account or None,
        "region": r.region or None,
        "address": clean_or_none(r.address),
        "file": clean_or_none(r.file),
        "line": None if r.line is None else int(r.line),
        "environment": environments.get(key),
        "message": clean(result.message),
        "because": [clean(one) for one in result.because],
        "controls": list(result.controls),
        "fix": clean_or_none(result.fix),
        "resource": key,
    }
    row["digest"] = digest_of(*row.values())
    return row


def resource_row(target: int, resource: Resource, environment: str | None) -> dict[str, Any]:
    """A resource as it is staged."""
    document = clean(encode(resource.document))
    tags = {clean(name)[:200]: clean(value)[:300] for name, value in resource.tags.items()}
    row: dict[str, Any] = {
        "uid": clean(resource.uid),
        "type": clean(resource.type_name)[:200],
        "name": clean_or_none(resource.name),
        "account": resource.account or None,
        "region": resource.region or None,
        "environment": environment,
        "tags": tags,
        "address": clean_or_none(resource.address or None),
        "file": clean_or_none(resource.file or None),
        "line": None if resource.line is None else int(resource.line),
        "digest": _document_digest(document),
    }
    row["mark"] = digest_of(*row.values())
    row["key"] = resource_key(target, resource)
    row["document"] = document
    return row


def _document_digest(document: str) -> str:
    return digest_of(json.loads(document))


def words_of(row: Mapping[str, Any], resource: Resource) -> str:
    """By what a resource is found, lower case: what names it, its tags, and the short values of its document."""
    names = [row["uid"], row["name"], row["type"], row["account"], row["region"], row["file"], row["address"]]
    found = dict.fromkeys(one for one in names if one)
    for name, value in row["tags"].items():
        found[f"{name}={value}"] = None
    length = sum(map(len, found)) + len(found)
    stack = [resource.document]
    while stack and length < WORDS_MAX:
        value = stack.pop()
        if isinstance(value, dict):
            stack += reversed(list(value.values()))
        elif isinstance(value, list | tuple):
            stack += reversed(value)
        elif isinstance(value, str) and 3 < len(value) <= WORD_MAX and value not in found:
            found[value] = None
            length += len(value) + 1
    return clean(" ".join(found).lower())[: WORDS_MAX + 500]


def _naming(resource: Resource) -> dict[str, Any]:
    names = sorted({clean(one) for one in {*resource.names, resource.address} if one})
    links = {
        (field, link.of, clean(name))
        for field, link in type(resource).link_fields.items()
        for name in link_names(resource, link.path)
    }
    return {"names": names, "links": [list(one) for one in sorted(links)]}


class Staging:
    """Takes the results and resources of one running scan, a batch at a time.

    `environment` of a result is that of its resource, which must have come first.
    """

    def __init__(self, ledger: Ledger, scan: int) -> None:
        self.ledger = ledger
        self.scan = scan
        with ledger.reading() as connection:
            row = _check_running(connection, scan)
            others = select(C.id).where(C.target == row.target, C.id != scan, C.state.in_(("running", "landing")))
            # Documents that the ledger has are not staged, unless another scan may change them before this one lands.
            self._whole = connection.execute(others.limit(1)).first() is not None
        self.target = int(row.target)
        self._environments: dict[str, str] = {}
        self._results: list[dict[str, Any]] = []
        self._resources: dict[str, tuple[dict[str, Any], Resource]] = {}

    def result(self, result: Result) -> None:
        row = result_row(self.target, result, self._environments)
        self._results.append({"scan": self.scan, "fingerprint": result.fingerprint, **row})
        if len(self._results) >= BATCH:
            self._flush_results()

    def resource(self, resource: Resource, environment: str | None = None) -> None:
        row = resource_row(self.target, resource, environment)
        if environment is not None:
            self._environments[row["key"]] = environment
        self._resources[row["key"]] = row, resource
        if len(self._resources) >= BATCH:
            self._flush_resources()

    def finish(self) -> None:
        self._flush_results()
        self._flush_resources()

    def _flush_results(self) -> None:
        worst: dict[str, dict[str, Any]] = {}
        for row in self._results:
            other = worst.get(row["fingerprint"])
            if other is None or VERDICTS.index(row["verdict"]) < VERDICTS.index(other["verdict"]):
                worst[row["fingerprint"]] = row
        self._results = []
        if worst:
            rows = [worst[one] for one in sorted(worst)]
            with self.ledger.writing() as connection:
                _check_running(connection, self.scan)
                load(connection, schema.staged, rows, _WORST)

    def _flush_resources(self) -> None:
        given, self._resources = self._resources, {}
        if not given:
            return
        kept: dict[str, str] = {}
        if not self._whole:
            with self.ledger.reading() as connection:
                columns = schema.resources.c
                for some in _parts(sorted(given)):
                    kept |= {
                        row.key: row.mark
                        for row in connection.execute(select(columns.key, columns.mark).where(columns.key.in_(some)))
                    }
        rows = []
        for key in sorted(given):
            row, resource = given[key]
            new = kept.get(key) != row["mark"]
            row["document"] = pack(row["document"]) if new else None
            row["words"] = words_of(row, resource) if new else None
            row["naming"] = _naming(resource) if new else None
            rows.append({"scan": self.scan, **row})
        with self.ledger.writing() as connection:
            _check_running(connection, self.scan)
            load(connection, schema.staged_resources, rows, "ON CONFLICT (scan, key) DO NOTHING")


def _order_in_sql(table: str) -> str:
    whens = " ".join(f"WHEN '{one}' THEN {n}" for n, one in enumerate(VERDICTS))
    return f"CASE {table}.verdict {whens} END"


_WORST = (
    "ON CONFLICT (scan, fingerprint) DO UPDATE SET "
    + ", ".join(f'"{one}" = excluded."{one}"' for one in schema.RESULT)
    + f" WHERE {_order_in_sql('excluded')} < {_order_in_sql('staged')}"
)


def _parts(items: Sequence[Any], size: int = 1_000) -> Iterable[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def stage(
    ledger: Ledger,
    scan: int,
    results: Iterable[Result] = (),
    resources: Iterable[Resource] = (),
    environment: Callable[[Resource], str | None] | None = None,
) -> None:
    """Stage all of both, the resources first.  Raises Stopped."""
    staging = Staging(ledger, scan)
    for resource in resources:
        staging.resource(resource, environment(resource) if environment else None)
    for result in results:
        staging.result(result)
    staging.finish()


# -- landed -------------------------------------------------------------------------------------------------------


def land(ledger: Ledger, scan: int, coverage: Coverage) -> Counts:
    """Make what is staged the state of the target, in one transaction.  Raises Stopped, and Superseded."""
    with ledger.writing() as connection:  # seen by others at once: from here on it cannot be cancelled
        _check_running(connection, scan)
        now = datetime.now(UTC)
        connection.execute(
            update(schema.scans).where(C.id == scan, C.state == "running").values(state="landing", heartbeat=now)
        )
    with ledger.writing() as connection:
        _look_at(connection, schema.staged, schema.staged_resources)
    try:
        with ledger.writing() as connection:
            row = _check_running(connection, scan, lock=True)
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
        for some in _parts(sorted(coverage.controls)):
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
