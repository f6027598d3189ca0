from __future__ import annotations

import json
from pathlib import Path

from tests.sources.logs.events import events, rejected

RAW = (Path(__file__).parent / "samples" / "okta-system.json").read_bytes()


def test_the_system_log() -> None:
    found = {event["api_operation"]: event for event in events(RAW)}
    start = found["user.session.start"]
    assert (start["class_uid"], start["activity_id"], start["status_id"]) == (3002, 1, 2)
    assert (start["actor_user_name"], start["src_endpoint_ip"]) == ("ana@example.com", "203.0.113.7")
    assert start["src_endpoint_autonomous_system_number"] == 64500
    assert "src_endpoint_location_country" not in start  # Okta says Norway, not NO
    assert found["user.session.end"]["activity_id"] == 2
    created = found["user.lifecycle.create"]
    assert (created["class_uid"], created["activity_id"], created["user_name"]) == (3001, 1, "bo@example.com")
    assert found["user.mfa.factor.deactivate"]["activity_id"] == 11
    added = found["group.user_membership.add"]
    assert (added["class_uid"], added["activity_id"], added["group_name"]) == (3006, 3, "Admins")
    granted = found["user.account.privilege.grant"]
    assert (granted["class_uid"], granted["activity_id"]) == (3005, 1)
    assert found["policy.rule.update"]["class_uid"] == 6003
    bare = found["security.threat.detected"]
    assert (bare["status_id"], bare.get("resources_uid")) == (0, None)


def test_streams_and_hooks_hold_the_same_records() -> None:
    first = json.loads(RAW)[0]
    hook = {"eventType": "com.okta.event_hook", "eventTypeVersion": "1.0", "data": {"events": [first]}}
    stream = {"version": "0", "detail-type": "SystemLog", "source": "aws.partner/okta.com", "detail": first}
    for wrapped in (hook, stream):
        (event,) = events(wrapped)
        assert {k: v for k, v in json.loads(event["record"]).items() if k != "_eventbridge"} == first


def test_a_hook_without_events_gives_none() -> None:
    assert events({"eventTypeVersion": "1.0", "data": {"events": None}}) == []


def test_what_is_cut_off_is_rejected() -> None:
    cut = json.dumps(json.loads(RAW)[0])[:-40].encode()
    assert [r.reason.split(":")[0] for r in rejected(b"[" + cut)] == ["not JSON"]
    (found,) = rejected(b'{"eventType": "user.session.start", "published": "2026-03-01T10:00:00Z"}')
    assert found.reason == "JSON of no known source"
