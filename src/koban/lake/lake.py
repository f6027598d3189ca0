"""The lake: every log kept, under one roof.

    events       every record that could be read, as an event (one table, partitioned by OCSF class and day)
    quarantine   what could not be read: the bytes, where they came from and why
    settings     retention and legal holds
    baselines    what was normal, for the behavioural detections

Columns, partitions and types are those of `koban.model.event`.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koban.lake.baselines import BASELINES
from koban.lake.storage import Bucket, Directory, Storage
from koban.lake.tables import DataFile, Shape, Table
from koban.model.event import CLASSES, COLUMNS, PARTITIONS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RETENTION_DAYS = 400
"""How long events are kept where the settings say nothing else: thirteen months, a year and the month to notice."""

VACUUM_HOURS = 24
"""How long files that no version names any more are left for queries that still read them."""

WAITING_ROWS, WAITING_ROWS_MIN = 80_000, 2048
"""How many rows wait in memory to be written, in all threads, and at least in each."""

COMPACT_BYTES, COMPACT_ROWS = 64 * 1024 * 1024, 200_000
"""What compaction makes files of: so much and no more, since they are sorted in memory, unpacked."""

COMPACT_MEMORY_BYTES = 1 << 30

EVENTS = Shape("events", {name: column.sql_type for name, column in COLUMNS.items()}, PARTITIONS, sparse=True)
QUARANTINE = Shape(
    "quarantine",
    {
        "day": "DATE",
        "time": "TIMESTAMPTZ",
        "origin": "VARCHAR",
        "origin_line": "BIGINT",
        "source": "VARCHAR",
        "reason": "VARCHAR",
        "data": "BLOB",
    },
)
SETTINGS = Shape("settings", {"day": "DATE", "time": "TIMESTAMPTZ", "name": "VARCHAR", "value": "VARCHAR"})
HASHES = Shape(
    "hashes", {"day": "DATE", "time": "TIMESTAMPTZ", "key": "VARCHAR", "tag": "VARCHAR", "sha256": "VARCHAR"}
)
"""Log files of CloudTrail as they were when they came in."""

ALERTS = Shape(
    "alerts",
    {
        "day": "DATE",
        "time": "TIMESTAMPTZ",
        "kept_time": "TIMESTAMPTZ",
        "fingerprint": "VARCHAR",
        "rule": "VARCHAR",
        "title": "VARCHAR",
        "kind": "VARCHAR",
        "level": "VARCHAR",
        "account": "VARCHAR",
        "count": "BIGINT",
        "entities": "VARCHAR[]",
        "alert": "VARCHAR",
    },
)
"""One row for each time that an alert was kept; the last one counts.  `time` is when its last event happened."""


@dataclass(frozen=True)
class Hold:
    """A legal hold: nothing of those classes (all, when empty) and days is removed while it stands."""

    name: str
    since: str
    until: str
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compacted:
    """What compaction did."""

    partitions: int
    files_before: int
    files_after: int


class Lake:
    """A lake at a directory or an `s3://` prefix."""

    def __init__(self, root: str, options: dict[str, str] | None = None) -> None:
        self.root = root
        self.storage: Storage = (
            Bucket(root, options or {}) if root.startswith("s3://") else Directory(Path(root).absolute())
        )

    @property
    def place(self) -> str:
        """Where it is, for whoever does not know where we are."""
        return self.root if self.root.startswith("s3://") else str(Path(self.root).absolute())

    @cached_property
    def events(self) -> Table:
        return self.table(EVENTS)

    @cached_property
    def quarantine(self) -> Table:
        return self.table(QUARANTINE)

    def table(self, shape: Shape) -> Table:
        """A table of the lake, of any shape: alerts, baselines and indicators lie here too."""
        return Table(self.storage, shape)

    def others(self) -> list[Table]:
        """The tables beside the events that hold something."""
        return [table for table in self._tables()[1:] if table.exists()]

    def connection(self, threads: int = 0, memory_bytes: int = 0) -> DuckDBPyConnection:
        """A DuckDB connection that reads this lake; its clock is UTC, it reaches nothing but the lake's own files."""
        import duckdb

        connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET enable_progress_bar = false")
        # made when memory is short, and removed again; DuckDB calls its files there the same in every process
        spilled = str(Path(tempfile.gettempdir()) / f"koban-spilled-{uuid.uuid4().hex}")
        connection.execute(f"SET temp_directory = '{spilled.replace(chr(39), chr(39) * 2)}'")
        if threads:
            connection.execute(f"SET threads = {int(threads)}")
        # rows wait in each thread, by partition, to be written: those of all threads together are bounded
        row = connection.execute("SELECT current_setting('threads')").fetchone()
        waiting = WAITING_ROWS // int(row[0] if row else 1)
        connection.execute(f"SET partitioned_write_flush_threshold = {max(WAITING_ROWS_MIN, waiting)}")
        if memory_bytes:
            connection.execute(f"SET memory_limit = '{int(memory_bytes)}B'")
        self.storage.prepare(connection)
        return connection

    def relation(
        self,
        since: str = "",
        until: str = "",
        classes: Iterable[str] = (),
        *,
        files: Sequence[DataFile] | None = None,
    ) -> str:
        """The SQL of the events of a time (ISO, UTC; `until` is not included) and of OCSF classes, all when empty."""
        if files is None:
            wanted = [str(CLASSES[c]) for c in classes]
            files = self.events.files({"class_uid": wanted} if wanted else None, since, until)
        return within(self.events.relation(files), since, until)

    # -- keeping it small -------------------------------------------------------------------------------------------

    def compact(
        self,
        table: Table | None = None,
        *,
        files_min: int = 2,
        small_bytes: int = COMPACT_BYTES // 2,
        memory_bytes: int = COMPACT_MEMORY_BYTES,
    ) -> Compacted:
        """Makes one sorted file (or few, by size and rows) of each partition's files below `small_bytes`.

        What cannot be sorted in the memory that is given is put together as it lies.
        """
        table = table or self.events
        before = after = partitions = 0
        for group in small_files(table, small_bytes):
            if len(group) < files_min:
                continue
            added = self._merged(table, group, memory_bytes)
            if table.replace(group, added):
                partitions += 1
                before += len(group)
                after += len(added)
        return Compacted(partitions, before, after)

    def _merged(self, table: Table, group: Sequence[DataFile], memory_bytes: int) -> list[DataFile]:
        """The rows of those files, written as few files that nobody sees yet."""
        import duckdb

        rows = f"SELECT * FROM {table.relation(group)}"
        ordered = f"{rows} ORDER BY {', '.join(table.shape.sorted_by)}"
        # one thread needs less than several, and rows that are not sorted need not wait for each other
        for threads, sql in ((0, ordered), (1, ordered), (1, rows)):
            with contextlib.closing(self.connection(threads, memory_bytes)) as connection:
                if threads:
                    connection.execute(f"SET partitioned_write_flush_threshold = {WAITING_ROWS_MIN}")
                try:
                    return table.write(connection, sql)
                except duckdb.OutOfMemoryException as error:
                    short = error
        raise short

    def vacuum(self, hours: int = VACUUM_HOURS) -> int:
        """Removes files that no version of the last hours names; how many."""
        removed = 0
        for table in self._tables():
            if table.exists():
                removed += len(table.delta().vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True))
        return removed

    def _tables(self) -> list[Table]:
        from koban.lake.indicators import ALLOWED, INDICATORS

        kept = (SETTINGS, HASHES, ALERTS, BASELINES, INDICATORS, ALLOWED)
        return [self.events, self.quarantine, *(self.table(one) for one in kept)]

    # -- what is kept, and for how long ------------------------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        """What was set, by name; the latest word counts."""
        table = self.table(SETTINGS)
        connection = self.connection()
        rows = connection.execute(f"SELECT name, arg_max(value, time) FROM {table.relation()} GROUP BY name").fetchall()
        return {name: json.loads(value) for name, value in rows}

    def set(self, name: str, value: Any) -> None:
        """Sets something for everyone who uses this lake."""
        from koban.lake.rows import rows_relation

        connection = self.connection()
        rows = rows_relation(connection, {"name": [name], "value": [json.dumps(value)]})
        self.table(SETTINGS).append(connection, f"SELECT current_date AS day, now() AS time, name, value FROM {rows}")

    def holds(self) -> list[Hold]:
        """The legal holds that stand."""
        return [
            Hold(name.removeprefix("hold:"), value["since"], value["until"], tuple(value["classes"]))
            for name, value in sorted(self.settings().items())
            if name.startswith("hold:") and value
        ]

    def expire(self, now: datetime | None = None) -> dict[str, int]:
        """Removes the days whose time is over, but for what a legal hold covers.  Rows removed, by class."""
        now = now or datetime.now(UTC)
        settings = self.settings()
        holds = self.holds()
        removed: dict[str, int] = {}
        by_partition: dict[tuple[str, str], list[DataFile]] = {}
        for file in self.events.files():
            by_partition.setdefault((file.partition["class_uid"], file.partition["day"]), []).append(file)
        names = {str(uid): name for name, uid in CLASSES.items()}
        for (uid, day), files in by_partition.items():
            name = names.get(uid, uid)
            days = int(settings.get(f"retention:{name}", settings.get("retention", RETENTION_DAYS)))
            if day >= (now - timedelta(days=days)).date().isoformat():
                continue
            if any(h.since <= day <= h.until and (not h.classes or name in h.classes) for h in holds):
                continue
            if self.events.replace(files, []):
                removed[name] = removed.get(name, 0) + sum(f.rows for f in files)
        return removed


