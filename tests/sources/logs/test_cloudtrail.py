from __future__ import annotations

import json

import pytest
from tests.sources.logs.events import events, rejected, results

from koban.sources.logs.formats import cloudtrail
from koban.sources.logs.formats.cloudtrail import lake_row

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


INSIGHT = {
    "eventVersion": "1.11",
    "eventTime": "2026-03-01T10:00:00Z",
    "awsRegion": "eu-west-1",
    "eventID": "e2",
    "eventType": "AwsCloudTrailInsight",
    "recipientAccountId": "111122223333",
    "sharedEventID": "shared",
    "insightDetails": {
        "state": "Start",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "insightType": "ApiCallRateInsight",
    },
    "eventCategory": "Insight",
}


def test_an_insight_is_a_finding() -> None:
    (event,) = events({"Records": [INSIGHT]})
    assert (event["source"], event["class_uid"]) == ("aws-cloudtrail-insight", 2004)
    assert (event["api_service_name"], event["api_operation"]) == ("iam.amazonaws.com", "CreateUser")
    assert event["finding_info_uid"] == "shared"
    assert event["finding_info_types"] == ["ApiCallRateInsight"]
    assert event["cloud_account_uid"] == "111122223333"


def test_a_network_activity_event() -> None:
    (event,) = events(
        {
            **LIST,
            "userIdentity": {"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "444455556666"},
            "eventType": "AwsVpceEvent",
            "eventCategory": "NetworkActivity",
            "errorCode": "VpceAccessDenied",
            "vpcEndpointId": "vpce-0a",
            "vpcEndpointAccountId": "111122223333",
        }
    )
    assert (event["source"], event["status_id"], event["api_response_error"]) == (
        "aws-cloudtrail",
        2,
        "VpceAccessDenied",
    )
    assert event["src_endpoint_vpc_uid"] == "vpce-0a"
    assert event["actor_user_account_uid"] == "444455556666"


def test_a_digest_is_recognised_and_gives_nothing() -> None:
    digest = {
        "awsAccountId": "111122223333",
        "digestStartTime": "2026-03-01T09:00:00Z",
        "digestEndTime": "2026-03-01T10:00:00Z",
        "digestS3Bucket": "trail",
        "digestS3Object": "AWSLogs/111122223333/CloudTrail-Digest/d.json.gz",
        "logFiles": [{"s3Bucket": "trail", "s3Object": "a.json.gz", "hashValue": "00"}],
    }
    assert results(json.dumps(digest).encode()) == []


def test_a_notification_of_s3_is_no_event_of_cloudtrail() -> None:
    notice = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2026-03-01T10:00:00Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AIDAEXAMPLE"},
    }
    assert [r.reason for r in rejected(json.dumps(notice).encode())] == ["JSON of no known source"]


IDENTITY = (
    "{type=AssumedRole, principalid=AROAEXAMPLE:ana, arn=arn:aws:sts::111122223333:assumed-role/deploy/a, b,"
    " accountid=111122223333, accesskeyid=ASIAEXAMPLE, username=null,"
    " sessioncontext={attributes={creationdate=2026-03-01 09:00:00.000, mfaauthenticated=true},"
    " sessionissuer={type=Role, arn=arn:aws:iam::111122223333:role/deploy, username=deploy},"
    " webidfederationdata={}, sourceidentity=null}, invokedby=null}"
)


def test_a_lake_export_of_columns() -> None:
    header = "eventTime,eventName,eventSource,userIdentity,sourceIPAddress,errorCode,requestParameters\n"
    row = f'2026-03-01 10:00:00.000,GetObject,s3.amazonaws.com,"{IDENTITY}",198.51.100.7,,"{{key=a ""b""\n, c}}"\n'
    (event,) = events(header + row)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert event["api_operation"] == "GetObject"
    assert event["actor_user_uid"] == "arn:aws:sts::111122223333:assumed-role/deploy/a, b"
    assert event["actor_session_issuer"] == "arn:aws:iam::111122223333:role/deploy"
    assert event["actor_session_is_mfa"] is True
    assert event["status_id"] == 1
    record = json.loads(event["record"])
    assert record["requestParameters"] == '{key=a "b"\n, c}'
    assert "errorCode" not in record
    assert event["raw_data"] == row.rstrip("\n")


def test_a_lake_export_with_the_whole_event() -> None:
    text = json.dumps(LIST)
    data = "eventID,eventJson\ne1," + '"' + text.replace('"', '""') + '"\n'
    (event,) = events(data)
    assert event["record"] == text


def test_rows_of_a_lake_export_that_cannot_be_read() -> None:
    data = "eventTime,eventName,eventSource\na,b\n2026-03-01 10:00:00.000,x,y\n"
    (bad,) = rejected(data.encode())
    assert (bad.reason, bad.line, bad.data) == ("2 values where the header names 3", 2, b"a,b")
    (bad,) = rejected(b'eventID,eventJson\ne1,"{broken"\n')
    assert (bad.reason, bad.line) == ("not JSON", 2)


def test_the_answer_of_a_lake_query() -> None:
    rows = [
        [{"eventTime": "2026-03-01 10:00:00.000"}, {"eventName": "GetObject"}, {"eventSource": "s3.amazonaws.com"}],
        [{"eventJson": json.dumps(LIST)}],
        ["odd"],
    ]
    data = json.dumps({"QueryStatus": "FINISHED", "QueryResultRows": rows})
    assert [e["api_operation"] for e in events(data)] == ["GetObject", "GetObject"]
    assert [r.reason for r in rejected(data.encode())] == ["a row of a query's results that is no list of cells"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", {}),
        ("{type=Root}", {"type": "Root"}),
        ("{type=null, arn=a=b}", {"arn": "a=b"}),
        ("{sessioncontext={attributes={}}, type=Root}", {"sessionContext": {}, "type": "Root"}),
        ("no row", None),
        ("{other=1}", None),
        ("{type=a}}", None),
        ("{sessioncontext={type=a}", None),
        ("{type={odd=1}, arn=b}", None),
    ],
)
def test_lake_row(text: str, found: object) -> None:
    assert lake_row(text, cloudtrail.USER_IDENTITY) == found
