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

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from koban.model.alert import LEVELS, Alert, Entity, Evidence
from koban.model.indicator import RESERVED, ascii_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ADDRESSES = ("src_endpoint_ip", "dst_endpoint_ip", "device_ip")
NAMES = ("query_hostname", "tls_sni", "http_request_url_hostname", "src_endpoint_hostname", "dst_endpoint_hostname")
HASHES = ("file_hashes", "process_file_hashes")
FINGERPRINTS = {"ja3": "tls_ja3_hash_value", "ja4": "tls_ja4_fingerprint_value"}
URL = "http_request_url_url_string"
SEARCHED = (*ADDRESSES, *NAMES, "answers", *HASHES, *FINGERPRINTS.values(), URL, "http_request_url_path")
"""The columns that are searched; `observables` too, of events that have none of these."""

SHOWN = (
    "time",
    "source",
    "origin",
    "origin_line",
    "metadata_uid",
    "cloud_account_uid",
    "cloud_region",
    "actor_user_uid",
    "actor_user_name",
    "device_uid",
    "device_hostname",
    "src_endpoint_instance_uid",
    "dst_endpoint_port",
    "api_operation",
    "api_service_name",
    "http_request_http_method",
    "process_cmd_line",
    "status_id",
    "resources_uid",
)

EVIDENCE_MAX = 100
LEVEL_BY_CONFIDENCE = ((80, "high"), (50, "medium"), (25, "low"), (0, "informational"))

TITLES = {
    "ip": "Contact with a listed address",
    "cidr": "Contact with an address of a listed network",
    "domain": "Contact with a listed domain",
    "url": "Request for a listed URL",
    "hash": "Listed file",
    "ja3": "TLS client with a listed JA3 fingerprint",
    "ja4": "TLS client with a listed JA4 fingerprint",
}

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = rf"{_OCTET}(\.{_OCTET}){{3}}"
_URL = r"^(?:([a-zA-Z][a-zA-Z0-9+.-]*)://)?(?:[^/?#@]*@)?([^/?#]*)([^#]*)"
_PORTS = "'http', '80', 'https', '443', 'ftp', '21', 'ws', '80', 'wss', '443'"

MACROS = (
    # an IPv4 address as a number; NULL where the text is none
    f"CREATE OR REPLACE TEMP MACRO intel_v4(v) AS CASE WHEN regexp_full_match(v, '{_V4}') THEN"
    " (CAST(split_part(v, '.', 1) AS BIGINT) << 24) + (CAST(split_part(v, '.', 2) AS BIGINT) << 16)"
    " + (CAST(split_part(v, '.', 3) AS BIGINT) << 8) + CAST(split_part(v, '.', 4) AS BIGINT) END",
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

_URL_KEY = f"intel_url({URL}, http_request_url_hostname, http_request_url_path)"
_URL_HOST = f"intel_url_host({URL}, http_request_url_hostname)"
_BARE = " AND ".join(f"{one} IS NULL" for one in SEARCHED)
_KEY = ("time", "origin", "origin_line", "metadata_uid")
"""What tells one event from another."""


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


def prepare(connection: DuckDBPyConnection) -> None:
    """Makes what the SQL of this module calls known to a connection."""
    for macro in MACROS:
        connection.execute(macro)


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
    run(
        "CREATE OR REPLACE TEMP TABLE intel_pairs"
        " (family VARCHAR, raw VARCHAR, text VARCHAR, kind VARCHAR, value VARCHAR)"
    )
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_observed AS SELECT {', '.join(_KEY)}, unnest(observables) AS raw"
        f" FROM {events} WHERE {_BARE}"
    )
    if there & {"ip", "cidr", "domain"}:
        _hosts(connection, events, there, reserved)
    if "url" in there:
        _urls(connection, events)
    for kind, columns in {"hash": _unnested(HASHES), **{k: (c,) for k, c in FINGERPRINTS.items()}}.items():
        if kind in there:
            _plain(connection, events, kind, columns)
    kept_out = _keep_out(connection, allowed) if allowed else {}
    if not _count(connection, "intel_pairs"):
        return Matches(iter(()), kept_out=kept_out)
    _hits(connection, events)
    row: Any = run("SELECT count(DISTINCT event), count(DISTINCT (kind, value)) FROM intel_found").fetchone()
    return Matches(_alerts(connection), row[0], row[1], kept_out)


