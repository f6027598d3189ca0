from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sources.logs.events import events, rejected

BASE = {
    "timestamp": "2026-03-01T11:00:00.123456+0100",
    "flow_id": 1234567890123456,
    "src_ip": "192.0.2.7",
    "src_port": 50000,
    "dest_ip": "198.51.100.9",
    "dest_port": 443,
    "proto": "TCP",
}


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("alert", {"alert": {"signature": "s", "signature_id": 9, "category": "c", "severity": 1, "action": "blocked"}}, {"class_uid": 2004, "severity_id": 4, "finding_info_title": "s", "finding_info_uid": "9", "finding_info_types": ["c"], "status_detail": "blocked"}),
        ("dns", {"dns": {"type": "query", "rrname": "a.example.com", "rrtype": "A"}}, {"class_uid": 4003, "activity_id": 1, "query_hostname": "a.example.com", "query_type": "A", "answers": None}),
        ("dns", {"dns": {"type": "answer", "rrname": "a.example.com", "rcode": "NXDOMAIN", "answers": [{"rdata": "192.0.2.1"}]}}, {"activity_id": 2, "answers": ["192.0.2.1"], "status_id": 2}),
        ("dns", {"dns": {"version": 3, "type": "request", "queries": [{"rrname": "b.example.com", "rrtype": "TXT"}]}}, {"query_hostname": "b.example.com", "query_type": "TXT"}),
        ("http", {"http": {"hostname": "h", "url": "/u", "http_method": "GET", "status": 200}}, {"class_uid": 4002, "activity_id": 3, "http_response_code": 200, "status_id": 1}),
        ("tls", {"tls": {"sni": "s.example.com", "ja3": {"hash": "ab"}}}, {"class_uid": 4001, "tls_sni": "s.example.com", "tls_ja3_hash_value": "ab"}),
        ("flow", {"flow": {"bytes_toserver": 10, "bytes_toclient": 20, "pkts_toserver": 1, "pkts_toclient": 2}}, {"class_uid": 4001, "activity_id": 6, "traffic_bytes": 30, "traffic_bytes_out": 10, "traffic_packets": 3}),
        ("fileinfo", {"fileinfo": {"filename": "/a", "sha256": "cd"}}, {"class_uid": 1001, "file_path": "/a", "file_hashes": ["cd"]}),
        ("ssh", {"ssh": {}}, {"class_uid": 4007}),
        ("novelty", {"novelty": {}}, {"class_uid": 0}),
    ],
)  # fmt: skip
def test_an_event_is_of_its_class(kind: str, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    text = json.dumps(BASE | {"event_type": kind} | fields)
    (event,) = events(text)
    assert {k: event.get(k) for k in expected} == expected
    assert (event["source"], event["record"], event["time"]) == ("suricata-eve", text, "2026-03-01T10:00:00.123456Z")
    assert (event["src_endpoint_ip"], event["dst_endpoint_port"]) == ("192.0.2.7", 443)


def test_what_is_broken_is_rejected_with_its_line() -> None:
    good = json.dumps(BASE | {"event_type": "flow"})
    found = rejected(f'{good}\n{{"timestamp": "x", "event_type":\n{good}\n{{"event_type": "flow"}}\n'.encode())
    assert [(r.line, r.reason.split(":")[0]) for r in found] == [(2, "not JSON"), (4, "JSON of no known source")]


def test_no_time_is_no_guess() -> None:
    (event,) = events(BASE | {"event_type": "flow", "timestamp": "yesterday"})
    assert "time" not in event
