"""Findings: asked for by page, by group and by facet.  What people decide about them: :mod:`koban.ledger.decisions`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    Text,
    and_,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from koban.ledger import schema, scopes
from koban.ledger.errors import Invalid, NotFound
from koban.ledger.paging import COUNTED_MAX, FIRST, Ask, Order, Page, decode, encode, total_of
from koban.ledger.search import rules_and_resources, rules_of
from koban.ledger.tallying import table_for, tallied
from koban.ledger.text import NOTHING
from koban.ledger.who import Sight

F = schema.findings.c
FACET_MAX = 50
FACETED_MAX = 10_000  # findings that are looked at for facets that no tally holds
GROUPS_MAX = 500

By = Literal["rule", "account", "region", "type", "severity", "environment", "resource"]
Sort = Literal["severity", "first_seen", "last_seen", "rule", "resource"]
SEVERITIES = tuple(schema.SEVERITY_RANK)


@dataclass(frozen=True)
class Filters:
    """Which findings: each that is given must hold, by one of its values.  Empty: any.

    In `account`, `region` and `environment` an empty text is "none".  `control` is ``framework:control``.  `assignee`
    is a user's id, or None for nobody.  `q` are words, each found in the resource's words or the rule's name.
    `seen_since`: read and judged so at or after it.
    """

    status: tuple[str, ...] = ("open",)
    verdict: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    framework: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    assignee: tuple[int | None, ...] = ()
    target: tuple[int, ...] = ()
    resource: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    q: str = ""
    seen_since: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """One rule and one resource of a target, as of the last scan that read it, and what people decided."""

    id: int
    fingerprint: str
    target: int
    rule: str
    verdict: str
    status: str
    severity: str
    uid: str
    type: str
    name: str | None
    account: str | None
    account_name: str
    region: str | None
    address: str | None
    file: str | None
    line: int | None
    environment: str | None
    message: str
    because: list[str]
    controls: list[str]
    fix: str | None
    resource: str | None
    first_seen: datetime
    last_seen: datetime | None
    resolved: datetime | None
    reopened: int
    gone: datetime | None
    not_read: str | None
    assignee: int | None
    assignee_name: str | None
    exception: int | None
    exception_expires: date | None


@dataclass(frozen=True)
class Change:
    """One step in the life of a finding; `actor` is a person's or token's name, or ``scan 12``."""

    id: int
    at: datetime
    actor: str
    kind: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    why: str
    scan: int | None


@dataclass(frozen=True)
class Comment:
    id: int
    at: datetime
    author: int | None
    author_name: str
    text: str


@dataclass(frozen=True)
class Group:
    """How many findings share a value: `count` is all of them, then by severity."""

    key: str
    label: str
    count: int
    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    info: int = 0


@dataclass(frozen=True)
class Facets:
    """How many findings there are of each value, of those that the filters leave; `FACET_MAX` values at most.

    `partial`: only the worst `FACETED_MAX` of the findings were looked at, for there are more.
    """

    status: dict[str, int]
    severity: dict[str, int]
    verdict: dict[str, int]
    account: list[Group]
    region: list[Group]
    type: list[Group]
    rule: list[Group]
    environment: list[Group]
    partial: bool = False


def order_of(sort: Sort = "severity", descending: bool | None = None) -> Order:
    """How a list is sorted.  By severity and by time, the worst and the newest come first unless told otherwise."""
    if sort == "severity":
        return Order("severity", (F.rank, F.id), descending is False)
    if sort == "rule":
        return Order("rule", (F.rule, F.rank, F.id), bool(descending))
    if sort == "resource":
        return Order("resource", (F.uid, F.id), bool(descending))
    if sort == "first_seen":
        return Order("first_seen", (F.first_seen, F.id), descending is not False)
    if sort == "last_seen":
        return Order("last_seen", (F.last_seen, F.target, F.id), descending is not False)
    raise Invalid("sort", "one of severity, first_seen, last_seen, rule, resource")


_landed = select(schema.targets.c.landed).where(schema.targets.c.id == F.target).scalar_subquery()
LAST_SEEN = func.coalesce(F.last_seen, _landed, type_=schema.Moment()).label("last_seen")


def page(
    connection: Connection,
    sight: Sight,
    filters: Filters = Filters(),
    ask: Ask = FIRST,
    sort: Sort = "severity",
    descending: bool | None = None,
) -> Page[Finding]:
    """One page of the findings that the filters leave."""
    order = order_of(sort, descending)
    conditions = conditions_of(connection, sight, filters)
    find = _ids_by_last_seen if sort == "last_seen" else _ids
    table = tallies_for(connection, sight, filters)
    counts = total_of(ask.cursor) if ask.cursor else None
    # What no tally counts is counted while it is found: two walks would take twice as long.
    whole = ask.counted and counts is None and table is None and not ask.cursor
    ids = find(connection, conditions, filters.status, order, COUNTED_MAX + 1 if whole else ask.limit + 1, ask.cursor)
    if whole:
        counts = (None, COUNTED_MAX) if len(ids) > COUNTED_MAX else (len(ids), None)
    elif ask.counted and counts is None:
        counts = count(connection, sight, filters, conditions)
    more = len(ids) > ask.limit
    items = _by_ids(connection, ids[: ask.limit])
    cursor = None
    if more:
        last = items[-1]
        values = {"rank": schema.SEVERITY_RANK[last.severity], **vars(last)}
        cursor = encode(order, [values[str(one.key)] for one in order.columns], counts)
    return Page(items, cursor, *(counts or (None, None)))


def _ids(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    statuses: Sequence[str],
    order: Order,
    limit: int,
    cursor: str,
) -> list[int]:
    # One query a status: each goes along an index that begins with it.
    found: list[Any] = []
    for status in statuses or schema.STATUSES:
        asked = select(F.id, *(one.label(f"k{n}") for n, one in enumerate(order.columns))).where(
            F.status == status, *conditions
        )
        if cursor:
            asked = asked.where(order.after(cursor))
        found += connection.execute(order.by(asked).limit(limit)).all()
    found.sort(key=lambda row: tuple(row)[1:], reverse=order.down)
    return [row.id for row in found[:limit]]


def _ids_by_last_seen(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    statuses: Sequence[str],
    order: Order,
    limit: int,
    cursor: str,
) -> list[int]:
    # What its target's last scan read has no moment of its own: one query a status and target for these, and one a
    # status for the others.
    after = decode(cursor, order) if cursor else None
    t = schema.targets.c
    landed = connection.execute(select(t.id, t.landed).where(t.landed.is_not(None))).all()
    found: list[tuple[Any, ...]] = []
    for status in statuses or schema.STATUSES:
        asked = select(F.last_seen, F.target, F.id).where(F.status == status, F.last_seen.is_not(None), *conditions)
        if after is not None:
            asked = asked.where(order.after(cursor))
        found += map(tuple, connection.execute(order.by(asked).limit(limit)))
        for target in landed:
            asked = select(F.id).where(F.status == status, F.last_seen.is_(None), F.target == target.id, *conditions)
            if after is not None and (target.landed, target.id) == tuple(after[:2]):
                asked = asked.where(F.id < after[2] if order.down else F.id > after[2])
            elif after is not None and ((target.landed, target.id) > tuple(after[:2])) is order.down:
                continue
            # All of the order's columns, though two are the same in all: PostgreSQL knows the index by them.
            ids = connection.scalars(order.by(asked).limit(limit))
            found += ((target.landed, target.id, one) for one in ids)
    found.sort(reverse=order.down)
    return [one[2] for one in found[:limit]]


def conditions_of(connection: Connection, sight: Sight, filters: Filters) -> list[ColumnElement[bool]]:
    """What must hold of a finding beside its status."""
    made: list[ColumnElement[bool]] = []
    if not sight.everything:
        made.append(sight.where(schema.findings))
    made += plain_conditions(connection, schema.findings, filters)
    if filters.assignee:
        users = [one for one in filters.assignee if one is not None]
        nobody = [F.assignee.is_(None)] if None in filters.assignee else []
        made.append(or_(*([F.assignee.in_(users)] if users else []), *nobody))
    if filters.resource:
        made.append(F.resource.in_(filters.resource))
    if filters.ids:
        made.append(F.id.in_(filters.ids))
    if filters.seen_since is not None:
        made.append(_seen_since(connection, filters.seen_since))
    if filters.q.strip():
        made.append(rules_and_resources(connection, filters.q))
    return made


def plain_conditions(connection: Connection, table: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions that findings and tallies both can tell, beside the status."""
    made: list[ColumnElement[bool]] = []
    columns = table.c
    for name in ("verdict", "type", "rule", "target"):
        if wanted := getattr(filters, name):
            made.append(columns[name].in_(wanted))
    for name in ("account", "region", "environment"):
        if wanted := getattr(filters, name):
            given = columns[name].in_(wanted)
            made.append(or_(given, columns[name].is_(None)) if "" in wanted else given)
    if filters.severity:
        ranks = [schema.SEVERITY_RANK[one] for one in filters.severity if one in schema.SEVERITY_RANK]
        made.append(columns.rank.in_(ranks))
    if filters.framework or filters.control:
        rules = rules_of(connection, filters.framework, filters.control)
        made.append(columns.rule.in_(rules) if rules else false())
    return made


