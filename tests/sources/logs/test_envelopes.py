from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sources.logs.events import events, rejected, results

CALL = {
    "eventVersion": "1.11",
    "userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root"},
    "eventTime": "2026-03-01T10:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "ListBuckets",
    "recipientAccountId": "111122223333",
}
FLOW = "2 111122223333 eni-0a 192.0.2.1 198.51.100.7 443 50000 6 10 840 1772359200 1772359260 REJECT OK"


def subscription(*messages: Any, kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    return {
        "messageType": kind,
        "owner": "111122223333",
        "logGroup": "/aws/lake",
        "logStream": "s",
        "subscriptionFilters": ["koban"],
        "logEvents": [{"id": str(n), "timestamp": 1772359200000 + n, "message": m} for n, m in enumerate(messages)],
    }


def test_each_message_of_a_subscription_is_judged_anew() -> None:
    found = events(subscription(json.dumps(CALL), FLOW))
    assert [e["source"] for e in found] == ["aws-cloudtrail", "aws-vpc-flow"]
    for number, event in enumerate(found):
        said = json.loads(event["record"])["_cloudwatch"]
        assert said == {
            "owner": "111122223333",
            "logGroup": "/aws/lake",
            "logStream": "s",
            "id": str(number),
            "timestamp": 1772359200000 + number,
        }
    assert found[1]["raw_data"] == FLOW


def test_what_an_envelope_says_follows_the_record_as_it_came() -> None:
    text = json.dumps(CALL, indent=1)
    (event,) = events(subscription(text + "\n"))
    assert event["record"].startswith(text[:-2] + ',"_cloudwatch":{')
    assert {k: v for k, v in json.loads(event["record"]).items() if k != "_cloudwatch"} == CALL


def test_a_control_message_holds_no_event_and_nothing_to_quarantine() -> None:
    assert (
        results(json.dumps(subscription("CWL CONTROL MESSAGE: Checking health", kind="CONTROL_MESSAGE")).encode()) == []
    )


def test_firehose_joins_envelopes_without_a_line_between_them() -> None:
    data = json.dumps(subscription(FLOW)) * 3 + json.dumps(subscription("x", kind="CONTROL_MESSAGE"))
    assert len(events(data)) == 3


@pytest.mark.parametrize(
    ("envelope", "reason"),
    [
        (subscription("no log of ours"), "of no known log format"),
        (subscription('{"a": 1}'), "JSON of no known source"),
        (subscription("{broken"), "of no known log format"),
        ({**subscription(), "logEvents": [{"id": "1"}, 5]}, "a log event without a message"),
        ({**subscription(), "logEvents": "x"}, "logEvents is no list"),
    ],
)
def test_a_message_of_no_known_source_is_rejected_under_the_number_of_its_envelope(
    envelope: dict[str, Any], reason: str
) -> None:
    found = rejected(b"\n" + json.dumps(envelope).encode())
    assert {(r.reason, r.line) for r in found} == {(reason, 1)}


def test_half_a_character_becomes_visible_text_and_the_original_stays() -> None:
    text = json.dumps({**CALL, "userAgent": "a\ud800b"})
    (event,) = events(text)
    assert event["http_request_user_agent"] == "a\\ud800b"
    assert event["raw_data"] == text
    (event,) = events(json.dumps({**CALL, "userAgent": "\U0001f600"}))
    assert event["http_request_user_agent"] == "\U0001f600"
    assert "raw_data" not in event


def test_half_a_character_in_a_message() -> None:
    (event,) = events(subscription(json.dumps({**CALL, "userAgent": "\ud800"})))
    assert event["http_request_user_agent"] == "\\ud800"
    (bad,) = rejected(json.dumps(subscription("half \ud800")).encode())
    assert bad.data == b"half \\ud800"


def test_eventbridge_gives_the_record_and_what_it_says_about_it() -> None:
    (event,) = events({"version": "0", "id": "e", "detail-type": "AWS API Call via CloudTrail", "detail": CALL})
    assert event["source"] == "aws-cloudtrail"
    assert json.loads(event["record"])["_eventbridge"]["id"] == "e"


def test_an_event_of_eventbridge_that_no_source_claims_is_kept_whole() -> None:
    state = {
        "version": "0",
        "id": "e2",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "111122223333",
        "time": "2026-03-01T10:00:00Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:ec2:eu-west-1:111122223333:instance/i-0a"],
        "detail": {"instance-id": "i-0a", "state": "terminated"},
    }
    (event,) = events(state)
    assert event["source"] == "aws-eventbridge"
    assert event["class_uid"] == 0
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert event["message"] == "EC2 Instance State-change Notification"
    assert event["cloud_account_uid"] == "111122223333"
    assert event["resources_uid"] == ["arn:aws:ec2:eu-west-1:111122223333:instance/i-0a"]
    assert json.loads(event["record"]) == state


def test_sns_carries_a_record_as_text() -> None:
    notice = {
        "Type": "Notification",
        "MessageId": "m",
        "TopicArn": "arn:aws:sns:eu-west-1:111122223333:t",
        "Message": json.dumps(CALL),
    }
    (event,) = events(notice)
    assert event["api_operation"] == "ListBuckets"
    assert json.loads(event["record"])["_sns"]["MessageId"] == "m"


def test_a_number_in_a_mapping_is_a_value_and_no_path() -> None:
    assert events(CALL)[0]["severity_id"] == 1


def test_half_a_character_under_a_key_that_is_there_twice() -> None:
    text = json.dumps(ROW_WITH_HALF)[:-1] + ',"userAgent":"ok"}'
    (event,) = events(text)
    assert event["http_request_user_agent"] == "ok"
    assert "ud800" in event["raw_data"]


ROW_WITH_HALF = {
    "eventVersion": "1.08",
    "eventTime": "2026-03-01T10:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "GetObject",
    "userAgent": "\ud800",
}
