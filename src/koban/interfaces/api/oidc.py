"""Signing in through an OpenID Connect provider."""

from __future__ import annotations

import json
import logging
import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from koban.app.serve.oidc import Identity, OidcError, Provider, role_for
from koban.app.serve.settings import Oidc
from koban.interfaces.api.problems import Problem
from koban.interfaces.api.security import Here, State, address_of, slow_down
from koban.interfaces.api.session import enter
from koban.ledger import people
from koban.ledger.errors import Conflict
from koban.ledger.seal import BadKey, seal, unseal
from koban.ledger.who import Actor

router = APIRouter(prefix="/auth/oidc", tags=["session"])
log = logging.getLogger("koban.oidc")

PURPOSE = "oidc"
VALID_SECONDS = 600  # how long one may take at the provider
SIGN_IN_PAGE = "/signin"


class Unwelcome(Exception):
    """The provider knows them, but they may not sign in here; `code` says why, for the console to explain."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@router.get("/login", status_code=303, response_class=Response)
def login(state: Here, request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Send the browser to the provider."""
    provider = _provider(request, state)
    slow_down(state.limits.stranger, address_of(request))
    asked: dict[str, Any] = {
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48),
        "next": next if _local(next) else "/",
        "at": state.clock().timestamp(),
    }
    try:
        address = provider.address(_redirect_uri(state), asked["state"], asked["nonce"], asked["verifier"])
    except OidcError as error:
        log.error("sign-in through the provider failed: %s", error)
        return RedirectResponse(f"{SIGN_IN_PAGE}?problem=provider", 303)
    response = RedirectResponse(address, 303)
    response.set_cookie(
        _cookie(state),
        seal(state.key, PURPOSE, json.dumps(asked)),
        max_age=VALID_SECONDS,
        path="/",
        secure=state.settings.secure,
        httponly=True,
        samesite="lax",  # the provider sends the browser back with it
    )
    return response


@router.get("/callback", status_code=303, response_class=Response)
def callback(
    request: Request,
    state: Here,
    code: Annotated[str, Query(max_length=4000)] = "",
    given: Annotated[str, Query(alias="state", max_length=200)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    iss: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Where the provider sends the browser back."""
    provider = _provider(request, state)
    slow_down(state.limits.sign_in, address_of(request))
    try:
        asked = _asked(request, state)
        if not given or not secrets.compare_digest(given.encode(), asked["state"].encode()):
            raise OidcError("the callback does not belong to this browser's sign-in")
        if error or not code:
            log.warning("the provider refused a sign-in: %s", error[:60] if error.isidentifier() else "?")
            raise Unwelcome("refused")
        found = provider.identity(code, _redirect_uri(state), asked["nonce"], asked["verifier"], iss)
        response: Response = RedirectResponse(asked["next"], 303)
        with state.ledger.writing() as connection:
            user = _user(connection, state, request, provider.settings, found)
            enter(connection, state, request, response, user, how="oidc", second=False)
        outcome = "accepted"
    except OidcError as wrong:
        log.error("sign-in through the provider failed: %s", wrong)
        response, outcome = RedirectResponse(f"{SIGN_IN_PAGE}?problem=provider", 303), "refused"
    except Unwelcome as unwelcome:
        response, outcome = RedirectResponse(f"{SIGN_IN_PAGE}?problem={unwelcome.code}", 303), "refused"
    request.app.state.metrics.sign_ins.labels("oidc", outcome).inc()
    response.delete_cookie(_cookie(state), path="/", secure=state.settings.secure, httponly=True, samesite="lax")
    return response


def _provider(request: Request, state: State) -> Provider:
    if state.settings.oidc is None:
        raise Problem(404, "no provider is set up here")
    made = getattr(request.app.state, "oidc", None)
    if not isinstance(made, Provider):
        made = request.app.state.oidc = Provider(state.settings.oidc)
    return made


def _asked(request: Request, state: State) -> dict[str, Any]:
    """What this browser was sent to the provider with."""
    sealed = request.cookies.get(_cookie(state), "")
    try:
        asked = json.loads(unseal(state.key, PURPOSE, sealed)) if len(sealed) < 4096 else None
    except BadKey:
        asked = None
    if not isinstance(asked, dict) or asked["at"] + VALID_SECONDS < state.clock().timestamp():
        raise OidcError("this browser did not start a sign-in, or took too long")
    return asked


def _user(connection: Connection, state: State, request: Request, oidc: Oidc, found: Identity) -> people.User:
    """The user that an identity is, made or brought up to date."""
    actor = Actor("system", "OpenID Connect", role="admin", address=address_of(request))
    role = role_for(oidc, found.claims)
    user = people.find_subject(connection, oidc.issuer, found.subject)
    if user is None:
        user = _first_time(connection, state, actor, oidc, found, role)
    if user["disabled"] is not None:
        raise Unwelcome("disabled")
    if oidc.roles:  # the provider decides, each time
        if role is None:
            raise Unwelcome("no-role")
        if role != user["role"]:
            try:
                people.change(connection, actor, user, role=role)
            except Conflict:  # the last admin stays one, or nobody could mend it
                log.warning("the provider takes the last admin's role away; it is kept")
    again = people.find(connection, id=user["id"])
    assert again is not None
    return again


def _first_time(
    connection: Connection, state: State, actor: Actor, oidc: Oidc, found: Identity, role: str | None
) -> people.User:
    if not found.email:
        raise Unwelcome("no-email")
    known = people.find(connection, email=found.email)
    if known is not None:
        # Only an account that waits for this: whoever can make the provider say an address must not get another's.
        if known["password"] is not None or known["issuer"] is not None or not found.email_verified:
            raise Unwelcome("email-taken")
        people.tie(connection, actor, known, oidc.issuer, found.subject)
        return known
    if role is None:
        raise Unwelcome("no-role")
    id = people.create(
        connection,
        actor,
        state.clock(),
        email=found.email,
        name=found.name,
        role=role,
        issuer=oidc.issuer,
        subject=found.subject,
    )
    made = people.find(connection, id=id)
    assert made is not None
    return made


def _redirect_uri(state: State) -> str:
    return f"{state.settings.url}/auth/oidc/callback"


def _cookie(state: State) -> str:
    return "__Host-koban-oidc" if state.settings.secure else "koban-oidc"


def _local(address: str) -> bool:
    """Whether it is a page of ours: nothing that a browser could take for another host."""
    return address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
