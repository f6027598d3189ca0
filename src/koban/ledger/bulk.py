"""Many rows at once into one table, as each database takes them fastest."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import JSON, Connection, LargeBinary, Table, text
from sqlalchemy.types import TypeEngine

Item = TypeVar("Item")
ROWS_MAX = 2_000  # of one statement
_write = json.JSONEncoder(separators=(",", ":")).encode


def load(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], clash: str = "") -> None:
    """Insert rows, which all have the same columns; `clash` is what SQL does with one whose key is there already.

    ``ON CONFLICT ... DO NOTHING``, or ``... DO UPDATE SET``: both databases say it the same way.
    """
    for start in range(0, len(rows), ROWS_MAX):
        some = rows[start : start + ROWS_MAX]
        if connection.dialect.name == "postgresql":
            _load_as_json(connection, table, some, clash)
        else:
            _load_as_rows(connection, table, some, clash)


def _load_as_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], clash: str) -> None:
    # By the driver itself: to bind a million rows by name would take longer than to insert them.
    names = list(rows[0])
    columns, marks = ", ".join(f'"{one}"' for one in names), ", ".join("?" for _ in names)
    statement = f"INSERT INTO {table.name} ({columns}) VALUES ({marks}) {clash}"  # noqa: S608  names of the schema
    values = [_values(connection, table.c[one].type, [row[one] for row in rows]) for one in names]
    connection.exec_driver_sql(statement, list(zip(*values, strict=True)))


def _values(connection: Connection, kind: TypeEngine[Any], values: list[Any]) -> list[Any]:
    """The values of a column as the driver takes them."""
    if isinstance(kind, JSON):
        return [None if one is None else _write(one) for one in values]
    process = kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return values if process is None else [process(one) for one in values]


def _load_as_json(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], clash: str) -> None:
    # One value with all rows: pg8000 would send row by row.
    names = list(rows[0])
    binary = [one for one in names if isinstance(table.c[one].type, LargeBinary)]
    plain = [{**row, **{one: _base64(row[one]) for one in binary}} for row in rows]
    types = ", ".join(f'"{one}" {_type(connection, table, one)}' for one in names)
    chosen = ", ".join(f"decode(x.\"{one}\", 'base64')" if one in binary else f'x."{one}"' for one in names)
    columns = ", ".join(f'"{one}"' for one in names)
    statement = (
        f"INSERT INTO {table.name} ({columns}) SELECT {chosen} "  # noqa: S608  names of the schema
        f"FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x({types}) {clash}"
    )
    connection.execute(text(statement), {"rows": json.dumps(plain, separators=(",", ":"), default=str)})


def _type(connection: Connection, table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, LargeBinary):
        return "text"
    if isinstance(kind, JSON):
        return "jsonb"
    return kind.compile(connection.dialect)


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode("ascii")


def batches(items: Sequence[Item], size: int = 1_000) -> Iterator[Sequence[Item]]:
    """The items, so many at a time: what one question may name."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
