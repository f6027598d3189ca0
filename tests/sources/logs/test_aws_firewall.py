from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sources.logs.events import events, rejected

WAF: dict[str, Any] = {
    "timestamp": 1772359200123,
    "formatVersion": 1,
    "webaclId": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/web/1",
    "terminatingRuleId": "AWS-AWSManagedRulesSQLiRuleSet",
    "action": "BLOCK",
    "httpSourceName": "ALB",
    "httpSourceId": "111122223333-app/web/1",
    "httpRequest": {
        "clientIp": "192.0.2.1",
        "country": "DE",
        "headers": [{"name": "Host", "value": "www.example.com"}, {"name": "user-agent", "value": "sqlmap"}],
        "uri": "/a",
        "args": "id=1'",
        "httpMethod": "GET",
        "requestId": "r1",
    },
    "responseCodeSent": None,
    "ja3Fingerprint": "j3",
    "ja4Fingerprint": "j4",
}


def test_waf() -> None:
    (event,) = events(WAF)
    assert (event["source"], event["class_uid"], event["activity_id"]) == ("aws-waf", 4002, 3)
    assert event["time"] == "2026-03-01T10:00:00.123000Z"
    assert (event["status_id"], event["status_code"]) == (2, "BLOCK")
    assert event["status_detail"] == "AWS-AWSManagedRulesSQLiRuleSet"
    assert (event["src_endpoint_ip"], event["src_endpoint_location_country"]) == ("192.0.2.1", "DE")
    assert (event["http_request_url_hostname"], event["http_request_user_agent"]) == ("www.example.com", "sqlmap")
    assert event["http_request_url_url_string"] == "/a?id=1'"
    assert (event["tls_ja3_hash_value"], event["tls_ja4_fingerprint_value"]) == ("j3", "j4")
    assert (event["cloud_account_uid"], event["cloud_region"]) == ("111122223333", "eu-west-1")
    assert len(event["resources_uid"]) == 2


def test_waf_without_headers() -> None:
    (event,) = events(WAF | {"action": "ALLOW", "httpRequest": {"clientIp": "2001:db8::1"}})
    assert event["status_id"] == 1
    assert not {"http_request_url_hostname", "http_request_user_agent", "http_request_url_url_string"} & set(event)


def firewall(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "firewall_name": "edge",
        "availability_zone": "eu-west-1a",
        "event_timestamp": "1772359200",
        "event": {
            "timestamp": "2026-03-01T10:00:00.006481+0000",
            "flow_id": 582438383425873,
            "event_type": kind,
            "src_ip": "192.0.2.1",
            "src_port": 55555,
            "dest_ip": "198.51.100.7",
            "dest_port": 443,
            "proto": "TCP",
        }
        | more,
    }


def test_an_alert_of_network_firewall() -> None:
    alert = {"action": "blocked", "signature_id": 2, "signature": "bad host", "category": "Trojan", "severity": 1}
    (event,) = events(firewall("alert", alert=alert, tls={"sni": "bad.example.com", "ja3": {"hash": "j3"}}))
    assert (event["source"], event["class_uid"], event["severity_id"]) == ("aws-network-firewall", 2004, 4)
    assert event["time"] == "2026-03-01T10:00:00.006481Z"
    assert (event["status_id"], event["status_code"]) == (2, "blocked")
    assert (event["finding_info_title"], event["finding_info_types"]) == ("bad host", ["Trojan"])
    assert (event["tls_sni"], event["tls_ja3_hash_value"]) == ("bad.example.com", "j3")
    assert (event["dst_endpoint_ip"], event["dst_endpoint_port"]) == ("198.51.100.7", 443)
    assert event["cloud_region"] == "eu-west-1"


def test_a_flow_of_network_firewall() -> None:
    (event,) = events(firewall("netflow", netflow={"pkts": 2, "bytes": 120}))
    assert (event["class_uid"], event["activity_id"]) == (4001, 6)
    assert (event["traffic_bytes"], event["traffic_packets"]) == (120, 2)
    assert event["connection_info_protocol_num"] == 6
    assert "finding_info_title" not in event


@pytest.mark.parametrize("record", [WAF, firewall("netflow")])
def test_what_lacks_its_heart_is_rejected_with_its_line(record: dict[str, Any]) -> None:
    broken = {k: v for k, v in record.items() if k not in ("httpRequest", "event")}
    found = rejected(f"{json.dumps(record)}\n{json.dumps(broken)}\n".encode())
    assert [(r.line, r.reason) for r in found] == [(2, "JSON of no known source")]
