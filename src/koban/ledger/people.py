"""Users, and how they come to be: the first admin's one-time link, invitations, the lock after wrong passwords.

What changes something writes the audit log in the same transaction.  Secrets are kept as digests or sealed.
"""

from __future__ import annotations

import hashlib
import secrets as randomness
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from koban.ledger import audit
from koban.ledger.errors import Conflict, Refused
from koban.ledger.schema import ROLES, sessions, tokens, users
from koban.ledger.schema import secrets as links
from koban.ledger.who import Actor, Sight

SETUP_VALID = timedelta(hours=24)
INVITE_VALID = timedelta(days=7)
FREE_FAILURES = 4  # wrong passwords in a row before waiting starts
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=30)

User = dict[str, Any]


def digest(value: str) -> str:
    """How a random secret of 128 bits or more is kept and found."""
    return hashlib.sha256(value.encode()).hexdigest()


def rank(role: str) -> int:
    return ROLES.index(role)


def lesser(one: str, other: str) -> str:
    """Of two roles the one that may do less."""
    return min(one, other, key=rank)


def within(inner: Sight, outer: Sight) -> bool:
    """Whether all that `inner` sees, `outer` sees."""
    return inner.narrowed(outer).stored() == inner.stored()


# -- users --------------------------------------------------------------------------------------------------------


def email_of(text: str) -> str:
    return text.strip().lower()


def find(connection: Connection, *, id: int | None = None, email: str | None = None) -> User | None:
    """A user by id or e-mail address: the columns of the table."""
    where = users.c.id == id if id is not None else users.c.email == email_of(email or "")
    return _one(connection, where)


def find_subject(connection: Connection, issuer: str, subject: str) -> User | None:
    """A user as a provider knows them."""
    where = (users.c.issuer == issuer) & (users.c.subject == subject)
    return _one(connection, where)


def _one(connection: Connection, where: ColumnElement[bool]) -> User | None:
    row = connection.execute(select(users).where(where)).mappings().first()
    return None if row is None else {str(name): value for name, value in row.items()}


def everyone(connection: Connection) -> list[User]:
    rows = connection.execute(select(users).order_by(users.c.email)).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]


def _can_sign_in() -> ColumnElement[bool]:
    return users.c.disabled.is_(None) & or_(users.c.password.is_not(None), users.c.issuer.is_not(None))


def admins(connection: Connection) -> int:
    """How many admins can sign in."""
    query = select(func.count()).select_from(users).where((users.c.role == "admin") & _can_sign_in())
    return int(connection.execute(query).scalar_one())


def create(
    connection: Connection,
    actor: Actor,
    now: datetime,
    *,
    email: str,
    name: str,
    role: str,
    sight: Sight | None = None,
    password: str | None = None,
    issuer: str | None = None,
    subject: str | None = None,
) -> int:
    """A new user; `password` is hashed already.  Returns the id."""
    if find(connection, email=email) is not None:
        raise Conflict("there is a user with this e-mail address already")
    sight = sight or Sight()
    _may_give(actor, sight)
    row = {
        "email": email_of(email),
        "name": name.strip(),
        "role": role,
        "sight": sight.stored(),
        "password": password,
        "issuer": issuer,
        "subject": subject,
        "created": now,
    }
    made = connection.execute(insert(users).values(row)).inserted_primary_key
    assert made is not None
    audit.record(
        connection, actor, "user.create", f"user {row['email']}", role=role, sight=row["sight"], issuer=issuer or ""
    )
    return int(made[0])


def _may_give(actor: Actor, sight: Sight) -> None:
    if actor.kind in ("user", "token") and not within(sight, actor.sight):
        raise Refused("nobody can let others see more than they see themselves")


