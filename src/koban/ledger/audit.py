"""The audit log: every change that somebody makes, in a chain in which nothing can be altered, moved or cut unseen.

Each entry has the number after the last one's, the digest of the last, and the SHA-256 of all of itself.  The chain
alone cannot tell that its end is missing: so the newest entry's number and digest, the head, are also kept elsewhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from koban.ledger.errors import Invalid
from koban.ledger.paging import FIRST, Ask, Order, Page, paged
from koban.ledger.schema import audit
from koban.ledger.text import clean, clean_json
from koban.ledger.who import Actor

START = "0" * 64  # what the first entry has before it
LOCK = 0x6B6F62616E  # of PostgreSQL: one writer at a time
HEAD_FILE = "audit.head"
BATCH = 2_000


@dataclass(frozen=True)
class Entry:
    id: int
    at: datetime
    actor: str
    actor_kind: str
    action: str
    object: str
    detail: dict[str, Any]
    address: str


@dataclass(frozen=True)
class Head:
    """The number and digest of an entry, kept to see later that all up to it is still there."""

    id: int
    digest: str

    def __str__(self) -> str:
        return f"{self.id}:{self.digest}"

    @classmethod
    def of(cls, written: str) -> Head:
        number, _, digest = written.strip().partition(":")
        if not (number.isascii() and number.isdigit() and len(digest) == 64):
            raise Invalid("head", "expected NUMBER:DIGEST, as `koban audit verify` prints it")
        return cls(int(number), digest)


@dataclass(frozen=True)
class Verdict:
    """Whether the chain is whole.  `broken` is the number of the first entry that is wrong, `why` says how."""

    whole: bool
    entries: int
    head: Head | None = None
    broken: int | None = None
    why: str = ""


def record(connection: Connection, actor: Actor, action: str, object: str, **detail: Any) -> int:
    """Write down that `actor` did `action` to `object`, in the caller's transaction.  Returns the entry's number.

    Call it as late in the transaction as can be: from here to its end nobody else can write one.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    last = connection.execute(select(audit.c.id, audit.c.digest).order_by(audit.c.id.desc()).limit(1)).first()
    number, previous = (last.id + 1, last.digest) if last is not None else (1, START)
    values = {
        "id": number,
        "at": datetime.now(UTC),
        "actor": clean(actor.name)[:200],
        "actor_kind": actor.kind,
        "action": action,
        "object": clean(object),
        "detail": clean_json(detail),
        "address": clean(actor.address)[:64],
        "previous": previous,
    }
    digest = _digest(values)
    connection.execute(insert(audit).values(**values, digest=digest))
    connection.info["audit_head"] = Head(number, digest)
    return number


def _digest(values: Mapping[str, Any]) -> str:
    said = [
        values["id"],
        values["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        *(values[name] for name in ("actor", "actor_kind", "action", "object", "detail", "address", "previous")),
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def head(connection: Connection) -> Head | None:
    """The newest entry."""
    last = connection.execute(select(audit.c.id, audit.c.digest).order_by(audit.c.id.desc()).limit(1)).first()
    return Head(last.id, last.digest) if last is not None else None


def verify(connection: Connection, after: Head | None = None) -> Verdict:
    """Walk the whole chain.  `after` is a head that was kept: its entry must be there, with that digest."""
    number, previous = 0, START
    for row in _walk(connection):
        if row.id != number + 1:
            gone = f"entry {number + 1} is missing" if row.id == number + 2 else f"{row.id - number - 1} are missing"
            return Verdict(False, number, Head(number, previous) if number else None, number + 1, gone)
        values = row._asdict()
        if row.previous != previous:
            why = "it does not follow the entry before it: one of the two was moved or altered"
            return Verdict(False, number, None, row.id, why)
        if _digest(values) != row.digest:
            return Verdict(False, number, None, row.id, "it was altered after it was written")
        if after is not None and row.id == after.id and row.digest != after.digest:
            return Verdict(False, number, None, row.id, "it is not the entry whose digest was kept: all was rewritten")
        number, previous = row.id, row.digest
    if after is not None and after.id > number:
        why = f"the end is cut off: entry {after.id} was there, and the last one now is {number or 'none'}"
        return Verdict(False, number, Head(number, previous) if number else None, number + 1, why)
    return Verdict(True, number, Head(number, previous) if number else None)


def _walk(connection: Connection) -> Iterator[Row[Any]]:
    last: int | None = None
    while True:
        asked = select(audit).order_by(audit.c.id).limit(BATCH)
        rows = connection.execute(asked if last is None else asked.where(audit.c.id > last)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1].id


@dataclass(frozen=True)
class Filters:
    """Which entries; empty: all.  `action` may be the part before a dot: ``finding`` is all done to findings."""

    actor: str = ""
    action: str = ""
    object: str = ""
    since: datetime | None = None
    until: datetime | None = None


NEWEST = Order("audit", (audit.c.id,), down=True)


def page(connection: Connection, filters: Filters = Filters(), ask: Ask = FIRST) -> Page[Entry]:
    """The entries, newest first.  Only admins may see them: the caller asks for that role."""
    names = ("id", "at", "actor", "actor_kind", "action", "object", "detail", "address")
    statement = select(*(audit.c[one] for one in names))
    if filters.actor:
        statement = statement.where(audit.c.actor == filters.actor)
    if filters.action:
        exact = audit.c.action == filters.action
        statement = statement.where(exact | audit.c.action.startswith(f"{filters.action}.", autoescape=True))
    if filters.object:
        statement = statement.where(audit.c.object == filters.object)
    if filters.since is not None:
        statement = statement.where(audit.c.at >= filters.since)
    if filters.until is not None:
        statement = statement.where(audit.c.at < filters.until)
    return paged(connection, statement, NEWEST, ask).map(lambda row: Entry(**row._mapping))


def keep_head(data_dir: Path, kept: Head) -> None:
    """Write the head into the data directory.  An older one never replaces a newer one."""
    before = kept_head(data_dir)
    if before is not None and before.id >= kept.id:
        return
    with contextlib.suppress(OSError):  # the chain itself is written; the head is of the entry before then
        descriptor, name = tempfile.mkstemp(dir=data_dir, prefix=f".{HEAD_FILE}.")
        with os.fdopen(descriptor, "w") as stream:
            stream.write(f"{kept}\n")
        Path(name).replace(data_dir / HEAD_FILE)


def kept_head(data_dir: Path) -> Head | None:
    """The head that the data directory keeps; None where it keeps none, or nothing that is one."""
    try:
        return Head.of((data_dir / HEAD_FILE).read_text())
    except (OSError, ValueError, Invalid):
        return None