def _count(connection: DuckDBPyConnection, table: str) -> int:
    row: Any = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0])


# -- values that match ------------------------------------------------------------------------------------------------


def _unnested(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"unnest({one})" for one in columns)


def _distinct(expressions: Iterable[str], events: str) -> str:
    """Each value of several columns once."""
    each = " UNION ALL ".join(f"SELECT {one} AS raw FROM {events}" for one in expressions)
    return f"SELECT DISTINCT raw FROM ({each} UNION ALL SELECT raw FROM intel_observed) WHERE raw IS NOT NULL"


def _hosts(connection: DuckDBPyConnection, events: str, there: set[str], reserved: bool) -> None:
    """Addresses and names: any column may hold either."""
    run = connection.execute
    columns = [*ADDRESSES, *NAMES, "unnest(answers)", _URL_HOST]
    run(
        "CREATE OR REPLACE TEMP TABLE intel_hosts AS SELECT raw,"
        " CASE WHEN NOT contains(raw, ':') THEN intel_v4(raw) ELSE"
        f" intel_v4(regexp_replace(lower(raw), '^(::ffff:|0:0:0:0:0:ffff:)', '')) END AS v4"
        f" FROM ({_distinct(columns, events)})"
    )
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
                f" ({_networks('intel_addresses', 'intel_networks', 'value', number, bits)})"
            )
    if "domain" in there:
        _names(connection)


def _networks(addresses: str, networks: str, column: str, number: str, bits: int) -> str:
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


def _names(connection: DuckDBPyConnection) -> None:
    """Names whose own value or one of whose parents is an indicator."""
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE intel_domains AS SELECT DISTINCT value,"
        " len(value) - len(replace(value, '.', '')) + 1 AS labels FROM intel_indicators WHERE kind = 'domain'"
    )
    run(
        "CREATE OR REPLACE TEMP TABLE intel_names AS SELECT raw, intel_name(CASE WHEN contains(raw, ':')"
        " THEN regexp_extract(raw, '^([^:]*):[0-9]+$', 1) ELSE raw END) AS name FROM intel_hosts WHERE v4 IS NULL"
    )
    foreign = run("SELECT DISTINCT name FROM intel_names WHERE strlen(name) <> length(name)").fetchall()
    if foreign:
        plain = _rows(connection, {"name": [n for (n,) in foreign], "plain": [ascii_name(n) for (n,) in foreign]})
        run(f"UPDATE intel_names SET name = p.plain FROM {plain} p WHERE p.name = intel_names.name")
    lengths = [n for (n,) in run("SELECT DISTINCT labels FROM intel_domains ORDER BY 1").fetchall()]
    fewest = lengths[0]
    # only names whose shortest parent could lead to an indicator are looked at any further
    run(
        "CREATE OR REPLACE TEMP TABLE intel_near AS SELECT raw, name, string_split(name, '.') AS parts FROM intel_names"
        f" WHERE {_last(fewest, 'name')} IN (SELECT {_last(fewest, 'value')} FROM intel_domains)"
    )
    for labels in lengths:
        run(
            "INSERT INTO intel_pairs SELECT 'host', n.raw, n.name, 'domain', d.value FROM intel_near n"
            " JOIN intel_domains d"
            f" ON d.labels = {labels} AND d.value = array_to_string(n.parts[{-labels}:], '.')"
            f" WHERE len(n.parts) >= {labels}"
        )


def _last(count: int, name: str) -> str:
    """The last labels of a name as one text."""
    return "concat_ws('.', " + ", ".join(f"split_part({name}, '.', {-one})" for one in range(count, 0, -1)) + ")"


def _urls(connection: DuckDBPyConnection, events: str) -> None:
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE intel_pages AS SELECT raw, CASE WHEN contains(raw, '://')"
        f" THEN intel_key(intel_parts(raw)) ELSE raw END AS key FROM ({_distinct([_URL_KEY], events)})"
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


