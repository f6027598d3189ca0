"""Tokens, for programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from koban.interfaces.api.problems import Problem
from koban.interfaces.api.security import Analyst, Here, needs
from koban.interfaces.api.values import Body, Id, Name, Role, SightShape
from koban.ledger import access
from koban.ledger.who import Actor

router = APIRouter(prefix="/tokens", tags=["tokens"])


class Token(BaseModel):
    id: int
    name: str
    prefix: str = Field(description="How it starts, after `koban_`")
    owner: str = Field(description="E-mail address of its user")
    role: Role
    sight: SightShape
    created: datetime
    expires: datetime
    used: datetime | None
    revoked: datetime | None


class Tokens(BaseModel):
    items: list[Token]
    next: None = None
    total: int


class NewToken(Body):
    """It may do and see no more than its user; less is better."""

    name: Annotated[Name, Field(max_length=100)]
    role: Role = "viewer"
    sight: SightShape | None = Field(None, description="Left out: what its user sees")
    days: int = Field(90, ge=1, le=365, description="How long it works")


class NewTokenShape(Token):
    token: str = Field(description="The token itself: shown this once")


@router.get("")
def tokens(
    state: Here, actor: Analyst, all: Annotated[bool, Query(description="Everybody's; for admins")] = False
) -> Tokens:
    """One's own tokens."""
    if all and not actor.may("admin"):
        raise Problem(403, "only an admin sees everybody's tokens", kind="role")
    with state.ledger.reading() as connection:
        items = [_shape(row) for row in access.tokens_of(connection, None if all else actor.user)]
    return Tokens(items=items, total=len(items))


@router.post("", status_code=201)
def create_token(
    body: NewToken, state: Here, actor: Annotated[Actor, needs("analyst", by_session=True)]
) -> NewTokenShape:
    """Make a token.  A token cannot make another."""
    at = state.clock()
    with state.ledger.writing() as connection:
        id, value = access.issue(
            connection,
            actor,
            at,
            name=body.name,
            role=body.role,
            sight=actor.sight if body.sight is None else body.sight.sight(),
            expires=at + timedelta(days=body.days),
        )
        made = next(row for row in access.tokens_of(connection, actor.user) if row["id"] == id)
    return NewTokenShape(**_shape(made).model_dump(), token=value)


@router.delete("/{id}", status_code=204)
def revoke_token(id: Id, state: Here, actor: Analyst) -> Response:
    """End a token: one's own, or anybody's by an admin."""
    with state.ledger.writing() as connection:
        if not access.revoke(connection, actor, id, state.clock(), own=not actor.may("admin")):
            raise Problem(404, "there is no such token")
    return Response(status_code=204)


def _shape(row: Any) -> Token:
    return Token(
        id=row["id"],
        name=row["name"],
        prefix=row["prefix"],
        owner=row["email"],
        role=row["role"],
        sight=SightShape.of(row["sight"]),
        created=row["created"],
        expires=row["expires"],
        used=row["used"],
        revoked=row["revoked"],
    )
