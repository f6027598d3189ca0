"""Users, for admins; the names of colleagues, for those who assign work."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from koban.interfaces.api.etags import ETag, IfMatch, etag, unchanged
from koban.interfaces.api.problems import Problem, problems
from koban.interfaces.api.security import Admin, Caller, Here, State
from koban.interfaces.api.session import hashed_new
from koban.interfaces.api.values import Body, Email, Id, Name, Role, Secret, SightShape
from koban.ledger import people
from koban.ledger.database import hold
from koban.ledger.who import Sight

router = APIRouter(tags=["users"])


class UserShape(BaseModel):
    id: int
    email: str
    name: str
    role: Role
    sight: SightShape
    totp: bool
    password: bool
    oidc: bool = Field(description="Whether the user signs in through the provider")
    created: datetime
    disabled: datetime | None
    locked: bool = Field(description="Whether the account waits after wrong tries")
    etag: ETag


class Users(BaseModel):
    items: list[UserShape]
    next: None = None
    total: int


class NewUser(Body):
    """With `password`, or with `invite`: then a link is answered with which the user sets one."""

    email: Email
    name: Name
    role: Role = "viewer"
    sight: SightShape = SightShape(accounts=None)
    password: Secret | None = None
    invite: bool = False


class NewUserShape(UserShape):
    link: str | None = Field(None, description="The invitation: works once, for 7 days; shown once")


class UserChange(Body):
    name: Name | None = None
    role: Role | None = None
    sight: SightShape | None = None
    disabled: bool | None = None
    totp: Annotated[
        bool | None, Field(description="false: ask for no second factor, when phone and codes are lost")
    ] = None
    invite: bool = Field(False, description="Answer with a link to set a new password")


class Colleague(BaseModel):
    id: int
    name: str
    email: str


class Colleagues(BaseModel):
    items: list[Colleague]
    next: None = None
    total: int


@router.get("/people")
def colleagues(state: Here, actor: Caller, q: Annotated[str, Query(max_length=200)] = "") -> Colleagues:
    """Who findings and cases can be given to."""
    with state.ledger.reading() as connection:
        found = [user for user in people.everyone(connection) if user["disabled"] is None]
    wanted = q.lower()
    items = [
        Colleague(id=user["id"], name=user["name"], email=user["email"])
        for user in found
        if wanted in user["name"].lower() or wanted in user["email"]
    ]
    return Colleagues(items=items, total=len(items))


@router.get("/users")
def users(state: Here, actor: Admin) -> Users:
    """All users."""
    with state.ledger.reading() as connection:
        items = [_shape(state, user) for user in people.everyone(connection)]
    return Users(items=items, total=len(items))


@router.get("/users/{id}")
def user(id: Id, state: Here, actor: Admin) -> UserShape:
    """One user."""
    with state.ledger.reading() as connection:
        return _shape(state, _found(people.find(connection, id=id)))


@router.post("/users", status_code=201, responses=problems(409))
def create_user(body: NewUser, state: Here, actor: Admin) -> NewUserShape:
    """Add a user.  Without password and invitation it is one who signs in through the provider."""
    hashed = hashed_new(state, body.password, body.email, body.name) if body.password is not None else None
    with state.ledger.writing() as connection:
        id = people.create(
            connection,
            actor,
            state.clock(),
            email=body.email,
            name=body.name,
            role=body.role,
            sight=body.sight.sight(),
            password=hashed,
        )
        made = _found(people.find(connection, id=id))
        link = people.invite_link(connection, actor, made, state.clock()) if body.invite else None
    return NewUserShape(**_shape(state, made).model_dump(), link=_link(state, link))


@router.patch("/users/{id}", responses=problems(409, 412))
def change_user(id: Id, body: UserChange, state: Here, actor: Admin, if_match: IfMatch = None) -> NewUserShape:
    """Change a user.  Other rights mean signing in again."""
    given = body.model_dump(exclude_unset=True)
    new: dict[str, Any] = {key: given[key] for key in ("name", "role") if given.get(key) is not None}
    if body.sight is not None:
        new["sight"] = body.sight.sight()
    with state.ledger.writing() as connection:
        hold(connection, "users", id)
        before = _found(people.find(connection, id=id))
        unchanged(if_match, _shape(state, before))
        people.change_guarded(actor, before)
        if body.disabled is not None and body.disabled != (before["disabled"] is not None):
            new["disabled"] = state.clock() if body.disabled else None
        people.change(connection, actor, before, **new)
        if body.totp is False and before["totp"]:
            people.set_totp(connection, actor, before, None)
            people.end_sessions(connection, id)
        link = people.invite_link(connection, actor, before, state.clock()) if body.invite else None
        after = _found(people.find(connection, id=id))
    return NewUserShape(**_shape(state, after).model_dump(), link=_link(state, link))


@router.delete("/users/{id}", status_code=204, responses=problems(409, 412))
def delete_user(id: Id, state: Here, actor: Admin, if_match: IfMatch = None) -> Response:
    """Remove a user with their sessions, tokens and views; what they did stays in the audit log."""
    with state.ledger.writing() as connection:
        hold(connection, "users", id)
        before = _found(people.find(connection, id=id))
        unchanged(if_match, _shape(state, before))
        people.remove(connection, actor, before)
    return Response(status_code=204)


def _found(user: people.User | None) -> people.User:
    if user is None:
        raise Problem(404, "there is no such user")
    return user


def _link(state: State, secret: str | None) -> str | None:
    return None if secret is None else link_to(state.settings.url, secret)


def link_to(url: str, secret: str) -> str:
    """The address of a one-time link.  Behind the #, so that it is in nobody's log."""
    return f"{url}/setup#token={secret}"


def _shape(state: State, user: people.User) -> UserShape:
    edited = [user[name] for name in ("id", "email", "name", "role", "sight", "disabled")]
    return UserShape(
        id=user["id"],
        email=user["email"],
        name=user["name"],
        role=user["role"],
        sight=SightShape.of(Sight.of(user["sight"]).stored()),
        totp=bool(user["totp"]),
        password=user["password"] is not None,
        oidc=user["issuer"] is not None,
        created=user["created"],
        disabled=user["disabled"],
        locked=people.locked(user, state.clock()),
        etag=etag(*edited, bool(user["totp"])),
    )
