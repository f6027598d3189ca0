"""Cases: findings that somebody works on together, with an owner, a state and comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update

from koban.ledger import audit, schema
from koban.ledger.bulk import batches
from koban.ledger.decisions import Changed, change, choose, said
from koban.ledger.errors import Invalid, NotFound
from koban.ledger.findings import Comment, Finding, Sort, comments_where
from koban.ledger.findings import Filters as FindingFilters
from koban.ledger.findings import page as findings_page
from koban.ledger.paging import FIRST, Ask, Order, Page, paged
from koban.ledger.text import clean
from koban.ledger.who import Actor, Sight

C = schema.cases.c
I = schema.case_items.c
F = schema.findings.c
STATES = ("open", "working", "closed")
KEEP: Any = object()  # of an edit: leave it as it is


@dataclass(frozen=True)
class Case:
    """`findings` is how many findings are in it, `open` how many of them are open."""

    id: int
    title: str
    state: str
    severity: str
    owner: int | None
    owner_name: str | None
    summary: str
    created: datetime
    updated: datetime
    closed: datetime | None
    findings: int
    open: int


@dataclass(frozen=True)
class Filters:
    state: tuple[str, ...] = ()
    owner: tuple[int | None, ...] = ()
    q: str = ""


NEWEST = Order("cases", (C.id,), down=True)
_NAMES = tuple(one.name for one in fields(Case))


def _select() -> Any:
    items = schema.case_items.join(schema.findings, F.id == I.finding)
    every = select(func.count()).where(I.case == C.id).scalar_subquery()
    still = select(func.count()).select_from(items).where(I.case == C.id, F.status == "open").scalar_subquery()
    others: dict[str, ColumnElement[Any]] = {
        "owner_name": schema.users.c.name.label("owner_name"),
        "findings": every.label("findings"),
        "open": still.label("open"),
    }
    return select(*(others[one] if one in others else C[one] for one in _NAMES)).select_from(
        schema.cases.outerjoin(schema.users, schema.users.c.id == C.owner)
    )


def _in_sight(sight: Sight) -> list[ColumnElement[bool]]:
    """Of a limited sight: cases with a finding in it, and cases without findings."""
    if sight.everything:
        return []
    items = schema.case_items.join(schema.findings, F.id == I.finding)
    seen = exists().select_from(items).where(I.case == C.id, sight.where(schema.findings))
    return [seen | ~exists().where(I.case == C.id)]


def page(connection: Connection, sight: Sight, filters: Filters = Filters(), ask: Ask = FIRST) -> Page[Case]:
    """One page of the cases, newest first."""
    asked = _select().where(*_in_sight(sight))
    if filters.state:
        asked = asked.where(C.state.in_(filters.state))
    if filters.owner:
        users = [one for one in filters.owner if one is not None]
        owned = C.owner.in_(users)
        asked = asked.where(owned | C.owner.is_(None) if None in filters.owner else owned)
    if filters.q.strip():
        text = clean(filters.q).strip().lower()[:300]
        asked = asked.where(func.lower(C.title).contains(text, autoescape=True))
    return paged(connection, asked, NEWEST, ask).map(lambda row: Case(**row._mapping))


def get(connection: Connection, sight: Sight, id: int) -> Case:
    """One case.  Raises NotFound."""
    row = connection.execute(_select().where(C.id == id, *_in_sight(sight))).first()
    if row is None:
        raise NotFound(f"there is no case {id}")
    return Case(**row._mapping)


def of_finding(connection: Connection, sight: Sight, finding: int) -> list[Case]:
    """The cases that a finding is in, the newest first."""
    within = select(I.case).where(I.finding == finding)
    rows = connection.execute(_select().where(C.id.in_(within), *_in_sight(sight)).order_by(C.id.desc()).limit(50))
    return [Case(**row._mapping) for row in rows]


def findings(connection: Connection, sight: Sight, id: int, ask: Ask = FIRST, sort: Sort = "severity") -> Page[Finding]:
    """The findings of a case that are in sight, a page at a time.  Raises NotFound."""
    get(connection, sight, id)
    ids = tuple(connection.scalars(select(I.finding).where(I.case == id)))
    if not ids:
        return Page([], None, 0)
    return findings_page(connection, sight, FindingFilters(status=(), ids=ids), ask, sort)


def comments(connection: Connection, sight: Sight, id: int) -> list[Comment]:
    """What people wrote about a case, oldest first.  Raises NotFound."""
    get(connection, sight, id)
    return comments_where(connection, schema.comments.c.case == id)


def create(
    connection: Connection,
    actor: Actor,
    *,
    title: str,
    severity: str = "medium",
    owner: int | None = None,
    summary: str = "",
    findings: Sequence[int] = (),
) -> int:
    """Open a case, with findings in it if there are any.  Returns its id."""
    now = datetime.now(UTC)
    values = {
        "title": _title(title),
        "state": "open",
        "severity": _severity(severity),
        "owner": _owner(connection, owner),
        "summary": clean(summary)[:20_000],
        "created": now,
        "updated": now,
    }
    made = connection.execute(insert(schema.cases).values(**values))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    if findings:
        _put(connection, actor, number, findings)
    told = {name: values[name] for name in ("title", "severity", "owner")}
    audit.record(connection, actor, "case.create", f"case {number}", **told, findings=len(findings))
    return number


def edit(
    connection: Connection,
    actor: Actor,
    id: int,
    *,
    title: Any = KEEP,
    state: Any = KEEP,
    severity: Any = KEEP,
    owner: Any = KEEP,
    summary: Any = KEEP,
) -> Case:
    """Change what is said of a case; what is not given stays.  Raises NotFound, Invalid."""
    before = get(connection, actor.sight, id)
    now = datetime.now(UTC)
    values: dict[str, Any] = {}
    if title is not KEEP:
        values["title"] = _title(title)
    if state is not KEEP:
        if state not in STATES:
            raise Invalid("state", f"one of {', '.join(STATES)}")
        values["state"] = state
    if severity is not KEEP:
        values["severity"] = _severity(severity)
    if owner is not KEEP:
        values["owner"] = _owner(connection, owner)
    if summary is not KEEP:
        values["summary"] = clean(summary)[:20_000]
    told = {name: [getattr(before, name), value] for name, value in values.items() if getattr(before, name) != value}
    if not told:
        return before
    if "state" in told:
        values["closed"] = now if values["state"] == "closed" else None
    connection.execute(update(schema.cases).where(C.id == id).values(**values, updated=now))
    audit.record(connection, actor, "case.edit", f"case {id}", **told)
    return get(connection, actor.sight, id)


def put(connection: Connection, actor: Actor, id: int, findings: Sequence[int]) -> Changed:
    """Put findings into a case.  Raises NotFound."""
    get(connection, actor.sight, id)
    made = _put(connection, actor, id, findings)
    if made.changed:
        audit.record(connection, actor, "case.put", f"case {id}", findings=list(findings))
    return made


def _put(connection: Connection, actor: Actor, id: int, findings: Sequence[int]) -> Changed:
    seen = choose(connection, actor.sight, ids=findings)
    there: set[int] = set()
    for some in batches(seen):
        there.update(connection.scalars(select(I.finding).where(I.case == id, I.finding.in_(some))))
    new = [one for one in seen if one not in there]
    if new:
        connection.execute(insert(schema.case_items), [{"case": id, "finding": one} for one in new])
        connection.execute(update(schema.cases).where(C.id == id).values(updated=datetime.now(UTC)))
    change(connection, actor, ((one, None, {"case": id}) for one in new), "case")
    known = set(seen)
    skipped = [(one, "it is in the case already") for one in seen if one in there]
    skipped += [(one, "there is no such finding") for one in sorted(set(findings)) if one not in known]
    return Changed(len(new), skipped)


def take(connection: Connection, actor: Actor, id: int, findings: Sequence[int]) -> Changed:
    """Take findings out of a case.  Raises NotFound."""
    get(connection, actor.sight, id)
    seen = choose(connection, actor.sight, ids=findings)
    taken: list[int] = []
    for some in batches(seen):
        there = list(connection.scalars(select(I.finding).where(I.case == id, I.finding.in_(some))))
        connection.execute(delete(schema.case_items).where(I.case == id, I.finding.in_(there)))
        taken += there
    change(connection, actor, ((one, {"case": id}, None) for one in taken), "case")
    if taken:
        connection.execute(update(schema.cases).where(C.id == id).values(updated=datetime.now(UTC)))
        audit.record(connection, actor, "case.take", f"case {id}", findings=taken)
    return Changed(len(taken), [(one, "it is not in the case") for one in sorted(set(findings) - set(taken))])


def comment(connection: Connection, actor: Actor, id: int, text: str) -> Comment:
    """Write a comment to a case.  Raises NotFound, Invalid."""
    get(connection, actor.sight, id)
    text = said(text)
    now = datetime.now(UTC)
    values = {"case": id, "at": now, "author": actor.user, "author_name": clean(actor.name)[:200], "text": text}
    number = int(connection.execute(insert(schema.comments).values(**values)).inserted_primary_key[0])  # type: ignore[index]
    connection.execute(update(schema.cases).where(C.id == id).values(updated=now))
    audit.record(connection, actor, "case.comment", f"case {id}", comment=number)
    return comments_where(connection, schema.comments.c.id == number)[0]


def _title(title: str) -> str:
    title = clean(title).strip()
    if not 0 < len(title) <= 300:
        raise Invalid("title", "1 to 300 characters")
    return title


def _severity(severity: str) -> str:
    if severity not in schema.SEVERITY_RANK:
        raise Invalid("severity", f"one of {', '.join(schema.SEVERITY_RANK)}")
    return severity


def _owner(connection: Connection, owner: int | None) -> int | None:
    if owner is not None:
        users = schema.users.c
        if connection.execute(select(users.id).where(users.id == owner, users.disabled.is_(None))).first() is None:
            raise Invalid("owner", f"there is no user {owner}")
    return owner
