"""Sessions of browsers and tokens of programs: made, found, used, ended.

Both are random values of 256 bits of which the ledger keeps the SHA-256 alone.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from koban.ledger import audit
from koban.ledger.errors import Invalid, Refused
from koban.ledger.people import digest, lesser, rank, within
from koban.ledger.schema import sessions, tokens, users
from koban.ledger.who import Actor, Sight

TOKEN_MARK = "koban_"  # noqa: S105  what a token starts with
TOKEN_DAYS_MAX = 366
STAGE_VALID = timedelta(minutes=5)  # how long the second factor may take
USED_EVERY = timedelta(seconds=60)  # how exactly `used` is kept: not a write for each request


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts: without being used, and at most."""

    idle: timedelta = timedelta(hours=8)
    absolute: timedelta = timedelta(days=7)


@dataclass(frozen=True)
class Session:
    """A session that may act, and whose it is."""

    digest: str
    csrf: str
    stage: str
    user: RowMapping


# -- sessions -----------------------------------------------------------------------------------------------------


def start(
    connection: Connection,
    user: int,
    now: datetime,
    lifetime: Lifetime,
    *,
    stage: str = "full",
    address: str = "",
    agent: str = "",
) -> tuple[str, str]:
    """A new session: the value of its cookie, and the token its requests carry against forgery."""
    value, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    connection.execute(
        insert(sessions).values(
            digest=digest(value),
            user=user,
            csrf=csrf,
            created=now,
            used=now,
            expires=now + (lifetime.absolute if stage == "full" else STAGE_VALID),
            stage=stage,
            address=address[:64],
            agent=agent[:300],
        )
    )
    return value, csrf


def session_of(connection: Connection, value: str, now: datetime, lifetime: Lifetime) -> Session | None:
    """The session of a cookie, if it is alive and its user may still sign in."""
    query = select(
        sessions.c.digest, sessions.c.csrf, sessions.c.stage, sessions.c.used, sessions.c.expires, *_user_columns()
    ).join_from(sessions, users, users.c.id == sessions.c.user)
    row = connection.execute(query.where(sessions.c.digest == digest(value))).mappings().first()
    if row is None or row["expires"] <= now or row["used"] + lifetime.idle <= now or row["user_disabled"] is not None:
        return None
    return Session(row["digest"], row["csrf"], row["stage"], row)


def _user_columns() -> list[Any]:
    return [column.label(f"user_{column.name}") for column in users.c]


def user_in(row: RowMapping) -> dict[str, Any]:
    """The user's columns out of a row that has them beside others."""
    return {str(name).removeprefix("user_"): value for name, value in row.items() if str(name).startswith("user_")}


def stale(session: Session, now: datetime) -> bool:
    """Whether it is time to write down that it was used."""
    return bool(now - session.user["used"] >= USED_EVERY)


def used(connection: Connection, session: Session, now: datetime) -> None:
    connection.execute(update(sessions).where(sessions.c.digest == session.digest).values(used=now))


def end(connection: Connection, digest: str, user: int) -> bool:
    """End one session of a user; False if it is not one of theirs."""
    where = (sessions.c.digest == digest) & (sessions.c.user == user)
    return connection.execute(delete(sessions).where(where)).rowcount == 1


def drop(connection: Connection, value: str) -> None:
    """End the session of a cookie, if it is one."""
    connection.execute(delete(sessions).where(sessions.c.digest == digest(value)))


def rotate(connection: Connection, session: Session) -> str:
    """Give a session another cookie: whoever had the old one has nothing.  Returns the new value."""
    value = secrets.token_urlsafe(32)
    connection.execute(update(sessions).where(sessions.c.digest == session.digest).values(digest=digest(value)))
    return value


def end_short(connection: Connection, start: str, user: int) -> bool:
    """End the session of a user whose digest starts so; False if there is none."""
    where = sessions.c.digest.startswith(start, autoescape=True) & (sessions.c.user == user)
    return connection.execute(delete(sessions).where(where)).rowcount > 0


def sessions_of(connection: Connection, user: int, now: datetime, lifetime: Lifetime) -> list[RowMapping]:
    where = (
        (sessions.c.user == user)
        & (sessions.c.stage == "full")
        & (sessions.c.expires > now)
        & (sessions.c.used > now - lifetime.idle)
    )
    return list(connection.execute(select(sessions).where(where).order_by(sessions.c.used.desc())).mappings())


