"""Resources: the inventory, searched by anything; documents and what they were before; what names what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from koban.ledger import schema
from koban.ledger.documents import Difference, differences, unpack
from koban.ledger.errors import Invalid, NotFound
from koban.ledger.findings import Filters as FindingFilters
from koban.ledger.findings import Finding
from koban.ledger.findings import page as findings_page
from koban.ledger.paging import FIRST, Ask, Order, Page, encode, every, total
from koban.ledger.search import ids_with, words_of
from koban.ledger.who import Sight

R = schema.resources.c
NAMES_MAX = 500
LISTED = ("id", "key", "target", "uid", "type", "name", "account", "region", "environment", "tags", "address", "file",
          "line", "digest", "first_seen", "since", "gone")  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """Which resources.  `tag` is ``key:value`` or ``key``; `gone` None: those there and those gone."""

    type: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    target: tuple[int, ...] = ()
    gone: bool | None = False
    q: str = ""


@dataclass(frozen=True)
class Open:
    """How many findings of a resource are open, by severity."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    info: int = 0


@dataclass(frozen=True)
class Resource:
    """`since` is when the document became what it is."""

    id: int
    key: str
    target: int
    uid: str
    type: str
    name: str | None
    account: str | None
    account_name: str
    region: str | None
    environment: str | None
    tags: dict[str, str]
    address: str | None
    file: str | None
    line: int | None
    digest: str
    first_seen: datetime
    since: datetime
    last_seen: datetime | None
    gone: datetime | None
    findings: Open = field(default_factory=Open)


@dataclass(frozen=True)
class Version:
    """A document that a resource had; `until` is None for the one that it has."""

    digest: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Relation:
    """What one resource names of another: `key` is the other's, None where it was not read."""

    field: str
    type: str
    name: str
    key: str | None


@dataclass(frozen=True)
class Relations:
    out: list[Relation]
    incoming: list[Relation]


@dataclass(frozen=True)
class Facets:
    """How many resources there are of each value, most first."""

    type: list[tuple[str, int]]
    account: list[tuple[str, int]]
    region: list[tuple[str, int]]
    environment: list[tuple[str, int]]


BY_TYPE = Order("resources", (R.id,))
_landed = select(schema.targets.c.landed).where(schema.targets.c.id == R.target).scalar_subquery()


def page(connection: Connection, sight: Sight, filters: Filters = Filters(), ask: Ask = FIRST) -> Page[Resource]:
    """One page of the inventory, in the order in which the resources were first seen."""
    conditions = conditions_of(connection, sight, filters)
    asked = select(R.id).where(*conditions)
    if ask.cursor:
        asked = asked.where(BY_TYPE.after(ask.cursor))
    ids = list(connection.scalars(asked.order_by(R.id).limit(ask.limit + 1)))
    more = len(ids) > ask.limit
    items = _by_ids(connection, sight, ids[: ask.limit])
    cursor = encode(BY_TYPE, [items[-1].id]) if more else None
    if not ask.counted:
        return Page(items, cursor)
    if not ask.cursor and not more:
        return Page(items, None, len(items))
    return Page(items, cursor, *total(connection, select(R.id).where(*conditions)))


def conditions_of(connection: Connection, sight: Sight, filters: Filters) -> list[ColumnElement[bool]]:
    made: list[ColumnElement[bool]] = [] if sight.everything else [sight.where(schema.resources)]
    for name in ("type", "target"):
        if wanted := getattr(filters, name):
            made.append(R[name].in_(wanted))
    for name in ("account", "region", "environment"):
        if wanted := getattr(filters, name):
            given = R[name].in_(wanted)
            made.append(or_(given, R[name].is_(None)) if "" in wanted else given)
    if filters.gone is not None:
        made.append(R.gone.is_not(None) if filters.gone else R.gone.is_(None))
    for one in filters.tag:
        name, colon, value = one.partition(":")
        tagged = [schema.tags.c.name == name, *([schema.tags.c.value == value] if colon else [])]
        made.append(R.key.in_(select(schema.tags.c.resource).where(*tagged)))
    if words := words_of(filters.q):
        made.append(R.id.in_(ids_with(connection, words)))
    return made


