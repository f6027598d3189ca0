"""Everything as a file: a table, OCSF events, JSON lines."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.filled import OPS, SHOP, Filled
from tests.ocsf import breaches

from koban.ledger import cases
from koban.ledger.who import SYSTEM, Sight

CLASSES = {"cases": {2005}, "scans": {6007}, "audit": {3002, 3004}, "resources": {5023}}


def lines(client: TestClient, name: str, **asked: Any) -> list[Any]:
    answer = client.get(f"/api/v1/{name}/export", params={"format": "jsonl", **asked})
    assert answer.status_code == 200, answer.text
    return [json.loads(one) for one in answer.text.splitlines()]


def rows(client: TestClient, name: str, **asked: Any) -> list[dict[str, str]]:
    answer = client.get(f"/api/v1/{name}/export", params=asked)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="koban-{name}.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.reads
@pytest.mark.parametrize("name", ["exceptions", "cases", "scans", "audit"])
def test_a_list_as_a_file(filled: Filled, admin: TestClient, name: str) -> None:
    listed = admin.get(f"/api/v1/{name}?limit=500").json()["items"]
    assert listed
    assert lines(admin, name) == listed
    table = rows(admin, name)
    assert [one["id"] for one in table] == [str(one["id"]) for one in listed]
    assert not [value for one in table for value in one.values() if value[:1] in tuple("=+-@\t\r\n")]


@pytest.mark.reads
@pytest.mark.parametrize("name", sorted(CLASSES))
def test_ocsf(filled: Filled, admin: TestClient, name: str) -> None:
    events = admin.get(f"/api/v1/{name}/export?format=ocsf").json()
    assert events
    assert {one["class_uid"] for one in events} <= CLASSES[name]
    assert [breach for one in events for breach in breaches(one)] == []


def test_the_audit_log_tells_sign_ins_from_changes(filled: Filled, api: Api, admin: TestClient) -> None:
    api.person("viewer")
    stranger = api.anonymous()
    for password in ("wrong", "a river in the night"):
        stranger.post("/api/v1/session", json={"email": "viewer@example.com", "password": password})
    events = admin.get("/api/v1/audit/export?format=ocsf").json()
    signed = [(one["activity_name"], one["status"]) for one in events if one["class_uid"] == 3002]
    assert signed[:2] == [("Logon", "Success"), ("Logon", "Failure")]
    made = next(one for one in events if one["metadata"]["event_code"] == "case.create")
    assert (made["activity_name"], made["entity"]["type"]) == ("Create", "case")
    assert [breach for one in events for breach in breaches(one)] == []


def test_filters_and_more_than_a_page(filled: Filled, api: Api, admin: TestClient) -> None:
    assert lines(admin, "cases", state="closed") == []
    assert {one["action"].split(".")[0] for one in lines(admin, "audit", action="exception")} == {"exception"}
    assert {one["target"]["id"] for one in lines(admin, "scans", target=filled.code)} == {filled.code}
    before = len(lines(admin, "cases"))
    with api.state.ledger.writing() as connection:
        for number in range(510):
            cases.create(connection, SYSTEM, title=f"case {number}")
    assert len({one["id"] for one in lines(admin, "cases")}) == before + 510
    assert lines(admin, "cases", owner="me") == []


@pytest.mark.reads
@pytest.mark.parametrize(
    ("name", "asked"), [("exceptions", {"format": "ocsf"}), ("audit", {"since": "x"}), ("scans", {"state": "odd"})]
)
def test_what_is_wrong_is_said(admin: TestClient, name: str, asked: dict[str, str]) -> None:
    assert admin.get(f"/api/v1/{name}/export", params=asked).status_code == 422


def test_a_limited_sight_sees_its_own(filled: Filled, api: Api) -> None:
    limited = api.client("viewer", Sight(accounts=frozenset({OPS})))
    assert {one["counts"] for one in lines(limited, "scans")} == {None}
    assert {one["counts"] for one in rows(limited, "scans")} == {""}
    for name in ("exceptions", "cases", "scans", "resources"):
        for format in ("csv", "jsonl"):
            assert SHOP not in limited.get(f"/api/v1/{name}/export?format={format}").text
    assert limited.get("/api/v1/audit/export").status_code == 403