def _seen_since(connection: Connection, moment: datetime) -> ColumnElement[bool]:
    targets = connection.scalars(select(schema.targets.c.id).where(schema.targets.c.landed >= moment)).all()
    again = and_(F.last_seen.is_(None), F.target.in_(targets))
    return or_(F.last_seen >= moment, again) if targets else F.last_seen >= moment


def by_status(filters: Filters, table: Any = schema.findings) -> list[ColumnElement[bool]]:
    return [table.c.status.in_(filters.status)] if filters.status else []


def tallies_for(connection: Connection, sight: Sight, filters: Filters, *by: str) -> Table | None:
    """The tallies that can answer, also by these columns: none knows a single finding or a word."""
    one_by_one = filters.assignee or filters.resource or filters.ids or filters.q.strip()
    if one_by_one or filters.seen_since is not None or (sight.tags and not scopes.known(connection, sight)):
        return None
    names = [one for one in ("account", "region", "environment", "type", "rule") if getattr(filters, one)]
    if filters.framework or filters.control:
        names.append("rule")
    limited = ["scope"] if sight.tags else [] if sight.accounts is None else ["account"]
    return table_for([*names, *by, *limited])


def count(
    connection: Connection,
    sight: Sight,
    filters: Filters,
    conditions: Sequence[ColumnElement[bool]] | None = None,
) -> tuple[int | None, int | None]:
    """How many findings there are: (exact, None), or (None, at least) beyond `COUNTED_MAX`."""
    table = tallies_for(connection, sight, filters)
    if table is not None:
        exact = tallied(connection, sight, table, _tally_conditions(connection, table, filters))
        return (None, COUNTED_MAX) if exact > COUNTED_MAX else (exact, None)
    if conditions is None:
        conditions = conditions_of(connection, sight, filters)
    some = select(F.id).where(*by_status(filters), *conditions).limit(COUNTED_MAX + 1).subquery()
    found = int(connection.execute(select(func.count()).select_from(some)).scalar_one())
    return (None, COUNTED_MAX) if found > COUNTED_MAX else (found, None)


