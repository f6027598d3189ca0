from __future__ import annotations

from typing import Any

from tests.sources.logs.events import events, rejected

QUERY: dict[str, Any] = {
    "version": "1.100000",
    "account_id": "111122223333",
    "region": "eu-west-1",
    "vpc_id": "vpc-0a",
    "query_timestamp": "2026-03-01T10:00:00Z",
    "query_name": "bad.example.com.",
    "query_type": "A",
    "query_class": "IN",
    "rcode": "NOERROR",
    "answers": [
        {"Rdata": "www.example.com.", "Type": "CNAME", "Class": "IN"},
        {"Rdata": "192.0.2.9", "Type": "A", "Class": "IN"},
    ],
    "srcaddr": "198.51.100.7",
    "srcport": "50000",
    "transport": "UDP",
    "srcids": {"instance": "i-0a"},
}
ZONE = "1.0 2026-03-01T10:00:00.250Z Z123412341234 example.com AAAA NXDOMAIN UDP FRA6 192.0.2.1 198.51.100.0/24"


def test_a_query_of_a_resolver() -> None:
    (event,) = events(QUERY)
    assert (event["source"], event["class_uid"]) == ("aws-route53-resolver", 4003)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert event["query_hostname"] == "bad.example.com"
    assert event["answers"] == ["www.example.com", "192.0.2.9"]
    assert (event["rcode"], event["status_id"]) == ("NOERROR", 1)
    assert (event["src_endpoint_ip"], event["src_endpoint_port"]) == ("198.51.100.7", 50000)
    assert (event["src_endpoint_instance_uid"], event["src_endpoint_vpc_uid"]) == ("i-0a", "vpc-0a")
    assert event["connection_info_protocol_num"] == 17
    assert {"bad.example.com", "192.0.2.9"} <= set(event["observables"])


def test_what_dns_firewall_blocks_is_no_success() -> None:
    (event,) = events({**QUERY, "firewall_rule_action": "BLOCK", "answers": []})
    assert (event["status_id"], event["status_code"]) == (2, "BLOCK")


def test_a_query_of_the_root_and_without_answers() -> None:
    (event,) = events({k: v for k, v in QUERY.items() if k not in ("answers", "srcids")} | {"query_name": "."})
    assert not {"query_hostname", "answers", "src_endpoint_instance_uid"} & set(event)


def test_a_query_of_a_public_zone() -> None:
    (event,) = events(ZONE + "\n")
    assert (event["source"], event["class_uid"], event["status_id"]) == ("aws-route53-zone", 4003, 2)
    assert event["time"] == "2026-03-01T10:00:00.250000Z"
    assert (event["query_hostname"], event["query_type"], event["rcode"]) == ("example.com", "AAAA", "NXDOMAIN")
    assert event["src_endpoint_ip"] == "192.0.2.1"


def test_what_is_no_query_is_rejected_with_its_line() -> None:
    (bad,) = rejected(f"{ZONE}\n1.0 odd\n".encode())
    assert (bad.line, bad.reason) == (2, "not a query of a hosted zone")
    (bad,) = rejected(b'{"query_name": "example.com."}')
    assert (bad.line, bad.reason) == (1, "JSON of no known source")
