from __future__ import annotations

import json

import pytest
from tests.sources.logs.events import events, rejected

OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
GET = (
    f"{OWNER} logs [01/Mar/2026:11:00:00 +0100] 192.0.2.1 arn:aws:sts::111122223333:assumed-role/deploy/ana R1"
    ' REST.GET.OBJECT a/b%2520c "GET /logs/a/b%20c?x=1 HTTP/1.1" 403 AccessDenied 243 - 7 - "https://example.com/"'
    ' "{agent}" - hostid= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader logs.s3.eu-west-1.amazonaws.com TLSv1.2 - Yes'
)


def test_a_request() -> None:
    line = GET.format(agent="curl/8")
    (event,) = events(line)
    assert (event["source"], event["class_uid"], event["activity_id"]) == ("aws-s3-access", 4002, 3)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert event["src_endpoint_ip"] == "192.0.2.1"
    assert event["actor_user_uid"] == "arn:aws:sts::111122223333:assumed-role/deploy/ana"
    assert (event["actor_user_name"], event["actor_session_uid"]) == ("ana", "ana")
    assert event["actor_user_account_uid"] == "111122223333"
    assert event["api_operation"] == "REST.GET.OBJECT"
    assert (event["status_id"], event["status_code"], event["http_response_code"]) == (2, "AccessDenied", 403)
    assert event["http_request_url_path"] == "/logs/a/b%20c"
    assert event["http_request_referrer"] == "https://example.com/"
    assert event["http_request_user_agent"] == "curl/8"
    assert event["cloud_region"] == "eu-west-1"
    assert event["resources_uid"] == ["arn:aws:s3:::logs", "arn:aws:s3:::logs/a/b%2520c"]
    assert event["traffic_bytes"] == 243
    assert json.loads(event["record"])["aclrequired"] == "Yes"
    assert event["raw_data"] == line


@pytest.mark.parametrize("agent", ['say "hi" now', '" - x', '"', "\\", "-", '" "', "é"])
def test_a_client_writes_what_it_likes_into_its_agent(agent: str) -> None:
    (event,) = events(GET.format(agent=agent))
    assert event.get("http_request_user_agent", "-") == agent
    assert event["dst_endpoint_hostname"] == "logs.s3.eu-west-1.amazonaws.com"


def test_an_act_of_s3_itself_has_no_request() -> None:
    line = (
        f"{OWNER} logs [01/Mar/2026:10:00:00 +0000] - AmazonS3 R2 S3.EXPIRE.OBJECT a - - - - - - - - - -"
        " hostid= - - - - - - -"
    )
    (event,) = events(line)
    assert event["activity_id"] == 99
    assert event["api_operation"] == "S3.EXPIRE.OBJECT"
    assert not {"src_endpoint_ip", "http_request_http_method", "http_request_user_agent", "status_id"} & set(event)


def test_what_is_no_line_is_rejected_with_its_number() -> None:
    line = GET.format(agent="a")
    data = f"{line}\n{line[:150]}\nodd\n{OWNER} b [x] y\n\n{line}".encode()
    assert [(r.line, r.reason) for r in rejected(data)] == [(n, "not an S3 access log's line") for n in (2, 3, 4)]
