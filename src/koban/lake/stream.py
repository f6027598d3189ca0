"""The commits of a table as a source of Spark's Structured Streaming.

An offset is a version of the table.  A batch is what came between two of them, as the table's log says it: the files of
a compaction, which only put in another order what was there, are no part of any.  Each row is a piece, as SQL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from koban.lake.changes import appended
from koban.lake.chunks import chunks
from koban.lake.lake import Lake
from koban.lake.tables import Shape

FORMAT = "koban-commits"


def commits(lake: Lake, shape: Shape, after: int, piece_rows: int) -> Any:
    """The class of the source, to be registered with a session; the first run begins after that version."""
    from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition

    root, options = lake.place, dict(lake.storage.options)

    class Reader(DataSourceStreamReader):  # type: ignore[misc]
        def initialOffset(self) -> dict[str, int]:
            return {"version": after}

        def latestOffset(self) -> dict[str, int]:
            table = Lake(root, options).table(shape)
            return {"version": int(table.delta().version()) if table.exists() else after}

        def partitions(self, start: dict[str, int], end: dict[str, int]) -> Sequence[Any]:
            said = pieces(Lake(root, options), shape, start["version"], end["version"], piece_rows)
            return [InputPartition(one) for one in said]

        def read(self, partition: Any) -> Iterator[tuple[str]]:
            yield (partition.value,)

    class Commits(DataSource):  # type: ignore[misc]
        @classmethod
        def name(cls) -> str:
            return FORMAT

        def schema(self) -> str:
            return "piece STRING"

        def streamReader(self, schema: Any) -> Any:
            return Reader()

    return Commits


def pieces(lake: Lake, shape: Shape, after: int, until: int, piece_rows: int) -> list[str]:
    """What came into a table after a version, up to another: each piece as JSON, its SQL and the two versions."""
    if until <= after:
        return []
    table = lake.table(shape)
    came = appended(table, after, until)
    return [
        json.dumps({"relation": relation, "after": after, "version": until})
        for relation in chunks(table, came.files, piece_rows)
    ]
