"""Exceptions: findings that are accepted until a day, asked for by one and approved by another.

A finding under an approved exception is `excepted`; its verdict stays what was read.  When the day has passed, or the
exception is revoked, its findings are open again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from koban.ledger import audit, schema
from koban.ledger.decisions import BULK_MAX, change, choose, lock_findings, set_status
from koban.ledger.errors import Conflict, Invalid, NotFound, Refused
from koban.ledger.paging import FIRST, Ask, Order, Page, paged
from koban.ledger.patterns import like
from koban.ledger.text import clean
from koban.ledger.who import SYSTEM, Actor, Sight

E = schema.exceptions.c
N = schema.exception_findings.c
F = schema.findings.c
STATES = ("asked", "approved", "rejected", "revoked", "expired")
DAYS_MAX = 366
REASON_MAX = 2_000


@dataclass(frozen=True)
class Exception_:
    """`rule` and `uid` are patterns; `findings` is how many findings are excepted by it now."""

    id: int
    state: str
    rule: str | None
    account: str | None
    uid: str | None
    fingerprints: list[str]
    reason: str
    expires: date
    asked_by: int | None
    asked_by_name: str | None
    asked: datetime
    decided_by: int | None
    decided_by_name: str | None
    decided: datetime | None
    decision: str
    findings: int


@dataclass(frozen=True)
class Filters:
    state: tuple[str, ...] = ()
    expires_before: date | None = None
    q: str = ""


_askers = schema.users.alias("askers")
_deciders = schema.users.alias("deciders")
_NAMES = tuple(one.name for one in fields(Exception_))
NEWEST = Order("exceptions", (E.id,), down=True)


def _select() -> Any:
    excepted = select(func.count()).where(F.exception == E.id, F.status == "excepted").scalar_subquery()
    others: dict[str, ColumnElement[Any]] = {
        "asked_by_name": _askers.c.name.label("asked_by_name"),
        "decided_by_name": _deciders.c.name.label("decided_by_name"),
        "findings": excepted.label("findings"),
    }
    joined = schema.exceptions.outerjoin(_askers, _askers.c.id == E.asked_by)
    return select(*(others[one] if one in others else E[one] for one in _NAMES)).select_from(
        joined.outerjoin(_deciders, _deciders.c.id == E.decided_by)
    )


def _in_sight(sight: Sight) -> list[ColumnElement[bool]]:
    """Of a limited sight: exceptions for an account in it, or for findings of which one is in it."""
    if sight.everything:
        return []
    named = (
        select(N.exception).join(schema.findings, F.fingerprint == N.fingerprint).where(sight.where(schema.findings))
    )
    if sight.accounts is not None and not sight.tags:
        return [or_(E.account.in_(sorted(sight.accounts)), E.id.in_(named))]
    return [E.id.in_(named)]


def page(connection: Connection, sight: Sight, filters: Filters = Filters(), ask: Ask = FIRST) -> Page[Exception_]:
    """One page of the exceptions, newest first."""
    asked = _select().where(*_in_sight(sight))
    if filters.state:
        asked = asked.where(E.state.in_(filters.state))
    if filters.expires_before is not None:
        asked = asked.where(E.expires < filters.expires_before)
    if filters.q.strip():
        text = f"%{clean(filters.q).strip().lower()[:300]}%"
        asked = asked.where(or_(*(func.lower(one).like(text) for one in (E.reason, E.rule, E.uid, E.account))))
    return paged(connection, asked, NEWEST, ask).map(lambda row: Exception_(**row._mapping))


def get(connection: Connection, sight: Sight, id: int) -> Exception_:
    """One exception.  Raises NotFound."""
    row = connection.execute(_select().where(E.id == id, *_in_sight(sight))).first()
    if row is None:
        raise NotFound(f"there is no exception {id}")
    return Exception_(**row._mapping)


def in_force(connection: Connection, sight: Sight, rules: Sequence[str], limit: int = 1000) -> list[Exception_]:
    """The exceptions that findings of these rules are under now."""
    used: set[int] = set()
    for start in range(0, len(rules), 500):
        some = F.rule.in_(rules[start : start + 500])
        asked = select(F.exception).where(some, F.status == "excepted", sight.where(schema.findings)).distinct()
        used.update(one for one in connection.scalars(asked) if one is not None)
    ids = sorted(used)[:limit]
    rows = connection.execute(_select().where(E.id.in_(ids)).order_by(E.id))
    return [Exception_(**row._mapping) for row in rows]


def ask(
    connection: Connection,
    actor: Actor,
    *,
    reason: str,
    expires: date,
    rule: str | None = None,
    account: str | None = None,
    uid: str | None = None,
    fingerprints: Sequence[str] = (),
    approve: bool = False,
    today: date | None = None,
) -> int:
    """Ask for an exception; with `approve` it is approved at once, which takes an approver.  Returns its id.

    Raises Invalid for one that says too little or too much, and Refused where it reaches beyond the actor's sight.
    """
    today = today or datetime.now(UTC).date()
    reason = _reason(reason)
    if not today <= expires <= today + timedelta(days=DAYS_MAX):
        raise Invalid("expires", f"a day from today on, and within {DAYS_MAX} days")
    rule, account, uid = (clean(one).strip() or None if one else None for one in (rule, account, uid))
    marks = sorted(set(fingerprints))
    if any(len(one) != 32 or not set(one) <= set("0123456789abcdef") for one in marks):
        raise Invalid("fingerprints", "32 hexadecimal digits each")
    if len(marks) > BULK_MAX:
        raise Invalid("fingerprints", f"{BULK_MAX:,} at most")
    if marks and (rule or account or uid):
        raise Invalid("fingerprints", "either findings one by one, or rule, account and uid")
    if not marks and (rule in (None, "*") or not any((account, uid))) and not (rule and "*" not in rule):
        raise Invalid("rule", "say at least one rule, or a rule with an account or a uid")
    if approve:
        _need_approver(actor)
    _check_sight(connection, actor, account, marks)
    values = {
        "state": "asked",
        "rule": rule,
        "account": account,
        "uid": uid,
        "fingerprints": marks,
        "reason": reason,
        "expires": expires,
        "asked_by": actor.user,
        "asked": datetime.now(UTC),
    }
    made = connection.execute(insert(schema.exceptions).values(**values, decision=""))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    if marks:
        connection.execute(
            insert(schema.exception_findings), [{"exception": number, "fingerprint": one} for one in marks]
        )
    said = {"rule": rule, "account": account, "uid": uid, "findings": len(marks), "expires": expires}
    if approve:
        _put_in_force(connection, actor, number, reason)
        audit.record(connection, actor, "exception.approve", f"exception {number}", reason=reason, **said)
    else:
        audit.record(connection, actor, "exception.ask", f"exception {number}", reason=reason, **said)
    return number


def ask_for(
    connection: Connection, actor: Actor, ids: Sequence[int], *, reason: str, expires: date, approve: bool = False
) -> int:
    """Ask for an exception of these findings, each by itself.  Raises NotFound where none is in sight."""
    seen = choose(connection, actor.sight, ids=ids)
    if not seen:
        raise NotFound("there are no such findings")
    marks: list[str] = []
    for start in range(0, len(seen), 1000):
        marks += connection.scalars(select(F.fingerprint).where(F.id.in_(seen[start : start + 1000])))
    return ask(connection, actor, reason=reason, expires=expires, fingerprints=marks, approve=approve)


def _reason(reason: str) -> str:
    reason = clean(reason).strip()
    if not reason:
        raise Invalid("reason", "say why")
    if len(reason) > REASON_MAX:
        raise Invalid("reason", f"longer than {REASON_MAX:,} characters")
    return reason


def _need_approver(actor: Actor) -> None:
    if not actor.may("approver"):
        raise Refused("only an approver decides about exceptions")


def _check_sight(connection: Connection, actor: Actor, account: str | None, marks: Sequence[str]) -> None:
    if actor.sight.everything:
        return
    if marks:
        for start in range(0, len(marks), 1000):
            some = marks[start : start + 1000]
            every = connection.execute(select(func.count()).where(F.fingerprint.in_(some))).scalar_one()
            within = and_(F.fingerprint.in_(some), actor.sight.where(schema.findings))
            seen = connection.execute(select(func.count()).where(within)).scalar_one()
            known = connection.execute(select(func.count(F.fingerprint.distinct())).where(within)).scalar_one()
            if seen != every or known != len(some):
                raise Refused("some of these findings are out of your sight")
    elif actor.sight.tags or actor.sight.accounts is None or account not in actor.sight.accounts:
        raise Refused("it would reach beyond what you may see: name an account of yours, or single findings")


def approve(connection: Connection, actor: Actor, id: int, reason: str = "", today: date | None = None) -> int:
    """Put an exception in force; returns how many findings it excepts.  Raises Conflict, Refused, NotFound."""
    _need_approver(actor)
    row = _decided(connection, actor, id, ("asked",))
    if row.expires < (today or datetime.now(UTC).date()):
        raise Conflict(f"exception {id} would have expired on {row.expires.isoformat()}")
    count = _put_in_force(connection, actor, id, clean(reason))
    audit.record(connection, actor, "exception.approve", f"exception {id}", reason=clean(reason), findings=count)
    return count


def reject(connection: Connection, actor: Actor, id: int, reason: str = "") -> None:
    """Decline an exception that was asked for.  Raises Conflict, Refused, NotFound."""
    _need_approver(actor)
    _decided(connection, actor, id, ("asked",))
    _set(connection, id, "rejected", actor, clean(reason))
    audit.record(connection, actor, "exception.reject", f"exception {id}", reason=clean(reason))


def revoke(connection: Connection, actor: Actor, id: int, reason: str = "") -> int:
    """End an exception before its time; returns how many findings are open again.

    Who asked for one may take it back while nobody has approved it.
    """
    row = _decided(connection, actor, id, ("asked", "approved"))
    if row.state == "approved" or row.asked_by is None or row.asked_by != actor.user:
        _need_approver(actor)
    count = _end(connection, actor, id, f"exception {id} was revoked{f': {clean(reason)}' if reason else ''}")
    _set(connection, id, "revoked", actor, clean(reason))
    audit.record(connection, actor, "exception.revoke", f"exception {id}", reason=clean(reason), findings=count)
    return count


def expire(connection: Connection, today: date | None = None) -> list[int]:
    """End the exceptions whose day has passed; their findings are open again.  Returns the ids of those ended."""
    today = today or datetime.now(UTC).date()
    over = connection.execute(
        select(E.id, E.state).where(E.state.in_(("asked", "approved")), E.expires < today).order_by(E.id)
    ).all()
    for row in over:
        count = _end(connection, SYSTEM, row.id, f"exception {row.id} has expired") if row.state == "approved" else 0
        connection.execute(update(schema.exceptions).where(E.id == row.id).values(state="expired"))
        audit.record(connection, SYSTEM, "exception.expire", f"exception {row.id}", findings=count)
    return [row.id for row in over]


def _decided(connection: Connection, actor: Actor, id: int, states: Sequence[str]) -> Any:
    row = connection.execute(
        select(schema.exceptions).where(E.id == id, *_in_sight(actor.sight)).with_for_update()
    ).first()
    if row is None:
        raise NotFound(f"there is no exception {id}")
    if row.state not in states:
        raise Conflict(f"exception {id} is {row.state}")
    _check_sight(connection, actor, row.account, row.fingerprints)
    return row


def _set(connection: Connection, id: int, state: str, actor: Actor, decision: str) -> None:
    values = {"state": state, "decided_by": actor.user, "decided": datetime.now(UTC), "decision": decision[:REASON_MAX]}
    connection.execute(update(schema.exceptions).where(E.id == id).values(**values))


def _put_in_force(connection: Connection, actor: Actor, id: int, reason: str) -> int:
    row = connection.execute(select(schema.exceptions).where(E.id == id)).one()
    _set(connection, id, "approved", actor, reason)
    asked = select(F.id).where(F.status == "open", covers(connection, row)).order_by(F.id)
    ids = list(connection.scalars(asked))
    lock_findings(connection, ids)
    ids = list(connection.scalars(asked))
    set_status(connection, ids, "excepted", exception=id)
    after = {"status": "excepted", "exception": id}
    change(connection, actor, ((one, {"status": "open"}, after) for one in ids), "excepted", row.reason)
    return len(ids)


def covers(connection: Connection, row: Any) -> ColumnElement[bool]:
    """The condition on findings that an exception covers them, whatever their status."""
    if row.fingerprints:
        return F.fingerprint.in_(select(N.fingerprint).where(N.exception == row.id))
    conditions: list[ColumnElement[bool]] = []
    if row.rule:
        conditions.append(like(connection, F.rule, row.rule))
    if row.account:
        conditions.append(F.account == row.account)
    if row.uid:
        conditions.append(like(connection, F.uid, row.uid))
    return and_(*conditions)


def _end(connection: Connection, actor: Actor, id: int, why: str) -> int:
    asked = select(F.id).where(F.exception == id, F.status == "excepted").order_by(F.id)
    ids = list(connection.scalars(asked))
    lock_findings(connection, ids)
    ids = list(connection.scalars(asked))
    set_status(connection, ids, "open", reopened=True)
    before = {"status": "excepted", "exception": id}
    change(connection, actor, ((one, before, {"status": "open"}) for one in ids), "reopened", why)
    return len(ids)
