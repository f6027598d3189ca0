"""Takes logs into the lake, each input exactly once.

Inputs are read in batches.  A batch's rows are written as Parquet, and one commit makes them visible together with the
identities of its inputs; what could not be read goes to quarantine under the same identities, one commit before.  So
whatever dies, and whoever else reads the same inputs, each row is there once.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from koban.app.logs import hashes
from koban.lake.lake import Lake
from koban.lake.rows import rows_relation
from koban.lake.tables import AlreadyThere, DataFile
from koban.sources.logs.documents import Opening, opening, relation
from koban.sources.logs.format import NO_HINTS, Hints, NotRecognised, Record, Rejected
from koban.sources.logs.growing import head_of, holds_record, is_numbered, last_record
from koban.sources.logs.inputs import BadSource, Input, Opened, fetch, inputs, opened
from koban.sources.logs.mapping import MACROS, mapping, quote, select
from koban.sources.logs.split import split

__all__ = ["BadSource", "Counts", "Ingestion", "ingested"]

BATCH_BYTES = 64 * 1024 * 1024
BATCH_INPUTS = 2000
CHUNK_RECORDS = 50_000
CHUNK_BYTES = 64 * 1024 * 1024
MEMORY_BYTES = 1 << 30
COMPACT_FILES_MIN, COMPACT_SMALL_BYTES = 8, 8 * 1024 * 1024
"""Ingestion ends with compaction where a partition has so many files so small; large ones stay."""
DOCUMENT_BYTES_MAX = 64 * 1024 * 1024
"""DuckDB holds a document whole, in each thread; a larger one is read record by record."""
REFUSED_MAX = 40
"""So often documents that DuckDB refuses are parted from the others of their batch; then all are read by records."""


@dataclass
class Counts:
    """What came of an ingestion."""

    inputs: int = 0
    inputs_known: int = 0
    events: int = 0
    quarantined: int = 0
    by_source: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    """One line for each input that was not taken in, and why; a later run tries it again."""

    def add(self, other: Counts) -> None:
        self.inputs += other.inputs
        self.inputs_known += other.inputs_known
        self.events += other.events
        self.quarantined += other.quarantined
        self.by_source.update(other.by_source)
        self.unreadable += other.unreadable


@dataclass(frozen=True)
class _Part:
    """One input of a batch: where its bytes are, and from which of them on they are new."""

    input: Input
    path: Path
    identity: str
    start: int = 0
    numbers: tuple[int, int] | None = None
    """Of a file whose records are numbered: those after the first number, up to the second, are new."""


class Ingestion:
    """Takes inputs into a lake."""

    def __init__(
        self,
        lake: Lake,
        *,
        client: Any = None,
        threads: int = 0,
        hints: Hints = NO_HINTS,
        keep_hashes: bool = False,
    ) -> None:
        self.lake = lake
        self.client = client
        self.hints = hints
        self.keep_hashes = keep_hashes
        self._keep_unrecognised = False
        self.connection = lake.connection(threads, MEMORY_BYTES)
        # blocks that are not given back to the system need not be made anew for each batch
        self.connection.execute(f"SET block_allocator_memory = '{MEMORY_BYTES // 2}B'")
        for macro in MACROS:
            self.connection.execute(macro)

    def take(
        self,
        wanted: Iterable[Input],
        progress: Callable[[Counts], None] = lambda counts: None,
        *,
        keep_unrecognised: bool = False,
    ) -> Counts:
        """Takes in everything that is not there yet.

        An input of no known format stays where it is and is named, or goes whole to quarantine where nobody else keeps
        it (`keep_unrecognised`).
        """
        counts = Counts()
        self._keep_unrecognised = keep_unrecognised
        for batch in batches(wanted):
            with tempfile.TemporaryDirectory(prefix="koban-ingest-") as scratch:
                counts.add(self._batch(batch, Path(scratch)))
            progress(counts)
        return counts

    def quarantine(self, rejected: Rejected, origin: str) -> None:
        """Puts one thing into quarantine."""
        kept = _Quarantine(self)
        kept.add(rejected, origin)
        kept.commit(())

    def replay(
        self, rows: Iterable[tuple[str, int, str, str, bytes]], left: dict[str, list[Any]]
    ) -> tuple[list[DataFile], Counts]:
        """Writes the events in bytes that were rejected once; the rows that still cannot be read go to `left`."""
        counts = Counts()
        written: list[DataFile] = []
        quarantine = _Quarantine(self)
        buffer = _Buffer(self, written, quarantine, counts)
        for origin, line, source, reason, data in rows:
            try:
                found = list(split(io.BytesIO(data), origin, hints=self.hints)) if data else []
            except NotRecognised:
                found = []
            if found and all(isinstance(one, Record) for one in found):
                for one in found:
                    if isinstance(one, Record):
                        buffer.add(replace(one, line=line), origin)
            else:
                for name, value in zip(left, (origin, line, source, reason, data), strict=True):
                    left[name].append(value)
        buffer.flush()
        # what still has no time stays as it is
        for name, column in quarantine.columns.items():
            left[name] += column
        return written, counts

    # -- one batch --------------------------------------------------------------------------------------------------

    def _batch(self, batch: Sequence[Input], scratch: Path) -> Counts:
        counts = Counts()
        events = self.lake.events
        delta = events.delta()
        # an object's identity is known before it is fetched
        objects = {i.identity(): i for i in batch if i.path is None}
        there = events.transactions(objects, delta)
        fresh = [i for i in batch if i.path is not None] + [i for name, i in objects.items() if name not in there]
        counts.inputs_known += len(batch) - len(fresh)
        parts = []
        for item, path in fetch(fresh, scratch, client=self.client, exact=self.keep_hashes).items():
            try:
                if isinstance(path, BadSource):
                    raise path
                parts.append(_part(item, path))
            except BadSource as error:
                counts.unreadable.append(str(error))
            except OSError as error:
                counts.unreadable.append(f"{item.origin}: cannot be read: {error.strerror or error}")
        # of a file that has grown since, the beginning is there
        there = events.transactions([n for p in parts for n in (p.identity, p.input.place)], delta)
        counts.inputs_known += sum(p.identity in there for p in parts)
        parts = [self._rest(p, there, delta) for p in parts if p.identity not in there]
        hashed = self._tagged(parts) if self.keep_hashes else []
        while parts:
            try:
                counts.add(self._land(parts))
                hashes.keep(self.lake, hashed)
                break
            except AlreadyThere:
                # somebody else took some of them in meanwhile; the others are written anew
                meanwhile = events.has(p.identity for p in parts)
                counts.inputs_known += len(meanwhile)
                parts = [p for p in parts if p.identity not in meanwhile]
        return counts

    def _tagged(self, parts: Sequence[_Part]) -> list[tuple[Input, Path, str]]:
        """Log files of CloudTrail with their tags from before they are read."""
        wanted = [p for p in parts if not p.start and hashes.is_trail_file(p.input.origin)]
        return [(p.input, p.path, hashes.tag_of(p.input, p.path)) for p in wanted]

    def _rest(self, part: _Part, there: dict[str, int], delta: Any) -> _Part:
        """What of an input is new: all of it, or what comes after the beginning that was taken in before."""
        item = part.input
        before = there.get(item.place) if item.path is not None else None
        if before is None:
            return part
        with contextlib.suppress(OSError):  # it is gone; whoever reads it next says so
            if part.numbers is not None:
                if before < part.numbers[1]:
                    mark = holds_record(part.path, before)
                    if mark == "" or (mark and self.lake.events.has([item.identity_of(mark)], delta)):
                        return replace(part, numbers=(before, part.numbers[1]))
            elif before < item.size_bytes and self.lake.events.has([item.identity(before)], delta):
                return replace(part, start=before)
        return part

    def _land(self, parts: Sequence[_Part]) -> Counts:
        counts = Counts(inputs=len(parts))
        written: list[DataFile] = []
        quarantine = _Quarantine(self)
        begun: dict[Opening, list[_Part]] = {}
        for part in parts:
            if found := _opening(part):
                begun.setdefault(found, []).append(part)
        landed: list[_Part] = []
        for one, documents in begun.items():
            files, taken = self._documents(one, documents)
            written += self._keep(files, quarantine, counts)
            counts.by_source[one.source] += sum(f.rows for f in files)
            landed += taken
        whole = {p.identity for p in landed}
        slow = [p for p in parts if p.identity not in whole]
        buffer = _Buffer(self, written, quarantine, counts)
        for part in slow:
            stream = opened(part.path, part.start, part.input.size_bytes)
            try:
                self._read(part, stream, buffer, quarantine)
                landed.append(part)
            except NotRecognised as error:
                if self._keep_unrecognised:
                    quarantine.add(Rejected(str(error), part.path.read_bytes(), 0), part.input.origin)
                    landed.append(part)
                else:
                    counts.unreadable.append(str(error))
                    counts.inputs -= 1
            finally:
                stream.close()
        buffer.flush()
        transactions = [p.identity for p in landed]
        # where a file ends now, so that what is added to it later is known as the rest
        ends = {
            p.input.place: p.numbers[1] if p.numbers else p.input.size_bytes
            for p in landed
            if p.input.path is not None and p.path == p.input.path
        }
        if landed:
            quarantine.commit(landed)
            self.lake.events.commit(written, transactions, numbers=ends)
        counts.quarantined = quarantine.rows
        return counts

    def _read(self, part: _Part, stream: Opened, buffer: _Buffer, quarantine: _Quarantine) -> None:
        results = split(
            io.BufferedReader(stream, 1 << 20),
            part.input.origin,
            _written(part.input),
            hints=self.hints,
            begun=head_of(part.path) if part.start else b"",
            numbers=part.numbers,
        )
        for result in results:
            if isinstance(result, Record):
                buffer.add(result, part.input.origin)
            else:
                quarantine.add(result, part.input.origin)
        if stream.error:
            quarantine.add(Rejected(f"the input breaks off: {stream.error}", b"", 0), part.input.origin)

    # -- whole documents, without a record passing through Python ------------------------------------------------------

    def _documents(self, begun: Opening, parts: Sequence[_Part]) -> tuple[list[DataFile], list[_Part]]:
        """Writes the records of documents that begin so, and says which documents: not those that hide something."""
        import duckdb

        files: list[DataFile] = []
        taken: list[_Part] = []
        waiting = [list(parts)]
        refused = 0
        while waiting and refused < REFUSED_MAX:
            some = waiting.pop()
            origins = {str(p.path): p.input.origin for p in some}
            records = relation(begun, origins, max(map(_unpacked_bytes, some)))
            try:
                files += self.lake.events.write(self.connection, select(mapping(begun.source), records, sparse=True))
                taken += some
            except duckdb.InterruptException:
                raise
            except duckdb.Error:
                refused += 1
                half = len(some) // 2
                waiting += [half_of for half_of in (some[half:], some[:half]) if len(some) > 1]
        return files, taken

    def _keep(self, files: Sequence[DataFile], quarantine: _Quarantine, counts: Counts) -> list[DataFile]:
        """Those files that have a day; the records of the others have no time that can be read: quarantine."""
        kept = []
        for file in files:
            if file.partition["day"] in ("NULL", "None", "", "__HIVE_DEFAULT_PARTITION__"):
                rows = self.connection.execute(
                    f"SELECT coalesce(raw_data, record), origin, origin_line, source"
                    f" FROM {self.lake.events.relation([file], partitions=False)}"
                )
                while chunk := rows.fetchmany(1000):
                    for text, origin, line, source in chunk:
                        quarantine.add(
                            Rejected("no time that can be read", (text or "null").encode(), line or 0), origin, source
                        )
            else:
                kept.append(file)
                counts.events += file.rows
        return kept


class _Buffer:
    """Records on their way into Parquet, by source."""

    def __init__(self, owner: Ingestion, written: list[DataFile], quarantine: _Quarantine, counts: Counts) -> None:
        self._owner = owner
        self._written = written
        self._quarantine = quarantine
        self._counts = counts
        self._rows: dict[str, tuple[list[str], list[str | None], list[str], list[int]]] = {}
        self._records = 0
        self._bytes = 0

    def add(self, record: Record, origin: str) -> None:
        rows = self._rows.setdefault(record.source, ([], [], [], []))
        rows[0].append(record.record)
        rows[1].append(record.raw_data)
        rows[2].append(origin)
        rows[3].append(record.line)
        self._records += 1
        self._bytes += len(record.record) + len(record.raw_data or "")
        if self._records >= CHUNK_RECORDS or self._bytes >= CHUNK_BYTES:
            self.flush()

    def flush(self) -> None:
        connection = self._owner.connection
        for source, (records, raw, origins, lines) in self._rows.items():
            relation = rows_relation(
                connection,
                {"record": records, "raw_data": raw, "origin": origins, "origin_line": lines},
                {"origin_line": "long"},
            )
            files = self._owner.lake.events.write(connection, select(mapping(source), relation, sparse=True))
            connection.unregister(relation)
            self._counts.by_source[source] += len(records)
            self._written += self._owner._keep(files, self._quarantine, self._counts)
        self._rows.clear()
        self._records = self._bytes = 0


class _Quarantine:
    """What could not be read, on its way to its table."""

    def __init__(self, owner: Ingestion) -> None:
        self._owner = owner
        self.columns: dict[str, list[Any]] = {n: [] for n in ("origin", "origin_line", "source", "reason", "data")}
        self._files: list[DataFile] = []
        self._bytes = 0
        self.rows = 0

    def add(self, rejected: Rejected, origin: str, source: str = "") -> None:
        for name, value in zip(
            self.columns, (origin, rejected.line, source, rejected.reason, rejected.data), strict=True
        ):
            self.columns[name].append(value)
        self.rows += 1
        self._bytes += len(rejected.data)
        if self._bytes >= CHUNK_BYTES or len(self.columns["data"]) >= CHUNK_RECORDS:
            self._flush()

    def _flush(self) -> None:
        if not self.columns["data"]:
            return
        connection = self._owner.connection
        relation = rows_relation(connection, self.columns, {"origin_line": "long", "data": "binary"})
        self._files += self._owner.lake.quarantine.write(
            connection,
            "SELECT CAST(now() AS DATE) AS day, now() AS time, origin, origin_line, source, reason, data"
            f" FROM {relation}",
        )
        connection.unregister(relation)
        for column in self.columns.values():
            column.clear()
        self._bytes = 0

    def commit(self, parts: Sequence[_Part]) -> None:
        """Makes them visible, but for inputs whose rows a run that died before its events has left here."""
        self._flush()
        table = self._owner.lake.quarantine
        while self._files:
            try:
                table.commit(self._files, [p.identity for p in parts])
                return
            except AlreadyThere:
                there = table.has(p.identity for p in parts)
                known = ", ".join(quote(p.input.origin) for p in parts if p.identity in there)
                parts = [p for p in parts if p.identity not in there]
                rest = f"SELECT * FROM {table.relation(self._files)} WHERE origin NOT IN ({known})"
                self._files = table.write(self._owner.connection, rest) if parts else []


def ingested(
    lake: Lake,
    sources: Sequence[str],
    progress: Callable[[Counts], None] = lambda counts: None,
    *,
    compact: bool = True,
    hints: Hints = NO_HINTS,
    keep_hashes: bool = False,
) -> Counts:
    """Takes sources (files, directories, s3:// prefixes, `-`) into a lake.  Raises `BadSource`."""
    client = None
    if any(source.startswith("s3://") for source in sources):
        import boto3
        from botocore.config import Config

        # a bucket that throttles answers after some tries; the other modes give up when many requests are refused
        client = boto3.client("s3", config=Config(retries={"total_max_attempts": 12, "mode": "legacy"}))
    ingestion = Ingestion(lake, client=client, hints=hints, keep_hashes=keep_hashes)
    with contextlib.ExitStack() as stack:
        wanted = [i for source in sources for i in _inputs(source, stack, client)]
        counts = ingestion.take(wanted, progress)
    if compact and counts.events:
        lake.compact(files_min=COMPACT_FILES_MIN, small_bytes=COMPACT_SMALL_BYTES)
    return counts


def _inputs(source: str, stack: contextlib.ExitStack, client: Any) -> Iterator[Input]:
    if source != "-":
        yield from inputs(source, client=client)
        return
    # standard input is kept first, so that it has a checksum like any file
    path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="koban-stdin-"))) / "stdin"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    yield Input("standard input", path.stat().st_size, path)


