from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.filled import FORMULA, LOGS, OPS, PUBLIC, SHOP, XSS, Filled

from koban.ledger.who import Sight

SOON = (date.today() + timedelta(days=20)).isoformat()


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["resource"]["name"] for one in answer.json()["items"]]


@pytest.mark.reads
def test_a_list_shows_what_is_open_the_worst_first(filled: Filled, viewer: TestClient) -> None:
    answer = viewer.get("/api/v1/findings", params={"target": filled.estate})
    body = answer.json()
    assert body["total"] == len(body["items"]) == 6
    assert [one["severity"] for one in body["items"]] == ["critical"] * 4 + ["low"] * 2
    first = body["items"][0]
    assert first["title"] == "Anyone on the internet can reach this bucket."
    assert {one["resource"]["account_name"] for one in body["items"]} == {f"Shop {XSS}", "Ops"}
    assert {one["resource"]["name"] for one in body["items"]} >= {XSS, FORMULA}
    assert answer.headers["content-type"] == "application/json"
    assert viewer.get("/api/v1/findings", headers={"If-None-Match": "*"}).status_code == 304


@pytest.mark.reads
def test_pages_follow_each_other_and_lose_nothing(filled: Filled, viewer: TestClient) -> None:
    for sort in ("severity", "first_seen", "last_seen", "rule", "resource"):
        for order in ("asc", "desc"):
            seen: list[int] = []
            params: dict[str, Any] = {
                "limit": 4,
                "status": "open,passed,resolved,excepted",
                "sort": sort,
                "order": order,
            }
            while True:
                answer = viewer.get("/api/v1/findings", params=params)
                assert answer.status_code == 200, answer.text
                body = answer.json()
                seen += [one["id"] for one in body["items"]]
                if body["next"] is None:
                    break
                params["cursor"] = body["next"]
            assert sorted(seen) == sorted(filled.ids())
            assert len(seen) == len(set(seen))


@pytest.mark.reads
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=resolved", ["bucket-2", "bucket-3", "bucket-3"][:2]),
        ("severity=critical&account=" + OPS, ["bucket-4", "bucket-5"]),
        ("verdict=unknown", ["bucket-4"]),
        (f"rule={PUBLIC}&account={SHOP}", [XSS, FORMULA]),
        ("rule=no-such-rule", []),
        ("environment=production&severity=critical", [XSS, FORMULA]),
        ("environment=none&severity=critical&region=eu-west-1", ["bucket-4", "bucket-5"]),
        ("control=cis-aws-7.0:3.1.4&account=" + OPS, ["bucket-4", "bucket-5"]),
        ("control=nist-800-53-r5:AC-3&verdict=unknown", ["bucket-4"]),
        ("framework=cis-aws-3.0&verdict=unknown", ["bucket-4"]),
        ("control=cis-aws-7.0:3.1.4&rule=" + LOGS, []),
        ("control=x:y", []),
        ("function=PR&verdict=unknown", ["bucket-4"]),
        ("function=RC,PR&verdict=unknown", ["bucket-4"]),
        ("function=RC&verdict=unknown", []),
        ("function=PR&framework=cis-aws-3.0&verdict=unknown", ["bucket-4"]),
        ("function=RC&framework=cis-aws-3.0&verdict=unknown", []),
        ("assignee=none&verdict=unknown", ["bucket-4"]),
        ("assignee=me", []),
        ("q=bucket-4&severity=critical", ["bucket-4"]),
        ("q=onerror&severity=critical&account=" + SHOP, [XSS, FORMULA]),
        ("type=AWS::S3::Bucket&verdict=unknown", ["bucket-4"]),
        ("seen_since=2020-01-01T00:00:00Z&verdict=unknown", ["bucket-4"]),
        ("seen_since=2120-01-01T00:00:00Z", []),
    ],
)
def test_filters(filled: Filled, viewer: TestClient, query: str, found: list[str]) -> None:
    assert sorted(names(viewer.get(f"/api/v1/findings?target={filled.estate}&{query}"))) == sorted(found)


