"""Tokens of programs."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.test_session import actions

from koban.ledger import schema
from koban.ledger.who import Sight

TOKENS = "/api/v1/tokens"
LIMITED = Sight(frozenset({"111111111111"}))


def program(api: Api, value: str) -> TestClient:
    client = api.anonymous()
    client.headers["Authorization"] = f"Bearer {value}"
    return client


def test_is_shown_once_and_kept_as_digest(api: Api, analyst: TestClient) -> None:
    made = analyst.post(TOKENS, json={"name": "ci", "role": "viewer"})
    assert made.status_code == 201, made.text
    value = made.json()["token"]
    assert value.startswith(f"koban_{made.json()['prefix']}_")
    assert value not in analyst.get(TOKENS).text
    with api.state.ledger.reading() as connection:
        assert value not in str(connection.execute(select(schema.tokens)).all())
        assert value not in str(connection.execute(select(schema.audit)).all())
    client = program(api, value)
    assert client.get("/api/v1/scans").status_code == 200
    api.state.background.drain()
    assert analyst.get(TOKENS).json()["items"][0]["used"] is not None
    assert "token.create" in actions(api)


def test_does_no_more_than_its_role_and_its_users(api: Api, analyst: TestClient, admin: TestClient) -> None:
    reading = program(api, analyst.post(TOKENS, json={"name": "ci", "role": "viewer"}).json()["token"])
    assert reading.post("/api/v1/scans", json={"target": 1}).status_code == 403
    assert analyst.post(TOKENS, json={"name": "ci", "role": "admin"}).status_code == 403
    working = analyst.post(TOKENS, json={"name": "ci", "role": "analyst"}).json()
    id = next(one["id"] for one in admin.get("/api/v1/users").json()["items"] if one["email"] == working["owner"])
    admin.patch(f"/api/v1/users/{id}", json={"role": "viewer"})
    assert program(api, working["token"]).post("/api/v1/scans", json={"target": 1}).status_code == 403


def test_sees_no_more_than_its_user(api: Api) -> None:
    limited = api.client("analyst", LIMITED)
    assert limited.post(TOKENS, json={"name": "ci", "sight": {}}).status_code == 403
    assert limited.post(TOKENS, json={"name": "ci", "sight": {"accounts": ["222222222222"]}}).status_code == 403
    made = limited.post(TOKENS, json={"name": "ci"}).json()
    assert made["sight"]["accounts"] == ["111111111111"]


def test_expires_and_can_be_revoked(api: Api, analyst: TestClient) -> None:
    brief = analyst.post(TOKENS, json={"name": "brief", "days": 1}).json()
    long = analyst.post(TOKENS, json={"name": "long", "days": 365}).json()
    assert analyst.delete(f"{TOKENS}/{long['id']}").status_code == 204
    assert program(api, long["token"]).get("/api/v1/scans").status_code == 401
    assert program(api, brief["token"]).get("/api/v1/scans").status_code == 200
    for days in (0, 366, 10**12):
        assert analyst.post(TOKENS, json={"name": "x", "days": days}).status_code == 422
    api.clock.forward(days=1)
    assert program(api, brief["token"]).get("/api/v1/scans").status_code == 401


def test_is_ones_own(api: Api, analyst: TestClient, admin: TestClient) -> None:
    made = analyst.post(TOKENS, json={"name": "ci"}).json()
    other = api.client("analyst", email="other@example.com")
    assert other.get(TOKENS).json()["items"] == []
    assert other.delete(f"{TOKENS}/{made['id']}").status_code == 404
    assert other.get(TOKENS, params={"all": True}).status_code == 403
    assert admin.get(TOKENS, params={"all": True}).json()["total"] == 1
    assert admin.delete(f"{TOKENS}/{made['id']}").status_code == 204


def test_cannot_make_another_or_act_as_a_person(api: Api) -> None:
    client = api.token("admin")
    assert client.post(TOKENS, json={"name": "more"}).json()["type"] == "urn:koban:problem:session-needed"
    for method, path in [("GET", "/me/sessions"), ("PATCH", "/me"), ("POST", "/me/totp"), ("GET", "/session")]:
        assert client.request(method, f"/api/v1{path}", json={}).status_code == 403


@pytest.mark.reads
@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer koban_",
        "Bearer koban_x",
        "Bearer koban_0123456789_",
        "Basic YTpi",
        "Bearer ' OR 1",
    ],
)
def test_what_is_no_token(api: Api, viewer: TestClient, value: str) -> None:
    viewer.headers["Authorization"] = value  # and the cookie beside it does not count
    assert viewer.get("/api/v1/scans").status_code == 401


def test_secret_of_one_token_does_not_open_another(api: Api, analyst: TestClient) -> None:
    one, other = (analyst.post(TOKENS, json={"name": "ci"}).json() for _ in range(2))
    mixed = one["token"].replace(one["prefix"], other["prefix"])
    assert program(api, mixed).get("/api/v1/scans").status_code == 401


def test_program_needs_no_token_against_forgery(api: Api) -> None:
    assert api.token("admin").post("/api/v1/users", json={"email": "a@b", "name": "A"}).status_code == 201
