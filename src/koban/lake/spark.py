"""The lake on Spark: the same tables, read and rewritten by many machines.

The files are planned from the tables' own log (deltalake) and read as Parquet, so Spark needs no library for Delta.
What Spark writes is committed by us, as everything else is.  All machines must reach the lake under the same path: a
shared file system, or a bucket (Spark then needs `hadoop-aws`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from koban.lake.lake import Compacted, Lake, instant, small_files
from koban.lake.query import Answer, BadQuery, underscored
from koban.lake.spread import PIECE_ROWS, PLACE, Gathered, Given, NoWorkers, Piece, Task
from koban.lake.storage import Bucket
from koban.lake.tables import DataFile, Table
from koban.model.event import CLASSES

DEFAULT_MASTER = "local[2]"
GIVEN = "name STRING, file STRING, n BIGINT"
"""The columns of what workers say they found."""
BETWEEN = "between"
"""The name under which a worker says which versions its piece lies between."""
Took = Callable[[Gathered, int, int], None]
JOBS_MAX = 16
"""So many partitions are compacted at once."""

TYPES = {
    "VARCHAR": "STRING",
    "INTEGER": "INT",
    "BIGINT": "BIGINT",
    "DOUBLE": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "TIMESTAMPTZ": "TIMESTAMP",
    "DATE": "DATE",
    "BLOB": "BINARY",
}
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    # a query reads the lake's tables, and no file by its name
    "spark.sql.runSQLOnFiles": "false",
}
AT_START = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}
REACHING = frozenset(
    ("reflect", "java_method", "try_reflect", "read_files", "input_file_name", "input_file_block_start")
)
"""Functions that reach beyond the tables."""


class NoSpark(RuntimeError):
    """Spark cannot be had; the message says why."""


def session(master: str = DEFAULT_MASTER, options: dict[str, str] | None = None) -> Any:
    """A Spark session of a master's URL, or of a Spark Connect server's (`sc://host`).  Raises `NoSpark`."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NoSpark("pyspark is not installed: pip install 'koban[spark]'") from error
    builder = SparkSession.builder
    try:
        if master.startswith("sc://"):
            made = builder.remote(master).getOrCreate()
        else:
            builder = builder.appName("koban").master(master)
            near = _near(master)
            if near:
                os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
                os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            for key, value in {**AT_START, **SETTINGS, **near, **_bucket(options or {})}.items():
                builder = builder.config(key, value)
            made = builder.getOrCreate()
            made.sparkContext.setLogLevel("ERROR")
        for key, value in SETTINGS.items():
            # a server may hold some of them fast
            with contextlib.suppress(Exception):
                made.conf.set(key, value)
    except Exception as error:
        raise NoSpark(f"no session at {master}: {_line(error)}") from error
    return made