def _plain(connection: DuckDBPyConnection, events: str, kind: str, columns: Iterable[str]) -> None:
    normal = "intel_hash(raw)" if kind == "hash" else "lower(raw)"
    connection.execute(
        f"INSERT INTO intel_pairs SELECT '{kind}', raw, text, '{kind}', text FROM (SELECT raw, {normal} AS text FROM"
        f" ({_distinct(columns, events)})) WHERE text IN (SELECT value FROM intel_indicators WHERE kind = '{kind}')"
    )


def _rows(connection: DuckDBPyConnection, columns: dict[str, list[str]]) -> str:
    from koban.lake.rows import rows_relation

    return rows_relation(connection, columns)


# -- what must not match ----------------------------------------------------------------------------------------------


def _keep_out(connection: DuckDBPyConnection, allowed: str) -> dict[str, int]:
    """Removes the pairs of which either side is on an allow-list; how many each list kept out."""
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE intel_texts AS SELECT DISTINCT kind, text,"
        " CASE WHEN kind = 'url' THEN regexp_replace(intel_parts(text).host, ':[0-9]+$', '') ELSE text END AS host"
        " FROM (SELECT kind, value AS text FROM intel_pairs UNION ALL SELECT kind, text FROM intel_pairs)"
    )
    run(f"CREATE OR REPLACE TEMP TABLE intel_allowed AS SELECT name, type, entry, kinds FROM {allowed}")
    run("CREATE OR REPLACE TEMP TABLE intel_harmless (kind VARCHAR, text VARCHAR, name VARCHAR)")
    of_kind = "list_contains(a.kinds, t.kind)"
    run(
        "INSERT INTO intel_harmless SELECT t.kind, t.text, a.name FROM intel_texts t JOIN intel_allowed a"
        f" ON a.type = 'string' AND (a.entry = t.text OR a.entry = t.host AND t.kind <> 'url') AND {of_kind}"
    )
    run(
        "INSERT INTO intel_harmless SELECT t.kind, t.text, a.name FROM (SELECT kind, text,"
        " unnest(list_transform(range(1, len(string_split(host, '.')) + 1),"
        " lambda n: array_to_string(string_split(host, '.')[n:], '.'))) AS parent FROM intel_texts"
        " WHERE kind IN ('domain', 'url')) t JOIN intel_allowed a"
        f" ON a.type = 'hostname' AND a.entry = t.parent AND {of_kind}"
    )
    run(
        "INSERT INTO intel_harmless SELECT t.kind, t.text, a.name FROM intel_texts t JOIN intel_allowed a"
        f" ON a.type = 'substring' AND contains(t.text, a.entry) AND {of_kind}"
    )
    _harmless_networks(connection)
    _harmless_by_regex(connection)
    run(
        "CREATE OR REPLACE TEMP TABLE intel_out AS SELECT p.rowid AS pair, min(h.name) AS name FROM intel_pairs p"
        " JOIN intel_harmless h ON h.kind = p.kind AND (h.text = p.text OR h.text = p.value) GROUP BY p.rowid"
    )
    counts = dict(run("SELECT name, count(*) FROM intel_out GROUP BY name ORDER BY name").fetchall())
    run("DELETE FROM intel_pairs WHERE rowid IN (SELECT pair FROM intel_out)")
    return counts


def _harmless_networks(connection: DuckDBPyConnection) -> None:
    """Addresses, and networks as a whole, that lie within a network of an allow-list."""
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE intel_spans AS SELECT kind, text, intel_v4(head) AS v4,"
        " intel_v6(head) AS v6, size"
        " FROM (SELECT kind, text, split_part(host, '/', 1) AS head, coalesce(TRY_CAST(split_part(host, '/', 2) AS"
        " INTEGER), 128) AS size FROM intel_texts WHERE kind IN ('ip', 'cidr', 'url'))"
    )
    run("CREATE OR REPLACE TEMP TABLE intel_safe AS SELECT DISTINCT entry FROM intel_allowed WHERE type = 'cidr'")
    for number, bits in (("v4", 32), ("v6", 128)):
        run(
            "INSERT INTO intel_harmless SELECT s.kind, s.text, a.name FROM"
            f" ({_networks('intel_spans', 'intel_safe', 'entry', number, bits)}) s JOIN intel_allowed a"
            " ON a.type = 'cidr' AND a.entry = s.entry AND s.size >= s.length AND list_contains(a.kinds, s.kind)"
        )


