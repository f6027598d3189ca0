"""How the resources of a scan come into the inventory: what is new, what has another document, what is gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, delete, exists, func, insert, literal, not_, null, or_, select, update

from koban.ledger import schema, scopes
from koban.ledger.bulk import load

R = schema.resources.c
N = schema.staged_resources.c
BATCH = 1_000


def land_resources(
    connection: Connection,
    scan: int,
    target: int,
    moment: datetime,
    before: datetime | None,
    unread: Callable[[str, str, str, str], str | None],
) -> tuple[int, bool]:
    """Make the staged resources of a scan those of the target.

    Returns how many were read, and whether any came into another scope.
    """
    same = and_(N.scan == scan, N.key == R.key)
    changed = and_(same, N.digest != R.digest)
    old = select(R.id, R.since, literal(moment, schema.Moment), R.document, R.digest).select_from(
        schema.resources.join(schema.staged_resources, changed)
    )
    connection.execute(insert(schema.versions).from_select(["resource", "since", "until", "document", "digest"], old))
    renewed = _renewed(connection, scan)
    differs = or_(N.mark != R.mark, R.gone.is_not(None), R.last_seen.is_not(None))
    connection.execute(
        update(schema.resources)
        .where(same, differs)
        .values(
            **{name: N[name] for name in schema.PROPERTIES},
            since=case((N.digest != R.digest, literal(moment, schema.Moment)), else_=R.since),
            document=func.coalesce(N.document, R.document),
            gone=null(),
            last_seen=null(),
        )
    )
    moment_ = literal(moment, schema.Moment)
    known = exists().where(R.key == N.key)
    new = (
        select(literal(target), N.key, *(N[name] for name in schema.PROPERTIES), moment_, moment_, N.document)
        .where(N.scan == scan, not_(known))
        .order_by(N.type, N.key)
    )
    names = ["target", "key", *schema.PROPERTIES, "first_seen", "since", "document"]
    connection.execute(insert(schema.resources).from_select(names, new))
    moved = _name(connection, scan, renewed)
    _missing(connection, scan, target, moment, before, unread)
    return int(connection.execute(select(func.count()).where(N.scan == scan)).scalar_one()), moved


def _renewed(connection: Connection, scan: int) -> list[str]:
    """The keys of staged resources that are new or not as they were."""
    joined = schema.staged_resources.outerjoin(schema.resources, R.key == N.key)
    differs = or_(R.key.is_(None), R.mark != N.mark)
    asked = select(N.key).select_from(joined).where(N.scan == scan, N.naming.is_not(None), differs).order_by(N.key)
    return list(connection.scalars(asked))


def _name(connection: Connection, scan: int, keys: Sequence[str]) -> bool:
    """Write anew by what these resources are found, and what they name; returns whether any came into another scope."""
    ids: list[int] = []
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        for table, column in (
            (schema.texts, schema.texts.c.resource),
            (schema.tags, schema.tags.c.resource),
            (schema.names, schema.names.c.resource),
            (schema.relations, schema.relations.c.source),
        ):
            connection.execute(delete(table).where(column.in_(some)))
        tags: list[dict[str, Any]] = []
        names: list[dict[str, Any]] = []
        links: list[dict[str, Any]] = []
        texts = select(R.id, N.key, N.words).join_from(schema.staged_resources, schema.resources, R.key == N.key)
        texts = texts.where(N.scan == scan, N.key.in_(some)).order_by(R.id)
        connection.execute(insert(schema.texts).from_select(["id", "resource", "words"], texts))
        ids += connection.scalars(select(R.id).where(R.key.in_(some)))
        asked = select(N.key, N.tags, N.naming).where(N.scan == scan, N.key.in_(some)).order_by(N.key)
        for row in connection.execute(asked):
            tags += [{"name": name, "value": value, "resource": row.key} for name, value in row.tags.items()]
            names += [{"name": one, "resource": row.key} for one in row.naming["names"]]
            links += [
                {"source": row.key, "field": field, "type": kind, "name": name}
                for field, kind, name in row.naming["links"]
            ]
        load(connection, schema.tags, tags)
        load(connection, schema.names, names)
        load(connection, schema.relations, links)
    return scopes.rescope(connection, ids)


def _missing(
    connection: Connection,
    scan: int,
    target: int,
    moment: datetime,
    before: datetime | None,
    unread: Callable[[str, str, str, str], str | None],
) -> None:
    staged = exists().where(N.scan == scan, N.key == R.key)
    asked = select(R.id, R.type, R.account, R.region, R.file, R.last_seen).where(
        R.target == target, R.gone.is_(None), not_(staged)
    )
    answers: dict[tuple[str, str, str, str], str | None] = {}
    gone: list[int] = []
    stays: list[int] = []
    for row in connection.execute(asked):
        place = (row.type, row.account or "", row.region or "", row.file or "")
        if place not in answers:
            answers[place] = unread(*place)
        if answers[place] is None:
            gone.append(row.id)
        elif row.last_seen is None:
            stays.append(row.id)
    last = func.coalesce(R.last_seen, literal(before, schema.Moment))
    for start in range(0, len(gone), BATCH):
        some = gone[start : start + BATCH]
        connection.execute(update(schema.resources).where(R.id.in_(some)).values(gone=moment, last_seen=last))
    for start in range(0, len(stays), BATCH):
        some = stays[start : start + BATCH]
        connection.execute(update(schema.resources).where(R.id.in_(some)).values(last_seen=last))
