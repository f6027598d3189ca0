"""Scopes: which of the tags by which somebody's sight is limited a resource has.

A scope is a set of such tags, as some resource has it; there are few, however many tags there are.  Tallies by scope
answer for a sight by tags what the others answer for a sight of all.  A tag that a new sight names is learned by the
server within a minute; until then the findings themselves are counted: slower, and the same.

The account of a resource belongs to its scope where a sight names it beside tags, as a tag with an empty name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from koban.ledger import schema
from koban.ledger.bulk import load
from koban.ledger.database import Ledger
from koban.ledger.documents import digest_of
from koban.ledger.tallying import ZERO, lock_targets, tally_scopes
from koban.ledger.text import NOTHING
from koban.ledger.who import Sight

P = schema.scope_pairs.c
R = schema.resources.c
T = schema.tags.c
NAME_MAX, VALUE_MAX = 200, 300  # characters, as of a tag that is kept
BATCH = 1_000
MOVED = timedelta(days=2)  # for which what scans moved is told anew by a tag that is learned

Pair = tuple[str, str]


def pairs_of(sight: Sight) -> frozenset[Pair]:
    """What a scope must tell apart so that the sight can be told by scopes; nothing for one without tags."""
    if not sight.tags:
        return frozenset()
    accounts = {("", one) for one in sight.accounts or ()}
    return frozenset(accounts | {(name, value) for name, values in sight.tags.items() for value in values})


def _kept(pair: Pair) -> bool:
    return len(pair[0]) <= NAME_MAX and len(pair[1]) <= VALUE_MAX and "\0" not in pair[0] + pair[1]


def known(connection: Connection, sight: Sight, since: datetime | None = None) -> bool:
    """Whether scopes tell the sight: all of its tags are learned, before the moment where one is given."""
    if "" in sight.tags:
        return False
    wanted = pairs_of(sight)
    names = {name for name, _ in wanted}
    conditions = [P.name.in_(names), *([P.since < since] if since is not None else [])]
    return wanted <= {tuple(row) for row in connection.execute(select(P.name, P.value).where(*conditions))}


def keep(ledger: Ledger) -> int:
    """Learn the tags that the sights of users and tokens name and no scope knows; returns how many those are."""
    with ledger.reading() as connection:
        if not _new(connection):
            return 0
    with ledger.writing() as connection:
        return learn(connection)


def learn(connection: Connection, sights: Iterable[Sight] = ()) -> int:
    """Put the resources into the scopes that the sights of users and tokens, and these, need; and count them."""
    targets = connection.scalars(select(schema.targets.c.id).order_by(schema.targets.c.id)).all()
    lock_targets(connection, targets)  # nothing lands while the tags are learned
    new = _new(connection, sights)
    if not new:
        return 0
    since = datetime.now(UTC) - MOVED
    load(connection, schema.scope_pairs, [{"name": one[0], "value": one[1], "since": since} for one in sorted(new)])
    ids: set[int] = set()
    for name, value in new:
        if name:
            tagged = select(T.resource).where(T.name == name, T.value == value)
            ids.update(connection.scalars(select(R.id).where(R.key.in_(tagged))))
        else:
            ids.update(connection.scalars(select(R.id).where(R.account == value)))
    if rescope(connection, sorted(ids)):
        for target in targets:
            tally_scopes(connection, target)
        _tell_movements_anew(connection, since)
    return len(new)


def _tell_movements_anew(connection: Connection, since: datetime) -> None:
    m, c, f = schema.movements.c, schema.changes.c, schema.findings.c
    scans = select(schema.scans.c.id).where(schema.scans.c.finished >= since)
    connection.execute(delete(schema.movements).where(m.scan.in_(scans)))
    place = func.coalesce(f.account, NOTHING), func.coalesce(R.scope, ZERO)
    joined = schema.changes.join(schema.findings, f.id == c.finding).outerjoin(schema.resources, R.key == f.resource)
    counted = select(c.scan, *place, c.kind, func.count()).select_from(joined).group_by(c.scan, *place, c.kind)
    # A landing's changes are some seconds older than its end, and it may take an hour.
    counted = counted.where(c.at >= since - timedelta(hours=1), c.kind.in_(schema.MOVEMENTS), c.scan.in_(scans))
    connection.execute(insert(schema.movements).from_select(["scan", "account", "scope", "kind", "n"], counted))


def _new(connection: Connection, sights: Iterable[Sight] = ()) -> set[Pair]:
    named = {one for sight in sights for one in pairs_of(sight)}
    for table in (schema.users, schema.tokens):
        for stored in connection.scalars(select(table.c.sight)):
            named |= pairs_of(Sight.of(stored))
    there = {tuple(row) for row in connection.execute(select(P.name, P.value))}
    return {one for one in named if _kept(one)} - there


def rescope(connection: Connection, ids: Sequence[int]) -> bool:
    """Put resources into the scopes of the tags that they have; returns whether any comes into another."""
    if connection.execute(select(P.name).limit(1)).first() is None:
        return False
    before: dict[int, int | None] = {}
    pairs: dict[int, set[Pair]] = defaultdict(set)
    accounts = set(connection.scalars(select(P.value).where(P.name == "")))
    told = and_(P.name == T.name, P.value == T.value)
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        for row in connection.execute(select(R.id, R.account, R.scope).where(R.id.in_(some))):
            before[row.id] = row.scope
            if row.account in accounts:
                pairs[row.id].add(("", row.account))
        tagged = schema.resources.join(schema.tags, R.key == T.resource).join(schema.scope_pairs, told)
        asked = select(R.id, T.name, T.value).select_from(tagged).where(R.id.in_(some), T.name != "")
        for row in connection.execute(asked):
            pairs[row.id].add((row.name, row.value))
    numbers = _numbers(connection, {frozenset(one) for one in pairs.values()})
    moved: dict[int | None, list[int]] = defaultdict(list)
    for id, scope in before.items():
        wanted = numbers[frozenset(pairs[id])] if id in pairs else None
        if wanted != scope:
            moved[wanted].append(id)
    for scope, its in moved.items():
        for start in range(0, len(its), BATCH):
            some = its[start : start + BATCH]
            connection.execute(update(schema.resources).where(R.id.in_(some)).values(scope=scope))
    return bool(moved)


def _numbers(connection: Connection, sets: set[frozenset[Pair]]) -> dict[frozenset[Pair], int]:
    """The ids of the scopes that are these sets of tags, made where there is none yet."""
    named = {digest_of(*(part for pair in sorted(one) for part in pair)): one for one in sets}
    scopes, found = schema.scopes.c, {}
    # In one order, so that two landings at once never wait for each other.
    load(connection, schema.scopes, [{"digest": one} for one in sorted(named)], "ON CONFLICT (digest) DO NOTHING")
    rows = []
    for start in range(0, len(named), BATCH):
        some = sorted(named)[start : start + BATCH]
        for row in connection.execute(select(scopes.id, scopes.digest).where(scopes.digest.in_(some))):
            found[named[row.digest]] = int(row.id)
            rows += [{"name": name, "value": value, "scope": row.id} for name, value in sorted(named[row.digest])]
    load(
        connection,
        schema.scope_tags,
        sorted(rows, key=lambda one: (one["scope"], one["name"])),
        "ON CONFLICT DO NOTHING",
    )
    return found
