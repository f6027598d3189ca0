"""Signing in and out: passwords, the second factor, locks, links; fixation and forgery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import PASSWORD, Api

from koban.app.serve.settings import Rate, Settings
from koban.ledger import people, schema
from koban.ledger.passwords import Hasher
from koban.ledger.who import SYSTEM

SESSION = "/api/v1/session"
SETUP = "/api/v1/setup"
NEW = "nine boats under a bridge"


def sign_in(client: TestClient, email: str = "viewer@example.com", password: str = PASSWORD) -> Any:
    return client.post(SESSION, json={"email": email, "password": password})


def actions(api: Api) -> list[str]:
    with api.state.ledger.reading() as connection:
        return list(connection.scalars(select(schema.audit.c.action).order_by(schema.audit.c.id)))


def rows(api: Api, table: Any) -> list[dict[str, Any]]:
    with api.state.ledger.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


# -- password ------------------------------------------------------------------------------------------------------


def test_signs_in_and_out(api: Api) -> None:
    api.person("analyst")
    client = api.anonymous()
    answer = sign_in(client, "Analyst@Example.com")
    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["role"] == "analyst"
    csrf = answer.json()["csrf"]
    assert client.get(SESSION).json()["csrf"] == csrf
    ended = client.delete(SESSION, headers={"X-CSRF-Token": csrf})
    assert ended.status_code == 204
    assert ended.headers["clear-site-data"] == '"cache"'
    signed_out = client.get(SESSION)
    assert signed_out.status_code == 401
    assert signed_out.headers["content-type"] == "application/problem+json"
    assert signed_out.json()["methods"] == {"password": True, "oidc": None}
    assert actions(api)[-2:] == ["session.start", "session.end"]


def test_cookie_cannot_be_read_by_scripts_or_sent_by_others(api: Api) -> None:
    api.person()
    said = sign_in(api.anonymous()).headers["set-cookie"]
    assert said.startswith("koban=")
    assert "HttpOnly" in said
    assert "SameSite=strict" in said
    assert "Path=/" in said
    assert "Domain" not in said


def test_cookie_behind_tls_is_of_this_host_alone(make_api: Callable[..., Api], settings: Settings) -> None:
    api = make_api(settings, proxies=("127.0.0.1",), public_url="https://koban.example.com")
    api.person()
    answer = api.anonymous().post(
        "https://koban.example.com/api/v1/session", json={"email": "viewer@example.com", "password": PASSWORD}
    )
    assert answer.headers["set-cookie"].startswith("__Host-koban=")
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_ledger_keeps_digests_alone(api: Api) -> None:
    api.person()
    client = api.anonymous()
    sign_in(client)
    value = client.cookies["koban"]
    assert value not in str(rows(api, schema.sessions))
    assert PASSWORD not in str(rows(api, schema.users))


def test_wrong_unknown_disabled_and_locked_look_the_same(api: Api) -> None:
    api.person("viewer")
    disabled = api.person("analyst")
    with api.state.ledger.writing() as connection:
        people.settle(connection, disabled, disabled=api.clock())
    client = api.anonymous()
    wrong = sign_in(client, password="something else entirely")
    unknown = sign_in(client, "nobody@example.com")
    off = sign_in(client, "analyst@example.com")
    for _ in range(5):
        sign_in(client, password="something else entirely")
    locked = sign_in(client)
    said = [(one.status_code, {**one.json(), "instance": ""}) for one in (wrong, unknown, off, locked)]
    assert said[0][0] == 401
    assert said == [said[0]] * 4
    assert "koban" not in client.cookies


def test_unknown_users_cost_the_same_work(
    make_api: Callable[..., Api], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = make_api(settings, hasher=Hasher(rounds=4, memory_kib=1024, lanes=1))
    api.person()
    worked: list[str] = []
    verify = PasswordHasher.verify

    def noting(self: PasswordHasher, kept: str, password: str) -> bool:
        worked.append(kept.rsplit("$", 2)[0])  # the parameters, without salt and hash
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", noting)
    for email in ("viewer@example.com", "nobody@example.com"):
        sign_in(api.anonymous(), email, "not the password")
    assert worked == ["$argon2id$v=19$m=1024,t=4,p=1"] * 2


def test_many_wrong_tries_make_waiting_longer_and_longer(api: Api) -> None:
    api.person()
    client = api.anonymous()
    for _ in range(people.FREE_FAILURES):
        sign_in(client, password="something else entirely")
    assert sign_in(client).status_code == 200  # and the count starts anew
    for _ in range(people.FREE_FAILURES + 1):
        sign_in(client, password="something else entirely")
    assert sign_in(client).status_code == 401
    api.clock.forward(seconds=16)
    sign_in(client, password="something else entirely")
    api.clock.forward(seconds=16)
    assert sign_in(client).status_code == 401  # now it is 30
    api.clock.forward(seconds=16)
    assert sign_in(client).status_code == 200
    assert people.wait_after(4).total_seconds() == 0
    assert [people.wait_after(n).total_seconds() for n in (5, 6, 7, 60)] == [15, 30, 60, 1800]
    assert "session.refused" in actions(api)


def test_tries_from_one_address_are_throttled(make_api: Callable[..., Api], settings: Settings) -> None:
    api = make_api(settings, rates=replace(settings.rates, sign_in=Rate(0.1, 3)))
    client = api.anonymous()
    found = [sign_in(client, f"user{n}@example.com").status_code for n in range(4)]
    assert found == [401, 401, 401, 429]
    assert int(sign_in(client).headers["retry-after"]) >= 1


def test_hash_of_old_parameters_is_made_anew(api: Api, make_api: Callable[..., Api]) -> None:
    user = api.person()
    old = Hasher(rounds=2, memory_kib=32, lanes=1).hash(PASSWORD)
    with api.state.ledger.writing() as connection:
        people.settle(connection, user, password=old)
    assert sign_in(api.anonymous()).status_code == 200
    assert "m=64,t=1,p=1" in rows(api, schema.users)[0]["password"]


def test_passwords_can_be_turned_off(make_api: Callable[..., Api], settings: Settings) -> None:
    api = make_api(settings, passwords=False)
    api.person()
    assert sign_in(api.anonymous()).status_code == 403


@pytest.mark.parametrize("email", ["' OR 1=1 --", "viewer@example.com' --", "a@b'); DROP TABLE users; --"])
def test_sql_in_a_sign_in_is_only_text(api: Api, email: str) -> None:
    api.person()
    answer = sign_in(api.anonymous(), email)
    assert answer.status_code in (401, 422)
    assert len(rows(api, schema.users)) == 1


# -- sessions ------------------------------------------------------------------------------------------------------


def test_session_that_somebody_planted_is_not_used(api: Api) -> None:
    """Fixation: the cookie that a browser came with is not the one it leaves with."""
    api.person()
    api.person("analyst")
    attacker = api.anonymous()
    sign_in(attacker, "analyst@example.com")
    planted = attacker.cookies["koban"]
    victim = api.anonymous()
    victim.cookies.set("koban", planted, domain="127.0.0.1", path="/")
    assert sign_in(victim).status_code == 200
    assert victim.cookies["koban"] != planted
    assert attacker.get(SESSION).status_code == 401  # and the planted one has ended
    made_up = api.anonymous()
    made_up.cookies.set("koban", "A" * 43, domain="127.0.0.1", path="/")
    sign_in(made_up)
    assert made_up.cookies["koban"] != "A" * 43


def test_unused_sessions_end(api: Api, viewer: TestClient) -> None:
    api.clock.forward(hours=7)
    assert viewer.get(SESSION).status_code == 200
    api.state.background.drain()
    api.clock.forward(hours=7)
    assert viewer.get(SESSION).status_code == 200
    api.state.background.drain()
    api.clock.forward(hours=9)
    assert viewer.get(SESSION).status_code == 401


def test_all_sessions_end(api: Api, viewer: TestClient) -> None:
    for _ in range(24):
        api.clock.forward(hours=6.9)
        viewer.get(SESSION)
        api.state.background.drain()
    assert viewer.get(SESSION).status_code == 200
    api.clock.forward(hours=3)
    assert viewer.get(SESSION).status_code == 401


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
def test_change_without_the_sessions_token_is_refused(viewer: TestClient, token: str | None) -> None:
    del viewer.headers["X-CSRF-Token"]
    headers = {} if token is None else {"X-CSRF-Token": token.encode()}
    answer = viewer.patch("/api/v1/me", json={"name": "Other"}, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:koban:problem:forgery"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://127.0.0.1:8400"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:8401"}, 403),
        ({"Origin": "https://127.0.0.1:8400"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_requests_of_other_sites_are_refused(
    api: Api, viewer: TestClient, headers: dict[str, str], status: int
) -> None:
    assert viewer.patch("/api/v1/me", json={"theme": "dark"}, headers=headers).status_code == status
    signing = api.anonymous().post(SESSION, json={"email": "viewer@example.com", "password": PASSWORD}, headers=headers)
    assert signing.status_code == status  # nobody signs a victim in as the attacker


def test_form_of_another_site_is_not_read(api: Api) -> None:
    api.person()
    body = f'{{"email": "viewer@example.com", "password": "{PASSWORD}"}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = api.anonymous().post(SESSION, content=body, headers={"Content-Type": kind} if kind else {})
        assert answer.status_code == 422


# -- second factor -------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(api: Api) -> str:
    """The secret of the viewer's authenticator, after it was turned on."""
    client = api.client()
    offered = client.post("/api/v1/me/totp").json()["secret"]
    code = pyotp.TOTP(offered).at(api.clock())
    confirmed = client.post("/api/v1/me/totp/confirm", json={"code": code})
    assert confirmed.status_code == 200, confirmed.text
    api.codes = confirmed.json()["recovery_codes"]  # type: ignore[attr-defined]
    api.clock.forward(seconds=60)
    return str(offered)


