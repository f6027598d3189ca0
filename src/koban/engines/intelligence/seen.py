"""Back from values that match to the events that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koban.engines.intelligence.columns import KEY, SHOWN, places

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def find_events(connection: DuckDBPyConnection, events: str) -> None:
    """`intel_hits`: the events that match; `intel_found`: which indicator, in which columns, with what text.

    Only places that hold a value that matches are read, with what is shown of their events.
    """
    run = connection.execute
    shown = ", ".join(SHOWN)
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_at AS SELECT {shown}, '' AS family, '' AS matched, '' AS raw"
        f" FROM {events} LIMIT 0"
    )
    held = run("SELECT family, bit_or(places) FROM intel_pairs GROUP BY family ORDER BY family").fetchall()
    for family, bits in held:
        for bit, place in places(family):
            if bits & bit:
                run(
                    f"INSERT INTO intel_at SELECT * FROM (SELECT {shown}, '{family}', '{place.column}',"
                    f" {place.values} AS raw FROM {events} WHERE {place.given})"
                    f" WHERE raw IN (SELECT raw FROM intel_pairs WHERE family = '{family}' AND places & {bit} > 0)"
                )
    run(
        "CREATE OR REPLACE TEMP TABLE intel_events AS SELECT row_number() OVER () AS event, * FROM"
        f" (SELECT DISTINCT {', '.join(KEY)} FROM intel_at)"
    )
    same = " AND ".join(f"k.{column} IS NOT DISTINCT FROM a.{column}" for column in KEY[1:])
    joined = f"intel_at a JOIN intel_events k ON k.time = a.time AND {same}"
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_hits AS SELECT DISTINCT ON (k.event) k.event,"
        f" {', '.join(f'a.{one}' for one in SHOWN)} FROM {joined}"
    )
    run(
        "CREATE OR REPLACE TEMP TABLE intel_found AS SELECT k.event, p.kind, p.value,"
        f" list_sort(list(DISTINCT a.matched)) AS columns, min(a.raw) AS seen FROM {joined}"
        " JOIN intel_pairs p ON p.family = a.family AND p.raw = a.raw"
        " JOIN (SELECT kind, value, bool_or(valid_until IS NULL) AS endless, max(valid_until) AS until"
        " FROM intel_indicators SEMI JOIN intel_pairs USING (kind, value) GROUP BY kind, value) i"
        " ON i.kind = p.kind AND i.value = p.value AND (i.endless OR a.time < i.until)"
        " GROUP BY k.event, p.kind, p.value"
    )
    run("DROP TABLE intel_at")
