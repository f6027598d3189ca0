"""What Sigma rules ask of a source is there: a logsource's condition and renamed fields, over the source's samples.

Each condition must be SQL that DuckDB takes; a field must be there where some sample meets the condition.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
import pytest

from koban.model.event import LogSource, Mapping, is_sql
from koban.sources.logs.format import Record
from koban.sources.logs.mapping import MACROS, BadMapping, mappings, parse, select
from koban.sources.logs.split import split

SAMPLES = Path(__file__).parent / "samples"
CLOUD = ("azure-", "entra-", "gcp-", "github-", "m365-", "okta-", "workspace-")
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
    read = expression if is_sql(expression) else f"{{{expression}}}"
    asked = dataclasses.replace(table, columns={"time": "now()", "message": f"CAST({read} AS VARCHAR)"})
    connection = duckdb.connect(config={"threads": 1})
    for macro in MACROS:
        connection.execute(macro)
    connection.execute("CREATE TABLE r (record VARCHAR, raw_data VARCHAR, origin VARCHAR, origin_line BIGINT)")
    connection.executemany("INSERT INTO r VALUES (?, NULL, 'x', 1)", [[record] for record in records(table.source)])
    return [row[0] for row in connection.execute(f"SELECT message FROM ({select(asked, 'r')})").fetchall()]


@pytest.mark.parametrize(("table", "source"), ROWS, ids=[f"{t.source}-{s.category}-{s.service}" for t, s in ROWS])
def test_a_logsource_finds_its_records_and_fields(table: Mapping, source: LogSource) -> None:
    met = values(table, source.when) if source.when else ["true"]
    assert set(met) <= {"true", "false", None}
    if "true" not in met:
        return
    lost = [n for n, e in source.fields.items() if not any(v not in (None, "[]", "[NULL]") for v in values(table, e))]
    # events of many kinds hardly ever have them all
    assert lost == [] if table.source.startswith(CLOUD) else not lost or len(lost) < len(source.fields)


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