def change(connection: Connection, actor: Actor, user: User, **new: Any) -> None:
    """Change name, role, sight or disabled of a user; other rights mean signing in again."""
    if "sight" in new or "role" in new:
        sight = new.get("sight", Sight.of(user["sight"]))
        _may_give(actor, sight)
        change_guarded(actor, user)
    values = {key: value.stored() if key == "sight" else value for key, value in new.items()}
    values = {key: value for key, value in values.items() if user[key] != value}
    if not values:
        return
    connection.execute(update(users).where(users.c.id == user["id"]).values(values))
    told = {key: str(value) if isinstance(value, datetime) else value for key, value in values.items()}
    audit.record(connection, actor, "user.change", f"user {user['email']}", **told)
    _leave_an_admin(connection)
    if {"role", "sight", "disabled"} & set(values):
        end_sessions(connection, user["id"])


def _leave_an_admin(connection: Connection) -> None:
    """To be asked after the audit log's entry: who has that waits for no other, so two admins cannot end each other."""
    if not admins(connection):
        raise Conflict("at least one admin has to be able to sign in")


def change_guarded(actor: Actor, user: User) -> None:
    """Refuse that somebody of a limited sight changes one who sees more."""
    if not within(Sight.of(user["sight"]), actor.sight):
        raise Refused("this user sees more than you do")


def remove(connection: Connection, actor: Actor, user: User) -> None:
    """Take a user away, with sessions, tokens and views."""
    change_guarded(actor, user)
    connection.execute(delete(users).where(users.c.id == user["id"]))
    connection.execute(delete(links).where(links.c.name == f"invite:{user['id']}"))
    audit.record(connection, actor, "user.delete", f"user {user['email']}")
    _leave_an_admin(connection)


def tie(connection: Connection, actor: Actor, user: User, issuer: str, subject: str) -> None:
    """From now on a user signs in through a provider, as `subject` of `issuer`."""
    connection.execute(update(users).where(users.c.id == user["id"]).values(issuer=issuer, subject=subject))
    audit.record(connection, actor, "user.change", f"user {user['email']}", issuer=issuer)


def settle(connection: Connection, user: int, **values: Any) -> None:
    """Set what a user chooses alone: name, locale, theme; no audit entry."""
    connection.execute(update(users).where(users.c.id == user).values(values))


def set_password(connection: Connection, actor: Actor, user: User, hashed: str, *, but: str | None = None) -> None:
    """Another password; the sessions of the user end, but the one whose digest is given."""
    values = {"password": hashed, "failures": 0, "locked_until": None}
    connection.execute(update(users).where(users.c.id == user["id"]).values(values))
    end_sessions(connection, user["id"], but=but)
    audit.record(connection, actor, "user.password", f"user {user['email']}")


def rehash(connection: Connection, user: int, old: str, hashed: str) -> None:
    """The same password under today's parameters, unless it was changed meanwhile."""
    where = (users.c.id == user) & (users.c.password == old)
    connection.execute(update(users).where(where).values(password=hashed))


def set_totp(connection: Connection, actor: Actor, user: User, sealed: str | None, codes: Iterable[str] = ()) -> None:
    """Ask for a second factor from now on, or no longer; `codes` are digests of recovery codes."""
    values = {"totp": sealed, "totp_last": None, "recovery": list(codes) if sealed else None}
    connection.execute(update(users).where(users.c.id == user["id"]).values(values))
    audit.record(connection, actor, "user.totp", f"user {user['email']}", on=sealed is not None)


def use_step(connection: Connection, user: int, step: int) -> bool:
    """Mark a code as used; False if somebody was faster with the same one."""
    where = (users.c.id == user) & or_(users.c.totp_last.is_(None), users.c.totp_last < step)
    return connection.execute(update(users).where(where).values(totp_last=step)).rowcount == 1


def use_recovery(connection: Connection, user: User, code: str) -> bool:
    """Take a recovery code off the list; False if it was not on it.  Inside `writing`, so nobody uses it twice."""
    row = connection.execute(select(users.c.recovery).where(users.c.id == user["id"])).scalar_one()
    left = list(row or ())
    if code not in left:
        return False
    left.remove(code)
    connection.execute(update(users).where(users.c.id == user["id"]).values(recovery=left))
    return True