def _select() -> Any:
    joined = schema.resources.outerjoin(schema.accounts, schema.accounts.c.id == R.account)
    return select(
        *(R[one] for one in LISTED),
        func.coalesce(schema.accounts.c.name, "").label("account_name"),
        func.coalesce(R.last_seen, _landed, type_=schema.Moment()).label("last_seen"),
    ).select_from(joined)


def _by_ids(connection: Connection, sight: Sight, ids: Sequence[int]) -> list[Resource]:
    if not ids:
        return []
    rows = {row.id: row for row in connection.execute(_select().where(R.id.in_(ids)))}
    counts = _open(connection, sight, [row.key for row in rows.values()])
    return [_resource(rows[one], counts) for one in ids if one in rows]


def _resource(row: Row[Any], counts: dict[str, Open]) -> Resource:
    return Resource(**row._mapping, findings=counts.get(row.key, Open()))


def _open(connection: Connection, sight: Sight, keys: Sequence[str]) -> dict[str, Open]:
    f = schema.findings.c
    asked = select(f.resource, f.rank, func.count()).where(f.resource.in_(keys), f.status == "open")
    found: dict[str, dict[str, int]] = {}
    names = list(schema.SEVERITY_RANK)
    for key, rank, n in connection.execute(asked.group_by(f.resource, f.rank)):
        found.setdefault(key, {})[names[rank]] = n
    return {key: Open(**counts) for key, counts in found.items()}


def get(connection: Connection, sight: Sight, key: str) -> Resource:
    """One resource.  Raises NotFound, also for one that is out of sight."""
    row = connection.execute(_select().where(R.key == key, sight.where(schema.resources))).first()
    if row is None:
        raise NotFound(f"there is no resource {key}")
    return _resource(row, _open(connection, sight, [key]))


def document(connection: Connection, sight: Sight, key: str, digest: str = "") -> Any:
    """The document of a resource, or the one with that digest that it had before.  Raises NotFound."""
    row = connection.execute(
        select(R.id, R.digest, R.document).where(R.key == key, sight.where(schema.resources))
    ).first()
    if row is None:
        raise NotFound(f"there is no resource {key}")
    if not digest or digest == row.digest:
        return unpack(row.document)
    v = schema.versions.c
    older = connection.execute(
        select(v.document).where(v.resource == row.id, v.digest == digest).order_by(v.id.desc()).limit(1)
    ).scalar()
    if older is None:
        raise NotFound(f"there is no document {digest} of the resource")
    return unpack(older)


def versions(connection: Connection, sight: Sight, key: str) -> list[Version]:
    """The documents that a resource had, the newest first.  Raises NotFound."""
    one = get(connection, sight, key)
    v = schema.versions.c
    asked = select(v.digest, v.since, v.until).where(v.resource == one.id).order_by(v.id.desc()).limit(1000)
    return [Version(one.digest, one.since, one.gone), *(Version(*row) for row in connection.execute(asked))]


def diff(connection: Connection, sight: Sight, key: str, before: str, after: str = "") -> list[Difference]:
    """What changed between two documents of a resource, by their digests.  Raises NotFound."""
    return differences(document(connection, sight, key, before), document(connection, sight, key, after))