def _near(master: str) -> dict[str, str]:
    """A driver whose workers are on this machine listens there alone."""
    host = master.removeprefix("spark://").partition(":")[0]
    if not master.startswith("local") and host not in ("127.0.0.1", "localhost"):
        return {}
    return {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def _bucket(options: dict[str, str]) -> dict[str, str]:
    said = {
        "access.key": options.get("aws_access_key_id", ""),
        "secret.key": options.get("aws_secret_access_key", ""),
        "session.token": options.get("aws_session_token", ""),
        "endpoint": options.get("aws_endpoint_url", ""),
        "endpoint.region": options.get("aws_region", ""),
        "path.style.access": "true" if options.get("aws_endpoint_url") else "",
    }
    return {f"spark.hadoop.fs.s3a.{key}": value for key, value in said.items() if value}


class SparkLake:
    """A lake, through a Spark session."""

    def __init__(self, lake: Lake, master: str = DEFAULT_MASTER, piece_rows: int = PIECE_ROWS) -> None:
        self.lake = lake
        self.spark = session(master, lake.storage.options)
        self.piece_rows = piece_rows
        self._shipped: tempfile.TemporaryDirectory[str] | None = None

    # -- reading ----------------------------------------------------------------------------------------------------

    def frame(self, table: Table, files: Sequence[DataFile] | None = None) -> Any:
        """A table (those files of it) as a DataFrame with all of the table's columns, typed."""
        schema = ", ".join(f"`{name}` {_type(kind)}" for name, kind in table.shape.columns.items())
        listed = table.files() if files is None else files
        if not listed:
            return self.spark.createDataFrame([], schema)
        base = self._place(table.shape.name)
        reader = self.spark.read.schema(schema).option("basePath", base)
        return reader.parquet(*(f"{base}/{file.path}" for file in listed)).select(*table.shape.columns)

    def events(
        self,
        since: str = "",
        until: str = "",
        classes: Sequence[str] = (),
        *,
        files: Sequence[DataFile] | None = None,
    ) -> Any:
        """The events of a time (ISO, UTC; `until` is not included) and of OCSF classes, all when empty."""
        if files is None:
            wanted = [str(CLASSES[c]) for c in classes]
            files = self.lake.events.files({"class_uid": wanted} if wanted else None, since, until)
        found = self.frame(self.lake.events, files)
        if since:
            found = found.where(f"time >= TIMESTAMP '{instant(since)}'")
        if until:
            found = found.where(f"time < TIMESTAMP '{instant(until)}'")
        return found

    def ask(self, sql: str, *, since: str = "", until: str = "", classes: Sequence[str] = ()) -> Answer:
        """Runs one SELECT, in Spark's SQL, over `events` and the lake's other tables.  Raises `BadQuery`.

        Rows come as Spark gives them, a partition at a time.
        """
        frames = {"events": lambda: self.events(since, until, classes)}
        for table in self.lake.others():
            frames[table.shape.name] = lambda table=table: self.frame(table)  # type: ignore[misc]
        asked = underscored(sql, "spark")
        for name in sorted(_tables(asked, set(frames))):
            frames[name]().createOrReplaceTempView(name)
        try:
            answer = self.spark.sql(asked)
            kinds = [field.dataType for field in answer.schema.fields]
        except Exception as error:
            raise BadQuery(_line(error)) from error
        return Answer(tuple(answer.columns), _rows(answer, kinds))

    # -- working ----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def spread(self, task: Task, relations: Sequence[str]) -> Iterator[Gathered]:
        """Runs a task over each of the relations, each in a task of Spark: what they find together.

        Raises `NoWorkers` where the workers cannot do it.
        """
        folder = f"{PLACE}/{uuid.uuid4().hex}"
        try:
            given = self._given(Piece(self.lake, task, folder), list(relations)) if relations else []
            yield Gathered(self.lake, folder, given)
        finally:
            self._remove(folder)

    def _given(self, piece: Piece, relations: Sequence[str]) -> list[Given]:
        self.ship()

        def work(batches: Iterator[Any]) -> Iterator[Any]:
            for batch in batches:
                for number in batch.column(0).to_pylist():
                    yield as_batch(piece.run(relations[number]))

        count = len(relations)
        try:
            frame = self.spark.range(0, count, 1, count).mapInArrow(work, GIVEN)
            return [(row[0], row[1], row[2]) for row in frame.collect()]
        except Exception as error:
            raise NoWorkers(f"Spark's workers cannot do it: {_cause(error)}") from error

    @property
    def streams(self) -> bool:
        """Whether a stream of this session calls back into this process: not with Spark Connect."""
        return hasattr(self.spark, "_sc")

    def stream(self, table: Table, task: Task, after: int, checkpoint: Path, took: Took, seconds: float = 1.0) -> Any:
        """Runs a task over each commit of a table as it lands, as a query of Structured Streaming.

        `took` is told what was found, and between which versions of the table.  The checkpoint says where a new run
        goes on: a batch of which `took` did not return is run again, with the same commits.  `after` is where the
        first run begins.
        """
        from koban.lake.stream import FORMAT, commits

        self.ship()
        folder = f"{PLACE}/{uuid.uuid4().hex}"
        piece = Piece(self.lake, task, folder)

        def work(batches: Iterator[Any]) -> Iterator[Any]:
            for batch in batches:
                for text in batch.column(0).to_pylist():
                    said = json.loads(text)
                    between = json.dumps([said["after"], said["version"]])
                    yield as_batch([(BETWEEN, between, 0), *piece.run(said["relation"])])

        def take(frame: Any, _: int) -> None:
            given = [(row[0], row[1], row[2]) for row in frame.collect()]
            between = {tuple(json.loads(file)) for name, file, _ in given if name == BETWEEN}
            try:
                for begin, end in between:
                    took(Gathered(self.lake, folder, [one for one in given if one[0] != BETWEEN]), begin, end)
            finally:
                self._remove(folder)

        self.spark.dataSource.register(commits(self.lake, table.shape, after, self.piece_rows))
        frame = self.spark.readStream.format(FORMAT).load().mapInArrow(work, GIVEN)
        writer = frame.writeStream.foreachBatch(take).option("checkpointLocation", f"file://{checkpoint.absolute()}")
        return writer.trigger(processingTime=f"{int(seconds * 1000)} milliseconds").start()

    def ship(self) -> None:
        """Sends this Koban to the workers, once a session: they need its dependencies, and nothing of itself."""
        if self._shipped is not None:
            return
        # it is fetched from here whenever a worker is new, so it stays for as long as this process does
        self._shipped = tempfile.TemporaryDirectory(prefix="koban-ship-")
        archive = packed(Path(self._shipped.name))
        if self.streams:
            self.spark.sparkContext.addPyFile(str(archive))
        else:
            self.spark.addArtifacts(str(archive), pyfile=True)

    # -- rewriting --------------------------------------------------------------------------------------------------

    def compact(self, table: Table | None = None, *, files_min: int = 2) -> Compacted:
        """Makes sorted files of the small files of each partition, as `Lake.compact` does, many at once."""
        table = table or self.lake.events
        groups = [group for group in small_files(table) if len(group) >= files_min]
        with ThreadPoolExecutor(JOBS_MAX) as pool:
            done = [one for one in pool.map(lambda group: self._rewritten(table, group), groups) if one]
        return Compacted(len(done), sum(before for before, _ in done), sum(after for _, after in done))

    def _rewritten(self, table: Table, group: Sequence[DataFile]) -> tuple[int, int] | None:
        """One file in the place of a group of one partition; None where another writer was there before."""
        partition = dict(group[0].partition)
        keys = "/".join(f"{key}={value}" for key, value in partition.items())
        folder = f"{keys}/spark-{uuid.uuid4().hex}"
        kept = [name for name in table.shape.columns if name not in partition]
        frame = self.frame(table, group).select(*kept)
        frame.coalesce(1).sortWithinPartitions(*table.shape.sorted_by).write.parquet(
            f"{self._place(table.shape.name)}/{folder}"
        )
        added = self._written(table, folder, partition)
        # a rewrite never loses a row: what was written must be as much as what it replaces
        if sum(f.rows for f in added) != sum(f.rows for f in group) or not table.replace(group, added):
            self._remove(f"{table.shape.name}/{folder}")
            return None
        return len(group), len(added)

    def _written(self, table: Table, folder: str, partition: dict[str, str]) -> list[DataFile]:
        connection = self.lake.connection(threads=1)
        try:
            pattern = self.lake.storage.readable(table.shape.name, f"{folder}/*.parquet").replace("'", "''")
            rows = connection.execute(
                f"SELECT filename, count(*), CAST(min({table.shape.time}) AS VARCHAR),"
                f" CAST(max({table.shape.time}) AS VARCHAR)"
                f" FROM read_parquet('{pattern}', filename = true, hive_partitioning = false) GROUP BY filename"
            ).fetchall()
            sizes = dict(connection.execute(f"SELECT filename, size FROM read_blob('{pattern}')").fetchall())
        finally:
            connection.close()
        return [
            DataFile(f"{folder}/{name.rpartition('/')[2]}", sizes[name], count, partition, first or "", last or "")
            for name, count, first, last in rows
        ]

    # -- places -----------------------------------------------------------------------------------------------------

    def _place(self, name: str) -> str:
        """A folder of the lake as Spark names it."""
        uri = self.lake.storage.uri(name)
        return "s3a://" + uri.removeprefix("s3://") if uri.startswith("s3://") else f"file://{Path(uri).absolute()}"

    def _remove(self, name: str) -> None:
        if isinstance(self.lake.storage, Bucket):
            self.lake.storage.remove(name)
        else:
            shutil.rmtree(self.lake.storage.uri(name), ignore_errors=True)


def as_batch(given: Sequence[Given]) -> Any:
    """What a piece gave, as Arrow has it."""
    import pyarrow

    columns = list(zip(*given, strict=True)) if given else [(), (), ()]
    kinds = (pyarrow.string(), pyarrow.string(), pyarrow.int64())
    arrays = [pyarrow.array(list(values), kind) for values, kind in zip(columns, kinds, strict=True)]
    return pyarrow.RecordBatch.from_arrays(arrays, names=["name", "file", "n"])


def packed(place: Path) -> Path:
    """The code of this Koban as an archive that Python imports from; without what only people look at."""
    import koban

    home = Path(koban.__file__).parent
    archive = place / f"koban-{koban.__version__}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(home.rglob("*.py")):
            out.write(path, f"koban/{path.relative_to(home)}")
    return archive


def _type(sql: str) -> str:
    return f"ARRAY<{TYPES[sql[:-2]]}>" if sql.endswith("[]") else TYPES[sql]


def _tables(sql: str, known: set[str]) -> set[str]:
    """The tables that a query reads.  Raises `BadQuery` where it is no query, or reaches for something else."""
    import sqlglot
    from sqlglot import exp

    try:
        trees = sqlglot.parse(sql, dialect="spark")
    except sqlglot.errors.SqlglotError as error:
        raise BadQuery(_line(error)) from error
    tree = trees[0] if len(trees) == 1 else None
    if isinstance(tree, exp.Describe):
        return {one.name for one in tree.find_all(exp.Table)} & known
    if not isinstance(tree, exp.Query):
        raise BadQuery("a query is one SELECT; nothing else is run")
    for function in tree.find_all(exp.Func):
        name = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        if name.lower() in REACHING:
            raise BadQuery(f"{name} reaches beyond the lake")
    if tree.find(exp.QueryTransform):
        raise BadQuery("TRANSFORM reaches beyond the lake")
    named = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    found = set()
    for one in tree.find_all(exp.Table):
        if not isinstance(one.this, exp.Identifier):
            continue
        if one.db or one.name.lower() not in known | named:
            raise BadQuery(f"there is no table {one.sql('spark')}; there are: {', '.join(sorted(known))}")
        found.add(one.name.lower())
    return found & known


def _rows(answer: Any, kinds: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    try:
        for row in answer.toLocalIterator():
            yield tuple(_value(value, kind) for value, kind in zip(row, kinds, strict=True))
    except Exception as error:
        raise BadQuery(_line(error)) from error


def _value(value: Any, kind: Any) -> Any:
    """A value as DuckDB would give it; times, which Spark gives on this machine's clock, in UTC."""
    name = kind.typeName()
    if value is None:
        return None
    if name == "timestamp" and isinstance(value, datetime):
        return value.astimezone(UTC)
    if name == "array":
        return [_value(one, kind.elementType) for one in value]
    if name == "struct":
        return {f.name: _value(one, f.dataType) for f, one in zip(kind.fields, value, strict=True)}
    if name == "map":
        return {str(k): _value(v, kind.valueType) for k, v in value.items()}
    return bytes(value) if name == "binary" else value


def _cause(error: Exception) -> str:
    """What went wrong on a worker, in one line: what its Python said last, or else what Spark said first."""
    said = [line.strip() for line in str(error).splitlines()]
    python = [line for line in said if re.match(r"(?:\w+[.])*\w*(?:Error|Exception|NoWorkers)\b[^(]*: ", line)]
    spark = [line for line in python if re.match(r"(?:org|java|scala|py4j|net)[.]", line)]
    found = [line for line in python if line not in spark] or [line.partition(": ")[2] for line in spark]
    return found[-1][:500] if found else _line(error)


def _line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:500] if lines else type(error).__name__
