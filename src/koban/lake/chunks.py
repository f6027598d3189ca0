"""A table in pieces of a size that a pass over it can hold: whole files, and large ones by time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from koban.lake.tables import DataFile, Table

ROWS, SIZE_BYTES = 2_000_000, 512 * 1024 * 1024
"""What a piece has at most, but for files whose rows bunch in time."""


def chunks(table: Table, files: Sequence[DataFile], rows: int = ROWS) -> list[str]:
    """The SQL of relations that are the rows of those files, together; none twice."""
    found: list[str] = []
    together: list[DataFile] = []

    def close() -> None:
        if together:
            found.append(table.relation(together))
            together.clear()

    for file in files:
        if file.rows > rows and file.time_min and file.time_max:
            found += _by_time(table, file, -(-file.rows // rows))
            continue
        full = sum(one.rows for one in together) + file.rows > rows
        if full or sum(one.size_bytes for one in together) + file.size_bytes > SIZE_BYTES:
            close()
        together.append(file)
    close()
    return found


def _by_time(table: Table, file: DataFile, pieces: int) -> list[str]:
    first, last = _time(file.time_min), _time(file.time_max)
    cuts = [(first + (last - first) * at / pieces).isoformat() for at in range(1, pieces)]
    relation, column = table.relation([file]), table.shape.time
    found = []
    for low, high in zip([None, *cuts], [*cuts, None], strict=True):
        bounds = [f"{column} >= TIMESTAMPTZ '{low}'"] if low else []
        bounds += [f"{column} < TIMESTAMPTZ '{high}'"] if high else []
        found.append(f"(SELECT * FROM {relation} WHERE {' AND '.join(bounds)})")
    return found


def _time(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
