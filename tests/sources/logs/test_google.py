from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.sources.logs.events import events, rejected

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> list[dict[str, Any]]:
    return events((SAMPLES / name).read_bytes())


ENTRY = json.loads((SAMPLES / "gcp-audit.jsonl").read_text(encoding="utf-8").splitlines()[0])


def test_audit_entries() -> None:
    deleted, key, denied, policy, system, login, internal = sample("gcp-audit.jsonl")
    assert (deleted["class_uid"], deleted["activity_id"], deleted["message"]) == (6003, 4, "activity")
    assert deleted["time"] == "2026-03-01T10:00:00.123456Z"
    assert (deleted["cloud_account_uid"], deleted["cloud_region"]) == ("p1", "europe-west1")
    assert deleted["resources_uid"] == ["projects/p1/zones/europe-west1-b/instances/vm", "projects/p1"]
    assert (key["activity_id"], key["actor_user_type"]) == (1, "serviceAccount")
    assert key["actor_user_credential_uid"].endswith("/keys/k1")
    assert (denied["activity_id"], denied["status_id"], denied["status_detail"]) == (2, 2, "PERMISSION_DENIED")
    assert (policy["message"], policy["status_id"]) == ("policy", 2)
    assert system["message"] == "system_event"
    assert "actor_user_name" not in system
    assert (login["class_uid"], login["activity_id"], login["status_id"]) == (3002, 1, 2)
    assert (login["metadata_tenant_uid"], login["src_endpoint_ip"]) == ("123", "2001:db8::7")
    assert internal["src_endpoint_ip"] == "gce-internal-ip"


@pytest.mark.parametrize(
    "wrapped",
    [
        {"entries": [ENTRY]},
        {
            "message": {"data": "DATA", "messageId": "1", "attributes": {}},
            "subscription": "projects/p1/subscriptions/s",
        },
        {"receivedMessages": [{"ackId": "a", "message": {"data": "DATA", "messageId": "1"}}]},
        [{"ackId": "a", "message": {"data": "DATA"}}],
        [ENTRY],
    ],
)
def test_what_wraps_an_entry_does_not_matter(wrapped: Any) -> None:
    data = base64.b64encode(json.dumps(ENTRY).encode()).decode()
    (event,) = events(json.dumps(wrapped).replace("DATA", data))
    assert event["api_operation"] == "v1.compute.firewalls.delete"
    assert json.loads(event["record"]) == ENTRY


@pytest.mark.parametrize("data", ["no base64!", "/w==", base64.b64encode(b'{"a": 1').decode()])
def test_a_message_that_holds_no_entry_is_rejected(data: str) -> None:
    assert len(rejected(json.dumps({"message": {"data": data}, "subscription": "s"}).encode())) == 1


def test_flows() -> None:
    out, bare = sample("gcp-vpc-flow.json")
    assert (out["class_uid"], out["activity_id"], out["time"]) == (4001, 6, "2026-03-01T10:00:00.100000Z")
    assert (out["src_endpoint_ip"], out["dst_endpoint_ip"], out["dst_endpoint_port"]) == (
        "10.0.0.2",
        "203.0.113.5",
        443,
    )
    assert (out["traffic_bytes"], out["connection_info_direction_id"]) == (1200, 2)
    assert (bare["connection_info_protocol_num"], bare["connection_info_direction_id"]) == (1, 0)
    assert "src_endpoint_port" not in bare


def test_names_asked_for() -> None:
    answered, unknown, asked = sample("gcp-dns.jsonl")
    assert (answered["class_uid"], answered["activity_id"], answered["rcode"]) == (4003, 2, "NOERROR")
    assert (answered["query_hostname"], answered["query_type"]) == ("www.example.com", "A")
    assert answered["answers"] == ["example.com", "192.0.2.80"]
    assert {"www.example.com", "192.0.2.80", "10.0.0.2"} <= set(answered["observables"])
    assert unknown["status_id"] == 2
    assert (asked["activity_id"], asked.get("answers")) == (1, None)


def test_reports_of_workspace() -> None:
    login, admin = sample("workspace-reports.json")
    assert (login["class_uid"], login["status_id"], login["src_endpoint_ip"]) == (3002, 2, "203.0.113.7")
    assert (admin["api_operation"], admin["user_name"]) == ("GRANT_ADMIN_PRIVILEGE", "bo@example.com")


@pytest.mark.parametrize(
    "record",
    [
        {"timestamp": "2026-03-01T10:00:00Z", "logName": "projects/p1/logs/syslog", "textPayload": "x"},
        {"protoPayload": "x", "logName": "projects/p1/logs/cloudaudit.googleapis.com%2Factivity"},
        {"jsonPayload": {"connection": {}}, "logName": "projects/p1/logs/other"},
    ],
)
def test_entries_of_no_known_kind_are_rejected(record: dict[str, Any]) -> None:
    (found,) = rejected(json.dumps(record).encode())
    assert found.reason == "JSON of no known source"


def test_a_row_of_bigquery_is_the_entry_that_it_was_made_of() -> None:
    text = (Path(__file__).parent / "samples" / "gcp-audit.bigquery.jsonl").read_text()
    first, second = events(text)
    record = json.loads(first["record"])
    assert record["protoPayload"]["request"]["sourceRanges"] == ["0.0.0.0/0"]
    assert "requestJson" not in record["protoPayload"]
    assert "location" not in record["resource"]["labels"]
    assert json.loads(first["raw_data"]) == json.loads(text.splitlines()[0])
    assert first["time"] == "2026-03-01T10:00:00.123456Z"
    assert (first["api_operation"], first["status_id"]) == ("v1.compute.firewalls.insert", 1)
    assert (first["actor_user_name"], first["src_endpoint_ip"]) == ("ana@example.com", "203.0.113.7")
    assert (second["status_id"], second["api_response_error"]) == (2, "7")


def test_json_of_a_row_that_cannot_be_read_stays_text() -> None:
    row = {"timestamp": "2026-03-01 10:00:00 UTC", "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity"}
    (event,) = events(row | {"protopayload_auditlog": {"methodName": "m", "requestJson": "{cut"}})
    assert json.loads(event["record"])["protoPayload"]["requestJson"] == "{cut"
    (left,) = rejected(json.dumps(row | {"protopayload_auditlog": {}}).encode())
    assert left.reason == "a protopayload_auditlog that names no method"
