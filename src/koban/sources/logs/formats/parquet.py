"""Parquet: each row becomes JSON and is recognised as a JSON record is.

So Amazon Security Lake, any Parquet of OCSF events, the data files of an Iceberg table, and Parquet that a source
writes itself are read.  What is null in a row is left out of its record.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from koban.sources.logs.format import Read, Rejected, Sample, as_json, binary
from koban.sources.logs.split import records_of

ROWS = 500
"""How many rows are held at once."""


@binary("parquet", lambda sample: sample.head[:4] == b"PAR1")
def parquet(stream: BinaryIO, sample: Sample) -> Read:
    """Rows of a Parquet file; the position is the number of the row, from 1."""
    import duckdb

    # the index of a Parquet file is at its end, so it has to lie on a disk
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        shutil.copyfileobj(stream, file, 1 << 20)
        file.flush()
        connection = duckdb.connect(config={"threads": 1, "memory_limit": "512MB"})
        row = 0
        try:
            connection.execute("SET TimeZone = 'UTC'")
            cursor = connection.execute("SELECT CAST(to_json(r) AS VARCHAR) FROM read_parquet(?) AS r", [file.name])
            for text in _texts(cursor):
                row += 1
                fields = without_nulls(json.loads(text))
                yield from records_of(as_json(fields), fields, row)
        except duckdb.Error as error:
            yield Rejected(f"Parquet that cannot be read: {str(error).splitlines()[0]}", b"", row + 1)
        finally:
            connection.close()


def _texts(cursor: Any) -> Iterator[str]:
    while rows := cursor.fetchmany(ROWS):
        yield from (row[0] for row in rows)


def without_nulls(value: Any) -> Any:
    """A value without what is null in it."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    return value
