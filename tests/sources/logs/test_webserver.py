from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.logs.events import events, rejected

from koban.sources.logs.format import Record, Rejected
from koban.sources.logs.formats.webserver import access_fields, error_fields
from koban.sources.logs.split import NotRecognised, split

WHEN = "[01/Mar/2026:11:00:00 +0100]"
GOOD = f'192.0.2.7 - - {WHEN} "GET / HTTP/1.1" 200 5'


def test_a_combined_line_becomes_an_event() -> None:
    line = f'192.0.2.7 - ana b {WHEN} "POST /a%20b?q=1&r=\\"x\\" HTTP/1.1" 403 512 "https://www.example.com/" "curl \\"8\\""'
    (event,) = events(line + "\n")
    assert json.loads(event["record"]) == {
        "_time": "2026-03-01T11:00:00+01:00",
        "c-ip": "192.0.2.7",
        "cs-username": "ana b",
        "cs-method": "POST",
        "cs-uri": '/a%20b?q=1&r=\\"x\\"',
        "cs-uri-stem": "/a%20b",
        "cs-uri-query": 'q=1&r=\\"x\\"',
        "cs-version": "HTTP/1.1",
        "sc-status": "403",
        "sc-bytes": "512",
        "cs-referer": "https://www.example.com/",
        "cs-user-agent": 'curl \\"8\\"',
    }
    assert (event["class_uid"], event["activity_id"], event["status_id"]) == (4002, 6, 2)
    assert (event["time"], event["raw_data"]) == ("2026-03-01T10:00:00.000000Z", line)
    assert (event["src_endpoint_ip"], event["http_response_code"]) == ("192.0.2.7", 403)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (GOOD, {"c-ip": "192.0.2.7", "cs-uri-stem": "/", "sc-status": "200"}),
        (f'www.example.com:443 2001:db8::7 - - {WHEN} "GET / HTTP/2.0" 200 - "-" "-"', {"cs-host": "www.example.com", "s-port": "443", "c-ip": "2001:db8::7", "cs-referer": None, "sc-bytes": None}),
        (f'192.0.2.7 - - {WHEN} "\\x16\\x03" 400 0', {"_request": "\\x16\\x03", "cs-method": None}),
        (f'192.0.2.7 - - {WHEN} "-" 408 -', {"_request": None, "cs-method": None, "sc-status": "408"}),
        (f'192.0.2.7 - - {WHEN} "GET /a b" 200 1', {"cs-method": "GET", "cs-uri-stem": "/a b", "cs-version": None}),
        (f'192.0.2.7 - - {WHEN} "GET /a?b?c HTTP/1.0" 200 1 "-" "x" "203.0.113.5" 0.1', {"cs-uri-query": "b?c", "_rest": '"203.0.113.5" 0.1'}),
    ],
)  # fmt: skip
def test_a_line_is_read(line: str, expected: dict[str, Any]) -> None:
    found = access_fields(line)
    assert found is not None
    assert {k: found.get(k) for k in expected} == expected


@pytest.mark.parametrize(
    "line", ["", "x", GOOD.replace("Mar", "Foo"), GOOD.replace("01/", "32/"), GOOD[:-8], GOOD.replace('"', "")]
)
def test_what_is_no_line(line: str) -> None:
    assert access_fields(line) is None


def test_lines_that_do_not_fit_are_rejected_with_their_number() -> None:
    found = rejected(f"{GOOD}\n\nrubbish\n{GOOD}\n".encode())
    assert [(r.line, r.reason, r.data) for r in found] == [(3, "no line of an access log", b"rubbish")]


