"""Who asks, and what they may: sessions, tokens, roles, and that a request came from the console itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from sqlalchemy import Connection

from koban.app.serve.settings import Settings
from koban.interfaces.api.background import Background
from koban.interfaces.api.limits import Buckets, Limits
from koban.interfaces.api.problems import Problem
from koban.ledger import access
from koban.ledger.database import Ledger
from koban.ledger.people import rank
from koban.ledger.who import Actor

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class State:
    """What the server holds; one for each process."""

    ledger: Ledger
    data_dir: Path
    key: bytes
    settings: Settings = field(default_factory=Settings)
    clock: Callable[[], datetime] = now
    background: Background = field(default_factory=Background)
    wake: Callable[[], None] = lambda: None  # something was asked for: look at once
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(self.settings.rates, self.settings.workers)

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; with ``__Host-`` no other host or plain connection can set it."""
        return "__Host-koban" if self.settings.secure else "koban"


def state_of(request: Request) -> State:
    state = request.app.state.koban
    assert isinstance(state, State)
    return state


Here = Annotated[State, Depends(state_of)]


@dataclass(frozen=True)
class Who:
    """Who asks, and by what."""

    actor: Actor
    session: access.Session | None = None
    token: int | None = None

    @property
    def key(self) -> str:
        return f"token {self.token}" if self.token is not None else f"user {self.actor.user}"


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def identify(request: Request) -> Who:
    """Who asks; 401 if nobody is signed in.  Found once for each request."""
    known = request.scope.get("koban.who")
    if isinstance(known, Who):
        return known
    state = state_of(request)
    authorization = request.headers.get("authorization")
    who = _by_token(request, state, authorization) if authorization is not None else _by_cookie(request, state)
    if who is None:
        slow_down(state.limits.stranger, address_of(request))
        raise signed_out(state, "sign in first" if authorization is None else "the token is not valid")
    slow_down(state.limits.caller, who.key)
    request.scope["koban.who"] = who
    return who


def again(request: Request, state: State) -> Who | None:
    """Who asks as of now, for what lasts longer than a request; None if nobody any more."""
    authorization = request.headers.get("authorization")
    return _by_token(request, state, authorization) if authorization is not None else _by_cookie(request, state)


def signed_out(state: State, detail: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": "Bearer"}, methods=methods(state))


def methods(state: State) -> dict[str, Any]:
    """How people can sign in here."""
    oidc = state.settings.oidc
    return {"password": state.settings.passwords, "oidc": oidc.name if oidc else None}


def slow_down(buckets: Buckets, key: str) -> None:
    """429 if too many came by this key."""
    seconds = buckets.take(key)
    if seconds:
        raise too_many(seconds)


def too_many(seconds: int) -> Problem:
    return Problem(
        429, f"too many requests; come back in {seconds} s", kind="slow-down", headers={"Retry-After": str(seconds)}
    )


def _by_token(request: Request, state: State, authorization: str) -> Who | None:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    at = state.clock()
    with state.ledger.reading() as connection:
        row = access.bearer(connection, value.strip(), at)
    if row is None:
        return None
    if access.token_stale(row, at):
        state.background.do(lambda: _write(state, lambda connection: access.token_used(connection, row, at)))
    return Who(access.actor_of_token(row, address_of(request)), None, row["token_id"])


def _by_cookie(request: Request, state: State) -> Who | None:
    session = session_of(request, state)
    if session is None or session.stage != "full":
        return None
    if request.method not in SAFE:
        check_forgery(request, state, session)
    at = state.clock()
    if access.stale(session, at):
        state.background.do(lambda: _write(state, lambda connection: access.used(connection, session, at)))
    return Who(access.actor_of_user(access.user_in(session.user), address_of(request)), session)


def _write(state: State, change: Callable[[Connection], None]) -> None:
    with state.ledger.writing() as connection:
        change(connection)


def session_of(request: Request, state: State) -> access.Session | None:
    """The session of the request's cookie, at whichever stage."""
    value = request.cookies.get(state.cookie)
    if not value or len(value) > 200:
        return None
    with state.ledger.reading() as connection:
        return access.session_of(connection, value, state.clock(), state.settings.lifetime)


def check_forgery(request: Request, state: State, session: access.Session) -> None:
    """403 unless the request was made by the console: another site has neither its origin nor the session's token."""
    check_origin(request, state)
    if not secrets.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), session.csrf.encode()):
        raise Problem(403, f"the header {CSRF_HEADER} is missing or not this session's", kind="forgery")


def check_origin(request: Request, state: State) -> None:
    """403 if a browser says that another site sent the request."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if origin is None:
        if site in (None, "same-origin", "none"):
            return
    else:
        said = urlsplit(origin)
        scheme = "https" if state.settings.secure else request.url.scheme
        if (said.scheme, said.netloc) == (scheme, request.headers.get("host", "")):
            return
    raise Problem(403, "the request was sent by another site", kind="forgery")


class Needs:
    """A dependency: the caller, who has this role or a higher one.  With `by_session` programs are refused."""

    def __init__(self, role: str, by_session: bool = False) -> None:
        self.role = role
        self.by_session = by_session

    def __call__(self, request: Request) -> Actor:
        who = identify(request)
        if self.by_session and who.session is None:
            raise Problem(403, "only a person who is signed in can do this, not a token", kind="session-needed")
        if rank(who.actor.role) < rank(self.role):
            raise Problem(403, f"this needs the role {self.role}; yours is {who.actor.role}", kind="role")
        return who.actor


def needs(role: str, *, by_session: bool = False) -> Any:
    """``dependencies=[needs("analyst")]``, or ``actor: Annotated[Actor, needs("analyst")]`` to have the caller too."""
    return Depends(Needs(role, by_session))


Caller = Annotated[Actor, needs("viewer")]
Analyst = Annotated[Actor, needs("analyst")]
Approver = Annotated[Actor, needs("approver")]
Admin = Annotated[Actor, needs("admin")]
Person = Annotated[Actor, needs("viewer", by_session=True)]


def set_session(response: Response, state: State, value: str) -> None:
    """Strict: the console asks from its own pages, so no other site's link has to carry it."""
    response.set_cookie(
        state.cookie,
        value,
        max_age=int(state.settings.lifetime.absolute.total_seconds()),
        path="/",
        secure=state.settings.secure,
        httponly=True,
        samesite="strict",
    )


def drop_session(response: Response, state: State) -> None:
    response.delete_cookie(state.cookie, path="/", secure=state.settings.secure, httponly=True, samesite="strict")