def _tally_conditions(connection: Connection, table: Table, filters: Filters) -> list[ColumnElement[bool]]:
    return [*by_status(filters, table), *plain_conditions(connection, table, filters)]


def _by_ids(connection: Connection, ids: Sequence[int]) -> list[Finding]:
    if not ids:
        return []
    rows = connection.execute(_whole().where(F.id.in_(ids))).all()
    found = {row.id: _finding(row) for row in rows}
    return [found[one] for one in ids if one in found]


_NAMES = tuple(one.name for one in fields(Finding))


def _whole() -> Any:
    joined = (
        schema.findings.outerjoin(schema.accounts, schema.accounts.c.id == F.account)
        .outerjoin(schema.users, schema.users.c.id == F.assignee)
        .outerjoin(schema.exceptions, schema.exceptions.c.id == F.exception)
    )
    others = {
        "account_name": func.coalesce(schema.accounts.c.name, "").label("account_name"),
        "last_seen": LAST_SEEN,
        "assignee_name": schema.users.c.name.label("assignee_name"),
        "exception_expires": schema.exceptions.c.expires.label("exception_expires"),
    }
    return select(*(others[name] if name in others else F[name] for name in _NAMES)).select_from(joined)


def _finding(row: Row[Any]) -> Finding:
    return Finding(**row._mapping)


