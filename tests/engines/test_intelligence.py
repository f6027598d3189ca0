from __future__ import annotations

import ipaddress
import json
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koban.engines.intelligence import Matches, match
from koban.lake.indicators import INDICATORS
from koban.model.alert import Alert
from koban.model.event import COLUMNS

TIME = "2026-03-01T10:00:00Z"


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, bool | int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def relation(rows: list[dict[str, Any]], types: dict[str, str]) -> str:
    """Rows as a relation of those columns; what a row leaves out is NULL."""
    if not rows:
        rows, end = [{}], " WHERE false"
    else:
        end = ""
    selects = [
        "SELECT " + ", ".join(f"CAST({literal(row.get(name))} AS {kind}) AS {name}" for name, kind in types.items())
        for row in rows
    ]
    return f"(SELECT * FROM ({' UNION ALL '.join(selects)}){end})"


def events(*rows: dict[str, Any]) -> str:
    types = {name: column.sql_type for name, column in COLUMNS.items()}
    return relation([{"time": TIME, "origin": "log", "origin_line": n, **row} for n, row in enumerate(rows, 1)], types)


def indicators(*rows: dict[str, Any]) -> str:
    given = {"source": "feed", "confidence": 80, "prefix": False, "labels": [], "first_seen": "2026-01-01T00:00:00Z"}
    return relation([{**given, **row} for row in rows], dict(INDICATORS.columns))


def allowed(kind: str, *entries: str, kinds: tuple[str, ...] = ("ip", "cidr", "domain", "url", "hash")) -> str:
    rows = [{"name": "list", "type": kind, "entry": one, "kinds": kinds} for one in entries]
    return relation(rows, {"name": "VARCHAR", "type": "VARCHAR", "entry": "VARCHAR", "kinds": "VARCHAR[]"})


def run(seen: str, listed: str, safe: str = "", *, reserved: bool = False) -> Matches:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE seen AS SELECT * FROM {seen}")
    connection.execute(f"CREATE TABLE listed AS SELECT * FROM {listed}")
    return match(connection, "seen", "listed", safe, reserved=reserved)


def alerts(seen: str, listed: str, safe: str = "", *, reserved: bool = False) -> list[Alert]:
    return list(run(seen, listed, safe, reserved=reserved).alerts)