@pytest.mark.parametrize(
    "record",
    [
        {"time_iso8601": "2026-03-01T11:00:00+01:00", "remote_addr": "192.0.2.7", "request": "GET /a?b=c HTTP/1.1", "status": 404},
        {"time": WHEN, "remote_addr": "192.0.2.7", "request_method": "GET", "request_uri": "/a?b=c", "status": "404"},
        {"msec": "1772359200.000", "client_ip": "192.0.2.7", "method": "GET", "uri": "/a", "args": "b=c", "status": 404},
    ],
)  # fmt: skip
def test_json_keeps_its_names_and_gets_those_of_the_w3c(record: dict[str, Any]) -> None:
    (event,) = events(record)
    kept = json.loads(event["record"])
    assert record.items() <= kept.items()
    assert (kept["cs-uri-stem"], kept["cs-uri-query"], kept["sc-status"]) == ("/a", "b=c", "404")
    assert (event["time"], event["http_request_http_method"]) == ("2026-03-01T10:00:00.000000Z", "GET")


def test_json_without_a_time_is_no_guess() -> None:
    (event,) = events({"remote_addr": "192.0.2.7", "request": "GET / HTTP/1.1", "status": 200})
    assert "time" not in event


NGINX = '2026/03/01 10:00:00 [error] 123#124: *5 open() "/srv/a, b" failed (2: No such file), client: 192.0.2.7, server: www.example.com, request: "GET /a, client: x HTTP/1.1", host: "www.example.com"'
APACHE = "[Sun Mar 01 10:00:00.123456 2026] [core:error] [pid 12:tid 34] [client 192.0.2.7:50000] AH00126: Invalid URI"


def test_error_lines() -> None:
    first, second = events(f"{NGINX}\n{APACHE}\n")
    assert (first["class_uid"], first["severity_id"], first["src_endpoint_ip"]) == (0, 4, "192.0.2.7")
    assert json.loads(first["record"])["request"] == "GET /a, client: x HTTP/1.1"
    assert (first["time"], first["http_request_url_hostname"]) == ("2026-03-01T10:00:00.000000Z", "www.example.com")
    assert (second["time"], second["status_code"], second["src_endpoint_port"]) == (
        "2026-03-01T10:00:00.123456Z",
        "AH00126",
        50000,
    )
    assert [json.loads(e["record"])["_server"] for e in (first, second)] == ["nginx", "apache"]


@pytest.mark.parametrize(
    ("line", "client", "port"),
    [
        (APACHE.replace("192.0.2.7:50000", "[2001:db8::7]:50000"), "2001:db8::7", "50000"),
        (APACHE.replace("192.0.2.7:50000", "2001:db8::7"), "2001:db8::7", None),
        (APACHE.replace("192.0.2.7:50000", "192.0.2.7"), "192.0.2.7", None),
        ("[Sun Mar  1 10:00:01 2026] [warn] odd", None, None),
    ],
)
def test_the_client_of_an_error(line: str, client: str | None, port: str | None) -> None:
    found = error_fields(line)
    assert found is not None
    assert (found.get("client"), found.get("client_port")) == (client, port)


def test_what_follows_an_error_is_rejected_with_its_number() -> None:
    assert [(r.line, r.reason) for r in rejected(f"{NGINX}\n  at line 3\n".encode())] == [
        (2, "no line of an error log")
    ]


@given(st.lists(st.binary(max_size=60)), st.sampled_from([GOOD, NGINX, APACHE]))
def test_any_lines_end_in_a_record_or_a_rejection(parts: list[bytes], first: str) -> None:
    data = b"\n".join([first.encode(), first.encode(), *parts])
    try:
        found = list(split(io.BytesIO(data), "x"))
    except NotRecognised:
        return
    assert all(isinstance(r, Record | Rejected) for r in found)
    lines = [p.decode("utf-8", "backslashreplace").rstrip("\r\n") for p in data.split(b"\n")]
    assert len(found) == sum(bool(x.strip()) for x in lines)


@given(st.text(max_size=100))
def test_no_line_is_too_odd(text: str) -> None:
    for line in (text, GOOD.replace("GET / HTTP/1.1", text), GOOD.replace("- -", text), NGINX + text, "[" + text):
        access_fields(line)
        error_fields(line)
