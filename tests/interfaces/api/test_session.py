"""Signing in and out."""

from __future__ import annotations

from tests.interfaces.api.conftest import PASSWORD, Api


def test_signs_in_and_out(api: Api) -> None:
    api.person("analyst")
    client = api.anonymous()
    answer = client.post("/api/v1/session", json={"email": "Analyst@Example.com", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["role"] == "analyst"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    csrf = answer.json()["csrf"]
    assert client.get("/api/v1/session").json()["csrf"] == csrf
    assert client.delete("/api/v1/session", headers={"X-CSRF-Token": csrf}).status_code == 204
    signed_out = client.get("/api/v1/session")
    assert signed_out.status_code == 401
    assert signed_out.headers["content-type"] == "application/problem+json"
    assert signed_out.json()["methods"] == {"password": True, "oidc": None}