@pytest.mark.parametrize(
    ("event", "kind", "value", "column"),
    [
        ({"src_endpoint_ip": "11.2.3.4"}, "ip", "11.2.3.4", "src_endpoint_ip"),
        ({"dst_endpoint_ip": "11.2.3.4"}, "ip", "11.2.3.4", "dst_endpoint_ip"),
        ({"device_ip": "11.2.3.4"}, "ip", "11.2.3.4", "device_ip"),
        ({"answers": ["cdn.example", "11.2.3.4"]}, "ip", "11.2.3.4", "answers"),
        ({"answers": ["CDN.bad.example."]}, "domain", "bad.example", "answers"),
        ({"src_endpoint_ip": "2A00:0::1"}, "ip", "2a00::1", "src_endpoint_ip"),
        ({"src_endpoint_ip": "::ffff:11.2.3.4"}, "ip", "11.2.3.4", "src_endpoint_ip"),
        ({"src_endpoint_ip": "::ffff:0b02:0304"}, "ip", "11.2.3.4", "src_endpoint_ip"),
        ({"src_endpoint_ip": "11.2.3.4"}, "cidr", "11.2.0.0/16", "src_endpoint_ip"),
        ({"src_endpoint_ip": "2a00:5::1"}, "cidr", "2a00::/16", "src_endpoint_ip"),
        ({"query_hostname": "WWW.Bad.Example."}, "domain", "bad.example", "query_hostname"),
        ({"query_hostname": "bad.example"}, "domain", "bad.example", "query_hostname"),
        ({"query_hostname": "bücher.example"}, "domain", "xn--bcher-kva.example", "query_hostname"),
        ({"tls_sni": "a.b.c.bad.example"}, "domain", "c.bad.example", "tls_sni"),
        ({"dst_endpoint_hostname": "bad.example"}, "domain", "bad.example", "dst_endpoint_hostname"),
        ({"http_request_url_hostname": "bad.example:8080"}, "domain", "bad.example", "http_request_url_hostname"),
        ({"http_request_url_url_string": "http://www.bad.example/x"}, "domain", "bad.example", "http_request_url_url_string"),
        ({"http_request_url_url_string": "HTTP://Bad.Example:80/x?y#z"}, "url", "http://bad.example/x?y", "http_request_url_url_string"),
        ({"http_request_url_hostname": "bad.example", "http_request_url_path": "/x"}, "url", "https://bad.example/x", "http_request_url_url_string"),
        ({"http_request_url_hostname": "bad.example", "http_request_url_url_string": "/x"}, "url", "bad.example/x", "http_request_url_url_string"),
        ({"file_hashes": ["MD5=AA", "SHA256=" + "AB" * 32]}, "hash", "ab" * 32, "file_hashes"),
        ({"process_file_hashes": ["cd" * 16]}, "hash", "cd" * 16, "process_file_hashes"),
        ({"tls_ja3_hash_value": "ef" * 16}, "ja3", "ef" * 16, "tls_ja3_hash_value"),
        ({"tls_ja4_fingerprint_value": "t13d1516h2_8daaf6152771_b186095e22b6"}, "ja4", "t13d1516h2_8daaf6152771_b186095e22b6", "tls_ja4_fingerprint_value"),
        ({"observables": ["x", "www.bad.example"]}, "domain", "bad.example", "observables"),
        ({"observables": ["11.2.3.4"]}, "ip", "11.2.3.4", "observables"),
        ({"observables": ["http://bad.example/x"]}, "url", "http://bad.example/x", "observables"),
    ],
)  # fmt: skip
def test_a_column_that_holds_an_indicator_matches_and_is_named(
    event: dict[str, Any], kind: str, value: str, column: str
) -> None:
    (found,) = alerts(events(event, {"src_endpoint_ip": "12.0.0.1"}), indicators({"kind": kind, "value": value}))
    assert found.kind == "intelligence"
    assert found.rule == f"intelligence-{kind}"
    assert found.details["columns"] == column
    assert found.details["indicator"] == value
    assert [one.origin_line for one in found.evidence] == [1]


@pytest.mark.parametrize(
    ("event", "kind", "value"),
    [
        ({"query_hostname": "notbad.example"}, "domain", "bad.example"),
        ({"query_hostname": "example"}, "domain", "bad.example"),
        ({"query_hostname": "bad.example"}, "domain", "www.bad.example"),
        ({"src_endpoint_ip": "11.3.0.0"}, "cidr", "11.2.0.0/16"),
        ({"src_endpoint_ip": "AWS Internal"}, "cidr", "11.2.0.0/16"),
        ({"http_request_url_url_string": "http://bad.example/x/y"}, "url", "http://bad.example/x"),
        ({"http_request_url_url_string": "http://bad.example/X"}, "url", "http://bad.example/x"),
        ({"tls_ja3_hash_value": "ef" * 16}, "hash", "ef" * 16),
        ({"file_hashes": ["ef" * 16]}, "ja3", "ef" * 16),
        ({"file_hashes": ["ef" * 32]}, "hash", "ef" * 16),
    ],
)
def test_what_is_near_does_not_match(event: dict[str, Any], kind: str, value: str) -> None:
    assert alerts(events(event), indicators({"kind": kind, "value": value})) == []


def test_a_prefix_matches_what_begins_with_it() -> None:
    seen = events(
        {"http_request_url_url_string": "http://bad.example/a/b"},
        {"http_request_url_url_string": "http://bad.example/b"},
        {"http_request_url_url_string": "http://worse.example/a/b"},
    )
    (found,) = alerts(seen, indicators({"kind": "url", "value": "http://bad.example/a/", "prefix": True}))
    assert [one.origin_line for one in found.evidence] == [1]


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "203.0.113.5", "fe80::1", "::1", "2001:db8::1", "fd00::1"]
)
def test_addresses_that_are_nobodys_match_only_when_asked(address: str) -> None:
    seen = events({"src_endpoint_ip": address})
    wide = "0.0.0.0/1" if "." in address and int(address.split(".", maxsplit=1)[0]) < 128 else "128.0.0.0/1"
    listed = indicators({"kind": "ip", "value": address}, {"kind": "cidr", "value": wide})
    assert alerts(seen, listed) == []
    assert alerts(seen, listed, reserved=True)


