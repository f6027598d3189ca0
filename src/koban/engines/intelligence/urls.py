"""URLs whole and without their scheme; where a feed says "and what is below", by host and beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koban.engines.intelligence.columns import URL_KEY, distinct

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def match_urls(connection: DuckDBPyConnection, events: str) -> None:
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE intel_pages AS SELECT raw, CASE WHEN contains(raw, '://')"
        f" THEN intel_key(intel_parts(raw)) ELSE raw END AS key FROM ({distinct([URL_KEY], events)})"
    )
    # the port that a scheme means is left out on both sides; an event without a scheme may still write it
    wanted = (
        "SELECT DISTINCT value, prefix, regexp_replace(value, '^[a-z][a-z0-9+.-]*://', '') AS key"
        " FROM intel_indicators WHERE kind = 'url'"
    )
    run(
        f"INSERT INTO intel_pairs SELECT 'url', p.raw, p.raw, 'url', i.value FROM intel_pages p JOIN ({wanted}) i"
        " ON i.key = p.key"
    )
    run(
        "INSERT INTO intel_pairs SELECT 'url', p.raw, p.raw, 'url', i.value FROM"
        " (SELECT raw, key, split_part(key, '/', 1) AS host FROM intel_pages) p JOIN"
        f" (SELECT value, key, split_part(key, '/', 1) AS host FROM ({wanted}) WHERE prefix) i"
        " ON i.host = p.host AND starts_with(p.key, i.key) AND p.key <> i.key"
    )