def get(connection: Connection, sight: Sight, id: int) -> Finding:
    """One finding.  Raises NotFound, also for one that is out of sight."""
    row = connection.execute(_whole().where(F.id == id, sight.where(schema.findings))).first()
    if row is None:
        raise NotFound(f"there is no finding {id}")
    return _finding(row)


def history(connection: Connection, sight: Sight, id: int, limit: int = 500) -> list[Change]:
    """The newest changes of a finding, newest first.  Raises NotFound."""
    get(connection, sight, id)
    names = [one.name for one in fields(Change)]
    changes = schema.changes.c
    asked = select(*(changes[one] for one in names)).where(changes.finding == id).order_by(changes.id.desc())
    return [Change(**row._mapping) for row in connection.execute(asked.limit(limit))]


def comments(connection: Connection, sight: Sight, id: int) -> list[Comment]:
    """What people wrote about a finding, oldest first.  Raises NotFound."""
    get(connection, sight, id)
    return comments_where(connection, schema.comments.c.finding == id)


def comments_where(connection: Connection, which: ColumnElement[bool]) -> list[Comment]:
    """Comments, oldest first.  Who wrote one is named as they are now; who is gone, as they were known then."""
    one, author = schema.comments.c, schema.users.c
    name = func.coalesce(author.name, one.author_name).label("author_name")
    joined = schema.comments.outerjoin(schema.users, author.id == one.author)
    asked = select(one.id, one.at, one.author, name, one.text).select_from(joined).where(which).order_by(one.id)
    return [Comment(**row._mapping) for row in connection.execute(asked)]


def related(connection: Connection, sight: Sight, id: int, limit: int = 20) -> list[Finding]:
    """Other findings of the same resource that are open, the worst first.  Raises NotFound."""
    one = get(connection, sight, id)
    if one.resource is None:
        return []
    filters = Filters(resource=(one.resource,))
    return [found for found in page(connection, sight, filters, Ask(limit + 1, counted=False)).items if found.id != id][
        :limit
    ]


def stream(connection: Connection, sight: Sight, filters: Filters = Filters(), batch: int = 500) -> Iterator[Finding]:
    """Every finding that the filters leave, worst first, a batch at a time in memory: for exports."""
    cursor: str | None = ""
    while cursor is not None:
        found = page(connection, sight, filters, Ask(batch, cursor, counted=False))
        yield from found.items
        cursor = found.next


def groups(
    connection: Connection,
    sight: Sight,
    by: By,
    filters: Filters = Filters(),
    limit: int = GROUPS_MAX,
) -> list[Group]:
    """How many findings there are by a value, the values with most findings first; `limit` of them at most."""
    if by not in ("rule", "account", "region", "type", "severity", "environment", "resource"):
        raise Invalid("by", "one of rule, account, region, type, severity, environment, resource")
    name = "rank" if by == "severity" else by
    found: dict[Any, dict[int, int]] = {}
    if by == "resource":  # as many as there are resources: the database keeps the most, and they alone are looked at
        keys = _most(connection, sight, filters, limit)
        filters = replace(filters, resource=tuple(keys))
        if not keys:
            return []
    for key, rank, n in _grouped(connection, sight, filters, name, "rank"):
        counts = found.setdefault(key, {})
        counts[rank] = counts.get(rank, 0) + n
    most = sorted(found.items(), key=lambda one: (-sum(one[1].values()), one[0]))[:limit]
    labels = _labels(connection, by, [key for key, _ in most])
    made = []
    for key, counts in most:
        text = SEVERITIES[key] if by == "severity" else str(key)
        ranked = {severity: counts.get(rank, 0) for severity, rank in schema.SEVERITY_RANK.items()}
        made.append(Group(text, labels.get(text, text), sum(counts.values()), **ranked))
    return made


def _most(connection: Connection, sight: Sight, filters: Filters, limit: int) -> list[str]:
    # An index has those that are open, and the database takes it when it reads that word in the question; SQLite
    # has to be told, which is right only where all of them count.
    is_open = filters.status == ("open",)
    status = [F.status == literal_column("'open'")] if is_open else by_status(filters)
    conditions = conditions_of(connection, sight, filters)
    asked = select(F.resource).where(*status, *conditions, F.resource.is_not(None)).group_by(F.resource)
    if is_open and not conditions:
        asked = asked.with_hint(schema.findings, "INDEXED BY ix_findings_open", "sqlite")
    return list(connection.scalars(asked.order_by(func.count().desc(), F.resource).limit(limit)))