def within(relation: str, since: str, until: str) -> str:
    """The SQL of those events of a relation that happened in a time (ISO, UTC; `until` is not included)."""
    bounds = []
    if since:
        bounds.append(f"time >= TIMESTAMPTZ '{instant(since)}'")
    if until:
        bounds.append(f"time < TIMESTAMPTZ '{instant(until)}'")
    return f"(SELECT * FROM {relation} WHERE {' AND '.join(bounds)})" if bounds else relation


def instant(text: str) -> str:
    """A time as SQL takes it; ISO, and UTC unless it says otherwise."""
    value = datetime.fromisoformat(text)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def small_files(table: Table, small_bytes: int = COMPACT_BYTES // 2) -> Iterator[list[DataFile]]:
    """The files of each partition that are small and of few rows, in groups that make one file of a good size."""
    groups: dict[tuple[str, ...], list[DataFile]] = {}
    for file in table.files():
        if file.size_bytes < small_bytes and file.rows < COMPACT_ROWS // 2:
            groups.setdefault(tuple(file.partition[p] for p in table.shape.partitions), []).append(file)
    for files in groups.values():
        yield from _by_size(files)


def _by_size(files: list[DataFile]) -> list[list[DataFile]]:
    groups: list[list[DataFile]] = [[]]
    size = rows = 0
    for file in files:
        if size and (size + file.size_bytes > COMPACT_BYTES or rows + file.rows > COMPACT_ROWS):
            groups.append([])
            size = rows = 0
        groups[-1].append(file)
        size += file.size_bytes
        rows += file.rows
    return groups
