"""The spool: one scan on disk, written while it is read and judged from there, so that memory stays flat.

One SQLite file holds the resources, the names by which they are found, the links between them, what could not be
read, and which units of work are done.  A killed scan leaves a file that the next one goes on with.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from koban.model.document import fields_of
from koban.model.estate import Account, EstateError, Region, link_names
from koban.model.resource import Link, Resource, resource_class, unknown_name
from koban.model.result import Gap
from koban.model.unknown import ANY_SHAPE, Partial, Several, Unknown

VERSION = "1"
COMMIT_SECONDS = 0.5  # a killed scan loses at most this much
FULL = ("full", "space", "too large", "quota", "disk i/o")  # how systems say that a disk takes no more
CACHE_RESOURCES_MAX = 2_000
CACHE_LISTS_RESOURCES_MAX = 10_000
PAGE = 500

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS units (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, collector TEXT NOT NULL, state TEXT NOT NULL,
    UNIQUE (account, region, collector));
CREATE TABLE IF NOT EXISTS resources (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, uid TEXT NOT NULL,
    unit INTEGER NOT NULL, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS resources_in_order ON resources (type, account, region, uid, unit);
CREATE INDEX IF NOT EXISTS resources_by_unit ON resources (unit);
CREATE TABLE IF NOT EXISTS names (
    type TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, resource INTEGER NOT NULL,
    PRIMARY KEY (type, name, account, region, resource)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (
    type TEXT NOT NULL, field TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
    resource INTEGER NOT NULL, PRIMARY KEY (type, field, name, account, region, resource)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gaps (
    type TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, why TEXT NOT NULL, whole INTEGER NOT NULL,
    unit INTEGER NOT NULL, PRIMARY KEY (type, account, region, why, whole, unit)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (text TEXT NOT NULL, unit INTEGER NOT NULL, PRIMARY KEY (text, unit)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, unit_path TEXT NOT NULL, tags TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS types (type TEXT PRIMARY KEY, scope TEXT NOT NULL, left_out TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS places (
    account TEXT NOT NULL, region TEXT NOT NULL, left_out TEXT NOT NULL, PRIMARY KEY (account, region)) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Reach:
    """What a scan read: types with their scope and why they were left out, places, and where resources may be missing.

    Called with type, account, region (and file, which nothing live has) it says why resources there may not have been
    read: None where all were, empty where nobody asked for them.
    """

    types: Mapping[str, tuple[str, str]]
    places: frozenset[tuple[str, str]]
    gaps: tuple[Gap, ...]

    def __call__(self, type_name: str, account: str, region: str, file: str = "") -> str | None:
        scope, left_out = self.types.get(type_name, ("", "not read"))
        if left_out:
            return ""
        if scope == "global":
            region = ""
        if account and (account, region) not in self.places:
            if not any(gap.account == account and gap.covers(type_name, account, region) for gap in self.gaps):
                return ""
        return next((gap.why for gap in self.gaps if gap.covers(type_name, account, region)), None)


UNKNOWN_KEY = "\x00unknown"  # no cloud's document has such a key
UNKNOWN_MARK = json.dumps(UNKNOWN_KEY)


class SpoolError(EstateError):
    """The spool cannot be written or read (disk full, no rights); the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account of the organisation: its name, the path of its organisational unit, its tags."""

    id: str
    name: str = ""
    unit_path: str = ""
    tags: tuple[tuple[str, str], ...] = ()


def encode(document: Any) -> str:
    """A document as JSON text; unknown values in it come back from :func:`decode` as they were."""
    return json.dumps(document, default=_encode_other, separators=(",", ":"), ensure_ascii=False)


def decode(text: str) -> Any:
    return json.loads(text, object_hook=_decode_object) if UNKNOWN_MARK in text else json.loads(text)


def _encode_other(value: Any) -> Any:
    if isinstance(value, Partial):
        return {UNKNOWN_KEY: {"path": value._path, "pieces": list(value._pieces), "target": value._own_target}}
    if isinstance(value, Unknown):
        found: dict[str, Any] = {"path": value._path, "why": value._why}
        if value._shape != ANY_SHAPE:
            found["shape"] = value._shape
        if value._target:
            found["target"] = value._target
        if value._root is not value:
            found["root"] = [value._root._path, value._root._why]
        return {UNKNOWN_KEY: found}
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _decode_object(found: dict[str, Any]) -> Any:
    raw = found.get(UNKNOWN_KEY)
    if raw is None:
        return found
    if "pieces" in raw:
        return Partial(raw["path"], tuple(raw["pieces"]), raw["target"])
    root = Unknown(*raw["root"]) if "root" in raw else None
    return Unknown(raw["path"], raw["why"], shape=raw.get("shape", ANY_SHAPE), target=raw.get("target", ""), root=root)


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Recent(Generic[K, V]):
    """The values used last, up to a total weight."""

    def __init__(self, weight_max: int) -> None:
        self.weight_max = weight_max
        self.weight = 0
        self.kept: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        found = self.kept.get(key)
        if found is None:
            return None
        self.kept.move_to_end(key)
        return found[0]

    def keep(self, key: K, value: V, weight: int = 1) -> V:
        if weight <= self.weight_max:
            self.kept[key] = value, weight
            self.weight += weight
            while self.weight > self.weight_max:
                _, (_, freed) = self.kept.popitem(last=False)
                self.weight -= freed
        return value

    def clear(self) -> None:
        self.kept.clear()
        self.weight = 0


class Spool:
    """One scan's file.  Safe to share among threads while it is written; judged from one thread.

    `now` is the moment as of which ages are counted: that of the first run, also where the scan was resumed.
    """

    def __init__(self, path: Path, now: datetime | None = None, asked: str = "") -> None:
        """Open or create the file; `asked` says in one text what the scan is of (see :func:`unfinished`)."""
        self.path = path
        self._lock = threading.RLock()
        self._committed = time.monotonic()
        self._organisation: dict[str, AccountRow] | None = None
        self._resources: _Recent[int, Resource] = _Recent(CACHE_RESOURCES_MAX)
        self._lists: _Recent[tuple[Any, ...], tuple[Resource, ...]] = _Recent(CACHE_LISTS_RESOURCES_MAX)
        self._answers: _Recent[tuple[Any, ...], Any] = _Recent(CACHE_RESOURCES_MAX)
        self._decided: _Recent[tuple[Any, ...], tuple[Unknown, ...]] = _Recent(CACHE_RESOURCES_MAX)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-16000", "wal_autocheckpoint=8000"):
                self.db.execute(f"PRAGMA {pragma}")
            self.db.executescript(SCHEMA)
            self._begin()
            self.db.execute("INSERT OR IGNORE INTO meta VALUES ('version', ?)", (VERSION,))
            started = (now or datetime.now(UTC)).isoformat()
            self.db.execute("INSERT OR IGNORE INTO meta VALUES ('started', ?)", (started,))
            self.db.execute("INSERT OR IGNORE INTO meta VALUES ('asked', ?)", (asked,))
            self._commit()
            if self._meta("version") != VERSION:
                raise SpoolError(f"{path} was written by another version of koban: scan again without --resume")
            self.now = datetime.fromisoformat(self._meta("started"))
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from error

    # -- while it is written ------------------------------------------------------------------------------------

    def declare(self, read: dict[str, str], left_out: dict[str, str]) -> None:
        """Say which types this scan reads (with their scope, ``region`` or ``global``) and which not, and why."""
        rows = [(name, scope, "") for name, scope in read.items()]
        rows += [(name, "region", why) for name, why in left_out.items() if name not in read]
        with self._lock:
            self._write("DELETE FROM types", ())
            self._write_many("INSERT OR REPLACE INTO types VALUES (?, ?, ?)", rows)
            self.commit()

    def add_account(self, account: AccountRow) -> None:
        """Keep what the organisation says of an account."""
        row = account.id, account.name, account.unit_path, json.dumps(dict(account.tags), sort_keys=True)
        self._write("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?)", row)

    def add_places(self, account: str, regions: Iterable[str], left_out: str = "") -> None:
        """Say which regions of an account are read; `left_out` says why others are not, empty where all are."""
        with self._lock:
            self._write("DELETE FROM places WHERE account = ?", (account,))
            rows = [(account, region, "") for region in ("", *regions)]
            self._write_many("INSERT OR REPLACE INTO places VALUES (?, ?, ?)", rows)
            if left_out:
                self._write("INSERT OR REPLACE INTO places VALUES (?, '*', ?)", (account, left_out))

    def plan(self, account: str, units: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Say which (region, collector) units an account has, in order; returns those that are done already."""
        with self._lock:
            rows = [(account, region, collector) for region, collector in units]
            insert = "INSERT OR IGNORE INTO units (account, region, collector, state) VALUES (?, ?, ?, 'planned')"
            self._write_many(insert, rows)
            found = self._all("SELECT region, collector FROM units WHERE account = ? AND state = 'done'", (account,))
        return {(row[0], row[1]) for row in found}

    def begin(self, account: str, region: str, collector: str) -> int:
        """Start a planned unit, throwing away what an interrupted or failed attempt left of it.  Returns its number."""
        with self._lock:
            row = self._one(
                "SELECT id, state FROM units WHERE account = ? AND region = ? AND collector = ?",
                (account, region, collector),
            )
            if row is None:
                self.plan(account, [(region, collector)])
                return self.begin(account, region, collector)
            number = int(row[0])
            if row[1] != "planned":
                self._forget(number)
            self._write("UPDATE units SET state = 'begun' WHERE id = ?", (number,))
            return number

    def _forget(self, unit: int) -> None:
        for row in self._all("SELECT id, type, account, region, uid, document FROM resources WHERE unit = ?", (unit,)):
            number, kind, account, region, uid, document = row
            one = self._made(kind, account, region, uid, document)
            names = [(kind, name, account, region, number) for name in one.names]
            links = [(kind, field, name, account, region, number) for field, name in _links(one)]
            by_name = "DELETE FROM names WHERE (type, name, account, region, resource) = (?, ?, ?, ?, ?)"
            self._write_many(by_name, names)
            by_link = "DELETE FROM links WHERE (type, field, name, account, region, resource) = (?, ?, ?, ?, ?, ?)"
            self._write_many(by_link, links)
        for table in ("resources", "gaps", "notes"):
            self._write(f"DELETE FROM {table} WHERE unit = ?", (unit,))  # noqa: S608  three fixed names

    def add(self, unit: int, resources: Iterable[Resource]) -> int:
        """Keep resources of a unit; returns how many."""
        ready = [(r, encode(r.document), r.names, _links(r)) for r in resources]
        with self._lock:
            names: list[tuple[Any, ...]] = []
            links: list[tuple[Any, ...]] = []
            for r, document, own_names, own_links in ready:
                place = r.account, r.region
                row = self._write(
                    "INSERT INTO resources (type, account, region, uid, unit, document) VALUES (?, ?, ?, ?, ?, ?)",
                    (r.type_name, *place, r.uid, unit, document),
                ).lastrowid
                names += [(r.type_name, name, *place, row) for name in own_names]
                links += [(r.type_name, field, name, *place, row) for field, name in own_links]
            self._write_many("INSERT OR IGNORE INTO names VALUES (?, ?, ?, ?, ?)", names)
            self._write_many("INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?, ?)", links)
            self._commit_when_due()
        return len(ready)

    def add_gap(self, gap: Gap, unit: int = 0, whole: bool = True) -> None:
        """Keep what could not be read; `whole` says that resources may be missing, else only facts of them are."""
        row = gap.type, gap.account, gap.region, gap.why, int(whole), unit
        self._write("INSERT OR IGNORE INTO gaps VALUES (?, ?, ?, ?, ?, ?)", row)

    def add_note(self, text: str, unit: int = 0) -> None:
        self._write("INSERT OR IGNORE INTO notes VALUES (?, ?)", (text, unit))

    def finish(self, unit: int, again: bool = False) -> None:
        """Mark a unit as done, together with all that was kept of it; `again`: a resumed scan asks it again."""
        with self._lock:
            self._write("UPDATE units SET state = ? WHERE id = ?", ("again" if again else "done", unit))
            self._commit_when_due()

    def forget_run(self) -> None:
        """Drop what an earlier run noted outside of any unit: the next one finds it out anew."""
        for table in ("gaps", "notes"):
            self._write(f"DELETE FROM {table} WHERE unit = 0", ())  # noqa: S608  two fixed names
        self._write("DELETE FROM meta WHERE key = 'complete'", ())

    def gaps_in(self, account: str) -> Iterator[tuple[Gap, str]]:
        """The gaps that units of the account left, each with its collector."""
        rows = self._all(
            "SELECT g.type, g.account, g.region, g.why, u.collector FROM gaps g JOIN units u ON u.id = g.unit "
            "WHERE g.whole = 1 AND u.account = ?",
            (account,),
        )
        yield from ((Gap(*row[:4]), row[4]) for row in rows)

    def complete(self) -> None:
        """Say that the scan came to its end."""
        self._write("INSERT OR REPLACE INTO meta VALUES ('complete', '1')", ())
        self.commit()

    def commit(self) -> None:
        with self._lock:
            self._commit()
            self._begin()

    def close(self) -> None:
        with self._lock:
            try:
                if self.db.in_transaction:
                    self._commit()
            finally:
                self.db.close()

    def _begin(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        try:
            if self.db.in_transaction:
                self.db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._error(error) from error
        self._committed = time.monotonic()

    def _commit_when_due(self) -> None:
        if time.monotonic() - self._committed > COMMIT_SECONDS:
            self.commit()

    def _write(self, statement: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        with self._lock:
            try:
                if not self.db.in_transaction:
                    self._begin()
                return self.db.execute(statement, values)
            except sqlite3.Error as error:
                raise self._error(error) from error

    def _write_many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        with self._lock:
            try:
                if not self.db.in_transaction:
                    self._begin()
                self.db.executemany(statement, rows)
            except sqlite3.Error as error:
                raise self._error(error) from error

    def _error(self, error: Exception) -> SpoolError:
        why = getattr(error, "strerror", None) or error
        todo = "choose another directory with --spool or XDG_CACHE_HOME"
        if any(word in str(why).lower() for word in FULL):
            todo = f"free some space, or {todo}"
        return SpoolError(f"cannot keep the scan in {self.path}: {why} ({todo})")

    # -- what is in it --------------------------------------------------------------------------------------------

    def _all(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self.db.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise self._error(error) from error

    def _one(self, statement: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        with self._lock:
            try:
                found: tuple[Any, ...] | None = self.db.execute(statement, values).fetchone()
            except sqlite3.Error as error:
                raise self._error(error) from error
            return found

    def _meta(self, key: str) -> str:
        row = self._one("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row[0]) if row else ""

    @property
    def is_complete(self) -> bool:
        """Whether the scan came to its end, however much of the estate it could not read."""
        return self._meta("complete") == "1"

    @property
    def asked(self) -> str:
        """What the scan is of, as it was told when it began."""
        return self._meta("asked")

    def accounts(self) -> list[AccountRow]:
        """The accounts of the organisation, by id."""
        rows = self._all("SELECT id, name, unit_path, tags FROM accounts ORDER BY id")
        return [AccountRow(r[0], r[1], r[2], tuple(json.loads(r[3]).items())) for r in rows]

    def places(self) -> list[tuple[str, str]]:
        """(account, region) of every place read; region empty for what is in no region."""
        rows = self._all("SELECT account, region FROM places WHERE left_out = '' ORDER BY account, region")
        return [(row[0], row[1]) for row in rows]

    def notes(self) -> list[str]:
        return [row[0] for row in self._all("SELECT DISTINCT text FROM notes ORDER BY text")]

    def gaps(self) -> Iterator[Gap]:
        """Where resources may be missing, in order."""
        yield from self._gaps("whole = 1")

    def all_gaps(self) -> Iterator[Gap]:
        """Everything that could not be read, also single facts about resources that were, in order."""
        yield from self._gaps("1")

    def _gaps(self, where: str) -> Iterator[Gap]:
        select = f"SELECT DISTINCT type, account, region, why FROM gaps WHERE {where} ORDER BY 1, 2, 3, 4"  # noqa: S608
        yield from (Gap(*row) for row in self._all(select))

    def count(self) -> int:
        row = self._one("SELECT count(*) FROM resources")
        return int(row[0]) if row else 0

    def types(self) -> list[str]:
        """The types of which there are resources."""
        return [row[0] for row in self._all("SELECT DISTINCT type FROM resources ORDER BY type")]

    def stream(self, types: Iterable[str] | None = None) -> Iterator[Resource]:
        """The resources in order of type, account, region and uid, a few hundred at a time in memory.

        What two units read of the same thing comes once, as the first of them in number read it.
        """
        for type_name in self.types() if types is None else sorted(set(types)):
            yield from self._stream(type_name)

    def mentioning(self, text: str) -> Iterator[Resource]:
        """The resources in whose documents `text` stands, in the order in which they were read."""
        last = -1
        while True:
            rows = self._all(
                "SELECT id, type, account, region, uid, document FROM resources "
                "WHERE id > ? AND instr(document, ?) > 0 ORDER BY id LIMIT ?",
                (last, text, PAGE),
            )
            yield from (self._made(*row[1:]) for row in rows)
            if len(rows) < PAGE:
                return
            last = rows[-1][0]

    def _stream(self, type_name: str, account: str = "", region: str = "", nowhere: bool = False) -> Iterator[Resource]:
        where, values = "type = ?", [type_name]
        if nowhere:
            where += " AND region = ''"
        for column, value in (("account", account), ("region", region)):
            if value:
                where += f" AND {column} = ?"
                values.append(value)
        last: tuple[Any, ...] = ("", "", "", -1)
        previous: tuple[Any, ...] = ()
        while True:
            rows = self._all(
                f"SELECT account, region, uid, unit, document FROM resources WHERE {where} "  # noqa: S608
                f"AND (account, region, uid, unit) > (?, ?, ?, ?) ORDER BY account, region, uid, unit LIMIT {PAGE}",
                (*values, *last),
            )
            for row in rows:
                if row[:3] != previous:
                    previous = row[:3]
                    yield self._made(type_name, row[0], row[1], row[2], row[4])
            if len(rows) < PAGE:
                return
            last = rows[-1][:4]

    def _made(self, type_name: str, account: str, region: str, uid: str, document: str) -> Resource:
        cls = resource_class(type_name)
        made = cls(decode(document), uid=uid, account=account, region=region, estate=self, type_name=type_name)
        if cls is Account:
            self._add_organisation(made)
        return made

    def _add_organisation(self, account: Resource) -> None:
        """Say in an account's document what its organisation says of it."""
        if self._organisation is None:
            self._organisation = {one.id: one for one in self.accounts()}
        row = self._organisation.get(account.account)
        if row is None or not isinstance(account.document, dict):
            return
        tags = [{"Key": key, "Value": value} for key, value in row.tags]
        said = {"Name": row.name, "OrganizationalUnit": row.unit_path, "Tags": tags}
        for name, value in said.items():
            if value and not isinstance(account.document.get(name), str | list):
                account.document[name] = value

    def _get(self, number: int) -> Resource:
        found = self._resources.get(number)
        if found is not None:
            return found
        row = self._one("SELECT type, account, region, uid, document FROM resources WHERE id = ?", (number,))
        assert row is not None, "a name or link outlived its resource"
        return self._resources.keep(number, self._made(row[0], row[1], row[2], row[3], row[4]))

    def read(self, cls: type[Resource], account: str, region: str) -> Iterator[Resource]:
        """The resources of one place and those of its account in no region, for a collector that needs them."""
        if region:
            yield from self._stream(cls.type, account, "", nowhere=True)
        yield from self._stream(cls.type, account, region)

    def add_missing_places(self, unit: int, why: Callable[[type[Resource]], str]) -> None:
        """Make the account and region resources that no collector made, with every fact unknown."""
        for account, region in self.places():
            cls: type[Resource] = Region if region else Account
            seen = self._one(
                "SELECT 1 FROM resources WHERE type = ? AND account = ? AND (region = ? OR ? = '') LIMIT 1",
                (cls.type, account, region, region),
            )
            if seen is None:
                self.add(unit, [unread_place(cls, account, region, why(cls))])

    # -- the estate that rules ask ----------------------------------------------------------------------------------

    def named(self, cls: type[Resource], name: Any, near: Resource) -> Any:
        target = unknown_name(name) if isinstance(name, Unknown) else name
        if not target or not isinstance(target, str):
            return name if isinstance(name, Unknown) else Unknown(cls.type, "the reference is not a name")
        anywhere = _found_anywhere(cls, target)
        key = cls.type, target, "" if anywhere else near.account, "" if anywhere else near.region
        kept = self._answers.get(key)
        if kept is None:
            kept = self._answers.keep(key, self._find(cls, target, near, anywhere))
        if isinstance(kept, int):
            return self._get(kept)
        return name if isinstance(name, Unknown) else kept

    def _find(self, cls: type[Resource], name: str, near: Resource, anywhere: bool) -> int | Unknown:
        select = (
            "SELECT n.account, n.region, n.resource, r.unit FROM names n JOIN resources r ON r.id = n.resource "
            "WHERE n.type = ? AND n.name = ?"
        )
        if anywhere:
            rows = self._all(f"{select} ORDER BY n.account, n.region, r.unit LIMIT 1", (cls.type, name))
        else:
            rows = self._all(f"{select} AND n.account = ?", (cls.type, name, near.account))
            rows = [row for row in rows if row[1] in ("", near.region) or not near.region]
            rows.sort(key=lambda row: (row[1] != near.region, row[1], row[3]))
        if rows:
            return int(rows[0][2])
        return Unknown(cls.type, self._why_not_found(cls, name, near))

    def _why_not_found(self, cls: type[Resource], name: str, near: Resource) -> str:
        account, region = near.account, near.region
        if name.startswith("arn:"):
            _, _, _, its_region, its_account, _ = f"{name}:::::".split(":", 5)
            account, region = its_account, its_region
        row = self._one("SELECT scope, left_out FROM types WHERE type = ?", (cls.type,))
        if row is None:
            return f"{cls.type} is not read from a live account"
        if row[1]:
            return str(row[1])
        scanned = {
            row[0]: row[1] for row in self._all("SELECT region, left_out FROM places WHERE account = ?", (account,))
        }
        for gap in self._missing(cls, account, region):
            return gap._why
        if account and not scanned:
            return f"account {account} was not scanned"
        if region and row[0] != "global" and region not in scanned:
            return scanned.get("*") or f"region {region} was not scanned"
        return f"{name} is not in what was read"

    def unread(self, cls: type[Resource], account: str, region: str) -> str | None:
        """Why resources of a type and place may not have been read; None where all were.

        Empty where nobody asked for them: the type, the account or the region is not part of the scan.
        """
        row = self._one("SELECT scope, left_out FROM types WHERE type = ?", (cls.type,))
        if row is None or row[1]:
            return ""
        places = {
            one[0] for one in self._all("SELECT region FROM places WHERE account = ? AND left_out = ''", (account,))
        }
        gaps = self._missing(cls, account, region if row[0] != "global" else "")
        if gaps:
            return str(gaps[0]._why)
        return None if places and (not region or region in places or row[0] == "global") else ""

    def reach(self) -> Reach:
        """What this scan read and what not, to ask when the spool is closed."""
        types = {row[0]: (row[1], row[2]) for row in self._all("SELECT type, scope, left_out FROM types")}
        return Reach(types, frozenset(self.places()), tuple(self.gaps()))

    def _missing(self, cls: type[Resource], account: str, region: str) -> tuple[Unknown, ...]:
        """Where resources of a type and place may be that were not read."""
        if cls.template_only:
            return ()
        key = cls.type, account, region
        kept = self._decided.get(key)
        if kept is not None:
            return kept
        rows = self._all(
            "SELECT why, min(region) FROM gaps WHERE whole = 1 AND type IN (?, '*') AND (account IN ('', ?) OR ? = '') "
            "AND (region IN ('', ?) OR ? = '') GROUP BY why ORDER BY why",
            (cls.type, account, account, region, region),
        )
        reasons = [row[0] for row in rows]
        in_regions = {row[0] for row in rows if row[1]}
        declared = self._one("SELECT scope, left_out FROM types WHERE type = ?", (cls.type,))
        if declared is None:
            reasons.append(f"{cls.type} is not read from a live account")
        elif declared[1]:
            reasons.append(declared[1])
        elif not region and declared[0] != "global":
            left = self._one("SELECT left_out FROM places WHERE account = ? AND region = '*'", (account,))
            if left:
                reasons.append(left[0])
                in_regions.add(left[0])
        of = self._elsewhere(cls, account)
        return self._decided.keep(
            key, tuple(Unknown(cls.type, why, of=of if why in in_regions else None) for why in reasons)
        )

    def _elsewhere(self, cls: type[Resource], account: str) -> Callable[[Unknown], Any] | None:
        """What makes a resource of a region that was not read: all of it unknown but what is known of such."""
        if not cls.elsewhere:
            return None

        def made(element: Unknown) -> Resource:
            document = {name: element._child(f".{name}") for name in _tops(cls)} | cls.elsewhere
            return cls(document, uid=f"{cls.type}/{account}/?", account=account, estate=self)

        return made

    def referring(self, cls: type[Resource], field: str, to: Resource) -> Any:
        found: dict[tuple[str, ...], int] = {}
        for name in to.names:
            everywhere = _found_anywhere(type(to), name)
            where = "" if everywhere else " AND l.account = ?"
            rows = self._all(
                "SELECT l.account, l.region, l.resource, r.uid, r.unit FROM links l "  # noqa: S608
                "JOIN resources r ON r.id = l.resource "
                f"WHERE l.type = ? AND l.field = ? AND l.name = ?{where} ORDER BY r.unit DESC",
                (cls.type, field, name) if everywhere else (cls.type, field, name, to.account),
            )
            for account, region, number, uid, _ in rows:
                if everywhere or not to.region or region in ("", to.region):
                    found[uid, account, region] = number
        items = tuple(self._get(found[key]) for key in sorted(found))
        gaps = self._missing(cls, to.account, to.region)
        return Several(items, gaps) if gaps else items

    def every(self, cls: type[Resource], account: str, region: str) -> Any:
        key = cls.type, account, region
        items = self._lists.get(key)
        if items is None:
            items = tuple(self._stream(cls.type, account, region))
            self._lists.keep(key, items, len(items) + 1)
        gaps = self._missing(cls, account, region)
        return Several(items, gaps) if gaps else items

    def owner(self, resource: Resource) -> Any:
        return self._place(Account, resource.account, "")

    def home(self, resource: Resource) -> Any:
        if not resource.region:
            return Unknown("region", "the resource is in no region")
        return self._place(Region, resource.account, resource.region)

    def _place(self, cls: type[Resource], account: str, region: str) -> Resource:
        key = "place", cls.type, account, region
        kept: Resource | None = self._answers.get(key)
        if kept is None:
            kept = next(self._stream(cls.type, account, region), None)
            if kept is None:
                kept = unread_place(cls, account, region, "the place was not read")
                kept.estate = self
            self._answers.keep(key, kept)
        return kept


def unread_place(cls: type[Resource], account: str, region: str, why: str) -> Resource:
    """An account or region of which nothing but its name is known, because of `why`."""
    document: dict[str, Any] = {name: Unknown(name, why) for name in _tops(cls)}
    for name in cls.ids:
        document[name] = region or account
    return cls(document, account=account, region=region)


def _tops(cls: type[Resource]) -> dict[str, None]:
    """The top-level properties that a class reads, in order."""
    return {field.steps[0].removesuffix("[]"): None for field in fields_of(cls) if field.steps}


def _links(resource: Resource) -> list[tuple[str, str]]:
    fields: dict[str, Link] = type(resource).link_fields
    return [(field, name) for field, one in fields.items() for name in link_names(resource, one.path)]


def _found_anywhere(cls: type[Resource], name: str) -> bool:
    """Whether a name means the same thing in every account: an ARN, or the name of what is named globally."""
    return name.startswith("arn:") or bool(cls.arn and "{account}" not in cls.arn)


def unfinished(directory: Path, asked: str) -> Path | None:
    """The newest spool in `directory` of a scan of the same, to resume; None where there is none."""
    for path in sorted(directory.glob("*.sqlite"), reverse=True):
        try:
            db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
            try:
                meta = dict(db.execute("SELECT key, value FROM meta"))
            finally:
                db.close()
        except sqlite3.Error:
            continue
        if meta.get("asked") == asked and meta.get("version") == VERSION:
            return path
    return None
