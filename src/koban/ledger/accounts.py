"""The accounts that scans saw: what people call them, and which environment they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, true, update

from koban.ledger import audit, schema
from koban.ledger.errors import NotFound
from koban.ledger.text import clean
from koban.ledger.who import Actor, Sight

A = schema.accounts.c


@dataclass(frozen=True)
class Account:
    id: str
    name: str
    ou: str
    environment: str | None


def every(connection: Connection, sight: Sight) -> list[Account]:
    """Those in sight, by id.  Of a sight by tags: those in which it sees a resource."""
    condition: ColumnElement[bool] = true()
    if sight.tags:
        condition = A.id.in_(select(schema.resources.c.account).where(sight.where(schema.resources)))
    elif sight.accounts is not None:
        condition = A.id.in_(sorted(sight.accounts))
    rows = connection.execute(select(A.id, A.name, A.ou, A.environment).where(condition).order_by(A.id))
    return [Account(**row._mapping) for row in rows]


def get(connection: Connection, id: str) -> Account:
    """One account.  Raises NotFound."""
    row = connection.execute(select(A.id, A.name, A.ou, A.environment).where(A.id == id)).first()
    if row is None:
        raise NotFound(f"there is no account {id}")
    return Account(**row._mapping)


def change(connection: Connection, actor: Actor, id: str, values: Mapping[str, str | None]) -> Account:
    """Name an account, or say which environment it is, from the next scan on.  Raises NotFound."""
    before = get(connection, id)
    new: dict[str, Any] = {name: clean(one) if one is not None else None for name, one in values.items()}
    told = {name: [getattr(before, name), value] for name, value in new.items() if getattr(before, name) != value}
    if told:
        connection.execute(update(schema.accounts).where(A.id == id).values(**new))
        audit.record(connection, actor, "account.change", f"account {id}", **told)
    return get(connection, id)
