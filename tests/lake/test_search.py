from __future__ import annotations

import json

import duckdb
import pytest

from koban.lake.search import BadSearch, search_sql

EVENTS = [
    {"uid": "a", "api_operation": "DeleteTrail", "actor_user_name": "Ana", "src_endpoint_ip": "10.1.2.3", "n": 5,
     "resources": ["arn:aws:s3:::one"], "record": {"requestParameters": {"bucketName": "one"}, "note": "50% off_"}},
    {"uid": "b", "api_operation": "GetObject", "actor_user_name": None, "src_endpoint_ip": "AWS Internal", "n": 500,
     "resources": ["arn:aws:s3:::two", "x"], "record": {"requestParameters": {"bucketName": "two words"}}},
    {"uid": "c", "api_operation": "PutObject", "actor_user_name": "bo", "src_endpoint_ip": "2001:db8::1", "n": None,
     "resources": None, "record": {"a.b": "dotted"}},
]  # fmt: skip


def found(line: str) -> str:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    rows = ", ".join(
        f"({q(e['uid'])}, {q(e['api_operation'])}, {q(e['actor_user_name'])}, {q(e['src_endpoint_ip'])},"
        f" CAST({e['n'] or 'NULL'} AS INTEGER), CAST({q(e['resources'])} AS VARCHAR[]), {q(json.dumps(e['record']))},"
        f" CAST(NULL AS VARCHAR), TIMESTAMPTZ '2026-03-0{n + 1} 10:00:00+00', CAST({n == 0} AS BOOLEAN))"
        for n, e in enumerate(EVENTS)
    )
    names = (
        "uid, api_operation, actor_user_name, src_endpoint_ip, dst_endpoint_port, resources_uid, record, raw_data,"
        " time, actor_session_is_mfa"
    )
    sql = f"SELECT uid FROM (VALUES {rows}) t({names}) WHERE {search_sql(line)} ORDER BY uid"
    return "".join(r[0] for r in connection.execute(sql).fetchall())


def q(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "[" + ", ".join(map(q, value)) + "]"
    return "'" + str(value).replace("'", "''") + "'"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "abc"),
        ("api.operation:deletetrail", "a"),
        ("api_operation:GetObject,PutObject", "bc"),
        ("api.operation:*Object", "bc"),
        ("api.operation:?utObject", "c"),
        ("-api.operation:GetObject", "ac"),
        ("NOT actor.user.name:ana", "bc"),
        ("actor.user.name:*", "ac"),
        ("-actor.user.name:*", "b"),
        ("api.operation:GetObject OR actor.user.name:ana", "ab"),
        ("(api.operation:GetObject OR actor.user.name:ana) dst_endpoint.port>100", "b"),
        ("dst_endpoint.port<=5", "a"),
        ("dst_endpoint.port:500", "b"),
        ("src_endpoint.ip:10.0.0.0/8", "a"),
        ("src_endpoint.ip:10.1.2.0/30", "a"),
        ("src_endpoint.ip:10.1.2.4/30", ""),
        ("resources_uid:arn:aws:s3:::*", "ab"),
        ("resources_uid:x", "b"),
        ("requestParameters.bucketName:one", "a"),
        ('requestParameters.bucketName:"two words"', "b"),
        ("a.b:dotted", "c"),
        ('"two words"', "b"),
        ("50%", "a"),
        ("off_", "a"),
        ("off%", ""),
        ("time>=2026-03-02", "bc"),
        ("time<2026-03-02T10:00:00Z", "a"),
        ("time:2026-03-03", "c"),
        ("actor.session.is_mfa:true", "a"),
        ("requestParameters.bucketName:o'ne", ""),
    ],
)
def test_search(line: str, expected: str) -> None:
    assert found(line) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("(a:b", "not closed"),
        ("a:b)", "too many"),
        ("NOT", "missing"),
        ("a:b OR", "missing"),
        ("dst_endpoint.port:x", "is a number"),
        ("dst_endpoint.port>x", "no number"),
        ("time>yesterday", "no time"),
        ("a:", "says no value"),
        ('a:"b', "not closed"),
    ],
)
def test_what_cannot_be_understood_says_so(line: str, message: str) -> None:
    with pytest.raises(BadSearch, match=message):
        search_sql(line)