@pytest.mark.reads
@pytest.mark.parametrize(
    "query",
    [
        "status=closed",
        "severity=worst",
        "limit=0",
        "limit=501",
        "limit=x",
        "cursor=x",
        "cursor=eyJhIjoxfQ",
        "sort=uid",
        "order=up",
        "assignee=you",
        "target=0",
        "target=99999999999999999999",
        "seen_since=yesterday",
        "seen_since=2026-01-01T00:00:00",
        "seen_since=0001-01-01T00:00:00%2B14:00",
        "resource=x",
        "q=" + "x" * 201,
        "rule=a%00b",
        "nosuch=1",
        "account=" + "&account=".join(map(str, range(101))),
    ],
)
def test_what_makes_no_sense_is_refused_and_named(filled: Filled, viewer: TestClient, query: str) -> None:
    answer = viewer.get(f"/api/v1/findings?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"].split(".")[0] == query.partition("=")[0]


@pytest.mark.reads
@pytest.mark.parametrize("name", ["account", "region", "environment", "type", "rule", "framework", "control", "q"])
@pytest.mark.parametrize(
    "value",
    ["x'--", "' OR 1=1 --", '"; DROP TABLE findings; --', "%", "_", "\\", "a' UNION SELECT 1 --", "$1", "%s", ":x"],
)
def test_sql_in_a_filter_is_a_value_that_nothing_has(filled: Filled, viewer: TestClient, name: str, value: str) -> None:
    for path in ("/api/v1/findings", "/api/v1/findings/facets", "/api/v1/findings/groups"):
        params = {name: value, "by": "rule"} if path.endswith("groups") else {name: value}
        answer = viewer.get(path, params=params)
        assert answer.status_code == 200, answer.text
        if path == "/api/v1/findings":
            assert answer.json()["items"] == [], (name, value)


@pytest.mark.reads
def test_groups_and_facets(filled: Filled, viewer: TestClient) -> None:
    groups = viewer.get("/api/v1/findings/groups", params={"by": "rule", "target": filled.estate}).json()["items"]
    assert [(one["key"], one["count"], one["critical"]) for one in groups] == [(PUBLIC, 4, 4), (LOGS, 2, 0)]
    assert groups[0]["label"] == "Anyone on the internet can reach this bucket."
    for by in ("account", "region", "type", "severity", "environment", "resource"):
        found = viewer.get("/api/v1/findings/groups", params={"by": by, "target": filled.estate}).json()["items"]
        assert sum(one["count"] for one in found) == 6
    facets = viewer.get("/api/v1/findings/facets", params={"target": filled.estate, "account": OPS}).json()
    assert facets["severity"] == {"critical": 2}
    assert {one["key"] for one in facets["account"]} == {SHOP, OPS}  # not narrowed by itself
    assert [one["key"] for one in facets["environment"]] == ["none"]
    assert set(facets["status"]) == {"open", "passed", "excepted"}


@pytest.mark.reads
def test_one_finding_says_all(filled: Filled, viewer: TestClient) -> None:
    (id,) = filled.ids(verdict=("unknown",))
    one = viewer.get(f"/api/v1/findings/{id}").json()
    assert one["why"][-1] == "AccessDenied s3:GetBucketPolicy"
    assert one["fix"]["text"].startswith("turn on Block Public Access")
    assert [each["label"] for each in one["fix"]["commands"]] == ["check", "rule"]
    assert one["fix"]["commands"][0]["command"] == (
        f"koban scan aws --accounts {OPS} --regions eu-west-1 --rule s3-bucket-public"
    )
    assert "PublicAccessBlockConfiguration" in one["evidence"]["paths"]
    assert [each["kind"] for each in one["history"]] == ["case", "opened"]
    assert one["related"] == []  # the other one is excepted
    assert any("CIS" in each and "3.1.4" in each for each in one["references"])
    assert [each["title"] for each in one["cases"]] == [f"Case {XSS}"]
    assert viewer.get("/api/v1/findings/999999").status_code == 404
    assert viewer.get("/api/v1/findings/x").status_code == 422


@pytest.mark.reads
def test_a_live_finding_offers_the_command_that_mends_it(filled: Filled, viewer: TestClient) -> None:
    (id, *_) = filled.ids(target=(filled.estate,), rule=(PUBLIC,), verdict=("fail",))
    one = viewer.get(f"/api/v1/findings/{id}").json()
    command = one["fix"]["commands"][0]
    assert (command["label"], command["choices"]) == ("aws", [])
    name, region = one["resource"]["name"], one["resource"]["region"]
    assert command["command"].startswith(f"aws s3api put-public-access-block --bucket {name} ")
    assert command["command"].endswith(f" --region {region}")
    assert "no longer reach it" in command["note"]


