"""Signing in through OpenID Connect: a provider run for real, and one that does everything wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from oidc_provider_mock import User, run_server_in_thread
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.test_session import SESSION, actions

from koban.app.serve.oidc import OidcError, Provider, oidc_from, role_for
from koban.app.serve.settings import Oidc, Settings
from koban.ledger import people
from koban.ledger.who import SYSTEM

LOGIN, CALLBACK = "/auth/oidc/login", "/auth/oidc/callback"
PEOPLE = (
    User(sub="u-ana", claims={"email": "Ana@Example.com", "email_verified": True, "name": "Ana", "groups": ["sec"]}),
    User(sub="u-ben", claims={"email": "ben@example.com", "email_verified": True, "groups": ["sec", "root", "x"]}),
    User(sub="u-cy", claims={"email": "cy@example.com", "email_verified": True, "groups": ["canteen"]}),
    User(sub="u-dee", claims={"email": "admin@example.com", "email_verified": False, "groups": ["sec"]}),
)
ROLES = {"sec": "analyst", "root": "admin"}


# -- a provider run for real ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread(user_claims=PEOPLE, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def api(make_api: Callable[..., Api], settings: Settings, issuer: str) -> Api:
    return make_api(settings, oidc=Oidc(issuer, "koban", "a secret", name="Example SSO", roles=ROLES))


def through(api: Api, sub: str, client: TestClient | None = None, next: str = "/findings?status=open") -> Any:
    """Sign in at the provider as `sub`; gives the browser and the answer to the callback."""
    client = client or api.anonymous()
    sent = client.get(LOGIN, params={"next": next})
    assert sent.status_code == 303, sent.text
    back = httpx.post(sent.headers["location"], data={"sub": sub}, follow_redirects=False).headers["location"]
    assert back.startswith("http://127.0.0.1:8400/auth/oidc/callback?")
    return client, client.get(back)


def test_signs_in_and_makes_the_user(api: Api) -> None:
    client, answer = through(api, "u-ana")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/findings?status=open"
    said = client.get(SESSION).json()
    assert (said["user"]["email"], said["user"]["name"], said["user"]["role"]) == ("ana@example.com", "Ana", "analyst")
    assert said["user"]["password"] is False
    assert said["methods"] == {"password": True, "oidc": "Example SSO"}
    assert actions(api)[-2:] == ["user.create", "session.start"]
    _, again = through(api, "u-ana")
    assert again.headers["location"] == "/findings?status=open"
    with api.state.ledger.reading() as connection:
        assert len(people.everyone(connection)) == 1


def test_highest_role_counts(api: Api) -> None:
    client, _ = through(api, "u-ben")
    assert client.get(SESSION).json()["user"]["role"] == "admin"


def test_nobody_without_a_role_comes_in(api: Api) -> None:
    client, answer = through(api, "u-cy")
    assert answer.headers["location"] == "/signin?problem=no-role"
    assert client.get(SESSION).status_code == 401
    assert "koban" not in client.cookies


def test_address_of_another_is_not_taken_over(api: Api) -> None:
    api.person("admin")
    client, answer = through(api, "u-dee")
    assert answer.headers["location"] == "/signin?problem=email-taken"
    assert client.get(SESSION).status_code == 401


def test_account_that_waits_is_tied_only_to_a_verified_address(api: Api) -> None:
    with api.state.ledger.writing() as connection:
        for email in ("ana@example.com", "admin@example.com"):
            people.create(connection, SYSTEM, api.clock(), email=email, name="Waits", role="viewer")
    client, _ = through(api, "u-ana")
    assert client.get(SESSION).json()["user"]["name"] == "Waits"
    _, refused = through(api, "u-dee")
    assert refused.headers["location"] == "/signin?problem=email-taken"


def test_role_follows_the_provider_and_disabled_stays_out(api: Api) -> None:
    through(api, "u-ana")
    with api.state.ledger.writing() as connection:
        ana = people.find(connection, email="ana@example.com")
        assert ana is not None
        people.settle(connection, ana["id"], role="viewer")
    client, _ = through(api, "u-ana")
    assert client.get(SESSION).json()["user"]["role"] == "analyst"
    with api.state.ledger.writing() as connection:
        people.settle(connection, ana["id"], disabled=api.clock())
    _, answer = through(api, "u-ana")
    assert answer.headers["location"] == "/signin?problem=disabled"


def test_session_is_new_and_the_old_one_ends(api: Api) -> None:
    planted = api.client("viewer")
    value = planted.cookies["koban"]
    client, _ = through(api, "u-ana", planted)
    assert client.cookies["koban"] != value
    stale = api.anonymous()
    stale.cookies.set("koban", value, domain="127.0.0.1", path="/")
    assert stale.get(SESSION).status_code == 401


def test_callback_belongs_to_the_browser_that_asked(api: Api) -> None:
    """An attacker's own answer, given to a victim's browser, signs nobody in."""
    attacker, victim = api.anonymous(), api.anonymous()
    sent = attacker.get(LOGIN)
    back = httpx.post(sent.headers["location"], data={"sub": "u-ana"}, follow_redirects=False).headers["location"]
    for browser in (victim, api.anonymous()):
        browser.get(LOGIN)
        assert browser.get(back).headers["location"] == "/signin?problem=provider"
        assert browser.get(SESSION).status_code == 401
    assert api.anonymous().get(back).headers["location"] == "/signin?problem=provider"
    assert attacker.get(back).headers["location"] == "/"
    assert attacker.get(back).headers["location"] == "/signin?problem=provider"  # and once


def test_sign_in_may_not_take_for_ever(api: Api) -> None:
    client = api.anonymous()
    sent = client.get(LOGIN)
    back = httpx.post(sent.headers["location"], data={"sub": "u-ana"}, follow_redirects=False).headers["location"]
    api.clock.forward(seconds=601)
    assert client.get(back).headers["location"] == "/signin?problem=provider"


def test_who_says_no_at_the_provider_is_told_so(api: Api) -> None:
    client = api.anonymous()
    sent = client.get(LOGIN)
    state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
    answer = client.get(CALLBACK, params={"error": "access_denied", "state": state})
    assert answer.headers["location"] == "/signin?problem=refused"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "x", ""]
)
def test_leads_to_pages_of_ours_alone(api: Api, next: str) -> None:
    _, answer = through(api, "u-ana", next=next)
    assert answer.headers["location"] == "/"


def test_cookie_of_the_way_there_tells_nothing(api: Api) -> None:
    client = api.anonymous()
    sent = client.get(LOGIN)
    said = sent.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=lax" in said
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    for name in ("state", "nonce"):
        assert asked[name][0] not in said
    assert asked["code_challenge_method"] == ["S256"]


def test_without_a_provider(make_api: Callable[..., Api], settings: Settings) -> None:
    assert make_api(settings).anonymous().get(LOGIN).status_code == 404


def test_provider_that_is_down(make_api: Callable[..., Api], settings: Settings) -> None:
    api = make_api(settings, oidc=Oidc("http://127.0.0.1:9", "koban"))
    assert api.anonymous().get(LOGIN).headers["location"] == "/signin?problem=provider"


# -- a provider that does what we tell it --------------------------------------------------------------------------


class Odd:
    """A provider whose answers a test sets: the far end of the network."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.keys = [self.key]
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self, "")

            def do_POST(self) -> None:
                outer.answer(self, self.rfile.read(int(self.headers["Content-Length"])).decode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler, body: str) -> None:
        path = handler.path
        self.asked.append((path, parse_qs(body), handler.headers.get("Authorization", "")))
        said = self.answers.get(path)
        if said is None:
            said = {
                "/.well-known/openid-configuration": {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/jwks",
                },
                "/jwks": {"keys": [one.as_dict(private=False) for one in self.keys]},
            }[path]
        status, said = said if isinstance(said, tuple) else (200, said)
        raw = said if isinstance(said, bytes) else json.dumps(said).encode()
        handler.send_response(status)
        if status in (301, 302):
            handler.send_header("Location", f"{self.issuer}/elsewhere")
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        made = {"iss": self.issuer, "aud": "koban", "sub": "u-1", "nonce": "n0nce", "iat": now, "exp": now + 300}
        return {key: value for key, value in (made | changes).items() if value is not None}

    def token(self, key: Any = None, algorithm: str = "RS256", **changes: Any) -> str:
        key = key or self.key
        header = {"alg": algorithm, **({"kid": key.kid} if getattr(key, "kid", None) else {})}
        return jwt.encode(header, self.claims(**changes), key, algorithms=[algorithm])


