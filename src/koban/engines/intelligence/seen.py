"""Back from values that match to the events that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koban.engines.intelligence.columns import KEY, PLACES, SEARCHED, SHOWN, URL

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def find_events(connection: DuckDBPyConnection, events: str) -> None:
    """`intel_hits`: the events that match; `intel_found`: which indicator, in which columns, with what text.

    First the few columns that tell where, column by column (a semi-join that the Parquet reader skips by), then what is
    shown of the events found.
    """
    run = connection.execute
    key = ", ".join(KEY)
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_at AS SELECT {key}, family, 'observables' AS matched, raw"
        " FROM intel_observed"
        " JOIN (SELECT DISTINCT family, raw FROM intel_pairs) USING (raw)"
    )
    for (family,) in run("SELECT DISTINCT family FROM intel_pairs ORDER BY 1").fetchall():
        seen = f"(SELECT raw FROM intel_pairs WHERE family = '{family}')"
        for column, sql in PLACES[family].items():
            rows = f"SELECT {key}, '{family}' AS family, '{column}' AS matched, {sql} AS raw FROM {events}"
            if sql == column:
                run(f"INSERT INTO intel_at {rows} WHERE {column} IN {seen}")
            else:
                given = (
                    f"{URL} IS NOT NULL OR http_request_url_path IS NOT NULL"
                    if column == URL
                    else f"{column} IS NOT NULL"
                )
                run(f"INSERT INTO intel_at SELECT * FROM ({rows} WHERE {given}) WHERE raw IN {seen}")
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_events AS SELECT row_number() OVER () AS event, * FROM"
        f" (SELECT DISTINCT {key} FROM intel_at)"
    )
    shown = ", ".join(f"e.{one}" for one in dict.fromkeys((*SHOWN, *SEARCHED)))
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_hits AS SELECT k.event, {shown} FROM {events} e JOIN intel_events k"
        f" ON e.time = k.time AND {_same('e', 'k')} QUALIFY row_number() OVER (PARTITION BY k.event) = 1"
    )
    run(
        "CREATE OR REPLACE TEMP TABLE intel_found AS SELECT k.event, p.kind, p.value,"
        " list_sort(list(DISTINCT a.matched)) AS columns, min(a.raw) AS seen FROM intel_at a"
        f" JOIN intel_events k ON k.time = a.time AND {_same('a', 'k')}"
        " JOIN intel_pairs p ON p.family = a.family AND p.raw = a.raw"
        " JOIN (SELECT kind, value, bool_or(valid_until IS NULL) AS endless, max(valid_until) AS until"
        " FROM intel_indicators SEMI JOIN intel_pairs USING (kind, value) GROUP BY kind, value) i"
        " ON i.kind = p.kind AND i.value = p.value AND (i.endless OR a.time < i.until)"
        " GROUP BY k.event, p.kind, p.value"
    )


def _same(one: str, other: str) -> str:
    """Whether two rows are of one event; its time is compared beside."""
    return " AND ".join(f"{one}.{column} IS NOT DISTINCT FROM {other}.{column}" for column in KEY[1:])
