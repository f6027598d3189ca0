from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.filled import FORMULA, OPS, SHOP, XSS, Filled

from koban.ledger.who import Sight

ASSETS = "/api/v1/resources"


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


@pytest.mark.reads
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [XSS, FORMULA, "bucket-2", "bucket-4", "bucket-5"]),
        ("gone=true", ["bucket-3"]),
        (f"account={OPS}", ["bucket-4", "bucket-5"]),
        ("tag=team:ops", ["bucket-4", "bucket-5"]),
        ("tag=team&tag=team:shop", [XSS, FORMULA, "bucket-2"]),
        (f"tag=note:{XSS}&account={OPS}", ["bucket-4", "bucket-5"]),
        ("tag=nosuch", []),
        ("environment=production", [XSS, FORMULA, "bucket-2"]),
        ("environment=none", ["bucket-4", "bucket-5"]),
        ("type=AWS::S3::Bucket&region=eu-west-1&q=BUCKET-4", ["bucket-4"]),
        ("q=enabled", ["bucket-2"]),
        ("type=AWS::EC2::Volume", []),
    ],
)
def test_search(filled: Filled, viewer: TestClient, query: str, found: list[str]) -> None:
    assert sorted(names(viewer.get(f"{ASSETS}?target={filled.estate}&{query}"))) == sorted(found)


@pytest.mark.reads
@pytest.mark.parametrize(
    "query", ["tag=:x", "gone=maybe", "limit=0", "cursor=x", "nosuch=1", "q=" + "+".join("abcdefghijklm")]
)
def test_what_makes_no_sense_is_named(filled: Filled, viewer: TestClient, query: str) -> None:
    answer = viewer.get(f"{ASSETS}?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].split(".")[0] == query.partition("=")[0]


@pytest.mark.reads
@pytest.mark.parametrize("name", ["type", "account", "region", "environment", "tag", "q"])
@pytest.mark.parametrize("value", ["x'--", "' OR 1=1 --", '"; DROP TABLE resources; --', "%", "_", "\\"])
def test_sql_in_a_filter_is_a_value_that_nothing_has(filled: Filled, viewer: TestClient, name: str, value: str) -> None:
    found = names(viewer.get(ASSETS, params={name: value, "target": filled.estate}))
    assert found == [] or (name, value) == ("q", "_")  # the word may be in a document


@pytest.mark.reads
def test_pages(filled: Filled, viewer: TestClient) -> None:
    first = viewer.get(f"{ASSETS}?limit=2").json()
    rest = viewer.get(f"{ASSETS}?limit=500&cursor={first['next']}").json()
    assert first["total"] == len(first["items"]) + len(rest["items"])
    assert rest["next"] is None


@pytest.mark.reads
def test_one_resource_has_its_documents_ties_and_findings(filled: Filled, viewer: TestClient) -> None:
    key = filled.key("bucket-2")
    one = viewer.get(f"{ASSETS}/{key}").json()
    assert one["document"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert one["tags"] == {"team": "shop", "note": XSS}
    assert [each["until"] is None for each in one["versions"]] == [True, False]
    assert [each["status"] for each in one["findings"]] == ["resolved", "open"]
    assert one["counts"]["low"] == 1
    new, old = (each["digest"] for each in one["versions"])
    changes = viewer.get(f"{ASSETS}/{key}/diff", params={"from": old, "to": new}).json()["changes"]
    assert changes == [
        {"path": "VersioningConfiguration", "kind": "added", "before": None, "after": {"Status": "Enabled"}}
    ]
    assert viewer.get(f"{ASSETS}/{key}/diff", params={"from": old}).json()["changes"] == changes
    assert viewer.get(f"{ASSETS}/{key}/diff", params={"from": new}).json()["changes"] == []
    assert viewer.get(f"{ASSETS}/{key}/diff", params={"from": "0" * 32}).status_code == 404
    assert viewer.get(f"{ASSETS}/{key}/diff").status_code == 422
    assert viewer.get(f"{ASSETS}/{'0' * 32}").status_code == 404
    assert viewer.get(f"{ASSETS}/..%2f..%2fetc%2fpasswd").status_code in (404, 422)


@pytest.mark.reads
def test_facets(filled: Filled, viewer: TestClient) -> None:
    found = viewer.get(f"{ASSETS}/facets?target={filled.estate}").json()
    assert {one["key"]: one["count"] for one in found["account"]} == {SHOP: 3, OPS: 2}
    assert {one["key"]: one["count"] for one in found["environment"]} == {"production": 3, "none": 2}
    assert {"key": f"note:{XSS}", "label": f"note:{XSS}", "count": 5} in found["tag"]


@pytest.mark.reads
def test_exports(filled: Filled, viewer: TestClient) -> None:
    answer = viewer.get(f"{ASSETS}/export", params={"target": filled.estate})
    assert answer.headers["content-disposition"] == 'attachment; filename="koban-resources.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert {one["name"] for one in rows} == {XSS, f"'{FORMULA}", "bucket-2", "bucket-4", "bucket-5"}
    lines = [json.loads(one) for one in viewer.get(f"{ASSETS}/export?format=jsonl").text.splitlines()]
    assert lines == viewer.get(f"{ASSETS}?limit=500").json()["items"]


def test_a_limited_sight(api: Any, filled: Filled) -> None:
    limited = api.client("viewer", Sight(accounts=frozenset({OPS})))
    assert sorted(names(limited.get(ASSETS))) == ["bucket-4", "bucket-5"]
    assert limited.get(f"{ASSETS}/{filled.key('bucket-2')}").status_code == 404
    assert limited.get(f"{ASSETS}/{filled.key('bucket-2')}/diff?from={'0' * 32}").status_code == 404
    assert {one["key"] for one in limited.get(f"{ASSETS}/facets").json()["account"]} == {OPS}
    assert SHOP not in limited.get(f"{ASSETS}/export").text


def test_accounts(api: Any, filled: Filled, viewer: TestClient, analyst: TestClient, admin: TestClient) -> None:
    found = viewer.get("/api/v1/accounts").json()["items"]
    assert [(one["id"], one["name"], one["environment"]) for one in found] == [
        (SHOP, f"Shop {XSS}", "production"),
        (OPS, "Ops", "test"),
    ]
    path = f"/api/v1/accounts/{OPS}"
    assert analyst.patch(path, json={"name": "x"}).status_code == 403
    assert admin.patch(path, json={"environment": None, "name": "Operations"}).json()["environment"] is None
    assert admin.patch(path, json={"name": "x"}, headers={"If-Match": '"x"'}).status_code == 412
    assert admin.patch("/api/v1/accounts/999", json={"name": "x"}).status_code == 404
    limited = api.client("viewer", Sight(accounts=frozenset({OPS})))
    assert [one["id"] for one in limited.get("/api/v1/accounts").json()["items"]] == [OPS]
