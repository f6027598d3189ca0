"""Tallies: how many findings there are of each kind, kept with every change, so that no count goes over them all."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, delete, func, insert, literal_column, select, update

from koban.ledger import schema
from koban.ledger.who import Sight

F = schema.findings.c
T = schema.tallies.c
# In the text of the statement: PostgreSQL does not see that two bound values are the same where it groups.
NOTHING: ColumnElement[str] = literal_column("''")
ONE: ColumnElement[int] = literal_column("1")
ZERO: ColumnElement[int] = literal_column("0")
KINDS = ("status", "rule", "account", "region", "environment", "type", "rank", "verdict", "gone", "target")


def _kinds() -> list[ColumnElement[Any]]:
    made: list[ColumnElement[Any]] = []
    for name in KINDS:
        if name in ("account", "region", "environment"):
            made.append(func.coalesce(F[name], NOTHING).label(name))
        elif name == "gone":
            made.append(case((F.gone.is_(None), ZERO), else_=ONE).label(name))
        else:
            made.append(F[name])
    return made


def _counted() -> Select[Any]:
    kinds = _kinds()
    return select(*kinds, func.count().label("n")).group_by(*kinds)


def tally_anew(connection: Connection, target: int) -> None:
    """Count the findings of a target again."""
    connection.execute(delete(schema.tallies).where(T.target == target))
    counted = _counted().where(F.target == target)
    connection.execute(insert(schema.tallies).from_select([*KINDS, "n"], counted))


@contextlib.contextmanager
def move_tallies(connection: Connection, ids: Sequence[int]) -> Iterator[None]:
    """Keep the tallies right while the block changes these findings (at most some thousands)."""
    targets = connection.scalars(select(F.target).where(F.id.in_(ids)).distinct()).all()
    lock_targets(connection, targets)
    before = _of(connection, ids)
    yield
    after = _of(connection, ids)
    after.subtract(before)
    for kind, n in after.items():
        if n:
            same = [T[name] == value for name, value in zip(KINDS, kind, strict=True)]
            if not connection.execute(update(schema.tallies).where(*same).values(n=T.n + n)).rowcount:
                connection.execute(insert(schema.tallies).values(**dict(zip(KINDS, kind, strict=True)), n=n))
    if any(n < 0 for n in after.values()):
        connection.execute(delete(schema.tallies).where(T.n <= 0, T.target.in_(targets)))


def lock_targets(connection: Connection, targets: Sequence[int]) -> None:
    """Let nobody else count the findings of these targets until the transaction ends."""
    if targets:
        asked = select(schema.targets.c.id).where(schema.targets.c.id.in_(targets)).order_by(schema.targets.c.id)
        connection.execute(asked.with_for_update()).all()


def _of(connection: Connection, ids: Sequence[int]) -> Counter[tuple[Any, ...]]:
    rows = connection.execute(_counted().where(F.id.in_(ids)))
    return Counter({tuple(row)[:-1]: int(row.n) for row in rows})


def tallied(connection: Connection, sight: Sight, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many findings there are under conditions on `schema.tallies`."""
    asked = select(func.coalesce(func.sum(T.n), 0)).where(*conditions, sight.where(schema.tallies))
    return int(connection.execute(asked).scalar_one())
