"""What people do about their own account: name, password, second factor, sessions."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from koban.interfaces.api.problems import Problem, problems
from koban.interfaces.api.security import Here, Person, State, Who, identify, set_session, slow_down
from koban.interfaces.api.session import TOTP_PURPOSE, Me, SessionShape, hashed_new, shape_of
from koban.interfaces.api.values import Body, Name, Secret
from koban.ledger import access, audit, people, totp
from koban.ledger.seal import seal
from koban.ledger.who import Actor

router = APIRouter(prefix="/me", tags=["me"])

SESSION_ID = 16  # hexadecimal digits that name a session


class MeChange(Body):
    name: Name | None = None
    locale: Literal["", "en", "ja"] | None = None
    theme: Literal["", "light", "dark"] | None = None


class PasswordChange(Body):
    current: Secret
    new: Secret


class TotpOffer(BaseModel):
    """A secret for an authenticator; it counts once a code of it was confirmed."""

    secret: str
    uri: str
    qr_svg: str = Field(description="The URI as a QR code: an SVG document")


class TotpCode(Body):
    code: Annotated[str, StringConstraints(min_length=6, max_length=20)]


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(description="Shown once; each opens the account once when the phone is gone")


class PasswordCheck(Body):
    password: Secret


class OwnSession(BaseModel):
    id: str
    created: datetime
    used: datetime
    expires: datetime
    address: str
    agent: str
    current: bool


class OwnSessions(BaseModel):
    items: list[OwnSession]
    next: None = None
    total: int


@router.patch("")
def change_me(body: MeChange, request: Request, state: Here, actor: Person) -> Me:
    """Change one's own name, language or theme."""
    who = identify(request)
    assert who.session is not None
    user = access.user_in(who.session.user)
    new = {key: value for key, value in body.model_dump(exclude_unset=True).items() if value is not None}
    if new:
        with state.ledger.writing() as connection:
            people.settle(connection, user["id"], **new)
            if "name" in new and new["name"] != user["name"]:
                audit.record(connection, actor, "user.change", f"user {user['email']}", name=new["name"])
    return shape_of(state, user | new, who.session.csrf).user


@router.post("/password", responses=problems(409))
def change_password(
    body: PasswordChange, request: Request, response: Response, state: Here, actor: Person
) -> SessionShape:
    """Change one's own password.  All other sessions end; this one goes on under another cookie."""
    who, user = _confirmed(request, state, actor, body.current)
    hashed = hashed_new(state, body.new, user["email"], user["name"])
    assert who.session is not None
    with state.ledger.writing() as connection:
        people.set_password(connection, actor, user, hashed, but=who.session.digest)
        set_session(response, state, access.rotate(connection, who.session))
    return shape_of(state, user | {"password": hashed}, who.session.csrf)


def _confirmed(request: Request, state: State, actor: Actor, password: str) -> tuple[Who, people.User]:
    """Who asks, having given their password again: a browser left open is not enough for what follows."""
    who = identify(request)
    assert who.session is not None
    slow_down(state.limits.sign_in, who.key)
    user = access.user_in(who.session.user)
    if user["password"] is None:
        raise Problem(409, "this account signs in through the provider and has no password here")
    at = state.clock()
    right = state.settings.hasher.verify(user["password"], password) and not people.locked(user, at)
    if not right:
        with state.ledger.writing() as connection:
            people.failed(connection, actor, user, at, "password asked again")
        raise Problem(403, "the password is wrong", kind="wrong", errors=[("current", "is wrong")])
    return who, user


@router.post("/totp", responses=problems(409))
def offer_totp(request: Request, state: Here, _actor: Person) -> TotpOffer:
    """A secret to put into an authenticator."""
    who = identify(request)
    assert who.session is not None
    user = access.user_in(who.session.user)
    if user["password"] is None:
        raise Problem(409, "this account signs in through the provider: the second factor is asked there")
    if user["totp"]:
        raise Problem(409, "a second factor is asked already; turn it off first")
    secret = _offered(state, who.session)
    uri = totp.uri(secret, user["email"])
    return TotpOffer(secret=secret, uri=uri, qr_svg=qr_svg(uri))


def _offered(state: State, session: access.Session) -> str:
    """The secret that is offered in a session: nobody has to keep it before it is confirmed."""
    made = hmac.digest(state.key, f"totp offer {session.digest}".encode(), "sha256")
    return base64.b32encode(made[:20]).decode()


def qr_svg(text: str) -> str:
    """A QR code as an SVG document."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    size = code.getModuleCount()
    path = "".join(
        f"M{column + 4} {row + 4}h1v1h-1z" for row in range(size) for column in range(size) if code.isDark(row, column)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size + 8} {size + 8}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size + 8}v{size + 8}H0z"/><path d="{path}"/></svg>'
    )


@router.post("/totp/confirm", responses=problems(409))
def confirm_totp(body: TotpCode, request: Request, response: Response, state: Here, actor: Person) -> RecoveryCodes:
    """Turn the second factor on with a code of the secret that was offered.  Other sessions end."""
    who = identify(request)
    assert who.session is not None
    slow_down(state.limits.sign_in, who.key)
    user = access.user_in(who.session.user)
    if user["totp"] or user["password"] is None:
        raise Problem(409, "there is nothing to confirm")
    secret = _offered(state, who.session)
    step = totp.step_of(secret, body.code, state.clock(), None)
    if step is None:
        raise Problem(
            422, "this is not the code", errors=[("code", "is not the code that the authenticator shows now")]
        )
    codes = totp.recovery_codes()
    with state.ledger.writing() as connection:
        sealed = seal(state.key, TOTP_PURPOSE, secret)
        people.set_totp(connection, actor, user, sealed, map(totp.recovery_digest, codes))
        people.use_step(connection, user["id"], step)
        people.end_sessions(connection, user["id"], but=who.session.digest)
        set_session(response, state, access.rotate(connection, who.session))
    return RecoveryCodes(recovery_codes=codes)


@router.delete("/totp", status_code=204, responses=problems(409))
def drop_totp(body: PasswordCheck, request: Request, state: Here, actor: Person) -> Response:
    """Ask for no second factor any more."""
    who, user = _confirmed(request, state, actor, body.password)
    assert who.session is not None
    response = Response(status_code=204)
    with state.ledger.writing() as connection:
        people.set_totp(connection, actor, user, None)
        set_session(response, state, access.rotate(connection, who.session))
    return response


@router.get("/sessions")
def own_sessions(request: Request, state: Here, actor: Person) -> OwnSessions:
    """Where one is signed in."""
    who = identify(request)
    assert who.session is not None
    assert actor.user is not None
    with state.ledger.reading() as connection:
        rows = access.sessions_of(connection, actor.user, state.clock(), state.settings.lifetime)
    items = [
        OwnSession(
            id=row["digest"][:SESSION_ID],
            created=row["created"],
            used=row["used"],
            expires=row["expires"],
            address=row["address"],
            agent=row["agent"],
            current=row["digest"] == who.session.digest,
        )
        for row in rows
    ]
    return OwnSessions(items=items, total=len(items))


@router.delete("/sessions/{id}", status_code=204)
def end_session(
    id: Annotated[str, Path(pattern=f"^[0-9a-f]{{{SESSION_ID}}}$")], state: Here, actor: Person
) -> Response:
    """End one of one's own sessions."""
    assert actor.user is not None
    with state.ledger.writing() as connection:
        if not access.end_short(connection, id, actor.user):
            raise Problem(404, "there is no such session of yours")
        audit.record(connection, actor, "session.end", f"user {actor.name}", session=id)
    return Response(status_code=204)
