"""Events matched with indicators of threats: sets against sets, in SQL.

What events hold is gathered once per distinct value, brought into the normal form of indicators, and joined by hash:

- addresses by number; networks by (length, network) for each length that occurs among them
- names by their parents, for each number of labels that occurs
- URLs whole and without their scheme; where a feed says "and what is below", by host and beginning
- hashes and fingerprints as they are

The few values that match lead back to their events.  Addresses that are nobody's (private, loopback, documentation) and
what allow-lists hold do not match, whichever side has them: the indicator or what was seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from koban.engines.intelligence.addresses import match_addresses
from koban.engines.intelligence.alerts import told
from koban.engines.intelligence.allowed import keep_out
from koban.engines.intelligence.columns import FINGERPRINTS, OBSERVABLES, distinct
from koban.engines.intelligence.hosts import observe_hosts
from koban.engines.intelligence.names import match_names
from koban.engines.intelligence.normal import prepare
from koban.engines.intelligence.seen import find_events
from koban.engines.intelligence.urls import match_urls
from koban.model.alert import Alert

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass
class Matches:
    """What matched.  `alerts` may be taken once; the counts are there before."""

    alerts: Iterator[Alert]
    events: int = 0
    """How many events match at least one indicator."""
    indicators: int = 0
    """How many indicators were seen."""
    kept_out: dict[str, int] = field(default_factory=dict)
    """Allow-list, or `reserved` -> how many matches it kept out."""


def match(
    connection: DuckDBPyConnection, events: str, indicators: str, allowed: str = "", *, reserved: bool = False
) -> Matches:
    """Events against indicators; both are SQL relations, and so is `allowed` ('' for none).

    An indicator matches events before its end, also those before its beginning: what is known today was often done
    before.  `reserved` lets addresses match that are nobody's on the internet.
    """
    prepare(connection)
    run = connection.execute
    run(f"CREATE OR REPLACE TEMP VIEW intel_indicators AS SELECT * FROM {indicators}")
    there = {kind for (kind,) in run("SELECT DISTINCT kind FROM intel_indicators").fetchall()}
    # `family`, `raw`: a value that matches, as events hold it, and the bits of the places that have it
    run(
        "CREATE OR REPLACE TEMP TABLE intel_pairs"
        " (family VARCHAR, raw VARCHAR, text VARCHAR, kind VARCHAR, value VARCHAR, places UINTEGER)"
    )
    # asked first by itself: most lakes have none, and the other columns need not be read then
    observed = run(f"SELECT EXISTS (SELECT 1 FROM {events} WHERE observables IS NOT NULL)").fetchone()
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_observed AS SELECT DISTINCT {OBSERVABLES.values} AS raw FROM {events}"
        f" WHERE {OBSERVABLES.given if observed and observed[0] else 'false'}"
    )
    if there & {"ip", "cidr", "domain"}:
        observe_hosts(connection, events)
    if there & {"ip", "cidr"}:
        match_addresses(connection, there, reserved)
    if "domain" in there:
        match_names(connection)
    if "url" in there:
        match_urls(connection, events)
    for kind in ("hash", *FINGERPRINTS):
        if kind in there:
            _plain(connection, events, kind)
    kept_out = keep_out(connection, allowed) if allowed else {}
    if not _count(connection, "intel_pairs"):
        return Matches(iter(()), kept_out=kept_out)
    find_events(connection, events)
    row: Any = run("SELECT count(DISTINCT event), count(DISTINCT (kind, value)) FROM intel_found").fetchone()
    return Matches(told(connection), row[0], row[1], kept_out)


def _count(connection: DuckDBPyConnection, table: str) -> int:
    row: Any = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0])


def _plain(connection: DuckDBPyConnection, events: str, kind: str) -> None:
    normal = "intel_hash(raw)" if kind == "hash" else "lower(raw)"
    connection.execute(
        f"INSERT INTO intel_pairs SELECT '{kind}', raw, text, '{kind}', text, places FROM"
        f" (SELECT raw, {normal} AS text, places FROM ({distinct(kind, events)}))"
        f" WHERE text IN (SELECT value FROM intel_indicators WHERE kind = '{kind}')"
    )
