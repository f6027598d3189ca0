from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.sources.logs.events import events, rejected

RAW = (Path(__file__).parent / "samples" / "github-audit.jsonl").read_bytes()


def test_the_audit_log() -> None:
    access, clone, member, request = events(RAW)
    assert (access["time"], access["class_uid"], access["activity_id"]) == ("2026-03-01T10:00:00.123000Z", 6003, 3)
    assert (access["actor_user_name"], access["src_endpoint_ip"]) == ("ana", "203.0.113.7")
    assert access["resources_uid"] == ["acme-org/app", "acme-org", "acme"]
    assert (clone["activity_id"], clone["resources_uid"]) == (2, ["acme-org/app", "acme-org"])
    assert (member["activity_id"], member["user_name"]) == (1, "cy")
    assert member["time"] == "2026-03-01T10:00:02.000000Z"
    assert "actor_user_name" not in request


def test_the_apis_answer_is_an_array() -> None:
    lines = RAW.decode().splitlines()
    assert len(events("[" + ",".join(lines) + "]")) == len(lines)


@pytest.mark.parametrize("record", [{"action": "x", "@timestamp": 1}, {"action": "x", "actor": "ana", "org": "o"}])
def test_an_action_alone_is_no_audit_record(record: dict[str, object]) -> None:
    (found,) = rejected(json.dumps(record).encode())
    assert found.reason == "JSON of no known source"
