"""Work spread over many machines: each takes pieces of a table, and what they find comes together here.

A task is told the SQL of a piece's rows and answers with SQL of its own: what these queries give is written beside the
lake's tables, in a folder of the run, and read here as one relation for each name.  A task that is run twice (a machine
died, another was faster) leaves files that nobody names; they go with the folder.
"""

from __future__ import annotations

import pickle
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from koban.lake.lake import Lake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PLACE = "_spark"
"""Where pieces leave what they found, under the lake's root; each run takes its own folder away."""
PIECE_ROWS = 500_000
"""One task judges so many rows at most, but for files whose rows bunch in time."""
MEMORY_BYTES = 800 * 1024 * 1024
"""What DuckDB may hold in one task."""
FORMAT = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
TASKS_REMEMBERED = 4


class NoWorkers(RuntimeError):
    """The machines cannot do the work; the message says why."""


Given = tuple[str, str, int]
"""A name, the file of its rows within the run's folder, and how many these are."""


class Task(Protocol):
    """What is done with a piece; it is pickled to where it runs."""

    def run(self, connection: DuckDBPyConnection, relation: str) -> Mapping[str, str]:
        """The SQL of what is found in the rows of a relation, by name."""


class Spreading(Protocol):
    """Many machines that work on a lake."""

    piece_rows: int
    """A piece has about so many rows."""

    def spread(self, task: Task, relations: Sequence[str]) -> AbstractContextManager[Mapping[str, str]]:
        """Runs a task over each of the relations: SQL of what they give together, by name."""


class Select:
    """The task of one query; `{events}` in it is the piece."""

    def __init__(self, sql: str, name: str = "rows") -> None:
        self.sql, self.name = sql, name

    def run(self, connection: DuckDBPyConnection, relation: str) -> Mapping[str, str]:
        return {self.name: self.sql.replace("{events}", relation)}


class Piece:
    """All that a machine needs to know to run a task over a piece; it is pickled."""

    def __init__(self, lake: Lake, task: Task, folder: str) -> None:
        self.root, self.options, self.folder = lake.place, dict(lake.storage.options), folder
        self.task = pickle.dumps(task, pickle.HIGHEST_PROTOCOL)

    def run(self, relation: str) -> list[Given]:
        """Runs the task, and writes what it found into the folder."""
        lake = Lake(self.root, self.options)
        with tempfile.TemporaryDirectory(prefix="koban-piece-") as spilled:
            connection = lake.connection(threads=1, memory_bytes=MEMORY_BYTES)
            try:
                connection.execute(f"SET temp_directory = '{spilled}'")
                return list(self._written(lake, connection, _task(self.task).run(connection, relation)))
            finally:
                connection.close()

    def _written(self, lake: Lake, connection: DuckDBPyConnection, found: Mapping[str, str]) -> Iterator[Given]:
        workspace = Path(lake.storage.workspace(self.folder))
        for name, sql in found.items():
            file = f"{uuid.uuid4().hex}.parquet"
            path = workspace / file
            row = connection.execute(f"COPY ({sql}) TO '{_quoted(str(path))}' ({FORMAT})").fetchone()
            rows = int(row[0]) if row else 0
            if rows:
                lake.storage.publish(self.folder, [file])
                yield name, file, rows
            else:
                path.unlink()


class Gathered(Mapping[str, str]):
    """What the pieces found: the SQL of a relation for each name that there is anything of."""

    def __init__(self, lake: Lake, folder: str, given: Iterable[Given]) -> None:
        self._paths: dict[str, list[str]] = {}
        self.rows: dict[str, int] = {}
        for name, file, rows in sorted(given):
            self._paths.setdefault(name, []).append(lake.storage.readable(folder, file))
            self.rows[name] = self.rows.get(name, 0) + rows

    def __getitem__(self, name: str) -> str:
        listed = ", ".join(f"'{_quoted(path)}'" for path in self._paths[name])
        return f"(SELECT * FROM read_parquet([{listed}], hive_partitioning = false))"

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


_remembered: dict[str, Task] = {}


def _task(pickled: bytes) -> Task:
    """The task, with what it worked out before on this machine."""
    key = sha256(pickled).hexdigest()
    if key not in _remembered:
        while len(_remembered) >= TASKS_REMEMBERED:
            _remembered.pop(next(iter(_remembered)))
        _remembered[key] = pickle.loads(pickled)  # noqa: S301 - this session of Spark made it itself
    return _remembered[key]


def _quoted(text: str) -> str:
    return text.replace("'", "''")
