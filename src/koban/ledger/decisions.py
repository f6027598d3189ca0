"""What people decide about findings: whose they are, what is said of them, what is open again.

Each change is written into the life of its finding and into the audit log, in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from koban.ledger import audit, schema
from koban.ledger.bulk import batches
from koban.ledger.errors import Invalid
from koban.ledger.findings import Comment, Filters, by_status, comments_where, conditions_of, get
from koban.ledger.tallying import lock_targets, move_tallies
from koban.ledger.text import clean
from koban.ledger.who import Actor, Sight

F = schema.findings.c
BULK_MAX = 10_000
COMMENT_MAX = 10_000


@dataclass(frozen=True)
class Changed:
    """What a bulk action did: how many it changed, and which it passed over and why."""

    changed: int
    skipped: list[tuple[int, str]] = field(default_factory=list)


def choose(
    connection: Connection, sight: Sight, *, ids: Sequence[int] | None = None, filters: Filters | None = None
) -> list[int]:
    """The ids of the findings that a bulk action is about, in sight.  Raises Invalid for none or more than BULK_MAX."""
    if (ids is None) == (filters is None):
        raise Invalid("ids", "give either ids or a query")
    if ids is not None:
        if len(ids) > BULK_MAX:
            raise Invalid("ids", f"{BULK_MAX:,} at most at once")
        found: list[int] = []
        for some in batches(sorted(set(ids))):
            found += connection.scalars(select(F.id).where(F.id.in_(some), sight.where(schema.findings)))
        return sorted(found)
    assert filters is not None
    conditions = conditions_of(connection, sight, filters)
    asked = select(F.id).where(*by_status(filters), *conditions).order_by(F.id).limit(BULK_MAX + 1)
    found = list(connection.scalars(asked))
    if len(found) > BULK_MAX:
        raise Invalid("query", f"it leaves more than {BULK_MAX:,} findings: narrow it down")
    return found


def lock_findings(connection: Connection, ids: Sequence[int]) -> None:
    """Let no landing and nobody else change what is counted of these findings until the transaction ends."""
    targets: set[int] = set()
    for some in batches(ids):
        targets.update(connection.scalars(select(F.target).where(F.id.in_(some)).distinct()))
    lock_targets(connection, sorted(targets))


def change(
    connection: Connection,
    actor: Actor | str,
    rows: Iterable[tuple[int, Any, Any]],
    kind: str,
    why: str = "",
    scan: int | None = None,
) -> int:
    """Write a line into the life of each finding: (id, before, after).  Returns how many."""
    name = actor if isinstance(actor, str) else actor.name
    now = datetime.now(UTC)
    values = [
        {
            "finding": id,
            "at": now,
            "actor": clean(name)[:200],
            "kind": kind,
            "before": before,
            "after": after,
            "why": clean(why),
            "scan": scan,
        }
        for id, before, after in rows
    ]
    if values:
        connection.execute(insert(schema.changes), values)
    return len(values)


def comment(connection: Connection, actor: Actor, id: int, text: str) -> Comment:
    """Write a comment to a finding.  Raises NotFound, Invalid."""
    get(connection, actor.sight, id)
    text = said(text)
    now = datetime.now(UTC)
    values = {"finding": id, "at": now, "author": actor.user, "author_name": clean(actor.name)[:200], "text": text}
    number = connection.execute(insert(schema.comments).values(**values)).inserted_primary_key[0]  # type: ignore[index]
    change(connection, actor, [(id, None, {"comment": number})], "comment")
    audit.record(connection, actor, "finding.comment", f"finding {id}", comment=number)
    return comments_where(connection, schema.comments.c.id == number)[0]


def said(text: str, field: str = "text") -> str:
    text = clean(text).strip()
    if not text:
        raise Invalid(field, "say something")
    if len(text) > COMMENT_MAX:
        raise Invalid(field, f"longer than {COMMENT_MAX:,} characters")
    return text


def assign(connection: Connection, actor: Actor, ids: Sequence[int], assignee: int | None) -> Changed:
    """Give findings to a user, or to nobody.  Raises NotFound for no such user."""
    if assignee is not None:
        users = schema.users.c
        found = connection.execute(select(users.id, users.disabled).where(users.id == assignee)).first()
        if found is None or found.disabled is not None:
            raise Invalid("assignee", f"there is no user {assignee}")
    changed: list[tuple[int, Any, Any]] = []
    skipped: list[tuple[int, str]] = []
    lock_findings(connection, ids)
    for some in batches(ids):
        asked = select(F.id, F.assignee).where(F.id.in_(some), actor.sight.where(schema.findings))
        before = {row.id: row.assignee for row in connection.execute(asked)}
        skipped += [(one, "there is no such finding") for one in some if one not in before]
        moved = [one for one in some if one in before and before[one] != assignee]
        skipped += [(one, "it is assigned so already") for one in some if one in before and before[one] == assignee]
        if moved:
            connection.execute(update(schema.findings).where(F.id.in_(moved)).values(assignee=assignee))
        changed += [(one, {"assignee": before[one]}, {"assignee": assignee}) for one in moved]
    change(connection, actor, changed, "assigned")
    if changed:
        told = [one for one, _, _ in changed]
        audit.record(connection, actor, "finding.assign", _named(told), assignee=assignee, findings=told)
    return Changed(len(changed), skipped)


def _named(ids: Sequence[int]) -> str:
    return f"finding {ids[0]}" if len(ids) == 1 else f"{len(ids)} findings"


def set_status(
    connection: Connection, ids: Sequence[int], status: str, *, exception: int | None = None, reopened: bool = False
) -> None:
    """Give findings another status, and move their tallies.  The caller writes the changes and the audit."""
    for some in batches(ids):
        with move_tallies(connection, some):
            values: dict[str, Any] = {"status": status, "exception": exception}
            if reopened:
                values["reopened"] = F.reopened + 1
            connection.execute(update(schema.findings).where(F.id.in_(some)).values(**values))


def reopen(connection: Connection, actor: Actor, ids: Sequence[int], why: str = "") -> Changed:
    """Take findings out of the ledger's exceptions, so that they are open again.

    What a baseline or a file excepts, or what is resolved, is passed over: the next scan would say so again.
    """
    changed: list[tuple[int, Any, Any]] = []
    skipped: list[tuple[int, str]] = []
    lock_findings(connection, ids)
    for some in batches(ids):
        asked = select(F.id, F.fingerprint, F.status, F.exception).where(
            F.id.in_(some), actor.sight.where(schema.findings)
        )
        found = {row.id: row for row in connection.execute(asked)}
        ready = []
        for one in some:
            row = found.get(one)
            if row is None:
                skipped.append((one, "there is no such finding"))
            elif row.status != "excepted":
                skipped.append((one, f"it is {row.status}"))
            elif row.exception is None:
                skipped.append((one, "the baseline or the file excepts it"))
            else:
                named = schema.exception_findings.c
                of_it = and_(named.exception == row.exception, named.fingerprint == row.fingerprint)
                if not connection.execute(delete(schema.exception_findings).where(of_it)).rowcount:
                    skipped.append((one, f"exception {row.exception} covers more than single findings: revoke it"))
                    continue
                ready.append(row)
        set_status(connection, [row.id for row in ready], "open", reopened=True)
        changed += [(row.id, {"status": "excepted", "exception": row.exception}, {"status": "open"}) for row in ready]
    change(connection, actor, changed, "reopened", why)
    if changed:
        told = [one for one, _, _ in changed]
        audit.record(connection, actor, "finding.reopen", _named(told), why=why, findings=told)
    return Changed(len(changed), skipped)