def test_second_factor(api: Api, secret: str) -> None:
    client = api.anonymous()
    answer = sign_in(client)
    assert answer.json() == {"stage": "totp"}
    assert client.get(SESSION).status_code == 401  # half of a sign-in is none
    assert client.get("/api/v1/scans").status_code == 401
    first = client.cookies["koban"]
    code = pyotp.TOTP(secret).at(api.clock())
    answer = client.post(f"{SESSION}/totp", json={"code": code})
    assert answer.status_code == 200
    assert answer.json()["user"]["totp"] is True
    assert client.cookies["koban"] != first
    other = api.anonymous()
    sign_in(other)
    assert other.post(f"{SESSION}/totp", json={"code": code}).status_code == 401  # it worked once


def test_recovery_code_works_once(api: Api, secret: str) -> None:
    code = api.codes[0]  # type: ignore[attr-defined]
    for status in (200, 401):
        client = api.anonymous()
        sign_in(client)
        assert client.post(f"{SESSION}/totp", json={"code": code}).status_code == status


def test_wrong_codes_lock_and_the_password_does_not_unlock(api: Api, secret: str) -> None:
    client = api.anonymous()
    for _ in range(people.FREE_FAILURES + 1):
        assert sign_in(client).json() == {"stage": "totp"}
        assert client.post(f"{SESSION}/totp", json={"code": "000000"}).status_code == 401
    assert sign_in(client).status_code == 401


