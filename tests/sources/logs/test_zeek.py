from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.logs.events import events, rejected, results

from koban.sources.logs.format import Record, Rejected
from koban.sources.logs.split import split

HEAD = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
FIELDS = "#fields\tts\tuid\tid.orig_h\tid.resp_p\tproto\tconn_state\tlocal_orig\tduration\ttunnel_parents\n"
TYPES = "#types\ttime\tstring\taddr\tport\tenum\tstring\tbool\tinterval\tset[string]\n"
ROW = "1772359200.123456\tC1\t192.0.2.7\t443\ttcp\tREJ\tT\t-\t(empty)\n"


def test_a_row_of_a_text_log_becomes_an_event() -> None:
    (event,) = events(HEAD + FIELDS + TYPES + ROW + "#close\t2026\n")
    assert json.loads(event["record"]) == {
        "_path": "conn",
        "ts": 1772359200.123456,
        "uid": "C1",
        "id.orig_h": "192.0.2.7",
        "id.resp_p": 443,
        "proto": "tcp",
        "conn_state": "REJ",
        "local_orig": True,
        "tunnel_parents": [],
    }
    assert (event["class_uid"], event["activity_id"], event["status_id"]) == (4001, 5, 2)
    assert event["time"] == "2026-03-01T10:00:00.123456Z"
    assert (event["src_endpoint_ip"], event["dst_endpoint_port"]) == ("192.0.2.7", 443)
    assert (event["connection_info_protocol_num"], event["connection_info_uid"]) == (6, "C1")
    assert event["raw_data"] == ROW.rstrip("\n")


def test_logs_one_after_another_have_headers_of_their_own() -> None:
    other = "#separator |\n#path|weird\n#fields|ts|name\n#types|time|string\n1772359200.0|a\\x7cb\n"
    first, second = (
        json.loads(r.record) for r in results((HEAD + FIELDS + TYPES + ROW + other).encode()) if isinstance(r, Record)
    )
    assert (first["_path"], second["_path"], second["name"]) == ("conn", "weird", "a|b")


def test_rows_that_do_not_fit_are_rejected_with_their_line() -> None:
    data = (HEAD + "early\n" + FIELDS + TYPES + ROW + "1772359200.1\tC2\n" + ROW).encode()
    assert [(r.line, r.reason) for r in rejected(data)] == [
        (6, "no row of this Zeek log: a row before its #fields"),
        (10, "no row of this Zeek log: 9 fields expected"),
    ]


@pytest.mark.parametrize(
    ("fields", "path", "expected"),
    [
        ({"query": "a.example.com", "trans_id": 1, "proto": "udp", "qtype_name": "A", "rcode": 0, "rcode_name": "NOERROR", "answers": ["192.0.2.1"]}, "dns", {"class_uid": 4003, "query_hostname": "a.example.com", "answers": ["192.0.2.1"], "rcode": "NOERROR", "status_id": 1}),
        ({"trans_depth": 1, "method": "POST", "host": "h", "uri": "/u", "status_code": 500}, "http", {"class_uid": 4002, "activity_id": 6, "http_request_url_path": "/u", "http_response_code": 500, "status_id": 2}),
        ({"cipher": "x", "established": True, "server_name": "s.example.com"}, "ssl", {"class_uid": 4001, "tls_sni": "s.example.com"}),
        ({"auth_attempts": 2, "auth_success": False}, "ssh", {"class_uid": 4007, "status_id": 2}),
        ({"note": "Scan::Port_Scan", "msg": "m", "actions": []}, "notice", {"class_uid": 2004, "finding_info_title": "Scan::Port_Scan", "message": "m"}),
        ({"fuid": "F", "seen_bytes": 1, "sha1": "ab"}, "files", {"class_uid": 1001, "file_hashes": ["ab"]}),
    ],
)  # fmt: skip
def test_json_without_a_path_is_known_by_its_fields(
    fields: dict[str, Any], path: str, expected: dict[str, Any]
) -> None:
    base = {"ts": 1772359200.5, "uid": "C1", "id.orig_h": "192.0.2.7", "id.resp_h": "192.0.2.8"}
    (event,) = events(base | fields)
    assert json.loads(event["record"])["_path"] == path
    assert {k: event.get(k) for k in expected} == expected
    assert event["time"] == "2026-03-01T10:00:00.500000Z"


def test_json_with_a_path_is_kept_as_it_came_and_times_may_be_iso() -> None:
    text = json.dumps({"_path": "odd", "ts": "2026-03-01T10:00:00.5Z", "uid": "C1"}, indent=1)
    (event,) = events(text)
    assert (event["record"], event["class_uid"], event["time"]) == (text, 0, "2026-03-01T10:00:00.500000Z")


@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(["#fields\ta\tb", "#types\tint\ttime", "#separator ", "1\t2", "#path"]),
        )
    )
)
def test_any_lines_end_in_a_record_or_a_rejection(parts: list[str]) -> None:
    data = (HEAD + "\n".join(parts)).encode("utf-8", "replace")
    found = list(split(io.BytesIO(data), "x"))
    assert all(isinstance(r, Record | Rejected) for r in found)
    rows = [x for x in (p.rstrip("\r") for p in data.decode().split("\n")) if x.strip() and not x.startswith("#")]
    assert len(found) == len(rows)