def _harmless_by_regex(connection: DuckDBPyConnection) -> None:
    rows = connection.execute("SELECT name, entry, kinds FROM intel_allowed WHERE type = 'regex'").fetchall()
    if not rows:
        return
    texts = connection.execute("SELECT kind, text FROM intel_texts").fetchall()
    for name, pattern, kinds in rows:
        compiled = re.compile(pattern)
        found = [(kind, text, name) for kind, text in texts if kind in kinds and compiled.search(text[:2048])]
        if found:
            connection.executemany("INSERT INTO intel_harmless VALUES (?, ?, ?)", found)


# -- back to the events -----------------------------------------------------------------------------------------------

_WHERE = {
    "host": {one: one for one in (*ADDRESSES, *NAMES)} | {URL: _URL_HOST, "answers": "unnest(answers)"},
    "url": {URL: _URL_KEY},
    "hash": {one: f"unnest({one})" for one in HASHES},
    **{kind: {column: column} for kind, column in FINGERPRINTS.items()},
}
"""What a matched value is looked for in: column -> the SQL of its values."""


def _hits(connection: DuckDBPyConnection, events: str) -> None:
    """`intel_hits`: the events that match; `intel_found`: which indicator, in which columns, with what text.

    First the few columns that tell where, column by column (a semi-join that the Parquet reader skips by), then what is
    shown of the events found.
    """
    run = connection.execute
    key = ", ".join(_KEY)
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_at AS SELECT {key}, family, 'observables' AS matched, raw"
        " FROM intel_observed"
        " JOIN (SELECT DISTINCT family, raw FROM intel_pairs) USING (raw)"
    )
    for (family,) in run("SELECT DISTINCT family FROM intel_pairs ORDER BY 1").fetchall():
        seen = f"(SELECT raw FROM intel_pairs WHERE family = '{family}')"
        for column, sql in _WHERE[family].items():
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
    return " AND ".join(f"{one}.{column} IS NOT DISTINCT FROM {other}.{column}" for column in _KEY[1:])


_FROM_OUTSIDE = "list_has_any(columns, ['src_endpoint_ip', 'src_endpoint_hostname'])"
_HOST = "coalesce(src_endpoint_instance_uid, device_hostname, device_uid)"
_USER = "coalesce(actor_user_uid, actor_user_name)"
_TARGET = "coalesce(dst_endpoint_hostname, dst_endpoint_ip)"
_LAST = "resources_uid[1], cloud_account_uid, seen"
_ENTITY = (
    f"CASE WHEN {_FROM_OUTSIDE} THEN CASE WHEN {_USER} IS NOT NULL THEN 'user\x1f' || {_USER}"
    " WHEN coalesce(device_hostname, device_uid) IS NOT NULL THEN 'host\x1f' || coalesce(device_hostname, device_uid)"
    " WHEN dst_endpoint_ip IS NOT NULL AND NOT list_contains(columns, 'dst_endpoint_ip')"
    " THEN 'ip\x1f' || dst_endpoint_ip"
    " WHEN dst_endpoint_hostname IS NOT NULL AND NOT list_contains(columns, 'dst_endpoint_hostname')"
    " THEN 'host\x1f' || dst_endpoint_hostname END"
    f" ELSE CASE WHEN {_HOST} IS NOT NULL THEN 'host\x1f' || {_HOST}"
    " WHEN src_endpoint_ip IS NOT NULL THEN 'ip\x1f' || src_endpoint_ip"
    " WHEN src_endpoint_hostname IS NOT NULL THEN 'host\x1f' || src_endpoint_hostname"
    f" WHEN {_USER} IS NOT NULL THEN 'user\x1f' || {_USER} END END"
)
_OTHER_ENTITY = (
    "CASE WHEN resources_uid[1] IS NOT NULL THEN 'resource\x1f' || resources_uid[1]"
    " WHEN cloud_account_uid IS NOT NULL THEN 'account\x1f' || cloud_account_uid ELSE kind || '\x1f' || value END"
)


