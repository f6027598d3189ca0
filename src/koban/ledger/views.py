"""Views: filters of a page that somebody saved under a name, for themselves or for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, or_, select

from koban.ledger import audit
from koban.ledger.errors import Conflict, NotFound, Refused
from koban.ledger.schema import users, views
from koban.ledger.text import clean
from koban.ledger.who import Actor

OWN_MAX = 200  # views of one person


@dataclass(frozen=True)
class View:
    id: int
    owner: int
    owner_name: str
    page: str
    name: str
    query: str
    shared: bool


def _select() -> Select[Any]:
    columns = (views.c.id, views.c.owner, views.c.page, views.c.name, views.c.query, views.c.shared)
    return select(*columns, users.c.name.label("owner_name")).join_from(views, users, users.c.id == views.c.owner)


def visible(connection: Connection, actor: Actor, page: str = "") -> list[View]:
    """The actor's own and those that are shared, by name."""
    asked = _select().where(or_(views.c.owner == actor.user, views.c.shared))
    if page:
        asked = asked.where(views.c.page == page)
    rows = connection.execute(asked.order_by(func.lower(views.c.name), views.c.id).limit(1000))
    return [View(**row._mapping) for row in rows]


def get(connection: Connection, actor: Actor, id: int) -> View:
    """One view.  Raises NotFound, also for another's that is not shared."""
    row = connection.execute(
        _select().where(views.c.id == id, or_(views.c.owner == actor.user, views.c.shared))
    ).first()
    if row is None:
        raise NotFound(f"there is no view {id}")
    return View(**row._mapping)


def create(connection: Connection, actor: Actor, *, page: str, name: str, query: str, shared: bool) -> int:
    """Save a view; its number.  Raises Conflict where the name is taken."""
    if actor.user is None:
        raise Refused("a view is somebody's")
    name = clean(name).strip()
    same = (views.c.owner == actor.user, views.c.page == page, views.c.name == name)
    if connection.execute(select(views.c.id).where(*same)).first() is not None:
        raise Conflict(f"you have a view named {name!r} already")
    number = connection.execute(select(func.count()).where(views.c.owner == actor.user)).scalar_one()
    if number >= OWN_MAX:
        raise Conflict(f"you have {OWN_MAX} views: delete one first")
    values = {"owner": actor.user, "page": page, "name": name, "query": clean(query), "shared": shared}
    made = connection.execute(insert(views).values(**values))
    id = int(made.inserted_primary_key[0])  # type: ignore[index]
    audit.record(connection, actor, "view.create", f"view {id}", page=page, name=name, shared=shared)
    return id


def remove(connection: Connection, actor: Actor, id: int) -> None:
    """Delete a view of one's own; an admin may delete what is shared.  Raises NotFound, Refused."""
    found = get(connection, actor, id)
    if found.owner != actor.user and not actor.may("admin"):
        raise Refused("it is somebody else's view")
    connection.execute(delete(views).where(views.c.id == id))
    audit.record(connection, actor, "view.delete", f"view {id}", name=found.name)