def batches(wanted: Iterable[Input]) -> Iterator[list[Input]]:
    """Inputs in batches of a bounded number and size."""
    batch: list[Input] = []
    size = 0
    for item in wanted:
        if batch and (len(batch) >= BATCH_INPUTS or size + item.size_bytes > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += item.size_bytes
    if batch:
        yield batch


def _part(item: Input, path: Path) -> _Part:
    if item.path is not None and is_numbered(item.path) and (last := last_record(item.path)):
        # written in place: known by its last record
        return _Part(item, path, item.identity_of(last.mark), numbers=(0, last.number))
    return _Part(item, path, item.identity())


def _unpacked_bytes(part: _Part) -> int:
    """What a file says it unpacks to, and a little more; what says too little is read the other way after all."""
    with part.path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        size = file.seek(0, io.SEEK_END)
        if packed and size > 4:
            file.seek(-4, io.SEEK_END)
            size = int.from_bytes(file.read(4), "little")
    return size + 1024


def _written(item: Input) -> datetime | None:
    """When a file was last written: times that say no year are read by it."""
    try:
        return datetime.fromtimestamp(item.path.stat().st_mtime, UTC) if item.path is not None else None
    except OSError:
        return None


def _opening(part: _Part) -> Opening | None:
    """How a part begins that is a whole document for DuckDB to cut."""
    if part.start or _unpacked_bytes(part) > DOCUMENT_BYTES_MAX:
        return None
    return opening(part.path)
