"""Signing in and out: the first admin, e-mail and password, the second factor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from koban import __version__
from koban.interfaces.api.problems import Problem, problems
from koban.interfaces.api.security import (
    Here,
    Person,
    State,
    address_of,
    check_origin,
    drop_session,
    identify,
    methods,
    session_of,
    set_session,
    signed_out,
    slow_down,
)
from koban.interfaces.api.values import Body, Email, Name, Role, Secret, SightShape
from koban.ledger import access, audit, people, totp
from koban.ledger.passwords import BadPassword, check_new
from koban.ledger.seal import unseal
from koban.ledger.who import Actor

router = APIRouter(tags=["session"])

TOTP_PURPOSE = "totp"
WRONG = (
    "the e-mail address or the password is wrong, or the account waits after too many wrong tries "
    "(try again in a while)"
)


class Methods(BaseModel):
    password: bool = Field(description="By e-mail and password")
    oidc: str | None = Field(description="By OpenID Connect: the name of the provider")


class Me(BaseModel):
    id: int
    email: str
    name: str
    role: Role
    sight: SightShape
    locale: str
    theme: str
    totp: bool = Field(description="Whether a second factor is asked")
    password: bool = Field(description="Whether there is a password of our own")


class SessionShape(BaseModel):
    """Who is signed in."""

    stage: Literal["full"] = "full"
    user: Me
    csrf: str = Field(description="What requests that change something carry in `X-CSRF-Token`")
    methods: Methods
    version: str


class Stage(BaseModel):
    """The password was right; the code of the second factor is asked next."""

    stage: Literal["totp"] = "totp"


class SignIn(Body):
    email: Email
    password: Secret


class Code(Body):
    code: Secret = Field(description="Of the authenticator, or a recovery code")


class SetupNeeded(BaseModel):
    needed: bool = Field(description="Whether there is no admin who can sign in yet")


class Setup(Body):
    """Of a one-time link: the first admin's, or an invitation's (which knows e-mail and name)."""

    token: Secret
    password: Secret
    email: Email | None = None
    name: Name | None = None


@router.get("/setup")
def setup_needed(state: Here) -> SetupNeeded:
    """Whether Koban waits for its first admin."""
    with state.ledger.reading() as connection:
        return SetupNeeded(needed=people.admins(connection) == 0)


@router.post("/setup", responses=problems(401, 409))
def setup(body: Setup, request: Request, response: Response, state: Here) -> SessionShape | Stage:
    """Use a one-time link up: make the first admin, or set the password of an invited user."""
    _guard(request, state)
    with state.ledger.reading() as connection:
        purpose = people.link_of(connection, body.token, state.clock())
        user = _invited(connection, purpose)
    email = user["email"] if user is not None else body.email
    name = user["name"] if user is not None else body.name
    if purpose is None or (purpose != "setup" and user is None):
        raise Problem(
            401, "this link was used already, is too old or was never one", kind="link", methods=methods(state)
        )
    if email is None or name is None:
        raise Problem(422, "e-mail and name are needed", errors=[("email", "is needed"), ("name", "is needed")])
    hashed = hashed_new(state, body.password, email, name)
    with state.ledger.writing() as connection:
        if people.take_link(connection, body.token, state.clock()) != purpose:
            raise Problem(401, "this link was used already", kind="link", methods=methods(state))
        user = _settled(connection, state, request, user, email, body.name or name, hashed)
        return enter(connection, state, request, response, user, how="link")


def _invited(connection: Connection, purpose: str | None) -> people.User | None:
    kind, _, id = (purpose or "").partition(":")
    return people.find(connection, id=int(id)) if kind == "invite" else None


def _settled(
    connection: Connection,
    state: State,
    request: Request,
    user: people.User | None,
    email: str,
    name: str,
    hashed: str,
) -> people.User:
    """The user of a link, with the new password."""
    actor = Actor("system", "one-time link", role="admin", address=address_of(request))
    if user is None:
        if people.admins(connection):
            raise Problem(409, "there is an admin already")
        known = people.find(connection, email=email)
        if known is None:
            people.create(connection, actor, state.clock(), email=email, name=name, role="admin", password=hashed)
        else:
            people.set_password(connection, actor, known, hashed)
            people.change(connection, actor, known, role="admin", disabled=None)
    else:
        if user["disabled"] is not None:
            raise Problem(401, "this account is disabled", kind="link", methods=methods(state))
        people.set_password(connection, actor, user, hashed)
        people.settle(connection, user["id"], name=name)
    found = people.find(connection, email=email)
    assert found is not None
    return found


@router.post("/session", responses=problems(401))
def sign_in(body: SignIn, request: Request, response: Response, state: Here) -> SessionShape | Stage:
    """Sign in with e-mail and password; `stage` says whether a code is asked next."""
    _guard(request, state)
    if not state.settings.passwords:
        raise Problem(403, "people sign in through the provider here")
    with state.ledger.reading() as connection:
        user = people.find(connection, email=body.email)
    # The same work whoever it is, and one answer for unknown, wrong and locked: nobody learns which accounts exist.
    kept = user["password"] if user is not None else None
    right = state.settings.hasher.verify(kept, body.password)
    rehashed = state.settings.hasher.hash(body.password) if right and state.settings.hasher.stale(kept or "") else None
    at = state.clock()
    refused = None
    with state.ledger.writing() as connection:
        now = people.find(connection, email=body.email)
        if now is None:
            actor = Actor("system", "nobody", address=address_of(request))
            audit.record(connection, actor, "session.refused", "user unknown", why="no such user")
            refused = WRONG
        elif people.locked(now, at):
            audit.record(connection, _stranger(now, request), "session.refused", f"user {now['email']}", why="locked")
            refused = WRONG
        elif not right or now["password"] != kept or now["disabled"] is not None:
            why = "disabled" if now["disabled"] is not None else "password"
            people.failed(connection, _stranger(now, request), now, at, why)
            refused = WRONG
        else:
            if rehashed is not None:
                people.rehash(connection, now["id"], kept, rehashed)
            entered = enter(connection, state, request, response, now, how="password")
    if refused is not None:
        _count(request, "password", "refused")
        raise Problem(401, refused, kind="wrong", methods=methods(state))
    _count(request, "password", "accepted")
    return entered


def _guard(request: Request, state: State) -> None:
    """What every way of signing in asks first."""
    check_origin(request, state)
    slow_down(state.limits.sign_in, address_of(request))


def _stranger(user: Mapping[str, Any], request: Request) -> Actor:
    return Actor("user", f"{user['email']} (not signed in)", None, "viewer", address=address_of(request))


def _count(request: Request, how: str, outcome: str) -> None:
    request.app.state.metrics.sign_ins.labels(how, outcome).inc()


def enter(
    connection: Connection,
    state: State,
    request: Request,
    response: Response,
    user: Mapping[str, Any],
    *,
    how: str,
    second: bool = True,
) -> SessionShape | Stage:
    """Start a session under a new name, whatever cookie came with the request; the one it named ends."""
    old = request.cookies.get(state.cookie)
    if old:
        access.drop(connection, old)
    stage = "totp" if second and user["totp"] else "full"
    value, csrf = access.start(
        connection,
        user["id"],
        state.clock(),
        state.settings.lifetime,
        stage=stage,
        address=address_of(request),
        agent=request.headers.get("user-agent", ""),
    )
    set_session(response, state, value)
    if stage == "totp":
        return Stage()
    people.succeeded(connection, user["id"], state.clock())
    actor = access.actor_of_user(user, address_of(request))
    audit.record(connection, actor, "session.start", f"user {user['email']}", how=how)
    return shape_of(state, user, csrf)


@router.post("/session/totp", responses=problems(401))
def second_factor(body: Code, request: Request, response: Response, state: Here) -> SessionShape:
    """The second factor: a code of the authenticator, or a recovery code."""
    _guard(request, state)
    session = session_of(request, state)
    if session is None or session.stage != "totp":
        raise signed_out(state, "sign in with e-mail and password first")
    at = state.clock()
    entered: SessionShape | Stage | None = None
    with state.ledger.writing() as connection:
        user = people.find(connection, id=access.user_in(session.user)["id"])
        assert user is not None
        if people.locked(user, at) or not user["totp"]:
            access.end(connection, session.digest, user["id"])
        elif (how := accepted(connection, state, user, body.code)) is not None:
            access.end(connection, session.digest, user["id"])
            entered = enter(connection, state, request, response, user, how=how, second=False)
        else:
            people.failed(connection, _stranger(user, request), user, at, "second factor")
    _count(request, "totp", "refused" if entered is None else "accepted")
    if not isinstance(entered, SessionShape):
        raise Problem(
            401, "this code is wrong, was used already or came too late", kind="wrong", methods=methods(state)
        )
    return entered


def accepted(connection: Connection, state: State, user: people.User, code: str) -> str | None:
    """How a code was accepted, which then cannot be used again; None if it was not."""
    step = totp.step_of(unseal(state.key, TOTP_PURPOSE, user["totp"]), code, state.clock(), user["totp_last"])
    if step is not None:
        return "password and code" if people.use_step(connection, user["id"], step) else None
    if people.use_recovery(connection, user, totp.recovery_digest(code)):
        return "password and recovery code"
    return None


@router.get("/session", responses=problems(401))
def session(request: Request, state: Here, _person: Person) -> SessionShape:
    """Who is signed in; with 401 `methods` says how to."""
    who = identify(request)
    assert who.session is not None
    return shape_of(state, access.user_in(who.session.user), who.session.csrf)


@router.delete("/session", status_code=204)
def sign_out(request: Request, state: Here, actor: Person) -> Response:
    """End this session."""
    who = identify(request)
    assert who.session is not None
    assert actor.user is not None
    with state.ledger.writing() as connection:
        access.end(connection, who.session.digest, actor.user)
        audit.record(connection, actor, "session.end", f"user {actor.name}")
    response = Response(status_code=204, headers={"Clear-Site-Data": '"cache"'})
    drop_session(response, state)
    return response


def shape_of(state: State, user: Mapping[str, Any], csrf: str) -> SessionShape:
    return SessionShape(
        user=Me(
            id=user["id"],
            email=user["email"],
            name=user["name"],
            role=user["role"],
            sight=SightShape.of(user["sight"]),
            locale=user["locale"],
            theme=user["theme"],
            totp=bool(user["totp"]),
            password=bool(user["password"]),
        ),
        csrf=csrf,
        methods=Methods(**methods(state)),
        version=__version__,
    )


def hashed_new(state: State, password: str, email: str, name: str) -> str:
    """The hash of a new password; 422 if the rules refuse it."""
    try:
        check_new(password, email, name)
    except BadPassword as error:
        raise Problem(422, str(error), errors=[("password", str(error))]) from error
    return state.settings.hasher.hash(password)
