from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.sources.logs.events import events, rejected, results

from koban.sources.logs.format import Record

QUERY = "20260301 10:00:00,ip-198-51-100-7,ana,192.0.2.1,12,345,QUERY,shop,'select \\'a,b\\', 1',0"


def test_the_audit_plugin_of_mariadb() -> None:
    (event,) = events(QUERY + "\n")
    assert (event["source"], event["class_uid"], event["activity_id"]) == ("aws-rds-mysql-audit", 6005, 4)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert (event["actor_user_name"], event["src_endpoint_ip"]) == ("ana", "192.0.2.1")
    assert event["message"] == "select \\'a,b\\', 1"
    assert (event["status_id"], event["status_code"]) == (1, "0")
    assert (event["device_hostname"], event["resources_uid"]) == ("ip-198-51-100-7", ["shop"])
    assert json.loads(event["record"])["queryid"] == "345"
    assert event["raw_data"] == QUERY


@pytest.mark.parametrize(
    ("line", "uid", "activity", "status"),
    [
        ("1772359200000001,h,ana,app.example.com,12,0,FAILED_CONNECT,,,1045,TCP", 3002, 1, 2),
        ("20260301 10:00:00,h,ana,localhost,12,0,CONNECT,shop,,0,0", 3002, 1, 1),
        ("20260301 10:00:00,h,ana,localhost,12,0,DISCONNECT,shop,,0", 3002, 2, 1),
        ("20260301 10:00:00,h,ana,localhost,12,9,WRITE,shop,orders,", 6005, 5, None),
        ("20260301 10:00:00,h,ana,localhost,12,9,QUERY_DDL,shop,'drop table t',1051", 6005, 4, 2),
        ("20260301 10:00:00,h,ana,localhost,12,9,QUERY,shop,'a',0,b',0", 6005, 4, 1),
    ],
)
def test_each_operation(line: str, uid: int, activity: int, status: int | None) -> None:
    (event,) = events(line)
    assert (event["class_uid"], event["activity_id"], event.get("status_id")) == (uid, activity, status)
    assert "src_endpoint_ip" not in event
    assert event["src_endpoint_hostname"] in ("localhost", "app.example.com")


def test_lines_that_are_none_of_the_plugins() -> None:
    found = rejected(f"{QUERY}\nodd\n\n{QUERY[:60]}\n".encode())
    assert [(r.line, r.reason) for r in found] == [(n, "not a line of the audit plugin") for n in (2, 4)]


PREFIX = "2026-03-01 10:00:00 UTC:2001:db8::1(51234):ana@shop:[12345]:"
AUDIT = PREFIX + 'LOG:  AUDIT: SESSION,1,2,READ,SELECT,TABLE,public.t,"select ""a"",\n\tb from t",<not logged>'


def test_pgaudit() -> None:
    (event,) = events(AUDIT + "\n")
    assert (event["source"], event["class_uid"], event["activity_id"]) == ("aws-rds-postgresql", 6005, 1)
    assert event["time"] == "2026-03-01T10:00:00.000000Z"
    assert (event["actor_user_name"], event["src_endpoint_ip"]) == ("ana", "2001:db8::1")
    assert event["src_endpoint_port"] == 51234
    assert (event["api_operation"], event["resources_uid"]) == ("SELECT", ["shop", "public.t"])
    record = json.loads(event["record"])
    assert record["statement"] == 'select "a",\n\tb from t'
    assert record["class"] == "READ"
    assert "parameter" not in record
    assert event["raw_data"] == AUDIT


@pytest.mark.parametrize(
    ("line", "uid", "status"),
    [
        (PREFIX + "LOG:  connection authorized: user=ana database=shop", 3002, 1),
        (PREFIX + 'FATAL:  password authentication failed for user "ana"', 3002, 2),
        ("2026-03-01 10:00:00 UTC::@:[9]:LOG:  checkpoint starting: time", 0, 1),
        ("2026-03-01 10:00:00 UTC:app.example.com(5):[unknown]@[unknown]:[9]:ERROR:  x", 0, 2),
    ],
)
def test_other_lines_of_postgresql(line: str, uid: int, status: int) -> None:
    (event,) = events(line)
    assert (event["class_uid"], event["status_id"]) == (uid, status)
    assert event.get("actor_user_name", "ana") == "ana"


def test_a_line_before_the_first_prefix_is_rejected() -> None:
    (bad,) = rejected(f"\n\tb from t\n{AUDIT}\n".encode())
    assert (bad.line, bad.reason) == (2, "a line without the prefix of RDS")
    assert [e["origin_line"] for e in events(f"\tb\n{AUDIT}\n{AUDIT}\n")] == [2, 4]


ACTIVITY: dict[str, Any] = {
    "class": "READ",
    "clientApplication": "psql",
    "command": "SELECT",
    "commandText": "select * from t",
    "databaseName": "shop",
    "dbUserName": "ana",
    "exitCode": None,
    "errorMessage": None,
    "logTime": "2026-03-01 10:00:00.940668+00",
    "startTime": "2026-03-01 10:00:00.920564+00",
    "objectName": "public.t",
    "pid": 32356,
    "remoteHost": "192.0.2.1",
    "remotePort": "34534",
    "serverHost": "198.51.100.7",
    "sessionId": "s1",
    "type": "record",
}
STREAM = {
    "type": "DatabaseActivityMonitoringRecord",
    "clusterId": "cluster-1",
    "instanceId": "db-1",
    "databaseActivityEventList": [{"type": "heartbeat"}, ACTIVITY],
}


@pytest.mark.parametrize(
    "data", [STREAM, {"type": "DatabaseActivityMonitoringRecords", "version": "1.1", "databaseActivityEvents": STREAM}]
)
def test_a_database_activity_stream(data: dict[str, Any]) -> None:
    (event,) = events(data)
    assert (event["source"], event["class_uid"], event["activity_id"]) == ("aws-rds-activity", 6005, 1)
    assert event["time"] == "2026-03-01T10:00:00.920564Z"
    assert (event["actor_user_name"], event["src_endpoint_ip"], event["src_endpoint_port"]) == (
        "ana",
        "192.0.2.1",
        34534,
    )
    assert event["resources_uid"] == ["cluster-1", "db-1", "shop", "public.t"]
    assert event["status_id"] == 1


def test_a_stream_that_is_still_encrypted_is_rejected() -> None:
    data = json.dumps({"type": "DatabaseActivityMonitoringRecords", "databaseActivityEvents": "AYAB", "key": "AQID"})
    (bad,) = rejected(data.encode())
    assert bad.reason == "a database activity stream that is still encrypted"
    assert bad.line == 1


def test_an_envelope_that_says_nothing_adds_nothing() -> None:
    document = json.loads((Path(__file__).parent / "samples" / "aws-rds-activity.3.json").read_text())
    event = document["databaseActivityEventList"][0]
    (one,) = results(json.dumps({"type": document["type"], "databaseActivityEventList": [event]}).encode())
    assert isinstance(one, Record)
    assert json.loads(one.record) == event
