"""Exceptions, cases, views, the audit log, the baseline: what people decide and look up."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient
from tests.interfaces.api.filled import LOGS, OPS, PUBLIC, SHOP, XSS, Filled

from koban.app.baseline.file import starter
from koban.ledger.who import Sight

SOON = (date.today() + timedelta(days=20)).isoformat()
EXCEPTIONS, CASES, VIEWS = "/api/v1/exceptions", "/api/v1/cases", "/api/v1/views"


def ask(client: TestClient, **more: Any) -> Any:
    body = {"rule": PUBLIC, "account": OPS, "reason": "a demo", "expires": SOON, **more}
    return client.post(EXCEPTIONS, json={name: value for name, value in body.items() if value is not None})


def test_an_exception_is_asked_for_decided_and_ended(
    filled: Filled, viewer: TestClient, analyst: TestClient, approver: TestClient
) -> None:
    assert ask(viewer).status_code == 403
    made = ask(analyst)
    assert made.status_code == 201
    assert (made.json()["state"], made.json()["asked_by"]["name"]) == ("asked", "The analyst")
    path = f"{EXCEPTIONS}/{made.json()['id']}"
    assert analyst.post(f"{path}/approve", json={"reason": "x"}).status_code == 403
    assert approver.post(f"{path}/approve", json={}).status_code == 422
    stale = approver.post(f"{path}/approve", json={"reason": "x"}, headers={"If-Match": '"old"'})
    assert stale.status_code == 412
    fresh = {"If-Match": viewer.get(path).headers["ETag"]}
    done = approver.post(f"{path}/approve", json={"reason": "ok"}, headers=fresh).json()
    assert (done["state"], done["findings"], done["decision"]) == ("approved", 2, "ok")
    assert approver.post(f"{path}/reject", json={"reason": "x"}).status_code == 409
    excepted = viewer.get(f"/api/v1/findings?status=excepted&account={OPS}&rule={PUBLIC}").json()["items"]
    assert len(excepted) == 2
    assert analyst.post(f"{path}/revoke", json={"reason": "x"}).status_code == 403
    assert approver.post(f"{path}/revoke", json={"reason": "over"}).json()["findings"] == 0
    assert viewer.get(f"/api/v1/findings/{excepted[0]['id']}").json()["status"] == "open"
    assert viewer.get(f"{EXCEPTIONS}?state=revoked").json()["total"] == 1
    other = ask(analyst).json()
    assert analyst.post(f"{EXCEPTIONS}/{other['id']}/revoke", json={"reason": "changed my mind"}).status_code == 200
    assert approver.post(f"{EXCEPTIONS}/99/approve", json={"reason": "x"}).status_code == 404


@pytest.mark.reads
@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"expires": "2020-01-01"}, "expires"),
        ({"expires": "2099-01-01"}, "expires"),
        ({"expires": "tomorrow"}, "expires"),
        ({"reason": " "}, "reason"),
        ({"rule": None, "account": None}, "rule"),
        ({"rule": "*", "account": None}, "rule"),
        ({"fingerprints": ["x"]}, "fingerprints"),
        ({"fingerprints": ["0" * 32]}, "fingerprints"),
        ({"who": "me"}, "who"),
    ],
)
def test_an_exception_that_makes_no_sense(filled: Filled, analyst: TestClient, more: Any, field: str) -> None:
    answer = ask(analyst, **more)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].split(".")[0] == field


def test_nobody_excepts_beyond_their_sight(api: Any, filled: Filled) -> None:
    limited = api.client("approver", Sight(accounts=frozenset({OPS})))
    assert ask(limited, account=SHOP).status_code == 403
    assert ask(limited, account=None).status_code == 403
    assert ask(limited, account=OPS).status_code == 201
    seen = limited.get(EXCEPTIONS).json()["items"]
    assert {one["account"] for one in seen} == {OPS, None}  # the other one is of a finding of theirs


def test_cases(filled: Filled, viewer: TestClient, analyst: TestClient, api: Any) -> None:
    me = api.person("analyst")
    ids = filled.ids(rule=(LOGS,), verdict=("fail",))
    assert viewer.post(CASES, json={"title": "x"}).status_code == 403
    made = analyst.post(CASES, json={"title": XSS, "severity": "high", "findings": ids[:2], "owner": me})
    assert made.status_code == 201
    case = made.json()
    assert (case["title"], case["findings"], len(case["items"])) == (XSS, 2, 2)
    path = f"{CASES}/{case['id']}"
    etag = viewer.get(path).headers["ETag"]
    assert analyst.patch(path, json={"state": "working"}, headers={"If-Match": etag}).json()["state"] == "working"
    assert analyst.patch(path, json={"state": "closed"}, headers={"If-Match": etag}).status_code == 412
    assert analyst.patch(path, json={"owner": None, "state": "closed"}).json()["owner"] is None
    assert viewer.get(path).json()["closed"] is not None
    assert analyst.post(f"{path}/findings", json={"ids": ids}).json()["changed"] == len(ids) - 2
    assert analyst.post(f"{path}/findings/remove", json={"ids": ids[:1]}).json()["changed"] == 1
    assert analyst.post(f"{path}/comments", json={"text": XSS}).json()["text"] == XSS
    (said,) = viewer.get(path).json()["comments"]
    assert (said["text"], said["author"]) == (XSS, {"id": me, "name": "The analyst"})
    assert [one["id"] for one in viewer.get(f"{CASES}?state=closed").json()["items"]] == [case["id"]]
    assert viewer.get(f"{CASES}?owner=none").json()["total"] == 2
    assert viewer.get(f"{CASES}?owner=me").json()["total"] == 0
    done = analyst.post("/api/v1/findings/bulk", json={"ids": ids[:1], "action": "case", "case": case["id"]})
    assert done.json()["changed"] == 1
    assert analyst.post("/api/v1/findings/bulk", json={"ids": ids, "action": "case", "case": 99}).status_code == 404
    for wrong in (
        {"title": ""},
        {"title": "x" * 301},
        {"title": "x", "severity": "worst"},
        {"title": "x", "owner": 99},
    ):
        assert analyst.post(CASES, json=wrong).status_code == 422
    assert analyst.patch(f"{CASES}/99", json={}).status_code == 404


def test_who_commented_is_named(filled: Filled, analyst: TestClient, admin: TestClient, api: Any) -> None:
    path, id = f"{CASES}/1", api.person("analyst")
    made = analyst.post(f"{path}/comments", json={"text": "Mine."}).json()
    assert (made["author"], made["author_name"]) == ({"id": id, "name": "The analyst"}, "The analyst")
    admin.patch(f"/api/v1/users/{id}", json={"name": "Aiko"})
    assert admin.get(path).json()["comments"][-1]["author"] == {"id": id, "name": "Aiko"}
    assert admin.delete(f"/api/v1/users/{id}").status_code == 204
    last = admin.get(path).json()["comments"][-1]
    assert (last["author"], last["author_name"], last["text"]) == (None, "analyst@example.com", "Mine.")


def test_a_case_shows_the_findings_in_sight_alone(api: Any, filled: Filled) -> None:
    limited = api.client("viewer", Sight(accounts=frozenset({OPS})))
    (case,) = limited.get(CASES).json()["items"]
    one = limited.get(f"{CASES}/{case['id']}").json()
    assert {each["resource"]["account"] for each in one["items"]} == {OPS}


def test_views(
    filled: Filled, viewer: TestClient, analyst: TestClient, approver: TestClient, admin: TestClient
) -> None:
    body = {"page": "findings", "name": "Mine", "query": "?severity=critical"}
    assert viewer.post(VIEWS, json=body).status_code == 403
    made = analyst.post(VIEWS, json=body).json()
    assert (made["query"], made["own"]) == ("severity=critical", True)
    assert analyst.post(VIEWS, json=body).status_code == 409
    assert [one["name"] for one in viewer.get(VIEWS).json()["items"]] == [XSS]  # that the approver shares
    assert [one["name"] for one in analyst.get(f"{VIEWS}?page=findings").json()["items"]] == [XSS, "Mine"]
    assert approver.delete(f"{VIEWS}/{made['id']}").status_code == 404
    shared = viewer.get(VIEWS).json()["items"][0]["id"]
    assert analyst.delete(f"{VIEWS}/{shared}").status_code == 403
    assert analyst.delete(f"{VIEWS}/{made['id']}").status_code == 204
    assert admin.delete(f"{VIEWS}/{shared}").status_code == 204


def test_every_change_is_in_the_audit_log_and_the_log_is_whole(
    api: Any, filled: Filled, analyst: TestClient, admin: TestClient
) -> None:
    ask(analyst)
    assert analyst.get("/api/v1/audit").status_code == 403
    newest = admin.get("/api/v1/audit?limit=1").json()
    assert newest["items"][0]["action"] == "exception.ask"
    assert newest["items"][0]["actor"] == "The analyst" or "analyst" in newest["items"][0]["actor"]
    older = admin.get(f"/api/v1/audit?limit=500&cursor={newest['next']}").json()["items"]
    assert {one["action"] for one in older} >= {"scan.land", "case.create", "finding.comment", "view.create"}
    assert admin.get("/api/v1/audit?action=exception").json()["total"] == 3
    assert admin.get("/api/v1/audit?since=2120-01-01T00:00:00Z").json()["items"] == []
    assert admin.get("/api/v1/audit", params={"actor": "' OR 1=1 --"}).json()["items"] == []
    whole = admin.get("/api/v1/audit/verify").json()
    assert whole["whole"]
    assert whole["entries"] == 1 + len(older)
    with api.state.ledger.writing() as connection:
        connection.execute(text("UPDATE audit SET actor = 'nobody' WHERE id = 2"))
    broken = admin.get("/api/v1/audit/verify").json()
    assert (broken["whole"], broken["broken"]) == (False, 2)


def test_the_baseline(make_api: Any, settings: Any, tmp_path: Path) -> None:
    assert make_api(settings).client().get("/api/v1/baseline").json()["found"] is False
    file = tmp_path / "koban.yaml"
    client = make_api(settings, baseline=file).client()
    one = client.get("/api/v1/baseline").json()
    assert (one["path"], one["found"], one["text"]) == ("koban.yaml", False, "")
    file.write_text(starter(date.today()))
    one = client.get("/api/v1/baseline").json()
    assert one["frameworks"] == ["cis-aws-7.0", "aws-fsbp"]
    assert [each["name"] for each in one["environments"]] == ["production", "staging", "test"]
    assert one["review"]["last"] == date.today().isoformat()
    assert one["problems"] == []
    assert one["contacts"][0]["email"] == "security@example.com"
    file.write_text("version: 1\nframeworks: [nosuch]\n")
    one = client.get("/api/v1/baseline").json()
    assert one["problems"][0].startswith("koban.yaml:2: ")
    assert one["text"].startswith("version: 1")
    file.write_bytes(b"\xff\xfe\x00")
    assert client.get("/api/v1/baseline").json()["problems"] == ["koban.yaml: not a text file in UTF-8"]
    file.unlink()
    file.mkdir()
    assert client.get("/api/v1/baseline").json()["problems"] == ["koban.yaml: not a regular file"]