@pytest.fixture(scope="module")
def running() -> Iterator[Odd]:
    odd = Odd()
    yield odd
    odd.server.shutdown()


@pytest.fixture
def odd(running: Odd) -> Odd:
    running.answers.clear()
    running.asked.clear()
    running.keys[:] = [running.key]
    return running


@pytest.fixture
def provider(odd: Odd) -> Provider:
    return Provider(Oidc(odd.issuer, "koban", "a:s&cret"))


def test_right_token(odd: Odd, provider: Provider) -> None:
    assert provider.checked(odd.token(), "n0nce")["sub"] == "u-1"
    assert provider.checked(odd.token(aud=["koban", "other"], azp="koban"), "n0nce")["sub"] == "u-1"


HOUR = 3600


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "other"}, "for 'other'"),
        ({"aud": None}, "for None"),
        ({"aud": ["koban", "other"]}, "several"),
        ({"azp": "other"}, "asked for by"),
        ({"nonce": "other"}, "not the answer"),
        ({"nonce": None}, "not the answer"),
        ({"exp": None}, "expired"),
        ({"exp": int(time.time()) - 120}, "expired"),
        ({"iat": int(time.time()) + HOUR, "exp": int(time.time()) + 2 * HOUR}, "future"),
        ({"iat": None}, "future"),
        ({"nbf": int(time.time()) + HOUR}, "not hold yet"),
        ({"sub": None}, "whose"),
        ({"sub": ""}, "whose"),
    ],
)
def test_wrong_claims(odd: Odd, provider: Provider, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(OidcError, match=why):
        provider.checked(odd.token(**changes), "n0nce")


def test_clocks_may_differ_by_a_minute(odd: Odd, provider: Provider) -> None:
    now = int(time.time())
    assert provider.checked(odd.token(exp=now - 30, iat=now + 30, nbf=now + 30), "n0nce")


def test_empty_nonce_is_none(odd: Odd, provider: Provider) -> None:
    with pytest.raises(OidcError, match="not the answer"):
        provider.checked(odd.token(nonce=""), "")


def test_forged_signatures(odd: Odd, provider: Provider) -> None:
    other = RSAKey.generate_key(2048, {"kid": "one"})
    head, body, _ = odd.token().split(".")
    bare = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    shared = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=").decode()
    public = odd.key.as_pem(private=False)
    mac = base64.urlsafe_b64encode(hmac.digest(public, f"{shared}.{body}".encode(), "sha256")).rstrip(b"=").decode()
    forged = [
        odd.token(key=other),
        f"{shared}.{body}.{mac}",  # the public key as a secret that all know
        f"{bare}.{body}.",
        f"{head}.{body}.",
        f"{head}.{body}.AAAA",
        "not a token",
        "",
    ]
    for token in forged:
        with pytest.raises(OidcError, match="not signed"):
            provider.checked(token, "n0nce")


def test_new_keys_of_the_provider_are_fetched(odd: Odd, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider.checked(odd.token(), "n0nce")
    new = RSAKey.generate_key(2048, {"kid": "two"})
    odd.keys.append(new)
    with pytest.raises(OidcError):  # not again so soon: or anybody could make us ask all the time
        provider.checked(odd.token(key=new), "n0nce")
    monkeypatch.setattr("koban.app.serve.oidc.KEYS_AGAIN_SECONDS", 0)
    assert provider.checked(odd.token(key=new), "n0nce")
    assert [path for path, _, _ in odd.asked].count("/jwks") == 2


def test_code_is_traded_with_verifier_and_secret(odd: Odd, provider: Provider) -> None:
    odd.answers["/token"] = {"id_token": odd.token(email=" A@B.example ", groups=[]), "access_token": "x"}
    sent = parse_qs(urlsplit(provider.address("http://127.0.0.1/cb", "s", "n0nce", "verifier")).query)
    digest = hashlib.sha256(b"verifier").digest()
    assert sent["code_challenge"][0] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    found = provider.identity("c0de", "http://127.0.0.1/cb", "n0nce", "verifier", None)
    assert (found.subject, found.email, found.email_verified) == ("u-1", "a@b.example", False)
    form, authorization = next((body, head) for path, body, head in odd.asked if path == "/token")
    assert form["code_verifier"] == ["verifier"]
    assert form["code"] == ["c0de"]
    assert base64.b64decode(authorization[6:]).decode() == "koban:a%3As%26cret"


def test_userinfo_has_to_be_about_the_same(odd: Odd, provider: Provider) -> None:
    odd.answers["/.well-known/openid-configuration"] = {
        "issuer": odd.issuer,
        "token_endpoint": f"{odd.issuer}/token",
        "jwks_uri": f"{odd.issuer}/jwks",
        "userinfo_endpoint": f"{odd.issuer}/userinfo",
    }
    odd.answers["/token"] = {"id_token": odd.token(), "access_token": "x"}
    odd.answers["/userinfo"] = {"sub": "u-1", "email": "a@b.example", "iss": "other"}
    assert provider.identity("c", "http://127.0.0.1/cb", "n0nce", "v", None).email == "a@b.example"
    odd.answers["/userinfo"] = {"sub": "u-2", "email": "a@b.example"}
    with pytest.raises(OidcError, match="somebody else"):
        provider.identity("c", "http://127.0.0.1/cb", "n0nce", "v", None)


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        ("/.well-known/openid-configuration", {"issuer": "https://evil.example"}, "calls itself"),
        ("/.well-known/openid-configuration", (302, b""), "answers 302"),
        ("/.well-known/openid-configuration", b"<html>", "JSON"),
        ("/.well-known/openid-configuration", b"[]", "object"),
        ("/.well-known/openid-configuration", b" " * 1_100_000, "too much"),
        ("/token", (400, {"error": "invalid_grant", "error_description": "c0de"}), r"answers 400 \(invalid_grant\)$"),
        ("/token", {}, "no id_token"),
        ("/jwks", {"keys": []}, "not signed"),
        ("/jwks", {}, "not signed"),
    ],
)
def test_odd_answers(odd: Odd, provider: Provider, path: str, answer: Any, why: str) -> None:
    odd.answers["/token"] = {"id_token": odd.token()}
    odd.answers[path] = answer
    with pytest.raises(OidcError, match=why):
        provider.identity("c0de", "http://127.0.0.1/cb", "n0nce", "v", None)


