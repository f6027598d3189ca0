"""Targets and scans."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.test_session import actions

from koban.ledger import running
from koban.ledger.who import Sight

TARGETS, SCANS = "/api/v1/targets", "/api/v1/scans"
CODE = {"name": "shop", "kind": "iac", "options": {"paths": ["infra"]}}


@pytest.fixture
def target(admin: TestClient) -> int:
    made = admin.post(TARGETS, json=CODE)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


def test_targets_are_made_changed_and_removed(api: Api, admin: TestClient, target: int) -> None:
    assert admin.post(TARGETS, json=CODE).status_code == 409
    read = admin.get(f"{TARGETS}/{target}")
    changed = admin.patch(
        f"{TARGETS}/{target}", json={"every_seconds": 3600}, headers={"If-Match": read.headers["etag"]}
    )
    assert changed.json()["every_seconds"] == 3600
    late = admin.patch(f"{TARGETS}/{target}", json={"enabled": False}, headers={"If-Match": read.headers["etag"]})
    assert late.status_code == 412
    assert admin.patch(f"{TARGETS}/{target}", json={"every_seconds": None}).json()["every_seconds"] is None
    assert admin.delete(f"{TARGETS}/{target}").status_code == 204
    assert admin.get(TARGETS).json()["items"] == []
    assert "target.delete" in actions(api)


@pytest.mark.reads
@pytest.mark.parametrize(
    ("kind", "options", "field"),
    [
        ("iac", {}, "options.paths"),
        ("iac", {"paths": []}, "options.paths"),
        ("iac", {"paths": "infra"}, "options.paths"),
        ("iac", {"paths": ["a\nb"]}, "options.paths"),
        ("iac", {"paths": ["infra"], "role_arn": "x"}, "options.role_arn"),
        ("aws", {"org": "yes"}, "options.org"),
        ("aws", {"max_rate": 0}, "options.max_rate"),
        ("aws", {"max_rate": True}, "options.max_rate"),
        ("aws", {"accounts": [1]}, "options.accounts"),
        ("aws", {"spool": "/etc"}, "options.spool"),
    ],
)
def test_options_are_checked(admin: TestClient, kind: str, options: dict[str, Any], field: str) -> None:
    answer = admin.post(TARGETS, json={"name": "x", "kind": kind, "options": options})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_options_are_for_admins(viewer: TestClient, target: int) -> None:
    assert viewer.get(f"{TARGETS}/{target}").json()["options"] == {}


def test_scan_is_started_watched_and_cancelled(api: Api, analyst: TestClient, target: int) -> None:
    woken: list[int] = []
    api.state.wake = lambda: woken.append(1)
    started = analyst.post(SCANS, json={"target": target})
    assert started.status_code == 202, started.text
    scan = started.json()
    assert (scan["state"], scan["asked_by"]) == ("queued", "analyst@example.com")
    assert woken
    assert analyst.post(SCANS, json={"target": target}).status_code == 409
    assert analyst.post(SCANS, json={"target": 999}).status_code == 404
    running.start(api.state.ledger, scan["id"])
    running.beat(api.state.ledger, scan["id"], {"done": 1, "total": 4, "what": "eu-west-1 ec2"})
    read = analyst.get(f"{SCANS}/{scan['id']}").json()
    assert read["state"] == "running"
    assert read["progress"] == {"done": 1, "total": 4, "what": "eu-west-1 ec2"}
    assert analyst.get(SCANS, params={"state": "running", "target": target}).json()["total"] == 1
    assert analyst.get(SCANS, params={"state": "landed"}).json()["items"] == []
    assert analyst.post(f"{SCANS}/{scan['id']}/cancel").json()["state"] == "cancelled"
    assert analyst.post(f"{SCANS}/{scan['id']}/cancel").status_code == 409
    assert actions(api)[-2:] == ["scan.start", "scan.cancel"]


def test_target_that_is_off_is_not_scanned(admin: TestClient, target: int) -> None:
    admin.patch(f"{TARGETS}/{target}", json={"enabled": False})
    assert admin.post(SCANS, json={"target": target}).status_code == 409


def test_limited_sight_is_not_told_of_the_rest(api: Api, analyst: TestClient, target: int) -> None:
    scan = analyst.post(SCANS, json={"target": target}).json()["id"]
    running.start(api.state.ledger, scan)
    running.beat(api.state.ledger, scan, {"done": 1, "total": 4, "what": "999999999999 eu-west-1"})
    limited = api.client("viewer", Sight(frozenset({"111111111111"})))
    assert "999999999999" not in limited.get(SCANS).text
    assert limited.get(f"{SCANS}/{scan}").json()["progress"] == {"done": 1, "total": 4}
    running.fail(api.state.ledger, scan, "AccessDenied in 999999999999")
    assert "999999999999" not in limited.get(f"{SCANS}/{scan}").text
    assert "999999999999" in analyst.get(f"{SCANS}/{scan}").text


@pytest.mark.reads
@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=%27", "state=lost", "target=0"])
def test_odd_queries(viewer: TestClient, query: str) -> None:
    assert viewer.get(f"{SCANS}?{query}").status_code == 422


def test_pages_follow_each_other(api: Api, admin: TestClient) -> None:
    for n in range(5):
        made = admin.post(TARGETS, json=CODE | {"name": f"t{n}"}).json()["id"]
        admin.post(SCANS, json={"target": made})
    seen, cursor = [], ""
    while cursor is not None:
        page = admin.get(SCANS, params={"limit": 2, "cursor": cursor}).json()
        seen += [one["target"]["name"] for one in page["items"]]
        cursor = page["next"]
    assert seen == ["t4", "t3", "t2", "t1", "t0"]