@pytest.mark.parametrize(
    ("event", "kind", "value", "safe"),
    [
        ({"query_hostname": "www.good.example"}, "domain", "good.example", allowed("string", "good.example")),
        ({"query_hostname": "www.good.example"}, "domain", "good.example", allowed("string", "www.good.example")),
        ({"query_hostname": "www.good.example"}, "domain", "good.example", allowed("hostname", "good.example")),
        ({"query_hostname": "www.x.gov"}, "domain", "x.gov", allowed("hostname", "gov")),
        ({"query_hostname": "www.good.example"}, "domain", "good.example", allowed("substring", "ood.")),
        ({"query_hostname": "www.good.example"}, "domain", "good.example", allowed("regex", r"^good\.")),
        ({"src_endpoint_ip": "11.2.3.4"}, "ip", "11.2.3.4", allowed("cidr", "11.2.0.0/16")),
        ({"src_endpoint_ip": "11.2.3.4"}, "cidr", "11.2.0.0/16", allowed("cidr", "11.0.0.0/8")),
        ({"src_endpoint_ip": "11.2.3.4"}, "cidr", "11.2.0.0/16", allowed("cidr", "11.2.3.4/32")),
        ({"src_endpoint_ip": "2a00::1"}, "ip", "2a00::1", allowed("cidr", "2a00::/16")),
        ({"http_request_url_url_string": "http://good.example/x"}, "url", "http://good.example/x", allowed("hostname", "good.example")),
    ],
)  # fmt: skip
def test_what_is_allowed_does_not_match(event: dict[str, Any], kind: str, value: str, safe: str) -> None:
    seen, listed = events(event), indicators({"kind": kind, "value": value})
    assert alerts(seen, listed)
    found = run(seen, listed, safe)
    assert list(found.alerts) == []
    assert found.kept_out == {"list": 1}


def test_an_allow_list_keeps_out_what_it_speaks_about_alone() -> None:
    seen = events({"src_endpoint_ip": "11.2.3.4"}, {"src_endpoint_ip": "11.2.9.9"})
    listed = indicators({"kind": "cidr", "value": "11.2.0.0/16"})
    (found,) = alerts(seen, listed, allowed("cidr", "11.2.3.4/32"))
    assert [one.origin_line for one in found.evidence] == [2]
    (found,) = alerts(seen, listed, allowed("cidr", "11.2.0.0/16", kinds=("domain",)))
    assert found.count == 2


def test_one_alert_for_an_indicator_an_entity_and_a_day() -> None:
    user = {"src_endpoint_ip": "11.2.3.4", "actor_user_uid": "arn:u1", "cloud_account_uid": "111122223333"}
    seen = events(
        {**user, "time": "2026-03-01T10:00:00Z"},
        {**user, "time": "2026-03-01T12:00:00Z"},
        {**user, "time": "2026-03-02T12:00:00Z"},
        {**user, "actor_user_uid": "arn:u2"},
    )
    listed = indicators({"kind": "ip", "value": "11.2.3.4"})
    found = alerts(seen, listed)
    assert [(one.entities[0].name, one.count, one.time_first[:10]) for one in found] == [
        ("arn:u1", 2, "2026-03-01"),
        ("arn:u2", 1, "2026-03-01"),
        ("arn:u1", 1, "2026-03-02"),
    ]
    assert found[0].account == "111122223333"
    assert (found[0].details["events_all"], found[0].details["entities_all"]) == ("4", "2")
    assert found[0].details["last_sighting"] == "2026-03-02T12:00:00.000Z"
    assert len({one.fingerprint for one in found}) == 3
    assert found[0].fingerprint == alerts(seen, listed)[0].fingerprint


def test_the_explanation_names_feeds_confidence_and_since_when() -> None:
    listed = indicators(
        {"kind": "domain", "value": "bad.example", "source": "one", "confidence": 90, "valid_from": "2026-05-01",
         "description": "C2 of X", "labels": ["attack.t1071.004", "c2"]},
        {"kind": "domain", "value": "bad.example", "source": "two", "confidence": 30, "valid_until": "2026-02-01"},
        {"kind": "domain", "value": "bad.example", "source": "three", "confidence": 40},
    )  # fmt: skip
    (found,) = alerts(events({"query_hostname": "www.bad.example", "src_endpoint_ip": "10.0.0.5"}), listed)
    assert found.why.startswith(
        "www.bad.example, of domain bad.example was seen in query_hostname. Listed by one (confidence 90, since"
        " 2026-05-01, after it was seen here); three (confidence 40, since 2026-01-01). 1 event of ip 10.0.0.5"
    )
    assert found.why.endswith("C2 of X")
    assert found.details["feeds"] == "one,three"
    assert (found.level, found.tags) == ("high", ("attack.t1071.004",))


