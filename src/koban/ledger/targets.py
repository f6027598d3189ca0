"""What is scanned: accounts, organisations, directories of code; and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from koban.ledger import audit, schema
from koban.ledger.errors import Conflict, LedgerError, NotFound
from koban.ledger.text import clean, clean_json
from koban.ledger.who import Actor

T = schema.targets.c


@dataclass(frozen=True)
class Target:
    id: int
    name: str
    kind: str
    options: dict[str, Any]
    every_seconds: int | None
    enabled: bool
    created: datetime
    landed: datetime | None


_COLUMNS = tuple(T[one.name] for one in fields(Target))


def every(connection: Connection) -> list[Target]:
    """All of them, by name."""
    return [Target(**row._mapping) for row in connection.execute(select(*_COLUMNS).order_by(T.name))]


def get(connection: Connection, id: int) -> Target:
    """One target.  Raises NotFound."""
    row = connection.execute(select(*_COLUMNS).where(T.id == id)).first()
    if row is None:
        raise NotFound(f"there is no target {id}")
    return Target(**row._mapping)


def create(
    connection: Connection,
    actor: Actor,
    now: datetime,
    *,
    name: str,
    kind: str,
    options: Mapping[str, Any],
    every_seconds: int | None = None,
    enabled: bool = True,
) -> int:
    """A new target.  Raises Conflict if the name is taken."""
    _free(connection, name)
    row = {
        "name": name,
        "kind": kind,
        "options": dict(options),
        "every_seconds": every_seconds,
        "enabled": enabled,
        "created": now,
    }
    made = connection.execute(insert(schema.targets).values(row)).inserted_primary_key
    assert made is not None
    audit.record(
        connection, actor, "target.create", f"target {name}", kind=kind, options=row["options"], every=every_seconds
    )
    return int(made[0])


def change(connection: Connection, actor: Actor, id: int, **new: Any) -> Target:
    """Change name, options, every_seconds or enabled.  Raises NotFound or Conflict."""
    before = get(connection, id)
    if "name" in new and new["name"] != before.name:
        _free(connection, new["name"])
    values = {key: value for key, value in new.items() if getattr(before, key) != value}
    if values:
        connection.execute(update(schema.targets).where(T.id == id).values(values))
        audit.record(connection, actor, "target.change", f"target {before.name}", **values)
    return get(connection, id)


def remove(connection: Connection, actor: Actor, id: int) -> None:
    """Take a target away, and all that its scans found.  Raises NotFound or, while it is scanned, Conflict."""
    before = get(connection, id)
    if connection.scalar(
        select(schema.scans.c.id).where(
            schema.scans.c.target == id, schema.scans.c.state.in_(("queued", "running", "landing"))
        )
    ):
        raise Conflict("it is being scanned; cancel the scan first")
    connection.execute(delete(schema.targets).where(T.id == id))
    audit.record(connection, actor, "target.delete", f"target {before.name}")


def _free(connection: Connection, name: str) -> None:
    if connection.scalar(select(T.id).where(T.name == name)) is not None:
        raise Conflict("there is a target of this name already")


def target_named(connection: Connection, name: str, kind: str, options: Mapping[str, Any]) -> int:
    """The id of the target of that name, made where there is none yet.  Raises LedgerError for one of another kind."""
    row = connection.execute(select(T.id, T.kind).where(T.name == name)).first()
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
