"""Users, as admins see to them."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import PASSWORD, Api
from tests.interfaces.api.test_session import NEW, SESSION, actions, sign_in

from koban.ledger.who import Sight

USERS = "/api/v1/users"
LIMITED = Sight(frozenset({"111111111111"}))


def test_adds_changes_and_removes(api: Api, admin: TestClient) -> None:
    body = {"email": "New@Example.com", "name": "New", "role": "analyst", "password": NEW}
    made = admin.post(USERS, json=body | {"sight": {"accounts": ["111111111111"], "tags": {"team": ["shop"]}}})
    assert made.status_code == 201, made.text
    user = made.json()
    assert user["email"] == "new@example.com"
    assert user["sight"] == {"accounts": ["111111111111"], "tags": {"team": ["shop"]}}
    assert admin.post(USERS, json=body).status_code == 409
    read = admin.get(f"{USERS}/{user['id']}")
    changed = admin.patch(f"{USERS}/{user['id']}", json={"role": "viewer"}, headers={"If-Match": read.headers["etag"]})
    assert changed.json()["role"] == "viewer"
    late = admin.patch(f"{USERS}/{user['id']}", json={"role": "admin"}, headers={"If-Match": read.headers["etag"]})
    assert late.status_code == 412
    assert admin.delete(f"{USERS}/{user['id']}").status_code == 204
    assert admin.get(f"{USERS}/{user['id']}").status_code == 404
    assert [one for one in actions(api) if one.startswith("user.")][-3:] == [
        "user.create",
        "user.change",
        "user.delete",
    ]


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"disabled": True}, {"sight": {"accounts": ["1"]}}])
def test_other_rights_mean_signing_in_again(api: Api, admin: TestClient, change: dict[str, object]) -> None:
    analyst = api.client("analyst")
    id = analyst.get(SESSION).json()["user"]["id"]
    assert admin.patch(f"{USERS}/{id}", json=change).status_code == 200
    assert analyst.get(SESSION).status_code == 401


def test_disabled_user_is_out_with_sessions_and_tokens(api: Api, admin: TestClient) -> None:
    token, browser = api.token("analyst"), api.client("analyst")
    id = browser.get(SESSION).json()["user"]["id"]
    assert token.get("/api/v1/scans").status_code == 200
    admin.patch(f"{USERS}/{id}", json={"disabled": True})
    assert token.get("/api/v1/scans").status_code == 401
    assert browser.get("/api/v1/scans").status_code == 401
    assert sign_in(api.anonymous(), "analyst@example.com").status_code == 401
    admin.patch(f"{USERS}/{id}", json={"disabled": False})
    assert sign_in(api.anonymous(), "analyst@example.com").status_code == 200


def test_last_admin_stays(admin: TestClient) -> None:
    id = admin.get(SESSION).json()["user"]["id"]
    assert admin.patch(f"{USERS}/{id}", json={"role": "viewer"}).status_code == 409
    assert admin.patch(f"{USERS}/{id}", json={"disabled": True}).status_code == 409
    assert admin.delete(f"{USERS}/{id}").status_code == 409
    assert admin.get(SESSION).status_code == 200


def test_nobody_gives_or_touches_more_than_they_see(api: Api, admin: TestClient) -> None:
    limited = api.client("admin", LIMITED)
    whole = admin.get(SESSION).json()["user"]["id"]
    body = {"email": "new@example.com", "name": "New", "password": NEW}
    assert limited.post(USERS, json=body).status_code == 403
    assert limited.post(USERS, json=body | {"sight": {"accounts": ["222222222222"]}}).status_code == 403
    made = limited.post(USERS, json=body | {"sight": {"accounts": ["111111111111"]}})
    assert made.status_code == 201
    assert limited.patch(f"{USERS}/{made.json()['id']}", json={"sight": {}}).status_code == 403
    assert limited.patch(f"{USERS}/{whole}", json={"role": "viewer"}).status_code == 403
    assert limited.patch(f"{USERS}/{whole}", json={"invite": True}).status_code == 403
    assert limited.patch(f"{USERS}/{whole}", json={"totp": False}).status_code == 403
    assert limited.delete(f"{USERS}/{whole}").status_code == 403


def test_invitation_of_a_known_user_resets_the_password(api: Api, admin: TestClient) -> None:
    api.person("analyst")
    id = next(one["id"] for one in admin.get(USERS).json()["items"] if one["email"] == "analyst@example.com")
    link = admin.patch(f"{USERS}/{id}", json={"invite": True}).json()["link"]
    body = {"token": link.partition("token=")[2], "password": NEW}
    assert api.anonymous().post("/api/v1/setup", json=body).status_code == 200
    assert sign_in(api.anonymous(), "analyst@example.com", PASSWORD).status_code == 401


def test_colleagues_are_names_alone(viewer: TestClient, admin: TestClient) -> None:
    items = viewer.get("/api/v1/people", params={"q": "ADMIN"}).json()["items"]
    assert [sorted(one) for one in items] == [["email", "id", "name"]]


@pytest.mark.reads
@pytest.mark.parametrize("id", ["0", "-1", "9007199254740993", "99999999999999999999", "x", "1'--"])
def test_ids_are_numbers(admin: TestClient, id: str) -> None:
    assert admin.get(f"{USERS}/{id}").status_code == 422
