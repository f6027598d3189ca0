"""Indicators of threats in the lake: what each feed says now, since when, and what must not match.

A feed that is read again replaces what it said; what it says again keeps the moment and the revision at which it first
came.  Revisions only grow, so whoever remembers one can ask for what is new since.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from koban.lake.rows import rows_relation
from koban.lake.tables import AlreadyThere, DataFile, Shape, Table
from koban.model.indicator import CONFIDENCE, AllowList, Entry, Indicator, LeftOut, Revoked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from koban.lake.lake import Lake

INDICATORS = Shape(
    "indicators",
    {
        "source": "VARCHAR",
        "kind": "VARCHAR",
        "value": "VARCHAR",
        "prefix": "BOOLEAN",
        "uid": "VARCHAR",
        "confidence": "INTEGER",
        "labels": "VARCHAR[]",
        "description": "VARCHAR",
        "valid_from": "TIMESTAMPTZ",
        "valid_until": "TIMESTAMPTZ",
        "first_seen": "TIMESTAMPTZ",
        "last_seen": "TIMESTAMPTZ",
        "revision": "BIGINT",
    },
    partitions=("source",),
    time="last_seen",
    sorted_by=("kind", "value"),
)
ALLOWED = Shape(
    "allowed",
    {"name": "VARCHAR", "type": "VARCHAR", "entry": "VARCHAR", "kinds": "VARCHAR[]", "time": "TIMESTAMPTZ"},
    partitions=("name",),
    sorted_by=("entry",),
)

EXPIRED_KEPT_DAYS = 400
"""How long an indicator is kept after its end: events of its time may still be searched."""

BATCH_ROWS = 50_000
ATTEMPTS = 20
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_SEPARATOR = "\x1f"


class BadName(ValueError):
    """A name that a feed or allow-list cannot have."""


class Nothing(ValueError):
    """A feed without a single indicator, which would wipe out what is known from it."""


@dataclass(frozen=True)
class Kept:
    """What a reading of a feed did."""

    source: str
    indicators: int
    """How many it holds now."""
    new: int
    """How many of them are new, or valid again."""
    gone: int
    """How many it no longer says."""
    revision: int


def slug(text: str) -> str:
    """A name for a feed out of a file's name, an address or a title."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-._")[:100]