# -- wrong passwords ----------------------------------------------------------------------------------------------


def locked(user: User, now: datetime) -> bool:
    return user["locked_until"] is not None and bool(user["locked_until"] > now)


def wait_after(failures: int) -> timedelta:
    """How long an account waits after so many wrong tries in a row: not at first, then twice as long each time."""
    if failures <= FREE_FAILURES:
        return timedelta()
    doubled: int = 2 ** min(failures - FREE_FAILURES - 1, 20)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def failed(connection: Connection, actor: Actor, user: User, now: datetime, why: str) -> None:
    """Count a wrong try, and lock the account for a while when there are many."""
    connection.execute(update(users).where(users.c.id == user["id"]).values(failures=users.c.failures + 1))
    failures = connection.execute(select(users.c.failures).where(users.c.id == user["id"])).scalar_one()
    wait = wait_after(failures)
    if wait:
        connection.execute(update(users).where(users.c.id == user["id"]).values(locked_until=now + wait))
    audit.record(
        connection,
        actor,
        "session.refused",
        f"user {user['email']}",
        why=why,
        failures=failures,
        locked_seconds=int(wait.total_seconds()),
    )


def succeeded(connection: Connection, user: int, now: datetime) -> None:
    values = {"failures": 0, "locked_until": None, "last_seen": now}
    connection.execute(update(users).where(users.c.id == user).values(values))


# -- one-time links -----------------------------------------------------------------------------------------------


def setup_link(connection: Connection, actor: Actor, now: datetime) -> str:
    """The secret of a new link to make the first admin with; the one before is void.  Conflict when there is one."""
    if admins(connection):
        raise Conflict("there is an admin who can sign in")
    return _link(connection, actor, "setup", "setup", now + SETUP_VALID)


def invite_link(connection: Connection, actor: Actor, user: User, now: datetime) -> str:
    """The secret of a link with which a user sets a password of their own; the one before is void."""
    change_guarded(actor, user)
    return _link(connection, actor, f"invite:{user['id']}", f"user {user['email']}", now + INVITE_VALID)


def _link(connection: Connection, actor: Actor, name: str, object: str, expires: datetime) -> str:
    secret = randomness.token_urlsafe(32)
    connection.execute(delete(links).where(links.c.name == name))
    connection.execute(insert(links).values(name=name, digest=digest(secret), expires=expires))
    audit.record(connection, actor, "link.create", object, expires=expires.isoformat())
    return secret


def take_link(connection: Connection, secret: str, now: datetime) -> str | None:
    """Use a link up: ``setup``, ``invite:7``, or None if it is not one or too old.  Once: it is gone after."""
    where = (links.c.digest == digest(secret)) & (links.c.expires > now)
    name = connection.execute(select(links.c.name).where(where)).scalar_one_or_none()
    if name is None or not connection.execute(delete(links).where(where)).rowcount:
        return None
    return str(name)


def link_of(connection: Connection, secret: str, now: datetime) -> str | None:
    """What a link is for, without using it up."""
    where = (links.c.digest == digest(secret)) & (links.c.expires > now)
    return connection.execute(select(links.c.name).where(where)).scalar_one_or_none()


def end_sessions(connection: Connection, user: int, *, but: str | None = None) -> int:
    """End the sessions of a user, all or all but the one whose digest is given."""
    where = sessions.c.user == user
    if but is not None:
        where = where & (sessions.c.digest != but)
    return connection.execute(delete(sessions).where(where)).rowcount


def end_tokens(connection: Connection, user: int, now: datetime) -> int:
    where = (tokens.c.user == user) & tokens.c.revoked.is_(None)
    return connection.execute(update(tokens).where(where).values(revoked=now)).rowcount
