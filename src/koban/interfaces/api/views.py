"""Saved filters of the console's pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from koban.interfaces.api import shown
from koban.interfaces.api.problems import problems
from koban.interfaces.api.security import Analyst, Caller, Here
from koban.interfaces.api.shapes.kinds import Page
from koban.interfaces.api.shapes.views import View, ViewAsk, ViewQuery
from koban.interfaces.api.values import Id
from koban.ledger import views
from koban.ledger.who import Actor

router = APIRouter(prefix="/views", tags=["views"])


@router.get("")
def list_views(state: Here, actor: Caller, asked: Annotated[ViewQuery, Query()]) -> Page[View]:
    """The caller's own views, and those that others share."""
    with state.ledger.reading() as connection:
        found = views.visible(connection, actor, asked.page or "")
    return Page(items=[_shape(one, actor) for one in found], next=None, total=len(found))


@router.post("", status_code=201, responses=problems(409))
def create_view(body: ViewAsk, state: Here, actor: Analyst) -> View:
    """Save a view."""
    with state.ledger.writing() as connection:
        id = views.create(
            connection, actor, page=body.page, name=body.name, query=body.query.removeprefix("?"), shared=body.shared
        )
        return _shape(views.get(connection, actor, id), actor)


@router.delete("/{id}", status_code=204)
def delete_view(id: Id, state: Here, actor: Analyst) -> Response:
    """Delete a view of one's own; an admin may delete those that others share."""
    with state.ledger.writing() as connection:
        views.remove(connection, actor, id)
    return Response(status_code=204)


def _shape(one: views.View, actor: Actor) -> View:
    return View(
        id=one.id,
        page=one.page,  # type: ignore[arg-type]
        name=one.name,
        query=one.query,
        shared=one.shared,
        owner=shown.person(one.owner, one.owner_name),
        own=one.owner == actor.user,
    )
