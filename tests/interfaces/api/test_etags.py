"""What changed meanwhile is not overwritten: `etag` of what can be edited, given back as If-Match."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.filled import OPS, Filled

from koban.ledger import schema

API = "/api/v1"
EDITED = {  # collection: (a change, another)
    "targets": ({"enabled": False}, {"every_seconds": 3600}),
    "users": ({"name": "Other"}, {"role": "analyst"}),
    "notifications": ({"enabled": False}, {"severity": "low"}),
    "accounts": ({"name": "Other"}, {"environment": "test"}),
    "cases": ({"state": "working"}, {"title": "Other"}),
}
NOTIFICATION = {
    "name": "hook",
    "options": {"kind": "webhook", "url": "https://hooks.example.com/x"},
    "events": ["finding.opened"],
}


@pytest.fixture
def there(filled: Filled, api: Api, admin: TestClient) -> dict[str, Any]:
    """The id of one thing in each collection."""
    hook = admin.post(f"{API}/notifications", json=NOTIFICATION)
    assert hook.status_code == 201, hook.text
    (case,) = admin.get(f"{API}/cases").json()["items"]
    asked = admin.get(f"{API}/exceptions?state=asked").json()["items"]
    users = api.person("viewer")
    return {
        "targets": filled.code,
        "users": users,
        "notifications": hook.json()["id"],
        "accounts": OPS,
        "cases": case["id"],
        "exceptions": asked[0]["id"],
    }


def listed(client: TestClient, collection: str, id: Any) -> Any:
    return next(one for one in client.get(f"{API}/{collection}").json()["items"] if one["id"] == id)


@pytest.mark.parametrize("collection", EDITED)
def test_what_changed_meanwhile_is_not_overwritten(
    there: dict[str, Any], admin: TestClient, api: Api, collection: str
) -> None:
    id, (change, other) = there[collection], EDITED[collection]
    path = f"{API}/{collection}/{id}"
    before = listed(admin, collection, id)
    if collection != "accounts":
        assert admin.get(path).json()["etag"] == before["etag"]
    fresh = {"If-Match": before["etag"]}
    done = admin.patch(path, json=change, headers=fresh)
    assert done.status_code == 200, done.text
    late = admin.patch(path, json=other, headers=fresh)
    assert (late.status_code, late.headers["content-type"]) == (412, "application/problem+json")
    now = listed(admin, collection, id)
    assert now["etag"] == done.json()["etag"] != before["etag"]
    assert now[next(iter(other))] == before[next(iter(other))]
    for given in (now["etag"], f"W/{now['etag']}", f'"other", {now["etag"]}', "*"):
        assert admin.patch(path, json=change, headers={"If-Match": given}).status_code == 200
    assert admin.patch(path, json=change, headers={"If-Match": ""}).status_code == 412
    if collection not in ("accounts", "cases"):
        assert admin.delete(path, headers=fresh).status_code == 412
        assert admin.delete(path, headers={"If-Match": now["etag"]}).status_code == 204


@pytest.mark.databases("sqlite")
def test_all_that_is_edited_or_decided_takes_if_match(api: Api) -> None:
    """But what is the caller's own (`/me`)."""
    document = api.app.openapi()["paths"]
    edits = [(path, one["patch"]) for path, one in document.items() if "patch" in one and not path.endswith("/me")]
    decisions = [(path, one["post"]) for path, one in document.items() if "/exceptions/{id}/" in path]
    assert (len(edits), len(decisions)) == (len(EDITED), 3)
    for path, operation in edits + decisions:
        assert "If-Match" in [one["name"] for one in operation["parameters"]], path
        assert "412" in operation["responses"], path


@pytest.mark.parametrize("collection", ["targets", "users", "notifications", "cases"])
def test_the_header_of_the_one_thing_will_do(there: dict[str, Any], admin: TestClient, collection: str) -> None:
    path = f"{API}/{collection}/{there[collection]}"
    change, other = EDITED[collection]
    fresh = {"If-Match": admin.get(path).headers["etag"]}
    assert admin.patch(path, json=change, headers=fresh).status_code == 200
    assert admin.patch(path, json=other, headers=fresh).status_code == 412


@pytest.mark.parametrize("decision", ["approve", "reject", "revoke"])
def test_a_decision_is_of_what_was_seen(
    there: dict[str, Any], admin: TestClient, approver: TestClient, decision: str
) -> None:
    path = f"{API}/exceptions/{there['exceptions']}"
    seen = listed(approver, "exceptions", there["exceptions"])["etag"]
    assert approver.get(path).json()["etag"] == seen
    assert admin.post(f"{path}/approve", json={"reason": "yes"}).status_code == 200
    late = approver.post(f"{path}/{decision}", json={"reason": "x"}, headers={"If-Match": seen})
    assert late.status_code == 412
    assert approver.get(path).json()["decision"] == "yes"
    now = approver.get(path).json()["etag"]
    assert approver.post(f"{path}/revoke", json={"reason": "x"}, headers={"If-Match": now}).status_code == 200


def test_what_no_form_edits_refuses_no_form(there: dict[str, Any], api: Api, admin: TestClient) -> None:
    """A scan lands, a message is sent, somebody mistypes a password: the open form may still be saved."""
    before = {one: listed(admin, one, there[one]) for one in ("targets", "users", "notifications", "cases")}
    target, user, hook, case = (there[one] for one in before)
    with api.state.ledger.writing() as connection:
        now = api.clock()
        connection.execute(update(schema.targets).where(schema.targets.c.id == target).values(landed=now))
        locked = {"failures": 9, "locked_until": now.replace(year=now.year + 1)}
        connection.execute(update(schema.users).where(schema.users.c.id == user).values(locked))
        waits = {"notification": hook, "event": "test", "body": {}, "state": "sent", "tries": 1, "next": now}
        connection.execute(schema.deliveries.insert().values(waits))
    admin.post(f"{API}/cases/{case}/comments", json={"text": "hello"})
    for collection, one in before.items():
        now_shown = listed(admin, collection, there[collection])
        assert now_shown != one, collection
        assert now_shown["etag"] == one["etag"], collection


def test_another_secret_is_another_thing(there: dict[str, Any], admin: TestClient) -> None:
    path = f"{API}/notifications/{there['notifications']}"
    seen = admin.get(path).json()
    options = NOTIFICATION["options"] | {"secret": "another secret of a webhook"}  # type: ignore[operator]
    done = admin.patch(path, json={"options": options}, headers={"If-Match": seen["etag"]}).json()
    assert done["options"] == seen["options"]
    assert done["etag"] != seen["etag"]


def test_of_many_at_once_one_is_first(there: dict[str, Any], admin: TestClient) -> None:
    path = f"{API}/cases/{there['cases']}"
    fresh = {"If-Match": admin.get(path).json()["etag"]}
    ready = Barrier(6)

    def change(number: int) -> int:
        ready.wait()
        return int(admin.patch(path, json={"title": f"Title {number}"}, headers=fresh).status_code)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(change, range(6))) == [200] + [412] * 5