def _alerts(connection: DuckDBPyConnection) -> Iterator[Alert]:
    """One alert for an indicator, an entity and a day."""
    run = connection.execute
    shown = ", ".join((*SHOWN, "src_endpoint_ip", "dst_endpoint_ip", "query_hostname", URL))
    run(
        f"CREATE OR REPLACE TEMP TABLE intel_rows AS SELECT f.kind, f.value, f.columns, f.seen, coalesce({_ENTITY},"
        f" {_OTHER_ENTITY}) AS entity, CAST(time AT TIME ZONE 'UTC' AS DATE) AS of_day, event, {shown},"
        " strftime(time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') AS moment"
        " FROM intel_found f JOIN intel_hits USING (event)"
    )
    feeds = _feeds(connection)
    overall = {
        (kind, value): (count, entities, first, last)
        for kind, value, count, entities, first, last in run(
            "SELECT kind, value, count(*), count(DISTINCT entity), min(moment), max(moment)"
            " FROM intel_rows GROUP BY kind, value"
        ).fetchall()
    }
    group = "kind, value, entity, of_day"
    cursor = run(
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {group} ORDER BY time, origin, origin_line, event)"
        f" AS place, count(*) OVER (PARTITION BY {group}) AS many, min(moment) OVER (PARTITION BY {group}) AS first_at,"
        f" max(moment) OVER (PARTITION BY {group}) AS last_at,"
        f" count(*) FILTER (status_id = 2) OVER (PARTITION BY {group})"
        f" AS refused FROM intel_rows) WHERE place <= {EVIDENCE_MAX // 2} OR place > many - {EVIDENCE_MAX // 2}"
        f" ORDER BY first_at, {group}, place"
    )
    names = [one[0] for one in cursor.description]
    rows = (dict(zip(names, row, strict=True)) for row in _fetched(cursor))
    for (kind, value, _, _), members in groupby(rows, lambda r: (r["kind"], r["value"], r["entity"], r["of_day"])):
        yield _alert(list(members), feeds[kind, value], overall[kind, value])


