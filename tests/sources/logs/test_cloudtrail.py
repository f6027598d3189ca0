from __future__ import annotations

import json

from tests.sources.logs.events import events, rejected

LIST = {
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111122223333:assumed-role/deploy/ana",
        "accountId": "111122223333",
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/deploy", "userName": "deploy"},
            "attributes": {"creationDate": "2026-03-01T09:00:00Z", "mfaAuthenticated": "true"},
        },
    },
    "eventTime": "2026-03-01T10:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "GetObject",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "198.51.100.7",
    "errorCode": "AccessDenied",
    "eventID": "e1",
    "resources": [{"ARN": "arn:aws:s3:::b/k"}, {"ARN": "arn:aws:s3:::b"}],
    "recipientAccountId": "111122223333",
}


def test_a_trails_file_becomes_events() -> None:
    (event,) = events({"Records": [LIST]})
    assert event["class_uid"] == 6003
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert event["day"] == "2026-03-01"
    assert event["api_operation"] == "GetObject"
    assert event["actor_session_uid"] == "ana"
    assert event["actor_user_name"] == "deploy"
    assert event["actor_session_is_mfa"] is True
    assert event["status_id"] == 2
    assert event["resources_uid"] == ["arn:aws:s3:::b/k", "arn:aws:s3:::b"]
    assert {"198.51.100.7", "arn:aws:s3:::b", "deploy"} <= set(event["observables"])
    assert json.loads(event["record"]) == LIST


def test_the_record_is_kept_as_it_came() -> None:
    text = json.dumps(LIST, indent=1)
    (event,) = events('{"Records": [' + text + "]}")
    assert event["record"] == text


def test_eventbridge_wraps_one_event() -> None:
    (event,) = events(
        {"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": LIST}
    )
    assert event["api_operation"] == "GetObject"


def test_what_is_no_event_is_rejected_with_its_line() -> None:
    found = rejected(json.dumps(LIST).encode() + b'\n{"eventName": 1,\n{"what": "else"}\n')
    assert [(r.line, r.reason.split(":")[0]) for r in found] == [(2, "not JSON"), (3, "JSON of no known source")]
