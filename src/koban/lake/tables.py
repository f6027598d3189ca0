"""Delta Lake tables: the log of commits through delta-rs, the Parquet through DuckDB.

DuckDB writes the files of a commit, then one atomic commit names them all, together with the transactions that make it
happen once: a transaction that the table has already is refused, also when two writers meet.  A process that dies
before its commit leaves files that no reader sees, and `vacuum` removes.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from koban.lake.storage import Storage
from koban.lake.transactions import versions

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from duckdb import DuckDBPyConnection

ROW_GROUP_ROWS = 30_720
PARQUET = f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ROW_GROUP_ROWS}"
TRANSACTIONS_KEPT = "interval 500 days"
"""How long a table remembers which files it took in: longer than the events themselves are kept."""

FEW_TRANSACTIONS = 4
"""So few are asked for one by one."""

DELTA_TYPES = {
    "VARCHAR": "string",
    "INTEGER": "integer",
    "BIGINT": "long",
    "DOUBLE": "double",
    "BOOLEAN": "boolean",
    "TIMESTAMPTZ": "timestamp",
    "DATE": "date",
    "BLOB": "binary",
}


class AlreadyThere(Exception):
    """The commit's transaction is in the table: somebody else took the same thing in."""


@dataclass(frozen=True)
class Shape:
    """A table's name, its columns with their DuckDB types, what it is partitioned by, and the column of its time."""

    name: str
    columns: Mapping[str, str]
    partitions: tuple[str, ...] = ("day",)
    time: str = "time"
    sorted_by: tuple[str, ...] = ("time",)
    sparse: bool = False
    """Whether its files may leave out columns that they have nothing of: NULL, to every reader of Delta Lake."""


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of a table."""

    path: str
    size_bytes: int
    rows: int
    partition: Mapping[str, str]
    time_min: str = ""
    time_max: str = ""


@dataclass(frozen=True)
class Written:
    """What a commit did: its version, and the rows it added."""

    version: int
    rows: int
    files: tuple[str, ...] = field(default=())


class Table:
    """One Delta table of the lake."""

    def __init__(self, storage: Storage, shape: Shape) -> None:
        self.storage = storage
        self.shape = shape
        self.uri = storage.uri(shape.name)

    def delta(self) -> DeltaTable:
        """The table as it is now; made, empty, the first time."""
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        try:
            return DeltaTable(self.uri, storage_options=self.storage.options)
        except TableNotFoundError:
            DeltaTable.create(
                self.uri,
                self._schema(),
                mode="ignore",
                partition_by=list(self.shape.partitions),
                name=self.shape.name,
                storage_options=self.storage.options,
                configuration={"delta.setTransactionRetentionDuration": TRANSACTIONS_KEPT},
            )
            return DeltaTable(self.uri, storage_options=self.storage.options)

    def exists(self) -> bool:
        """Whether anything was ever kept in it."""
        from deltalake import DeltaTable

        return bool(DeltaTable.is_deltatable(self.uri, storage_options=self.storage.options))

    def _schema(self) -> Any:
        from deltalake import Field, Schema
        from deltalake.schema import ArrayType, PrimitiveType

        def kind(sql: str) -> Any:
            if sql.endswith("[]"):
                return ArrayType(PrimitiveType(DELTA_TYPES[sql[:-2]]), contains_null=True)
            return PrimitiveType(DELTA_TYPES[sql])

        return Schema([Field(name, kind(sql), nullable=True) for name, sql in self.shape.columns.items()])

    def has(self, transactions: Iterable[str], delta: DeltaTable | None = None) -> set[str]:
        """Those of the transactions that the table has."""
        return set(self.transactions(transactions, delta))

    def transactions(self, wanted: Iterable[str], delta: DeltaTable | None = None) -> dict[str, int]:
        """Those of the transactions that the table has, with the number that each has there."""
        delta = delta or self.delta()
        names = list(wanted)
        if len(names) > FEW_TRANSACTIONS:
            found = versions(self.storage, self.shape.name, delta.version(), names)
            if found is not None:
                return found
        known = {name: delta.transaction_version(name) for name in names}
        return {name: version for name, version in known.items() if version is not None}

    def write(self, connection: DuckDBPyConnection, sql: str) -> list[DataFile]:
        """Writes the rows of `sql` as Parquet files of the table, which nobody sees until `commit`."""
        target = self.storage.workspace(self.shape.name)
        by = ", ".join(self.shape.partitions)
        mark = uuid.uuid4().hex[:12]
        try:
            rows = connection.execute(
                f"COPY ({sql}) TO '{target}' ({PARQUET}, PARTITION_BY ({by}), OVERWRITE_OR_IGNORE,"
                f" FILENAME_PATTERN 'part-{mark}-{{uuid}}', RETURN_STATS)"
            ).fetchall()
        except Exception:
            # what was begun is not left for vacuum: it may be much
            for begun in Path(target).rglob(f"*part-{mark}-*"):
                begun.unlink(missing_ok=True)
            raise
        written = []
        for path, count, size, _footer, statistics, keys in rows:
            times = statistics.get(f'"{self.shape.time}"', {})
            partition = {str(k).strip('"'): str(v) for k, v in dict(keys).items()}
            written.append(
                DataFile(
                    os.path.relpath(path, target),
                    int(size),
                    int(count),
                    partition,
                    str(times.get("min", "")),
                    str(times.get("max", "")),
                )
            )
        self.storage.publish(self.shape.name, [f.path for f in written])
        return written

    def commit(
        self,
        added: Sequence[DataFile],
        transactions: Sequence[str] = (),
        *,
        removed: Sequence[DataFile] = (),
        data_change: bool = True,
        delta: DeltaTable | None = None,
        numbers: Mapping[str, int] | None = None,
    ) -> Written:
        """Makes files visible, all or none, once for each transaction.  `AlreadyThere` when one of them is there.

        `numbers` are remembered beside, each under a name; the last one counts.
        """
        from deltalake import CommitProperties, Transaction
        from deltalake.exceptions import CommitFailedError
        from deltalake.transaction import AddAction, RemoveAction

        now = int(time.time() * 1000)
        actions: list[Any] = [
            AddAction(f.path, f.size_bytes, dict(f.partition), now, data_change, _statistics(f, self.shape.time))
            for f in added
        ]
        actions += [RemoveAction(f.path, data_change, now, f.size_bytes, dict(f.partition)) for f in removed]
        delta = delta or self.delta()
        if already := self.has(transactions, delta):
            raise AlreadyThere(sorted(already)[0])
        remembered = dict.fromkeys(transactions, 1) | dict(numbers or {})
        properties = CommitProperties(app_transactions=[Transaction(t, v, now) for t, v in remembered.items()])
        for attempt in range(20):
            try:
                delta.create_write_transaction(
                    actions,
                    "append",
                    self._schema(),
                    partition_by=list(self.shape.partitions),
                    commit_properties=properties,
                )
                break
            except CommitFailedError as error:
                delta = self.delta()
                if already := self.has(transactions, delta):
                    raise AlreadyThere(sorted(already)[0]) from error
                if removed or attempt == 19:
                    raise
                time.sleep(0.01 * 2 ** min(attempt, 6))
        return Written(delta.version(), sum(f.rows for f in added), tuple(f.path for f in added))

    def append(self, connection: DuckDBPyConnection, sql: str, transactions: Sequence[str] = ()) -> Written:
        """Writes and commits the rows of a query."""
        return self.commit(self.write(connection, sql), transactions)

    def replace(self, old: Sequence[DataFile], new: Sequence[DataFile]) -> bool:
        """Puts files in the place of others in one commit; False when another writer was there before.

        The rows are the same in another order (compaction), or gone (retention): appends never meet it.
        """
        from deltalake.exceptions import CommitFailedError

        # the version that is looked at is the version that the commit builds on, so nobody can come between
        delta = self.delta()
        there = {f.path for f in self.files(delta=delta)}
        if not all(f.path in there for f in old):
            return False
        # delta-rs lets two writers remove one file; one transaction for each removed file makes the second one fail
        try:
            self.commit(new, [removal(f) for f in old], removed=old, data_change=not new, delta=delta)
        except (CommitFailedError, AlreadyThere):
            return False
        return True

    def files(
        self,
        partition: Mapping[str, Sequence[str]] | None = None,
        since: str = "",
        until: str = "",
        *,
        delta: DeltaTable | None = None,
    ) -> list[DataFile]:
        """The table's files that may hold rows of those partitions and times (ISO, UTC; `until` is not included)."""
        if delta is None and not self.exists():
            return []
        actions = (delta or self.delta()).get_add_actions(flatten=True)
        names = actions.schema.names
        columns = {name: actions[name].to_pylist() for name in names}
        found = []
        low, high = f"min.{self.shape.time}", f"max.{self.shape.time}"
        for row in range(actions.num_rows):
            keys = {key: str(columns[f"partition.{key}"][row]) for key in self.shape.partitions}
            if partition and any(keys[k] not in values for k, values in partition.items()):
                continue
            if "day" in keys and since and keys["day"] < since[:10]:
                continue
            if "day" in keys and until and keys["day"] > until[:10]:
                continue
            earliest = _iso(columns[low][row]) if low in columns else ""
            latest = _iso(columns[high][row]) if high in columns else ""
            if (since and latest and latest < since) or (until and earliest and earliest >= until):
                continue
            found.append(
                DataFile(
                    unquote(columns["path"][row]),
                    columns["size_bytes"][row],
                    columns["num_records"][row] or 0,
                    keys,
                    earliest,
                    latest,
                )
            )
        return sorted(found, key=lambda f: (f.time_min, f.path))

    def relation(self, files: Sequence[DataFile] | None = None, *, partitions: bool = True) -> str:
        """The SQL of the table's rows (of those files): what a query selects from.

        Without `partitions`, their columns are left out: files that are not committed may have none that can be read.
        """
        paths = [self.storage.readable(self.shape.name, f.path) for f in (self.files() if files is None else files)]
        nothing = f"SELECT {', '.join(f'CAST(NULL AS {t}) AS {n}' for n, t in self.shape.columns.items())} WHERE false"
        if not paths:
            return f"({nothing})"
        listed = ", ".join("'" + p.replace("'", "''") + "'" for p in paths)
        if not partitions:
            return f"(SELECT * FROM read_parquet([{listed}], hive_partitioning = false, union_by_name = true))"
        types = ", ".join(f"'{p}': {self.shape.columns[p]}" for p in self.shape.partitions)
        columns = ", ".join(self.shape.columns)
        read = f"read_parquet([{listed}], hive_partitioning = true, union_by_name = true, hive_types = {{{types}}})"
        if self.shape.sparse:
            # of no rows, with every column; DuckDB plans as if it were not there
            return f"(SELECT {columns} FROM ({nothing} UNION ALL BY NAME SELECT * FROM {read}))"
        return f"(SELECT {columns} FROM {read})"


def removal(file: DataFile) -> str:
    """The transaction that only one remover of a file can make."""
    return f"removed:{file.path.rpartition('/')[2]}"


def _iso(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat().replace("+00:00", "") if hasattr(value, "isoformat") else str(value)


def _statistics(file: DataFile, column: str) -> str:
    statistics: dict[str, Any] = {"numRecords": file.rows}
    if file.time_min and file.time_max:
        statistics["minValues"] = {column: _delta_time(file.time_min)}
        statistics["maxValues"] = {column: _delta_time(file.time_max)}
    return json.dumps(statistics)


def _delta_time(text: str) -> str:
    return text.replace(" ", "T").removesuffix("+00").removesuffix("Z") + "Z"