def _fetched(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while batch := cursor.fetchmany(10_000):
        yield from batch


def _feeds(connection: DuckDBPyConnection) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What the feeds say of the indicators that were seen, the surest first."""
    cursor = connection.execute(
        "SELECT kind, value, source, confidence, labels, description,"
        " strftime(valid_from AT TIME ZONE 'UTC', '%Y-%m-%d') AS valid_from,"
        " strftime(first_seen AT TIME ZONE 'UTC', '%Y-%m-%d') AS first_seen,"
        " strftime(valid_until AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS valid_until FROM intel_indicators"
        " SEMI JOIN intel_found USING (kind, value) ORDER BY confidence DESC, source, uid"
    )
    names = [one[0] for one in cursor.description]
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in cursor.fetchall():
        one = dict(zip(names, row, strict=True))
        found.setdefault((one["kind"], one["value"]), []).append(one)
    return found


def _alert(rows: list[dict[str, Any]], feeds: list[dict[str, Any]], overall: tuple[int, int, str, str]) -> Alert:
    first = rows[0]
    kind, value = first["kind"], first["value"]
    feeds = [one for one in feeds if not one["valid_until"] or one["valid_until"] > first["first_at"]] or feeds
    entity_kind, _, entity_name = first["entity"].partition("\x1f")
    entity = Entity(_entity_kind(entity_kind), entity_name)
    other = Entity(_entity_kind(kind), _seen_name(first) if kind in ("cidr", "domain", "ip") else value)
    entities = dict.fromkeys([entity, other])
    if first["cloud_account_uid"]:
        entities[Entity("account", first["cloud_account_uid"])] = None
    columns = sorted({column for row in rows for column in row["columns"]})
    refused = first["refused"] == first["many"]
    confidence = max(one["confidence"] for one in feeds)
    return Alert(
        rule=f"intelligence-{kind}",
        title=f"{TITLES[kind]}: {value}",
        kind="intelligence",
        level=_level(confidence, refused),
        time_first=first["first_at"],
        time_last=first["last_at"],
        entities=tuple(entities),
        evidence=tuple(_evidence(row) for row in rows),
        count=first["many"],
        why=_why(first, columns, feeds, overall, entity, refused),
        tags=tuple(sorted({label for one in feeds for label in one["labels"] or () if _attack(label)})),
        account=first["cloud_account_uid"] or "",
        region=first["cloud_region"] or "",
        key=f"{kind}:{value}|{entity.kind}:{entity.name}|{first['of_day']}",
        details={
            "indicator": value,
            "indicator_kind": kind,
            "seen": first["seen"],
            "columns": ",".join(columns),
            "feeds": ",".join(dict.fromkeys(one["source"] for one in feeds)),
            "confidence": str(confidence),
            "labels": ",".join(dict.fromkeys(label for one in feeds for label in one["labels"] or ())),
            "events_all": str(overall[0]),
            "entities_all": str(overall[1]),
            "first_sighting": overall[2],
            "last_sighting": overall[3],
        },
    )


def _entity_kind(kind: str) -> str:
    return {"cidr": "ip", "url": "url", "hash": "hash", "ja3": "fingerprint", "ja4": "fingerprint"}.get(kind, kind)


def _seen_name(row: dict[str, Any]) -> str:
    return str(row["seen"]).lower().rstrip(".")


def _attack(label: str) -> bool:
    return re.fullmatch(r"attack\.t\d{4}(\.\d{3})?", label) is not None


def _level(confidence: int, refused: bool) -> str:
    """By how sure the surest feed is; one lower where all that happened was refused."""
    level = next(name for least, name in LEVEL_BY_CONFIDENCE if confidence >= least)
    return LEVELS[max(0, LEVELS.index(level) - 1)] if refused else level


def _why(
    row: dict[str, Any],
    columns: list[str],
    feeds: list[dict[str, Any]],
    overall: tuple[int, int, str, str],
    entity: Entity,
    refused: bool,
) -> str:
    kind, value = row["kind"], row["value"]
    seen = row["seen"]
    what = f"{kind} {value}" if _seen_name(row) == value else f"{seen}, of {kind} {value}"
    listed = "; ".join(_said(one, row["first_at"]) for one in feeds[:5])
    more = f" and {len(feeds) - 5} more" if len(feeds) > 5 else ""
    many = "1 event" if row["many"] == 1 else f"{row['many']:,} events"
    why = f"{what} was seen in {', '.join(columns)}. Listed by {listed}{more}."
    why += f" {many} of {entity.kind} {entity.name} on {row['of_day']}{', all refused' if refused else ''};"
    why += f" in all {overall[0]:,} of {overall[1]:,} from {overall[2]} to {overall[3]}."
    said = next((one["description"] for one in feeds if one["description"]), "")
    return f"{why} {said}".strip()


def _said(feed: dict[str, Any], at: str) -> str:
    since = feed["valid_from"] or feed["first_seen"]
    later = ", after it was seen here" if since > at[:10] else ""
    ended = f", until {feed['valid_until'][:10]}" if feed["valid_until"] else ""
    return f"{feed['source']} (confidence {feed['confidence']}, since {since}{later}{ended})"


def _evidence(row: dict[str, Any]) -> Evidence:
    return Evidence(
        row["moment"],
        row["source"] or "",
        row["origin"] or "",
        row["origin_line"] or 0,
        row["metadata_uid"] or "",
        _summary(row),
    )


def _summary(row: dict[str, Any]) -> str:
    """Who, what, on what: the first of each that the event tells."""
    who = row["actor_user_name"] or row["actor_user_uid"] or row["device_hostname"] or row["src_endpoint_ip"] or ""
    did = row["api_operation"] or row["http_request_http_method"] or ("asked for" if row["query_hostname"] else "")
    port = f":{row['dst_endpoint_port']}" if row["dst_endpoint_port"] else ""
    to = row[URL] or row["query_hostname"] or row["process_cmd_line"] or (row["dst_endpoint_ip"] or "") + port
    outcome = "refused" if row["status_id"] == 2 else ""
    return " ".join(one for one in (who, did or ("->" if to else ""), to[:200], outcome) if one)