def test_second_factor_takes_five_minutes_at_most(api: Api, secret: str) -> None:
    client = api.anonymous()
    sign_in(client)
    api.clock.forward(minutes=6)
    assert client.post(f"{SESSION}/totp", json={"code": pyotp.TOTP(secret).at(api.clock())}).status_code == 401


def test_secret_is_sealed(api: Api, secret: str) -> None:
    assert secret not in str(rows(api, schema.users))


# -- links ---------------------------------------------------------------------------------------------------------


def link(api: Api) -> str:
    with api.state.ledger.writing() as connection:
        return people.setup_link(connection, SYSTEM, api.clock())


def test_first_admin_is_made_by_the_link(api: Api) -> None:
    client = api.anonymous()
    assert client.get(SETUP).json() == {"needed": True}
    secret = link(api)
    assert secret not in str(rows(api, schema.secrets))
    body = {"token": secret, "email": "root@example.com", "name": "Root", "password": NEW}
    answer = client.post(SETUP, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["role"] == "admin"
    assert client.get(SETUP).json() == {"needed": False}
    assert client.get(SESSION).status_code == 200
    again = api.anonymous().post(SETUP, json=body | {"email": "second@example.com"})
    assert again.status_code == 401
    assert len(rows(api, schema.users)) == 1


def test_there_is_no_default_password(api: Api) -> None:
    assert rows(api, schema.users) == []
    for email in ("admin@localhost", "admin@example.com", "root@localhost"):
        for password in ("admin", "password", "koban", "changeme"):
            assert sign_in(api.anonymous(), email, password).status_code == 401


@pytest.mark.parametrize("token", ["", "A", "A" * 43, "' OR 1=1 --"])
def test_setup_without_the_link_is_refused(api: Api, token: str) -> None:
    link(api)
    body = {"token": token, "email": "root@example.com", "name": "Root", "password": NEW}
    assert api.anonymous().post(SETUP, json=body).status_code in (401, 422)
    assert rows(api, schema.users) == []


def test_link_expires_and_a_new_one_voids_it(api: Api) -> None:
    old = link(api)
    new = link(api)
    body = {"email": "root@example.com", "name": "Root", "password": NEW}
    assert api.anonymous().post(SETUP, json=body | {"token": old}).status_code == 401
    api.clock.forward(hours=25)
    assert api.anonymous().post(SETUP, json=body | {"token": new}).status_code == 401


def test_weak_password_does_not_use_the_link_up(api: Api) -> None:
    body = {"token": link(api), "email": "root@example.com", "name": "Root", "password": "password1234"}
    answer = api.anonymous().post(SETUP, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "password"
    assert "password1234" not in answer.text
    assert api.anonymous().post(SETUP, json=body | {"password": NEW}).status_code == 200


def test_link_does_nothing_once_there_is_an_admin(api: Api) -> None:
    secret = link(api)
    api.person("admin")
    body = {"token": secret, "email": "root@example.com", "name": "Root", "password": NEW}
    assert api.anonymous().post(SETUP, json=body).status_code == 409
    assert len(rows(api, schema.users)) == 1


def test_invited_user_sets_a_password(api: Api, admin: TestClient) -> None:
    made = admin.post("/api/v1/users", json={"email": "new@example.com", "name": "New", "invite": True})
    assert made.status_code == 201, made.text
    address = made.json()["link"]
    assert address.startswith("http://127.0.0.1:8400/setup#token=")
    token = address.partition("token=")[2]
    client = api.anonymous()
    answer = client.post(SETUP, json={"token": token, "password": NEW})
    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["email"] == "new@example.com"
    assert api.anonymous().post(SETUP, json={"token": token, "password": NEW}).status_code == 401
    assert sign_in(api.anonymous(), "new@example.com", NEW).status_code == 200