def sweep(connection: Connection, now: datetime, lifetime: Lifetime) -> int:
    """Forget the sessions that are over."""
    where = (sessions.c.expires <= now) | (sessions.c.used <= now - lifetime.idle)
    return connection.execute(delete(sessions).where(where)).rowcount


# -- tokens -------------------------------------------------------------------------------------------------------


def issue(
    connection: Connection, actor: Actor, now: datetime, *, name: str, role: str, sight: Sight, expires: datetime
) -> tuple[int, str]:
    """A new token of the actor's: its id, and the value that is shown once."""
    if actor.user is None:
        raise Refused("a token belongs to a user")
    if rank(role) > rank(actor.role) or not within(sight, actor.sight):
        raise Refused("a token may do and see no more than its user")
    if not now < expires <= now + timedelta(days=TOKEN_DAYS_MAX):
        raise Invalid("expires", f"a token expires within {TOKEN_DAYS_MAX} days")
    prefix = secrets.token_hex(5)
    value = f"{TOKEN_MARK}{prefix}_{secrets.token_urlsafe(32)}"
    made = connection.execute(
        insert(tokens).values(
            name=name,
            prefix=prefix,
            digest=digest(value),
            user=actor.user,
            role=role,
            sight=sight.stored(),
            created=now,
            expires=expires,
        )
    ).inserted_primary_key
    assert made is not None
    audit.record(
        connection,
        actor,
        "token.create",
        f"token {prefix}",
        name=name,
        role=role,
        sight=sight.stored(),
        expires=expires.isoformat(),
    )
    return int(made[0]), value


def bearer(connection: Connection, value: str, now: datetime) -> RowMapping | None:
    """The token, with its user, if it is alive: not revoked, not expired, and its user may sign in."""
    mark, _, rest = value.partition("_")
    prefix, _, secret = rest.partition("_")
    if f"{mark}_" != TOKEN_MARK or not secret or len(value) > 200:
        return None
    query = select(*[column.label(f"token_{column.name}") for column in tokens.c], *_user_columns()).join_from(
        tokens, users, users.c.id == tokens.c.user
    )
    row = connection.execute(query.where(tokens.c.prefix == prefix)).mappings().first()
    if row is None or not secrets.compare_digest(row["token_digest"], digest(value)):
        return None
    if row["token_revoked"] is not None or row["token_expires"] <= now or row["user_disabled"] is not None:
        return None
    return row


def actor_of_token(row: RowMapping, address: str) -> Actor:
    sight = Sight.of(row["token_sight"]).narrowed(Sight.of(row["user_sight"]))
    role = lesser(row["token_role"], row["user_role"])
    name = f"{row['token_name']} ({row['user_email']})"
    return Actor("token", name[:200], row["user_id"], role, sight, address)


def actor_of_user(row: Any, address: str) -> Actor:
    """The user of a row as the one who acts."""
    return Actor("user", row["email"], row["id"], row["role"], Sight.of(row["sight"]), address)


def token_used(connection: Connection, row: RowMapping, now: datetime) -> None:
    connection.execute(update(tokens).where(tokens.c.id == row["token_id"]).values(used=now))


def token_stale(row: RowMapping, now: datetime) -> bool:
    return row["token_used"] is None or bool(now - row["token_used"] >= USED_EVERY)


def tokens_of(connection: Connection, user: int | None) -> list[RowMapping]:
    """The tokens of a user, or all: newest first, revoked ones too."""
    query = select(tokens, users.c.email, users.c.name.label("owner_name")).join_from(
        tokens, users, users.c.id == tokens.c.user
    )
    if user is not None:
        query = query.where(tokens.c.user == user)
    return list(connection.execute(query.order_by(tokens.c.id.desc())).mappings())


def revoke(connection: Connection, actor: Actor, id: int, now: datetime, *, own: bool) -> bool:
    """End a token; with `own` only if it is the actor's."""
    query = select(tokens.c.prefix, tokens.c.revoked, tokens.c.user).where(tokens.c.id == id)
    row = connection.execute(query).mappings().first()
    if row is None or (own and row["user"] != actor.user):
        return False
    if row["revoked"] is None:
        connection.execute(update(tokens).where(tokens.c.id == id).values(revoked=now))
        audit.record(connection, actor, "token.revoke", f"token {row['prefix']}")
    return True
