"""Each address and name that events hold, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koban.engines.intelligence.columns import distinct

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def observe_hosts(connection: DuckDBPyConnection, events: str) -> None:
    """`intel_hosts`: addresses and names, and whether each is a plain IPv4 address; any column may hold either."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE intel_hosts AS SELECT raw, places, intel_dotted(raw) AS dotted"
        f" FROM ({distinct('host', events)})"
    )
