"""Each address and name that events hold, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koban.engines.intelligence.columns import ADDRESSES, NAMES, URL_HOST, distinct

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def observe_hosts(connection: DuckDBPyConnection, events: str) -> None:
    """`intel_hosts`: addresses, with their number where they are IPv4, and names; any column may hold either."""
    columns = [*ADDRESSES, *NAMES, "unnest(answers)", URL_HOST]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE intel_hosts AS SELECT raw,"
        " CASE WHEN NOT contains(raw, ':') THEN intel_v4(raw) ELSE"
        f" intel_v4(regexp_replace(lower(raw), '^(::ffff:|0:0:0:0:0:ffff:)', '')) END AS v4"
        f" FROM ({distinct(columns, events)})"
    )
