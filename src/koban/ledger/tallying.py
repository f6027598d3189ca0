"""Tallies: how many findings there are of each kind, kept with every change, so that no count goes over them all."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from koban.ledger import schema
from koban.ledger.text import NOTHING
from koban.ledger.who import Sight

F = schema.findings.c
ONE: ColumnElement[int] = literal_column("1")
ZERO: ColumnElement[int] = literal_column("0")
R = schema.resources.c
SCOPED = (schema.scope_place_tallies, schema.scope_rule_tallies, schema.scope_region_tallies)
SUMMED = {  # small ones, and the large one of which each tells less
    schema.place_tallies: schema.tallies,
    schema.rule_tallies: schema.tallies,
    schema.area_tallies: schema.region_tallies,
}
TABLES = (*SUMMED, schema.region_tallies, schema.tallies, *SCOPED)  # those of all findings, the small ones first


def kinds_of(table: Table) -> list[str]:
    """The columns by which a table tells findings apart."""
    return [one.name for one in table.columns if one.name != "n"]


def table_for(names: Collection[str]) -> Table | None:
    """The table that tells findings apart by all of these columns; None where only the findings themselves do."""
    return next((table for table in TABLES if all(one in table.c for one in names)), None)


def table_by(*names: str) -> Table:
    """As table_for, for columns that one of the tables has."""
    table = table_for(names)
    assert table is not None, names
    return table


def _kind(name: str) -> ColumnElement[Any]:
    if name == "scope":
        return R.scope
    if name in ("account", "region", "environment"):
        return func.coalesce(F[name], NOTHING).label(name)
    if name == "gone":
        return case((F.gone.is_(None), ZERO), else_=ONE).label(name)
    return F[name]


def counted(table: Table) -> Select[Any]:
    """What the table should hold of all findings."""
    kinds = [_kind(name) for name in kinds_of(table)]
    asked = select(*kinds, func.count().label("n")).group_by(*kinds)
    if table in SCOPED:
        joined = schema.findings.join(schema.resources, R.key == F.resource)
        return asked.select_from(joined).where(R.scope.is_not(None))
    return asked


def tally_anew(connection: Connection, target: int) -> None:
    """Count the findings of a target again."""
    for table in (schema.region_tallies, schema.tallies):
        connection.execute(delete(table).where(table.c.target == target))
        asked = counted(table).where(F.target == target)
        connection.execute(insert(table).from_select([*kinds_of(table), "n"], asked))
    for table, large in SUMMED.items():
        whole = large.c
        connection.execute(delete(table).where(table.c.target == target))
        kinds = [whole[one] for one in kinds_of(table)]
        asked = select(*kinds, func.sum(whole.n)).where(whole.target == target).group_by(*kinds)
        connection.execute(insert(table).from_select([*kinds_of(table), "n"], asked))
    tally_scopes(connection, target)


def tally_scopes(connection: Connection, target: int) -> None:
    """Count the findings of a target again by scope."""
    scoped = select(R.id).where(R.scope.is_not(None), R.target == target).limit(1)
    some = connection.execute(scoped).first() is not None
    for table in SCOPED:
        connection.execute(delete(table).where(table.c.target == target))
        if some:
            # Resources are of one target as their findings are: few of them may be in a scope.
            asked = counted(table).where(F.target == target, R.target == target)
            connection.execute(insert(table).from_select([*kinds_of(table), "n"], asked))


@contextlib.contextmanager
def move_tallies(connection: Connection, ids: Sequence[int]) -> Iterator[None]:
    """Keep the tallies right while the block changes these findings (at most some thousands)."""
    targets = connection.scalars(select(F.target).where(F.id.in_(ids)).distinct()).all()
    lock_targets(connection, targets)
    before = [_of(connection, table, ids) for table in TABLES]
    yield
    for table, earlier in zip(TABLES, before, strict=True):
        moved = _of(connection, table, ids)
        moved.subtract(earlier)
        names = kinds_of(table)
        for kind, n in moved.items():
            if n:
                values = dict(zip(names, kind, strict=True))
                same = [table.c[name] == value for name, value in values.items()]
                if not connection.execute(update(table).where(*same).values(n=table.c.n + n)).rowcount:
                    connection.execute(insert(table).values(**values, n=n))
        if any(n < 0 for n in moved.values()):
            connection.execute(delete(table).where(table.c.n <= 0, table.c.target.in_(targets)))


def lock_targets(connection: Connection, targets: Sequence[int]) -> None:
    """Let nobody else count the findings of these targets until the transaction ends."""
    if targets:
        asked = select(schema.targets.c.id).where(schema.targets.c.id.in_(targets)).order_by(schema.targets.c.id)
        connection.execute(asked.with_for_update()).all()


def _of(connection: Connection, table: Table, ids: Sequence[int]) -> Counter[tuple[Any, ...]]:
    rows = connection.execute(counted(table).where(F.id.in_(ids)))
    return Counter({tuple(row)[:-1]: int(row.n) for row in rows})


def tallied(connection: Connection, sight: Sight, table: Table, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many findings there are under conditions on one of the tables."""
    asked = select(func.coalesce(func.sum(table.c.n), 0)).where(*conditions, sight.where(table))
    return int(connection.execute(asked).scalar_one())
