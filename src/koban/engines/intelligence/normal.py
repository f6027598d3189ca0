"""The normal form of what events hold: macros of SQL.  NULL where a text is not what it is taken for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = rf"{_OCTET}(\.{_OCTET}){{3}}"
_URL = r"^(?:([a-zA-Z][a-zA-Z0-9+.-]*)://)?(?:[^/?#@]*@)?([^/?#]*)([^#]*)"
_PORTS = "'http', '80', 'https', '443', 'ftp', '21', 'ws', '80', 'wss', '443'"

MACROS = (
    # whether a text is an IPv4 address, and the number of one that is
    f"CREATE OR REPLACE TEMP MACRO intel_dotted(v) AS regexp_full_match(v, '{_V4}')",
    "CREATE OR REPLACE TEMP MACRO intel_number(v) AS"
    " list_reduce(TRY_CAST(string_split(v, '.') AS BIGINT[]), lambda a, b: a * 256 + b)",
    # an IPv4 address as a number; NULL where the text is none
    "CREATE OR REPLACE TEMP MACRO intel_v4(v) AS CASE WHEN intel_dotted(v) THEN intel_number(v) END",
    # an IPv6 address whose tail may be written as IPv4, in hexadecimal groups alone
    "CREATE OR REPLACE TEMP MACRO intel_hex(v) AS CASE WHEN contains(v, '.') THEN"
    r" regexp_extract(v, '^(.*:)[^:]*$', 1) || printf('%x:%x', intel_v4(regexp_extract(v, '[^:]*$')) >> 16,"
    " intel_v4(regexp_extract(v, '[^:]*$')) & 65535) ELSE v END",
    "CREATE OR REPLACE TEMP MACRO intel_groups(v) AS CASE WHEN contains(v, '::') THEN"
    " list_filter(string_split(split_part(v, '::', 1), ':'), lambda x: x <> '')"
    " || list_resize(CAST([] AS VARCHAR[]), greatest(0, 8"
    " - len(list_filter(string_split(split_part(v, '::', 1), ':'), lambda x: x <> ''))"
    " - len(list_filter(string_split(split_part(v, '::', 2), ':'), lambda x: x <> ''))), '0')"
    " || list_filter(string_split(split_part(v, '::', 2), ':'), lambda x: x <> '') ELSE string_split(v, ':') END",
    "CREATE OR REPLACE TEMP MACRO intel_v6_of(g) AS CASE WHEN len(g) = 8"
    " AND len(list_filter(g, lambda x: NOT regexp_full_match(x, '[0-9a-f]{1,4}'))) = 0 THEN"
    " list_reduce(list_transform(g, lambda x: CAST(CAST('0x' || x AS UINTEGER) AS UHUGEINT)),"
    " lambda a, b: a * 65536 + b) END",
    # an IPv6 address as a number; NULL where the text is none
    "CREATE OR REPLACE TEMP MACRO intel_v6(v) AS CASE WHEN contains(v, ':') THEN"
    r" intel_v6_of(intel_groups(intel_hex(regexp_replace(trim(lower(v), '[]'), '%.*$', '')))) END",
    "CREATE OR REPLACE TEMP MACRO intel_name(v) AS lower(rtrim(v, '.'))",
    f"CREATE OR REPLACE TEMP MACRO intel_parts(v) AS regexp_extract(v, '{_URL}', ['scheme', 'host', 'rest'])",
    "CREATE OR REPLACE TEMP MACRO intel_host(p) AS CASE WHEN map_extract(MAP {'http': '80', 'https': '443',"
    " 'ftp': '21', 'ws': '80', 'wss': '443'}, lower(p.scheme))[1] = regexp_extract(p.host, ':([0-9]+)$', 1)"
    " THEN lower(regexp_replace(p.host, ':[0-9]+$', '')) ELSE lower(p.host) END",
    "CREATE OR REPLACE TEMP MACRO intel_key(p) AS intel_host(p)"
    " || CASE WHEN starts_with(p.rest, '/') THEN p.rest ELSE '/' || p.rest END",
    # the URL of an event without scheme, user and fragment, whichever columns it is in; NULL where no host is known
    "CREATE OR REPLACE TEMP MACRO intel_url(url, host, path) AS CASE"
    " WHEN url IS NOT NULL AND NOT starts_with(url, '/') THEN intel_key(intel_parts(url))"
    " WHEN host IS NOT NULL AND coalesce(url, path) IS NOT NULL THEN lower(host)"
    " || split_part(CASE WHEN starts_with(coalesce(url, path), '/') THEN '' ELSE '/' END"
    " || coalesce(url, path), '#', 1)"
    " END",
    # the host of an event's URL, where no column of its own tells it
    "CREATE OR REPLACE TEMP MACRO intel_url_host(url, host) AS CASE WHEN host IS NULL AND url IS NOT NULL"
    r" AND NOT starts_with(url, '/') THEN regexp_replace(intel_parts(url).host, ':[0-9]*$', '') END",
    "CREATE OR REPLACE TEMP MACRO intel_hash(v) AS regexp_extract(lower(v), '([0-9a-f]{32,64})$', 1)",
)


def prepare(connection: DuckDBPyConnection) -> None:
    """Makes what the SQL of this package calls known to a connection."""
    for macro in MACROS:
        connection.execute(macro)
    # the same files are read for column after column
    connection.execute("SET parquet_metadata_cache = true")