def test_an_indicator_matches_before_its_end_alone() -> None:
    seen = events({"src_endpoint_ip": "11.2.3.4"})
    assert alerts(seen, indicators({"kind": "ip", "value": "11.2.3.4", "valid_until": "2026-03-01T10:00:00Z"})) == []
    assert alerts(seen, indicators({"kind": "ip", "value": "11.2.3.4", "valid_until": "2026-03-01T10:00:01Z"}))


def test_what_was_refused_counts_less() -> None:
    listed = indicators({"kind": "ip", "value": "11.2.3.4"})
    (refused,) = alerts(events({"src_endpoint_ip": "11.2.3.4", "dst_endpoint_ip": "10.0.0.1", "status_id": 2}), listed)
    assert refused.level == "medium"
    assert "all refused" in refused.why


def test_evidence_is_bounded_and_has_both_ends() -> None:
    rows = [{"src_endpoint_ip": "11.2.3.4", "actor_user_name": "u", "time": f"2026-03-01T{n // 60:02}:{n % 60:02}:00Z"}
            for n in range(300)]  # fmt: skip
    (found,) = alerts(events(*rows), indicators({"kind": "ip", "value": "11.2.3.4"}))
    assert (found.count, len(found.evidence)) == (300, 100)
    assert (found.evidence[0].origin_line, found.evidence[-1].origin_line) == (1, 300)


def test_an_alert_is_plain_data() -> None:
    from dataclasses import asdict

    (found,) = alerts(events({"src_endpoint_ip": "11.2.3.4"}), indicators({"kind": "ip", "value": "11.2.3.4"}))
    assert json.loads(json.dumps(asdict(found)))["title"] == "Contact with a listed address: 11.2.3.4"


public = st.one_of(
    st.integers(0x0B000000, 0x0B0000FF).map(ipaddress.IPv4Address),
    st.integers(0x0B000000, 0x0BFFFFFF).map(ipaddress.IPv4Address),
    st.integers(0x2A00 << 112, (0x2A00 << 112) + 255).map(ipaddress.IPv6Address),
    st.integers(0x2A00 << 112, (0x2A01 << 112) - 1).map(ipaddress.IPv6Address),
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(public, min_size=1, max_size=12, unique=True),
    st.lists(st.tuples(public, st.integers(1, 32)), min_size=1, max_size=12),
)
def test_networks_hold_what_ipaddress_says(addresses: list[Any], spans: list[tuple[Any, int]]) -> None:
    networks = {
        ipaddress.ip_network((base, size if base.version == 4 else size * 4 - 1), strict=False) for base, size in spans
    }
    seen = events(*({"src_endpoint_ip": str(one)} for one in addresses))
    found = alerts(seen, indicators(*({"kind": "cidr", "value": str(one)} for one in networks)), reserved=True)
    got = {(one.details["indicator"], line.origin_line) for one in found for line in one.evidence}
    assert got == {(str(n), at) for n in networks for at, a in enumerate(addresses, 1) if a in n}


label = st.sampled_from(["a", "b", "ab", "bad", "x-1", "co"])
name = st.lists(label, min_size=2, max_size=6).map(".".join)


@settings(max_examples=25, deadline=None)
@given(st.lists(name, min_size=1, max_size=12, unique=True), st.lists(name, min_size=1, max_size=12, unique=True))
def test_domains_match_as_a_plain_loop_says(names: list[str], domains: list[str]) -> None:
    seen = events(*({"query_hostname": one} for one in names))
    found = alerts(seen, indicators(*({"kind": "domain", "value": one} for one in domains)))
    got = {(one.details["indicator"], line.origin_line) for one in found for line in one.evidence}
    assert got == {(d, at) for d in domains for at, n in enumerate(names, 1) if n == d or n.endswith(f".{d}")}
