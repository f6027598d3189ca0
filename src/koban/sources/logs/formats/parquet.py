"""Parquet: each row becomes JSON under its columns' names, and is given to the source that claims such a record.

So Amazon Security Lake, any Parquet of OCSF events, the data files of an Iceberg table, and Parquet that a source
writes itself are read.

Parquet keeps its directory at the end, so the input goes into a temporary file first; rows are read in batches.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from typing import Any, BinaryIO

from koban.sources.logs.format import Read, Record, Rejected, Sample, as_json, binary, json_format
from koban.sources.logs.formats import cloudfront, vpc_flow

BATCH_ROWS = 2048

_CLOUDFRONT_NAMES = {
    "cs_host": "cs(Host)",
    "cs_referer": "cs(Referer)",
    "cs_referrer": "cs(Referer)",
    "cs_user_agent": "cs(User-Agent)",
    "cs_cookie": "cs(Cookie)",
    "timestamp_ms": "timestamp(ms)",
}


def named(columns: Sequence[str]) -> list[str]:
    """The columns under the names that AWS gives the same fields in text; other sources keep theirs."""
    hyphens = [name.replace("_", "-") for name in columns]
    if {"srcaddr", "dstaddr"} <= set(hyphens) and sum(name in vpc_flow.FIELDS for name in hyphens) >= len(columns) / 2:
        return hyphens
    if "x-edge-location" in hyphens:
        known = set(cloudfront.REALTIME.names)
        return [
            _CLOUDFRONT_NAMES.get(old) or (new if new in known or new.startswith("cmcd-") else old)
            for old, new in zip(columns, hyphens, strict=True)
        ]
    return list(columns)


SPARSE = ("ocsf",)
"""Sources whose rows have a column for everything that might be; what is null in a row is left out of its record."""


def without_nulls(value: Any) -> Any:
    """A value without what is null in it."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    return value


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@binary("parquet", lambda s: s.head.startswith(b"PAR1"))
def rows(stream: BinaryIO, sample: Sample) -> Read:
    import duckdb

    with tempfile.NamedTemporaryFile(suffix=".parquet") as spool:
        shutil.copyfileobj(stream, spool, 1 << 20)
        spool.flush()
        with duckdb.connect(config={"threads": 1, "memory_limit": "512MB"}) as connection:
            number = 0
            try:
                connection.execute("SET TimeZone = 'UTC'")
                for number, text, source in _read(connection, spool.name):
                    if source in SPARSE:
                        yield Record(source, as_json(without_nulls(json.loads(text))), number)
                    elif source:
                        yield Record(source, text, number)
                    else:
                        yield Rejected("Parquet of no known source", text.encode(), number)
            except duckdb.Error as error:
                reason = str(error).splitlines()[0].replace(spool.name, sample.name)
                yield Rejected(f"Parquet that cannot be read: {reason}", b"", number + 1)


def _read(connection: Any, path: str) -> Any:
    relation = f"read_parquet('{path}', hive_partitioning = false)"
    columns = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()]
    names = named(columns)
    entries = ", ".join(f"{_identifier(n)} := {_identifier(c)}" for n, c in zip(names, columns, strict=True))
    connection.execute(f"SELECT to_json(struct_pack({entries}))::VARCHAR FROM {relation}")
    number, source = 0, None
    while batch := connection.fetchmany(BATCH_ROWS):
        for (text,) in batch:
            number += 1
            if source is None:
                source = _source(text)
            yield number, text, source


def _source(text: str) -> str:
    """The source of a file's rows: they have the same columns, so the first tells it for all."""
    found = json_format(json.loads(text))
    return found.source if found is not None and found.unwrap is None else ""
