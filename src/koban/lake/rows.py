"""Rows of Python handed to DuckDB through Arrow."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def rows_relation(
    connection: DuckDBPyConnection, columns: Mapping[str, Sequence[Any]], types: Mapping[str, str] | None = None
) -> str:
    """A relation of columns of Python values (text, unless `types` says long, double, boolean or binary); its name."""
    from arro3.core import Array, DataType, Table

    kinds = {
        "text": DataType.utf8(),
        "long": DataType.int64(),
        "double": DataType.float64(),
        "boolean": DataType.bool(),
        "binary": DataType.binary(),
    }
    table = Table.from_pydict(
        {name: Array(list(values), kinds[(types or {}).get(name, "text")]) for name, values in columns.items()}
    )
    name = f"rows_{uuid.uuid4().hex}"
    connection.register(name, table)
    return name
