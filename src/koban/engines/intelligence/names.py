"""Names by themselves and by their parents, for each number of labels that occurs among indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koban.lake.rows import rows_relation
from koban.model.indicator import ascii_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def match_names(connection: DuckDBPyConnection) -> None:
    """Names whose own value or one of whose parents is an indicator."""
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE intel_domains AS SELECT DISTINCT value,"
        " len(value) - len(replace(value, '.', '')) + 1 AS labels FROM intel_indicators WHERE kind = 'domain'"
    )
    run(
        "CREATE OR REPLACE TEMP TABLE intel_names AS SELECT raw, intel_name(CASE WHEN contains(raw, ':')"
        " THEN regexp_extract(raw, '^([^:]*):[0-9]+$', 1) ELSE raw END) AS name FROM intel_hosts WHERE v4 IS NULL"
    )
    foreign = run("SELECT DISTINCT name FROM intel_names WHERE strlen(name) <> length(name)").fetchall()
    if foreign:
        plain = rows_relation(
            connection, {"name": [n for (n,) in foreign], "plain": [ascii_name(n) for (n,) in foreign]}
        )
        run(f"UPDATE intel_names SET name = p.plain FROM {plain} p WHERE p.name = intel_names.name")
    lengths = [n for (n,) in run("SELECT DISTINCT labels FROM intel_domains ORDER BY 1").fetchall()]
    fewest = lengths[0]
    # only names whose shortest parent could lead to an indicator are looked at any further
    run(
        "CREATE OR REPLACE TEMP TABLE intel_near AS SELECT raw, name, string_split(name, '.') AS parts FROM intel_names"
        f" WHERE {_last(fewest, 'name')} IN (SELECT {_last(fewest, 'value')} FROM intel_domains)"
    )
    for labels in lengths:
        run(
            "INSERT INTO intel_pairs SELECT 'host', n.raw, n.name, 'domain', d.value FROM intel_near n"
            " JOIN intel_domains d"
            f" ON d.labels = {labels} AND d.value = array_to_string(n.parts[{-labels}:], '.')"
            f" WHERE len(n.parts) >= {labels}"
        )


def _last(count: int, name: str) -> str:
    """The last labels of a name as one text."""
    return "concat_ws('.', " + ", ".join(f"split_part({name}, '.', {-one})" for one in range(count, 0, -1)) + ")"
