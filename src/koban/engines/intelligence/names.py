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
    lengths = [n for (n,) in run("SELECT DISTINCT labels FROM intel_domains ORDER BY 1").fetchall()]
    fewest = lengths[0]
    # only names whose shortest parent could lead to an indicator are looked at any further
    last = _last("string_split(value, '.')", fewest)
    run(
        "CREATE OR REPLACE TEMP TABLE intel_near AS SELECT * FROM"
        f" (SELECT raw, places, name, string_split(name, '.') AS parts FROM ({_named(connection)}))"
        f" WHERE {_last('parts', fewest)} IN (SELECT value FROM intel_domains WHERE labels = {fewest} UNION ALL"
        f" SELECT {last} FROM intel_domains WHERE labels > {fewest})"
    )
    for labels in lengths:
        run(
            "INSERT INTO intel_pairs SELECT 'host', n.raw, n.name, 'domain', d.value, n.places FROM intel_near n"
            f" JOIN intel_domains d ON d.labels = {labels} AND d.value = {_last('n.parts', labels)}"
            f" WHERE len(n.parts) >= {labels}"
        )


def _named(connection: DuckDBPyConnection) -> str:
    """The SQL of hosts that are no addresses, with their names as indicators write them."""
    named = (
        "SELECT raw, places, intel_name(CASE WHEN contains(raw, ':')"
        " THEN regexp_extract(raw, '^([^:]*):[0-9]+$', 1) ELSE raw END) AS name FROM intel_hosts WHERE NOT dotted"
    )
    foreign = [
        name for (name,) in connection.execute(f"SELECT DISTINCT name FROM ({named} AND NOT {_PLAIN})").fetchall()
    ]
    if not foreign:
        return named
    plain = rows_relation(connection, {"name": foreign, "plain": [ascii_name(one) for one in foreign]})
    return (
        f"{named} AND {_PLAIN} UNION ALL SELECT raw, places, plain FROM ({named} AND NOT {_PLAIN})"
        f" JOIN {plain} USING (name)"
    )


_PLAIN = "strlen(raw) = length(raw)"


def _last(labels: str, count: int) -> str:
    """The SQL of the last of a list of labels as one text."""
    return f"array_to_string({labels}[{-count}:], '.')"
