"""URLs whole and without their scheme; where a feed says "and what is below", by host and beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koban.engines.intelligence.columns import values

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def match_urls(connection: DuckDBPyConnection, events: str) -> None:
    """URLs that are listed, or lie below a listed one.

    The port that a scheme means is left out on both sides; an event without a scheme may still write it.
    """
    run = connection.execute
    pages = (
        "SELECT raw, place, CASE WHEN contains(raw, '://') THEN intel_key(intel_parts(raw)) ELSE raw END AS key"
        f" FROM ({values('url', events)})"
    )
    run(
        "CREATE OR REPLACE TEMP TABLE intel_wanted AS SELECT value, bool_or(prefix) AS prefix,"
        " regexp_replace(value, '^[a-z][a-z0-9+.-]*://', '') AS key FROM intel_indicators WHERE kind = 'url'"
        " GROUP BY value"
    )
    pair = "INSERT INTO intel_pairs SELECT 'url', p.raw, p.raw, 'url', i.value, bit_or(p.place) FROM"
    # most pages are seen once, and few are listed: joined as they are, put together after
    run(f"{pair} ({pages}) p JOIN intel_wanted i ON i.key = p.key GROUP BY p.raw, i.value")
    row = run("SELECT EXISTS (SELECT value FROM intel_wanted WHERE prefix)").fetchone()
    if row and row[0]:
        run(
            f"{pair} (SELECT raw, place, key, split_part(key, '/', 1) AS host FROM ({pages})) p JOIN"
            " (SELECT value, key, split_part(key, '/', 1) AS host FROM intel_wanted WHERE prefix) i"
            " ON i.host = p.host AND starts_with(p.key, i.key) AND p.key <> i.key GROUP BY p.raw, i.value"
        )
