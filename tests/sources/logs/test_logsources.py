"""What Sigma rules ask of a source is there: a logsource's condition and renamed fields, over the source's samples."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
import pytest

from koban.model.event import LogSource, Mapping, is_path
from koban.sources.logs.format import Record
from koban.sources.logs.mapping import MACROS, BadMapping, mappings, parse, select
from koban.sources.logs.split import split

SAMPLES = Path(__file__).parent / "samples"
ROWS = [(table, source) for table in mappings() for source in table.logsources]


def records(source: str) -> list[str]:
    found = []
    for path in sorted(SAMPLES.iterdir()):
        if path.name.split(".")[0] == source:
            with path.open("rb") as stream:
                found += [r.record for r in split(stream, path.name) if isinstance(r, Record)]
    return found


def values(table: Mapping, expression: str) -> list[str | None]:
    """What an expression of a logsource gives for each sample of the source."""
    read = f"{{{expression}}}" if is_path(expression) else expression
    asked = dataclasses.replace(table, columns={"time": "now()", "message": f"CAST({read} AS VARCHAR)"})
    connection = duckdb.connect(config={"threads": 1})
    for macro in MACROS:
        connection.execute(macro)
    connection.execute("CREATE TABLE r (record VARCHAR, raw_data VARCHAR, origin VARCHAR, origin_line BIGINT)")
    connection.executemany("INSERT INTO r VALUES (?, NULL, 'x', 1)", [[record] for record in records(table.source)])
    return [row[0] for row in connection.execute(f"SELECT message FROM ({select(asked, 'r')})").fetchall()]


@pytest.mark.parametrize(("table", "source"), ROWS, ids=[f"{t.source}-{s.category}-{s.service}" for t, s in ROWS])
def test_a_logsource_finds_its_records_and_fields(table: Mapping, source: LogSource) -> None:
    if source.when:
        assert "true" in values(table, source.when), "no sample meets the condition"
    for name, expression in source.fields.items():
        assert any(value not in (None, "[]", "[NULL]") for value in values(table, expression)), f"{name}: {expression}"


def test_a_field_that_is_no_path_is_refused() -> None:
    table = {
        "source": "x",
        "title": "x",
        "vendor": "x",
        "product": "x",
        "classes": [{"class": "api_activity"}],
        "columns": {"time": "t"},
        "logsources": [{"product": "x", "fields": {"A": "b[x"}}],
    }
    with pytest.raises(BadMapping, match="not a path"):
        parse(table, "x")