def _grouped(connection: Connection, sight: Sight, filters: Filters, *by: str) -> list[tuple[Any, ...]]:
    """(value..., how many) of the findings that the filters leave, by one or more columns."""
    table: Any = tallies_for(connection, sight, filters, *by)
    number: ColumnElement[int]
    if table is not None:
        number = func.sum(table.c.n)
        conditions = [*_tally_conditions(connection, table, filters), sight.where(table)]
    else:
        table, number = schema.findings, func.count()
        conditions = [*by_status(filters), *conditions_of(connection, sight, filters)]
    keys = [
        func.coalesce(table.c[one], NOTHING)
        if one in ("account", "region", "environment", "resource")
        else table.c[one]
        for one in dict.fromkeys(by)
    ]
    rows = connection.execute(select(*keys, number).where(*conditions).group_by(*keys))
    return [(*(row[list(dict.fromkeys(by)).index(one)] for one in by), int(row[-1])) for row in rows]


def _labels(connection: Connection, by: By, keys: Sequence[str]) -> dict[str, str]:
    if by == "account":
        asked = select(schema.accounts.c.id, schema.accounts.c.name).where(schema.accounts.c.id.in_(keys))
        return {row.id: row.name for row in connection.execute(asked) if row.name}
    if by == "resource":
        columns = schema.resources.c
        found = connection.execute(select(columns.key, columns.name, columns.uid).where(columns.key.in_(keys)))
        return {row.key: row.name or row.uid for row in found}
    return {}


FACETS = ("status", "severity", "verdict", "account", "region", "type", "rule", "environment")


def facets(connection: Connection, sight: Sight, filters: Filters = Filters(), names: Sequence[str] = FACETS) -> Facets:
    """How many findings the filters leave of each value of these columns; nothing of the others."""
    found, partial = _counted_by_each(
        connection, sight, filters, ["rank" if one == "severity" else one for one in names]
    )

    def counted(name: str) -> list[tuple[Any, int]]:
        return sorted(found.get(name, {}).items(), key=lambda one: (-one[1], one[0]))[:FACET_MAX]

    def listed(name: By) -> list[Group]:
        most = counted(name)
        labels = _labels(connection, name, [key for key, _ in most if key])
        return [Group(key, labels.get(key, key), n) for key, n in most]

    return Facets(
        status=dict(counted("status")),
        severity={SEVERITIES[rank]: n for rank, n in sorted(counted("rank"))},
        verdict=dict(counted("verdict")),
        account=listed("account"),
        region=listed("region"),
        type=listed("type"),
        rule=listed("rule"),
        environment=listed("environment"),
        partial=partial,
    )


def _counted_by_each(
    connection: Connection, sight: Sight, filters: Filters, names: Sequence[str]
) -> tuple[dict[str, Counter[Any]], bool]:
    """How many findings there are of each value of each column, and whether that is not of all of them."""
    found: dict[str, Counter[Any]] = {}
    rest = []
    for name in names:
        if tallies_for(connection, sight, filters, name) is None:
            rest.append(name)
        else:
            found[name] = Counter(dict(_grouped(connection, sight, filters, name)))
    if not rest:
        return found, False
    conditions = [*by_status(filters), *conditions_of(connection, sight, filters)]
    asked = select(*(F[one] for one in rest)).where(*conditions).order_by(F.status, F.rank, F.id).limit(FACETED_MAX + 1)
    more = asked.cte("more")
    worst = select(more).limit(FACETED_MAX).cte("worst")
    values = {one: func.coalesce(cast(worst.c[one], Text), NOTHING) for one in rest}
    counted = [select(literal(one, Text), values[one], func.count()).group_by(values[one]) for one in rest]
    whole = select(literal("", Text), NOTHING, func.count()).select_from(more)
    found |= {one: Counter() for one in rest}
    partial = False
    for name, value, n in connection.execute(union_all(whole, *counted)):
        if name:
            found[name][int(value) if name == "rank" else value] += n
        else:
            partial = n > FACETED_MAX
    return found, partial
