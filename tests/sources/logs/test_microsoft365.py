from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.sources.logs.events import events, rejected

RAW = (Path(__file__).parent / "samples" / "m365-audit.json").read_bytes()


def named() -> dict[str, dict[str, Any]]:
    return {event["api_operation"]: event for event in events(RAW)}


def test_the_unified_audit_log() -> None:
    found = named()
    signed_in, failed = found["UserLoggedIn"], found["UserLoginFailed"]
    assert (signed_in["class_uid"], signed_in["activity_id"], signed_in["status_id"]) == (3002, 1, 1)
    assert (signed_in["time"], signed_in["http_request_user_agent"]) == ("2026-03-01T10:00:00.000000Z", "Mozilla/5.0")
    assert (failed["status_id"], failed["status_detail"]) == (2, "InvalidUserNameOrPassword")
    rule = found["New-InboxRule"]
    assert (rule["class_uid"], rule["activity_id"], rule["status_id"]) == (6003, 1, 1)
    file = found["FileDownloaded"]
    assert (file["class_uid"], file["activity_id"]) == (6006, 2)
    assert file["file_path"] == "https://example.sharepoint.com/d/a.docx"
    alert = found["AlertTriggered"]
    assert (alert["class_uid"], alert["severity_id"], alert["finding_info_uid"]) == (2004, 4, "al1")
    assert "resources_uid" not in found["Search"]


@pytest.mark.parametrize(
    ("said", "ip"),
    [
        ("198.51.100.7:52211", "198.51.100.7"),
        ("[2001:db8::9]:443", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("2001:db8::9", "2001:db8::9"),
        ("198.51.100.7", "198.51.100.7"),
        ("", None),
    ],
)
def test_the_clients_address_without_its_port(said: str, ip: str | None) -> None:
    record = {"CreationTime": "2026-03-01T10:00:00", "Operation": "Set-Mailbox", "RecordType": 1, "ClientIP": said}
    (event,) = events(record)
    assert event.get("src_endpoint_ip") == ip


def test_an_export_of_a_search_holds_the_record_as_text() -> None:
    (first, *_) = json.loads(RAW)
    row = {"RecordType": 15, "CreationDate": "2026-03-01T10:00:00Z", "AuditData": json.dumps(first)}
    (event,) = events(row)
    assert json.loads(event["record"]) == first
    (event,) = events({"id": "1", "auditLogRecordType": "x", "auditData": first})
    assert json.loads(event["record"]) == first


@pytest.mark.parametrize("record", [{"AuditData": "{", "RecordType": 1}, {"Operation": "x", "RecordType": 1}])
def test_what_is_no_record_is_rejected(record: dict[str, Any]) -> None:
    assert len(rejected(json.dumps([record]).encode())) == 1