class Indicators:
    """The indicators and allow-lists of a lake."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.table = lake.table(INDICATORS)
        self.allowed = lake.table(ALLOWED)

    def connection(self) -> DuckDBPyConnection:
        """A connection that may use the disk where a feed is larger than memory."""
        return self.lake.connection(memory_bytes=1 << 30)

    def keep(
        self,
        source: str,
        entries: Iterable[Entry],
        *,
        left_out: Callable[[LeftOut], None] = lambda _: None,
        confidence: int = CONFIDENCE,
        expires_days: float | None = None,
        merge: bool = False,
        now: datetime | None = None,
    ) -> Kept:
        """Takes in what a feed says: in place of what it said, or (`merge`) beside it, where it only says what is new.

        `confidence` and `expires_days` are for entries that say none.  Raises Nothing and BadName.
        """
        _checked(source)
        now = now or datetime.now(UTC)
        with closing(self.connection()) as connection:
            count, revoked = _stage(connection, entries, left_out)
            if not count and not merge:
                raise Nothing(source)
            if not count and not revoked:
                return Kept(source, 0, 0, 0, self.revision())
            said = _said(confidence, expires_days, now)
            connection.execute(f"CREATE TEMP TABLE fresh AS {said}")
            return self._commit(connection, source, merge, now)

    def _commit(self, connection: DuckDBPyConnection, source: str, merge: bool, now: datetime) -> Kept:
        from deltalake.exceptions import CommitFailedError

        for attempt in range(ATTEMPTS):
            delta = self.table.delta()
            revision = delta.version() + 1
            old = self.table.files({"source": [source]}, delta=delta)
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE old AS SELECT * FROM {self.table.relation(old)} "
                " WHERE valid_until IS NULL"
                f" OR valid_until > {_time(now - timedelta(days=EXPIRED_KEPT_DAYS))}"
            )
            connection.execute(f"CREATE OR REPLACE TEMP TABLE rows AS {_rows(source, revision, merge, now)}")
            total, new = _pair(
                connection,
                f"SELECT count(DISTINCT (kind, value)), count(DISTINCT (kind, value)) FILTER (revision = {revision})"
                " FROM rows",
            )
            (gone, _) = _pair(
                connection, "SELECT count(DISTINCT (kind, value)), 0 FROM old ANTI JOIN rows USING (kind, value)"
            )
            added = self.table.write(connection, "SELECT * FROM rows ORDER BY kind, value") if total else []
            try:
                self.table.commit(added, [f"revision:{revision}"], removed=old, delta=delta)
            except (AlreadyThere, CommitFailedError):
                if attempt == ATTEMPTS - 1:
                    raise
                continue
            return Kept(source, total, new, gone, revision)
        raise AssertionError("the last attempt returns or raises")

    def revision(self) -> int:
        """The revision of the indicators as they are now; 0 before the first."""
        return int(self.table.delta().version()) if self.table.exists() else 0

    def relation(self, since_revision: int = 0) -> str:
        """The SQL of all indicators, or of those that came after a revision."""
        relation = self.table.relation()
        return f"(SELECT * FROM {relation} WHERE revision > {int(since_revision)})" if since_revision else relation

    def sources(self, now: datetime | None = None) -> list[dict[str, Any]]:
        """The feeds: how many indicators of which kinds, when last read, how many are past their end."""
        past = _time(now or datetime.now(UTC))
        with closing(self.connection()) as connection:
            rows = connection.execute(
                "SELECT source, kind, count(DISTINCT value), count(DISTINCT value) FILTER (valid_until <= "
                f"{past}), strftime(max(last_seen) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ'), max(revision)"
                f" FROM {self.table.relation()} GROUP BY source, kind ORDER BY source, kind"
            ).fetchall()
        found: dict[str, dict[str, Any]] = {}
        for source, kind, count, expired, last, revision in rows:
            one = found.setdefault(
                source,
                {"source": source, "indicators": 0, "expired": 0, "kinds": {}, "last_read": last, "revision": 0},
            )
            one["indicators"] += count
            one["expired"] += expired
            one["kinds"][kind] = count
            one["revision"] = max(one["revision"], revision)
        return list(found.values())

    def remove(self, name: str) -> int:
        """Takes a feed or an allow-list away; how many entries it had.  Raises KeyError where there is none."""
        removed = 0
        for table in (self.table, self.allowed):
            files = table.files({table.shape.partitions[0]: [name]})
            if files and not _replaced(table, files, []):
                raise OSError(f"{name} is being changed by somebody else; try again")
            removed += sum(one.rows for one in files)
        if not removed:
            raise KeyError(name)
        return removed

    # -- allow-lists ---------------------------------------------------------------------------------------------------

    def allow(self, given: AllowList, name: str = "", now: datetime | None = None) -> str:
        """Keeps an allow-list, in place of an earlier one of its name; the name.  Raises BadName."""
        name = _checked(name or slug(given.name))
        moment = _time(now or datetime.now(UTC))
        with closing(self.connection()) as connection:
            rows = rows_relation(connection, {"entry": list(given.entries)})
            kinds = "[" + ", ".join(f"'{one}'" for one in given.kinds) + "]::VARCHAR[]"
            sql = (
                f"SELECT '{name}' AS name, '{given.type}' AS type, entry, {kinds} AS kinds,"
                f" {moment} AS time FROM {rows}"
            )
            added = self.allowed.write(connection, sql)
        for _ in range(ATTEMPTS):
            old = self.allowed.files({"name": [name]})
            if not old:
                self.allowed.commit(added)
                return name
            if _replaced(self.allowed, old, added):
                return name
        raise OSError(f"{name} is being changed by somebody else; try again")

    def allow_lists(self) -> list[dict[str, Any]]:
        """The allow-lists: type, number of entries, kinds."""
        with closing(self.connection()) as connection:
            rows = connection.execute(
                "SELECT name, any_value(type), count(*), any_value(kinds),"
                " strftime(max(time) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
                f" FROM {self.allowed.relation()} GROUP BY name ORDER BY name"
            ).fetchall()
        return [
            {"allow_list": name, "type": kind, "entries": count, "for": list(kinds), "last_read": last}
            for name, kind, count, kinds, last in rows
        ]

    def allowed_relation(self) -> str:
        """The SQL of the entries of all allow-lists: name, type, entry, kinds."""
        return self.allowed.relation()


def _replaced(table: Table, old: list[DataFile], new: list[DataFile]) -> bool:
    """Other rows in the place of old ones: readers of changes must see it, unlike in a compaction."""
    from deltalake.exceptions import CommitFailedError

    try:
        table.commit(new, removed=old, delta=table.delta())
    except CommitFailedError:
        return False
    return True


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadName(f"{name!r} is no name for a feed; use small letters, digits, '.', '_' and '-'")
    return name


def _stage(
    connection: DuckDBPyConnection, entries: Iterable[Entry], left_out: Callable[[LeftOut], None]
) -> tuple[int, int]:
    """The entries as rows of `staged`, the ids that were taken back as rows of `revoked`; how many of each."""
    connection.execute(
        "CREATE TEMP TABLE staged (kind VARCHAR, value VARCHAR, uid VARCHAR, prefix BOOLEAN, confidence INTEGER,"
        " labels VARCHAR[], description VARCHAR, valid_from TIMESTAMPTZ, valid_until TIMESTAMPTZ)"
    )
    connection.execute("CREATE TEMP TABLE revoked (uid VARCHAR)")
    counts: Counter[str] = Counter()
    revoked: list[str] = []
    for batch in _batches(entries, left_out, revoked):
        counts["indicators"] += len(batch)
        rows = rows_relation(
            connection,
            {
                "kind": [one.kind for one in batch],
                "value": [one.value for one in batch],
                "uid": [one.uid for one in batch],
                "prefix": [one.prefix for one in batch],
                "confidence": [one.confidence for one in batch],
                "labels": [_SEPARATOR.join(one.labels) if one.labels else None for one in batch],
                "description": [one.description or None for one in batch],
                "valid_from": [one.valid_from or None for one in batch],
                "valid_until": [one.valid_until or None for one in batch],
            },
            {"prefix": "boolean", "confidence": "long"},
        )
        connection.execute(
            "INSERT INTO staged SELECT kind, value, uid, prefix, confidence,"
            f" coalesce(string_split(labels, '{_SEPARATOR}'), []), description, CAST(valid_from AS TIMESTAMPTZ),"
            f" CAST(valid_until AS TIMESTAMPTZ) FROM {rows}"
        )
        connection.unregister(rows)
    if revoked:
        rows = rows_relation(connection, {"uid": revoked})
        connection.execute(f"INSERT INTO revoked SELECT uid FROM {rows}")
    return counts["indicators"], len(revoked)


def _batches(
    entries: Iterable[Entry], left_out: Callable[[LeftOut], None], revoked: list[str]
) -> Iterator[list[Indicator]]:
    batch: list[Indicator] = []
    for one in entries:
        if isinstance(one, Indicator):
            batch.append(one)
            if len(batch) >= BATCH_ROWS:
                yield batch
                batch = []
        elif isinstance(one, Revoked):
            revoked.append(one.uid)
        else:
            left_out(one)
    if batch:
        yield batch


def _said(confidence: int, expires_days: float | None, now: datetime) -> str:
    """The staged rows, each indicator of each id once; without an end where one of its entries has none."""
    end = "NULL" if expires_days is None else _time(now + timedelta(days=expires_days))
    return (
        "SELECT kind, value, uid, bool_or(prefix) AS prefix,"
        f" coalesce(max(confidence), {int(confidence)}) AS confidence,"
        " list_sort(list_distinct(flatten(list(labels)))) AS labels, min(description) AS description,"
        " min(valid_from) AS valid_from,"
        f" CASE WHEN bool_or(valid_until IS NULL) THEN {end} ELSE max(valid_until) END AS valid_until"
        " FROM staged GROUP BY kind, value, uid"
    )


def _rows(source: str, revision: int, merge: bool, now: datetime) -> str:
    """The rows that the feed has after this reading."""
    moment = _time(now)
    known = (
        "SELECT kind, value, min(first_seen) AS first_seen, min(revision) AS revision, bool_or(prefix) AS prefix,"
        f" bool_and(coalesce(valid_until <= {moment}, false)) AS expired FROM old GROUP BY kind, value"
    )
    sql = (
        f"SELECT '{source}' AS source, f.kind, f.value, f.prefix, f.uid, CAST(f.confidence AS INTEGER) AS confidence,"
        " f.labels, f.description, f.valid_from, CAST(f.valid_until AS TIMESTAMPTZ) AS valid_until,"
        f" coalesce(k.first_seen, {moment}) AS first_seen, {moment} AS last_seen,"
        " CAST(CASE WHEN k.value IS NULL OR k.expired OR (f.prefix AND NOT k.prefix)"
        f" THEN {revision} ELSE k.revision END AS BIGINT) AS revision"
        f" FROM fresh f LEFT JOIN ({known}) k ON k.kind = f.kind AND k.value = f.value"
    )
    if not merge:
        return sql
    columns = ", ".join(INDICATORS.columns)
    return (
        f"SELECT {columns} FROM ({sql}) UNION ALL SELECT {columns} FROM old"
        " WHERE NOT (uid <> '' AND (uid IN (SELECT uid FROM fresh) OR uid IN (SELECT uid FROM revoked)))"
        " AND NOT EXISTS (SELECT 1 FROM fresh f WHERE f.kind = old.kind AND f.value = old.value AND f.uid = old.uid)"
    )


def _pair(connection: DuckDBPyConnection, sql: str) -> tuple[int, int]:
    row: Any = connection.execute(sql).fetchone()
    return int(row[0]), int(row[1])


def _time(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment.astimezone(UTC).isoformat()}'"