@pytest.mark.reads
def test_a_finding_in_code_names_file_and_fix(filled: Filled, viewer: TestClient) -> None:
    (id,) = filled.ids(target=(filled.code,), rule=(PUBLIC,))
    one = viewer.get(f"/api/v1/findings/{id}").json()
    assert one["resource"]["file"].endswith("web.yaml")
    assert one["fix"]["commands"][0]["command"].startswith("koban fix iac ")
    assert one["evidence"]["document"]["AccessControl"] == "PublicRead"
    assert "Tags" not in one["evidence"]["document"]
    (id,) = filled.ids(target=(filled.code,), rule=("ebs-volume-unencrypted",))
    diff = viewer.get(f"/api/v1/findings/{id}").json()["fix"]["diff"]
    assert diff["file"].endswith("web.yaml")
    assert "+    Properties: {AvailabilityZone: eu-west-1a, Size: 1, Encrypted: true}" in diff["text"].splitlines()
    assert diff["text"].count("\n+") == 2  # the file's name and the line


def test_comments(filled: Filled, viewer: TestClient, analyst: TestClient) -> None:
    (id,) = filled.ids(verdict=("unknown",))
    path = f"/api/v1/findings/{id}/comments"
    assert viewer.post(path, json={"text": "x"}).status_code == 403
    assert analyst.post(path, json={"text": " \n "}).status_code == 422
    assert analyst.post(path, json={"text": "x", "more": 1}).status_code == 422
    assert analyst.post(path, json={"text": "a\0b"}).status_code == 422
    made = analyst.post(path, json={"text": XSS})
    assert made.status_code == 201
    assert (made.json()["text"], made.json()["author"]["name"]) == (XSS, "The analyst")
    assert [one["text"] for one in viewer.get(f"/api/v1/findings/{id}").json()["comments"]] == [XSS]


def bulk(client: TestClient, **body: Any) -> Any:
    return client.post("/api/v1/findings/bulk", json=body)


def test_assigning_many(api: Any, filled: Filled, viewer: TestClient, analyst: TestClient) -> None:
    me = api.person("analyst")
    query = f"?rule={PUBLIC}&account={OPS}&sort=rule&limit=5"
    assert bulk(viewer, query=query, action="assign", assignee=me).status_code == 403
    done = bulk(analyst, query=query, action="assign", assignee=me).json()
    assert (done["changed"], done["skipped"]) == (2, [])
    assert len(names(analyst.get("/api/v1/findings?assignee=me"))) == 2
    ids = filled.ids(rule=(PUBLIC,), account=(OPS,))
    done = bulk(analyst, ids=[*ids, 999], action="assign", assignee=me).json()
    assert done["changed"] == 0
    assert {one["id"] for one in done["skipped"]} == {*ids, 999}
    assert bulk(analyst, ids=ids, action="assign", assignee=None).json()["changed"] == 2


@pytest.mark.reads
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "assign", "assignee": 1}, "ids"),
        ({"ids": [1], "query": "", "action": "assign", "assignee": 1}, "ids"),
        ({"ids": [], "action": "assign", "assignee": 1}, "ids"),
        ({"ids": [0], "action": "assign", "assignee": 1}, "ids"),
        ({"ids": [1], "action": "assign"}, "assignee"),
        ({"query": "", "action": "assign", "assignee": 9999}, "assignee"),
        ({"ids": [1], "action": "except", "expires": SOON}, "reason"),
        ({"ids": [1], "action": "except", "reason": "x"}, "expires"),
        ({"ids": [1], "action": "except", "reason": "x", "expires": "soon"}, "expires"),
        ({"query": "", "action": "except", "reason": "x", "expires": "2020-01-01"}, "expires"),
        ({"ids": [1], "action": "case"}, "case"),
        ({"ids": [1], "action": "delete"}, "action"),
        ({"query": "severity=worst", "action": "reopen"}, "query"),
        ({"query": "nosuch=1", "action": "reopen"}, "query"),
    ],
)
def test_a_bulk_that_makes_no_sense(filled: Filled, analyst: TestClient, body: dict[str, Any], field: str) -> None:
    answer = bulk(analyst, **body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].split(".")[0] == field


