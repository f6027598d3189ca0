"""One's own account."""

from __future__ import annotations

import pyotp
import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import PASSWORD, Api
from tests.interfaces.api.test_session import NEW, SESSION, actions, sign_in

from koban.ledger import people


def test_changes_name_language_and_theme(viewer: TestClient) -> None:
    answer = viewer.patch("/api/v1/me", json={"name": "春子", "locale": "ja", "theme": "dark"})
    assert answer.status_code == 200
    assert viewer.get(SESSION).json()["user"] | {"name": "春子", "locale": "ja", "theme": "dark"} == answer.json()


@pytest.mark.reads
@pytest.mark.parametrize(
    "body", [{"role": "admin"}, {"locale": "xx"}, {"name": ""}, {"name": "a\u0000b"}, {"sight": {}}]
)
def test_nobody_changes_more_than_that(viewer: TestClient, body: dict[str, object]) -> None:
    assert viewer.patch("/api/v1/me", json=body).status_code == 422


def test_password_change_ends_other_sessions_and_renames_this_one(api: Api) -> None:
    here, elsewhere = api.client(), api.client()
    before = here.cookies["koban"]
    answer = here.post("/api/v1/me/password", json={"current": PASSWORD, "new": NEW})
    assert answer.status_code == 200, answer.text
    assert here.cookies["koban"] != before
    assert here.get(SESSION).status_code == 200
    assert here.patch("/api/v1/me", json={"theme": "dark"}).status_code == 200
    assert elsewhere.get(SESSION).status_code == 401
    stale = api.anonymous()
    stale.cookies.set("koban", before, domain="127.0.0.1", path="/")
    assert stale.get(SESSION).status_code == 401
    assert sign_in(api.anonymous()).status_code == 401
    assert sign_in(api.anonymous(), password=NEW).status_code == 200
    assert "user.password" in actions(api)


def test_password_change_needs_the_old_one(api: Api, viewer: TestClient) -> None:
    assert viewer.post("/api/v1/me/password", json={"current": "wrong one here", "new": NEW}).status_code == 403
    for _ in range(people.FREE_FAILURES):
        viewer.post("/api/v1/me/password", json={"current": "wrong one here", "new": NEW})
    assert viewer.post("/api/v1/me/password", json={"current": PASSWORD, "new": NEW}).status_code == 403  # locked


def test_weak_password_is_refused(viewer: TestClient) -> None:
    answer = viewer.post("/api/v1/me/password", json={"current": PASSWORD, "new": "viewer@example.com"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "password", "message": "a password is not the e-mail address or the name"}
    ]


def test_second_factor_on_and_off(api: Api) -> None:
    client, other = api.client(), api.client()
    offer = client.post("/api/v1/me/totp").json()
    assert offer["uri"].startswith("otpauth://totp/Koban:viewer%40example.com?secret=")
    assert offer["qr_svg"].startswith("<svg ")
    assert client.post("/api/v1/me/totp/confirm", json={"code": "000000"}).status_code == 422
    before = client.cookies["koban"]
    code = pyotp.TOTP(offer["secret"]).at(api.clock())
    codes = client.post("/api/v1/me/totp/confirm", json={"code": code}).json()["recovery_codes"]
    assert len(codes) == 10
    assert client.cookies["koban"] != before
    assert other.get(SESSION).status_code == 401
    assert client.post("/api/v1/me/totp").status_code == 409
    assert client.request("DELETE", "/api/v1/me/totp", json={"password": "wrong one here"}).status_code == 403
    assert client.request("DELETE", "/api/v1/me/totp", json={"password": PASSWORD}).status_code == 204
    assert sign_in(api.anonymous()).json()["stage"] == "full"
    assert actions(api).count("user.totp") == 2


def test_secret_offered_in_another_session_cannot_be_confirmed(api: Api) -> None:
    one, other = api.client(), api.client()
    code = pyotp.TOTP(one.post("/api/v1/me/totp").json()["secret"]).at(api.clock())
    assert other.post("/api/v1/me/totp/confirm", json={"code": code}).status_code == 422


def test_sessions_are_listed_and_ended(api: Api) -> None:
    here, elsewhere, somebody = api.client(), api.client(), api.client("analyst")
    listed = here.get("/api/v1/me/sessions").json()
    assert listed["total"] == 2
    assert [one["current"] for one in listed["items"]].count(True) == 1
    theirs = next(one["id"] for one in listed["items"] if not one["current"])
    assert somebody.delete(f"/api/v1/me/sessions/{theirs}").status_code == 404
    assert here.delete(f"/api/v1/me/sessions/{theirs}").status_code == 204
    assert elsewhere.get(SESSION).status_code == 401
    assert here.delete("/api/v1/me/sessions/%25%25%25%25").status_code == 422