def relations(connection: Connection, sight: Sight, key: str) -> Relations:
    """What the resource names, and what names it; with the key of the other where it was read and is in sight."""
    one = get(connection, sight, key)
    link, name = schema.relations.c, schema.names.c
    near = [R.target == one.target, R.gone.is_(None), sight.where(schema.resources)]
    out: dict[tuple[str, str, str], tuple[int, str | None]] = {}
    asked = select(link.field, link.type, link.name).where(link.source == key).limit(NAMES_MAX)
    for row in connection.execute(asked):
        out[row.field, row.type, row.name] = 9, None
    others = (
        select(link.field, link.type, link.name, R.key, R.account, R.region)
        .select_from(schema.relations)
        .join(schema.names, name.name == link.name)
        .join(schema.resources, and_(R.key == name.resource, R.type == link.type))
        .where(link.source == key, *near)
        .order_by(R.key)
        .limit(NAMES_MAX * 4)
    )
    for other in connection.execute(others):
        far = _far(one, other, other.name)
        if far is not None and far < out.get((other.field, other.type, other.name), (9, None))[0]:
            out[other.field, other.type, other.name] = far, other.key
    incoming = (
        select(link.field, R.type, link.name, R.key, R.account, R.region)
        .select_from(schema.names)
        .join(schema.relations, and_(link.name == name.name, link.type == one.type))
        .join(schema.resources, R.key == link.source)
        .where(name.resource == key, *near)
        .order_by(R.type, R.key)
        .limit(NAMES_MAX)
    )
    found = {
        (row.field, row.key): Relation(row.field, row.type, row.name, row.key)
        for row in connection.execute(incoming)
        if _far(one, row, row.name) is not None
    }
    outgoing = [Relation(*place, key) for place, (_, key) in sorted(out.items())]
    return Relations(outgoing, list(found.values()))


def _far(one: Resource, other: Any, name: str) -> int | None:
    """How far away another of the name is: 0 in the region, 1 in the account; None where the name does not reach."""
    if one.file or name.startswith("arn:"):
        return 0
    if (one.account or "") != (other.account or ""):
        return None
    mine, its = one.region or "", other.region or ""
    return 0 if mine == its else 1 if not mine or not its else None


def findings(connection: Connection, sight: Sight, key: str, limit: int = 100) -> list[Finding]:
    """The findings of a resource, whatever their status but passed, the worst first.  Raises NotFound."""
    get(connection, sight, key)
    filters = FindingFilters(status=("open", "excepted", "resolved"), resource=(key,))
    return findings_page(connection, sight, filters, Ask(limit, counted=False)).items


def facets(connection: Connection, sight: Sight, filters: Filters = Filters(), limit: int = 50) -> Facets:
    """How many resources the filters leave of each value."""
    conditions = conditions_of(connection, sight, filters)

    def counted(column: Any) -> list[tuple[str, int]]:
        n = func.count()
        asked = select(column, n).where(*conditions).group_by(column).order_by(n.desc(), column).limit(limit)
        return [(row[0] or "", row[1]) for row in connection.execute(asked)]

    return Facets(counted(R.type), counted(R.account), counted(R.region), counted(R.environment))


def stream(connection: Connection, sight: Sight, filters: Filters = Filters(), batch: int = 500) -> Iterator[Resource]:
    """Every resource that the filters leave, a batch at a time in memory: for exports."""
    return every(lambda cursor: page(connection, sight, filters, Ask(batch, cursor, counted=False)))


def count(connection: Connection, sight: Sight, filters: Filters = Filters()) -> int:
    """How many resources the filters leave, all of them counted."""
    conditions = conditions_of(connection, sight, filters)
    return int(connection.execute(select(func.count()).select_from(schema.resources).where(*conditions)).scalar_one())


def tag_facet(
    connection: Connection, sight: Sight, filters: Filters = Filters(), limit: int = 50
) -> list[tuple[str, int]]:
    """The tags (``key:value``) of the resources that the filters leave, most first."""
    t, n = schema.tags.c, func.count()
    asked = select(t.name, t.value, n).select_from(schema.tags.join(schema.resources, R.key == t.resource))
    asked = asked.where(*conditions_of(connection, sight, filters)).group_by(t.name, t.value)
    rows = connection.execute(asked.order_by(n.desc(), t.name, t.value).limit(limit))
    return [(f"{row[0]}:{row[1]}", row[2]) for row in rows]


def check_tag(tag: str) -> str:
    """A filter by tag as it was given.  Raises Invalid for one that names no key."""
    if not tag.partition(":")[0]:
        raise Invalid("tag", "expected key or key:value")
    return tag