def test_an_analyst_asks_and_an_approver_excepts(
    filled: Filled, analyst: TestClient, approver: TestClient, viewer: TestClient
) -> None:
    ids = filled.ids(rule=(PUBLIC,), account=(OPS,))
    asked = bulk(analyst, ids=ids[:1], action="except", reason="a demo", expires=SOON).json()
    one = viewer.get(f"/api/v1/exceptions/{asked['exception']}").json()
    assert (one["state"], one["findings"]) == ("asked", 0)
    done = bulk(approver, ids=ids, action="except", reason="a demo", expires=SOON).json()
    one = viewer.get(f"/api/v1/exceptions/{done['exception']}").json()
    assert (one["state"], one["findings"]) == ("approved", 2)
    found = viewer.get(f"/api/v1/findings/{ids[0]}").json()
    assert (found["status"], found["exception"]) == ("excepted", {"id": done["exception"], "expires": SOON})
    again = bulk(analyst, ids=ids[:1], action="reopen", reason="no").json()
    assert again["changed"] == 1
    assert viewer.get(f"/api/v1/findings/{ids[0]}").json()["status"] == "open"


def test_who_sees_one_account_sees_and_changes_no_other(api: Any, filled: Filled) -> None:
    limited = api.client("analyst", Sight(accounts=frozenset({OPS})))
    assert set(names(limited.get("/api/v1/findings?status=open,passed,excepted,resolved"))) == {"bucket-4", "bucket-5"}
    (hidden, *_) = filled.ids(account=(SHOP,))
    assert limited.get(f"/api/v1/findings/{hidden}").status_code == 404
    assert limited.post(f"/api/v1/findings/{hidden}/comments", json={"text": "x"}).status_code == 404
    done = bulk(limited, ids=[hidden], action="assign", assignee=None).json()
    assert done == {"changed": 0, "skipped": [{"id": hidden, "why": "there is no such finding"}], "exception": None}
    assert bulk(limited, ids=[hidden], action="except", reason="x", expires=SOON).json()["changed"] == 0
    facets = limited.get("/api/v1/findings/facets").json()
    assert [one["key"] for one in facets["account"]] == [OPS]
    text = limited.get("/api/v1/findings/export?format=csv").text
    assert SHOP not in text
    assert OPS in text
    tagged = api.client("viewer", Sight(tags={"team": frozenset({"ops"})}), "tagged@example.com")
    assert set(names(tagged.get("/api/v1/findings"))) == {"bucket-4", "bucket-5"}


@pytest.mark.reads
def test_the_table_is_whole_and_no_cell_is_a_formula(filled: Filled, viewer: TestClient) -> None:
    answer = viewer.get("/api/v1/findings/export", params={"status": "open,passed,excepted,resolved"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="koban-findings.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert {int(one["id"]) for one in rows} == set(filled.ids())
    assert {one["name"] for one in rows} >= {XSS, f"'{FORMULA}"}
    assert not [value for one in rows for value in one.values() if value[:1] in tuple("=+-@\t\r\n")]


@pytest.mark.reads
def test_ocsf_and_json_lines(filled: Filled, viewer: TestClient, ocsf: Callable[[dict[str, Any]], None]) -> None:
    events = viewer.get("/api/v1/findings/export?format=ocsf&status=open,excepted,resolved").json()
    assert len(events) == len(filled.ids(status=("open", "excepted", "resolved")))
    assert {one["status"] for one in events} == {"New", "Suppressed", "Resolved"}
    for one in events:
        ocsf(one)
    answer = viewer.get("/api/v1/findings/export?format=jsonl")
    lines = [json.loads(one) for one in answer.text.splitlines()]
    assert lines == viewer.get("/api/v1/findings?limit=500").json()["items"]
    assert viewer.get("/api/v1/findings/export?format=ocsf&rule=none").json() == []
    assert viewer.get("/api/v1/findings/export?format=pdf").status_code == 422


@pytest.fixture
def ocsf() -> Callable[[dict[str, Any]], None]:
    """What a Compliance Finding must have."""

    def check(event: dict[str, Any]) -> None:
        assert event["class_uid"] == 2003
        info = event["finding_info"]
        assert info["first_seen_time"] <= info["last_seen_time"] <= datetime.now(UTC).timestamp() * 1000
        assert {"compliance", "resources", "metadata", "severity_id", "status_id", "time"} <= set(event)

    return check
