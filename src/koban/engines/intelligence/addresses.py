"""Addresses by number; networks by (length, network) for each length that occurs among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koban.model.indicator import RESERVED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def match_addresses(connection: DuckDBPyConnection, there: set[str], reserved: bool) -> None:
    """Hosts that are a listed address or within a listed network."""
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE intel_addresses AS SELECT raw, CASE WHEN v6 >> 32 = 65535"
        " THEN CAST(v6 & 4294967295 AS BIGINT) ELSE v4 END AS v4,"
        " CASE WHEN v6 >> 32 = 65535 THEN NULL ELSE v6 END AS v6"
        " FROM (SELECT raw, v4, NULL::UHUGEINT AS v6 FROM intel_hosts WHERE v4 IS NOT NULL UNION ALL"
        " SELECT raw, v4, intel_v6(raw) FROM intel_hosts WHERE v4 IS NULL AND contains(raw, ':'))"
    )
    run(f"DELETE FROM intel_addresses WHERE v4 IS NULL AND v6 IS NULL {'' if reserved else f'OR {_reserved()}'}")
    if "ip" in there:
        for number in ("v4", "v6"):
            run(
                f"INSERT INTO intel_pairs SELECT 'host', a.raw, a.raw, 'ip', i.value FROM intel_addresses a JOIN"
                f" (SELECT DISTINCT value, intel_{number}(value) AS number FROM intel_indicators WHERE kind = 'ip'"
                f" AND {'NOT ' if number == 'v4' else ''}contains(value, ':')) i ON a.{number} = i.number"
            )
    if "cidr" in there:
        run(
            "CREATE OR REPLACE TEMP TABLE intel_networks AS SELECT DISTINCT value FROM intel_indicators"
            " WHERE kind = 'cidr'"
        )
        for number, bits in (("v4", 32), ("v6", 128)):
            run(
                "INSERT INTO intel_pairs SELECT 'host', raw, raw, 'cidr', value FROM"
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
