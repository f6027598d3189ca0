"""What every mapping's tests ask: bytes in, events out, as ingestion makes them."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from typing import Any

import duckdb
from arro3.core import Array, DataType, Table

from koban.sources.logs.format import Record, Rejected
from koban.sources.logs.mapping import MACROS, mapping, select
from koban.sources.logs.split import split


def results(data: bytes, name: str = "test.log") -> list[Record | Rejected]:
    return list(split(io.BytesIO(data), name))


def rejected(data: bytes, name: str = "test.log") -> list[Rejected]:
    return [r for r in results(data, name) if isinstance(r, Rejected)]


def events(data: bytes | str | dict[str, Any], name: str = "test.log") -> list[dict[str, Any]]:
    """The events of an input, one dict a record, absent columns left out; `time` as ISO text in UTC."""
    if isinstance(data, dict):
        data = json.dumps(data)
    found = results(data.encode() if isinstance(data, str) else data, name)
    by_source: dict[str, list[Record]] = defaultdict(list)
    for record in found:
        if isinstance(record, Record):
            by_source[record.source].append(record)
    rows = []
    for source, records in by_source.items():
        rows += mapped(source, records, name)
    return rows


def mapped(source: str, records: list[Record], origin: str = "test.log") -> list[dict[str, Any]]:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    for macro in MACROS:
        connection.execute(macro)
    text, number = DataType.utf8(), DataType.int64()
    table = Table.from_pydict(
        {
            "record": Array([r.record for r in records], text),
            "raw_data": Array([r.raw_data for r in records], text),
            "origin": Array([origin] * len(records), text),
            "origin_line": Array([r.line for r in records], number),
        }
    )
    connection.register("records", table)
    sql = (
        "SELECT * REPLACE (strftime(time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS time, day::VARCHAR AS day,"
        " actor_session_created_time::VARCHAR AS actor_session_created_time, ''::VARCHAR AS ingested_time)"
        f" FROM ({select(mapping(source), 'records')}) ORDER BY origin_line"
    )
    cursor = connection.execute(sql)
    names = [d[0] for d in cursor.description]
    return [{n: v for n, v in zip(names, row, strict=True) if v is not None and v != ""} for row in cursor.fetchall()]
