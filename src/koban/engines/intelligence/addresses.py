"""Addresses by number; networks by (length, network) for each length that occurs among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koban.model.indicator import RESERVED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def match_addresses(connection: DuckDBPyConnection, there: set[str], reserved: bool) -> None:
    """Hosts that are a listed address or within a listed network."""
    run = connection.execute
    # an IPv6 address that stands for an IPv4 address is one; few are written so
    run(
        "CREATE OR REPLACE TEMP TABLE intel_addresses AS SELECT raw, places, v4, v6 FROM"
        " (SELECT raw, places, intel_number(raw) AS v4, NULL::UHUGEINT AS v6 FROM intel_hosts WHERE dotted UNION ALL"
        " SELECT raw, places, CASE WHEN v6 >> 32 = 65535 THEN CAST(v6 & 4294967295 AS BIGINT) END,"
        " CASE WHEN v6 >> 32 = 65535 THEN NULL ELSE v6 END FROM (SELECT raw, places, intel_v6(raw) AS v6"
        " FROM intel_hosts WHERE contains(raw, ':')) WHERE v6 IS NOT NULL)"
    )
    if not reserved:
        # by itself: within the query before, the numbers would be worked out again for each of these comparisons
        run(f"DELETE FROM intel_addresses WHERE {_reserved()}")
    colons = run("SELECT EXISTS (SELECT raw FROM intel_addresses WHERE contains(raw, ':'))").fetchone()
    v6 = bool(colons and colons[0])
    if "ip" in there:
        # four numbers with dots are written in one way alone; what has colons is compared by number
        run(
            "INSERT INTO intel_pairs SELECT 'host', a.raw, a.raw, 'ip', i.value, a.places FROM intel_addresses a JOIN"
            " (SELECT DISTINCT value FROM intel_indicators WHERE kind = 'ip') i ON i.value = a.raw"
            " WHERE NOT contains(a.raw, ':')"
        )
        for number in ("v4", "v6") if v6 else ():
            run(
                "INSERT INTO intel_pairs SELECT 'host', a.raw, a.raw, 'ip', i.value, a.places FROM intel_addresses a"
                f" JOIN (SELECT DISTINCT value, intel_{number}(value) AS number FROM intel_indicators"
                f" WHERE kind = 'ip' AND {'NOT ' if number == 'v4' else ''}contains(value, ':')) i"
                f" ON a.{number} = i.number WHERE contains(a.raw, ':')"
            )
    if "cidr" in there:
        run(
            "CREATE OR REPLACE TEMP TABLE intel_networks AS SELECT DISTINCT value FROM intel_indicators"
            " WHERE kind = 'cidr'"
        )
        for number, bits in (("v4", 32), ("v6", 128)) if v6 else (("v4", 32),):
            run(
                "INSERT INTO intel_pairs SELECT 'host', raw, raw, 'cidr', value, places FROM"
                f" ({networks('intel_addresses', 'intel_networks', 'value', number, bits)})"
            )


def networks(addresses: str, networks: str, column: str, number: str, bits: int) -> str:
    """Addresses with the networks that hold them: for each length that occurs, a join by network."""
    wide = "UHUGEINT" if bits == 128 else "BIGINT"
    return (
        f"WITH n AS MATERIALIZED (SELECT {column}, length, intel_{number}(head) >> ({bits} - length) AS network FROM"
        f" (SELECT {column}, CAST(split_part({column}, '/', 2) AS {wide}) AS length,"
        f" split_part({column}, '/', 1) AS head"
        f" FROM {networks} WHERE {'' if bits == 128 else 'NOT '}contains({column}, ':')))"
        f" SELECT a.*, n.{column} FROM (SELECT s.*, l.length, s.{number} >> ({bits} - l.length) AS network"
        f" FROM {addresses} s, (SELECT DISTINCT length FROM n) l WHERE s.{number} IS NOT NULL) a"
        " JOIN n ON n.length = a.length AND n.network = a.network"
    )


def _reserved() -> str:
    tests = []
    for one in RESERVED:
        low, high = int(one.network_address), int(one.broadcast_address)
        if one.version == 4:
            tests.append(f"v4 BETWEEN {low} AND {high}")
        else:
            tests.append(f"v6 BETWEEN '{low}'::UHUGEINT AND '{high}'::UHUGEINT")
    return " OR ".join(tests)
