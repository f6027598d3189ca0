"""Threat intelligence: a million indicators against five million events, in a lake on disk."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections import Counter

from koban.engines.intelligence import match
from koban.lake.indicators import INDICATORS, Indicators
from koban.lake.lake import Lake
from koban.model.event import COLUMNS

EVENTS = int(os.environ.get("KOBAN_BENCH_EVENTS", "5000000"))
INDICATORS_MADE = int(os.environ.get("KOBAN_BENCH_INDICATORS", "1000000"))
SECONDS_WANTED = 5.0


def main() -> None:
    """Print the seconds of matching all of it, and of the parts of a feed's way into the lake."""
    with tempfile.TemporaryDirectory() as place:
        lake = Lake(place)
        _events(lake)
        _indicators(lake)
        known = Indicators(lake)
        print(f"\nintelligence: {INDICATORS_MADE:,} indicators against {EVENTS:,} events")
        for turn in ("first", "again"):
            connection = lake.connection()
            started = time.perf_counter()
            found = match(connection, lake.relation(), known.relation())
            matched = time.perf_counter() - started
            levels = Counter(one.details["indicator_kind"] for one in found.alerts)
            taken = time.perf_counter() - started
            connection.close()
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(levels.items()))
            print(
                f"  {turn}: {taken:.2f} s in all ({matched:.2f} s to the events), wanted {SECONDS_WANTED:g} s;"
                f" {found.events:,} events, {found.indicators:,} indicators, alerts: {kinds}"
            )
        print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def _address(seed: str, space: int) -> str:
    """The SQL of one of `space` public addresses."""
    number = f"(hash({seed}) % {space})"
    high = f"({number} // 20480 % 256) || '.' || ({number} // 5242880 % 256)"
    return f"(11 + {number} % 80) || '.' || ({number} // 80 % 256) || '.' || {high}"


def _events(lake: Lake) -> None:
    """Flows, names asked for, API calls, requests and processes, a fifth each; about one in a thousand is listed."""
    given = {
        "class_uid": "[4001, 4003, 6003, 4002, 1007][1 + n % 5]",
        "day": "DATE '2026-03-01' + CAST(n * 7 // {events} AS INTEGER)",
        "time": "TIMESTAMPTZ '2026-03-01 00:00:00+00' + to_seconds(n * 604800 // {events})",
        "source": "['flow', 'dns', 'trail', 'web', 'host'][1 + n % 5]",
        "metadata_uid": "CAST(n AS VARCHAR)",
        "src_endpoint_ip": "CASE n % 5 WHEN 4 THEN NULL WHEN 1 THEN '10.0.' || n % 250 || '.' || n // 7 % 250"
        f" ELSE {_address('n', 300_000)} END",
        "dst_endpoint_ip": f"CASE WHEN n % 5 = 0 THEN {_address('n * 3', 2_000_000)} END",
        "query_hostname": "CASE WHEN n % 5 = 1 THEN 'h' || hash(n) % 50 || '.s' || hash(n * 5) % 400000 || '.example.'"
        " || ['com', 'net', 'org'][1 + n % 3] END",
        "answers": f"CASE WHEN n % 5 = 1 THEN [{_address('n * 9', 2_000_000)}] END",
        "actor_user_uid": "CASE WHEN n % 5 = 2 THEN 'arn:aws:iam::111122223333:user/u' || n % 500 END",
        "api_operation": "CASE WHEN n % 5 = 2 THEN 'GetObject' END",
        "http_request_url_hostname": "CASE WHEN n % 5 = 3 THEN 'www.shop' || n % 20 || '.example.com' END",
        "http_request_url_path": "CASE WHEN n % 5 = 3 THEN '/p/' || hash(n) % 100000 END",
        "device_hostname": "CASE WHEN n % 5 = 4 THEN 'host-' || n % 2000 END",
        "process_file_hashes": "CASE WHEN n % 5 = 4 THEN [sha256(CAST(hash(n) % 100000 AS VARCHAR))] END",
        "origin": "'bench'",
        "origin_line": "n",
    }
    columns = ", ".join(
        f"CAST({given.get(name, 'NULL').replace('{events}', str(EVENTS))} AS {column.sql_type}) AS {name}"
        for name, column in COLUMNS.items()
    )
    lake.events.append(lake.connection(), f"SELECT {columns} FROM range({EVENTS}) t(n)")


def _indicators(lake: Lake) -> None:
    """Four tenths addresses, half a tenth networks, the rest domains, URLs and hashes; a few of each occur."""
    made = INDICATORS_MADE
    values = {
        "ip": (
            made * 4 // 10,
            f"CASE WHEN n < 200 THEN {_address('n * 15', 300_000)} ELSE"
            " (100 + n % 100) || '.' || (n // 100 % 250) || '.' || (n // 25000 % 250) || '.9' END",
        ),
        "cidr": (
            made // 20,
            "(120 + n % 60) || '.' || (n // 60 % 256) || '.' || (n // 15360 % 16 * 16) || '.0/' || (20 + n % 5)",
        ),
        "domain": (
            made * 3 // 10,
            "CASE WHEN n < 100 THEN 's' || n * 4000 || '.example.com' ELSE"
            " 'bad' || n || '.' || md5(CAST(n AS VARCHAR))[:6] || '.com' END",
        ),
        "url": (made // 20, "'http://www.shop' || n % 20 || '.example.com/q/' || n"),
        "hash": (made * 2 // 10, "sha256(CASE WHEN n < 50 THEN CAST(n AS VARCHAR) ELSE 'x' || n END)"),
    }
    parts = [
        f"SELECT 'bench' AS source, '{kind}' AS kind, {sql} AS value, false AS prefix, '' AS uid, 80 AS confidence,"
        " ['malware'] AS labels, 'made up' AS description, NULL::TIMESTAMPTZ AS valid_from, NULL::TIMESTAMPTZ AS"
        " valid_until, now() AS first_seen, now() AS last_seen, 1::BIGINT AS revision"
        f" FROM range({count}) t(n)"
        for kind, (count, sql) in values.items()
    ]
    table = lake.table(INDICATORS)
    connection = lake.connection()
    sql = f"SELECT {', '.join(INDICATORS.columns)} FROM ({' UNION ALL '.join(parts)}) ORDER BY kind, value"
    table.append(connection, sql)


if __name__ == "__main__":
    main()