def test_callback_of_another_issuer(odd: Odd, provider: Provider) -> None:
    with pytest.raises(OidcError, match="issuer"):
        provider.identity("c", "http://127.0.0.1/cb", "n0nce", "v", "https://evil.example")


@pytest.mark.parametrize("issuer", ["http://login.example.com", "ftp://localhost", "login.example.com"])
def test_nothing_goes_over_a_network_in_the_clear(issuer: str) -> None:
    with pytest.raises(OidcError, match="https"):
        Provider(Oidc(issuer, "koban"))


# -- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"issuer": "https://a.example"}, "client_id"),
        ({"issuer": "https://a.example", "client_id": "k", "colour": "red"}, "colour"),
        ({"issuer": "https://a.example", "client_id": "k", "roles": {"x": "owner"}}, "owner"),
        ({"issuer": "https://a.example", "client_id": "k", "roles": ["x"]}, "expected"),
        ({"issuer": "https://a.example", "client_id": "k", "default_role": "boss"}, "boss"),
        ({"issuer": "https://a.example", "client_id": "k", "scopes": "email"}, "openid"),
        ({"issuer": "http://a.example", "client_id": "k"}, "https"),
    ],
)
def test_wrong_settings(values: dict[str, Any], why: str) -> None:
    with pytest.raises(OidcError, match=why):
        oidc_from(values)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"groups": ["sec"]}, "analyst"),
        ({"groups": "root"}, "admin"),
        ({"groups": ["root", "sec"]}, "admin"),
        ({"groups": []}, "viewer"),
        ({"groups": [["root"], {"root": 1}, None]}, "viewer"),
        ({}, "viewer"),
    ],
)
def test_role_of_claims(claims: dict[str, Any], role: str) -> None:
    assert role_for(Oidc("https://a.example", "k", roles=ROLES, default_role="viewer"), claims) == role


def test_claim_in_an_object() -> None:
    settings = Oidc("https://a.example", "k", roles=ROLES, role_claim="realm_access.roles")
    assert role_for(settings, {"realm_access": {"roles": ["root"]}}) == "admin"
    assert role_for(settings, {"realm_access": []}) is None


def test_secret_is_not_printed() -> None:
    assert "a secret" not in repr(Oidc("https://a.example", "k", "a secret"))
