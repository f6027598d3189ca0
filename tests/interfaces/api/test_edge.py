"""What stands around every route: errors, headers, limits, hosts, the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import Api

from koban.app.serve.settings import Rate, Settings
from koban.interfaces.api.limits import KEPT_MAX, Buckets
from koban.interfaces.api.logs import Lines
from koban.ledger.errors import DatabaseError

pytestmark = pytest.mark.databases("sqlite")

POLICY_WORDS = ("unsafe-inline", "unsafe-eval", "*", "http:", "https:")


def broken(app: FastAPI) -> FastAPI:
    """Routes that fail in their own ways."""

    def fail() -> None:
        raise RuntimeError("the secret is hunter2")

    def no_database() -> None:
        raise DatabaseError("cannot use the database postgresql://koban@db.internal/koban")

    app.add_api_route("/api/v1/fail", fail)
    app.add_api_route("/api/v1/no-database", no_database)
    return app


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api", 404),
        ("GET", "/auth/nothing", 404),
        ("DELETE", "/api/v1/setup", 405),
        ("POST", "/healthz", 405),
        ("POST", "/findings", 405),
        ("POST", "/api/v1/session", 422),
        ("GET", "/api/v1/scans", 401),
        ("GET", "/api/v1/fail", 500),
        ("GET", "/api/v1/no-database", 503),
        ("TRACE", "/api/v1/scans", 405),
    ],
)
def test_every_error_is_a_problem(api: Api, method: str, path: str, status: int) -> None:
    broken(api.app)
    answer = api.anonymous().request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    assert said["instance"] == f"urn:koban:request:{answer.headers['x-request-id']}"
    for told in ("Traceback", "hunter2", "db.internal"):
        assert told not in answer.text
    if status == 405:
        assert answer.headers["allow"]


def test_body_that_is_no_json(anonymous: TestClient) -> None:
    answer = anonymous.post("/api/v1/session", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("text", ["\\ud800", "\\u0000"])
def test_odd_characters_are_refused(admin: TestClient, text: str) -> None:
    body = f'{{"email": "a@b", "name": "x{text}"}}'.encode()
    assert admin.post("/api/v1/users", content=body, headers={"Content-Type": "application/json"}).status_code == 422


def test_errors_do_not_repeat_what_was_sent(anonymous: TestClient) -> None:
    answer = anonymous.post("/api/v1/session", json={"email": "no address", "password": ["s3cret-s3cret"]})
    assert answer.status_code == 422
    assert "s3cret" not in answer.text
    assert [one["field"] for one in answer.json()["errors"]] == ["email", "password"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/setup", "/api/v1/nothing", "/api/v1/scans", "/x.js"])
def test_security_headers_are_on_every_answer(anonymous: TestClient, path: str) -> None:
    headers = anonymous.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    for word in POLICY_WORDS:
        assert word not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in headers  # not without TLS
    assert "access-control-allow-origin" not in headers
    if path.startswith("/api"):
        assert headers["cache-control"] in ("no-store", "private, no-cache")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8400", 200),
        ("localhost:9999", 200),
        ("LOCALHOST", 200),
        ("[::1]:8400", 200),
        ("koban.example.com", 200),
        ("evil.example", 400),
        ("koban.example.com.evil.example", 400),
        ("127.0.0.1@evil.example", 400),
        ("", 400),
        ("[::1", 400),
    ],
)
def test_answers_to_its_own_names_alone(
    make_api: Callable[..., Api], settings: Settings, host: str, status: int
) -> None:
    """Or a name that an attacker points at this machine would make a browser read it for them."""
    api = make_api(settings, names=frozenset({"koban.example.com"}))
    assert api.anonymous().get("/api/v1/setup", headers={"Host": host}).status_code == status
    assert api.anonymous().get("/healthz", headers={"Host": host}).status_code == 200


def test_large_bodies_are_refused_before_they_are_read(api: Api, anonymous: TestClient) -> None:
    most = api.state.settings.body_bytes_max
    said = anonymous.post("/api/v1/session", content=b" " * (most + 1), headers={"Content-Type": "application/json"})
    assert said.status_code == 413
    assert said.headers["connection"] == "close"

    def parts():  # type: ignore[no-untyped-def]
        for _ in range(most // 65536 + 2):
            yield b" " * 65536

    streamed = anonymous.post("/api/v1/session", content=parts(), headers={"Content-Type": "application/json"})
    assert streamed.status_code == 413
    lying = anonymous.post("/api/v1/session", content=b"{}", headers={"Content-Length": "9" * 5000})
    assert lying.status_code == 413


def test_long_queries_are_refused(anonymous: TestClient) -> None:
    assert anonymous.get("/api/v1/setup", params={"q": "x" * 20_000}).status_code == 400


def test_too_many_requests(make_api: Callable[..., Api], settings: Settings) -> None:
    rates = replace(settings.rates, caller=Rate(0.5, 3), stranger=Rate(0.5, 2))
    api = make_api(settings, rates=rates)
    viewer, analyst, nobody = api.client(), api.client("analyst"), api.anonymous()
    assert [viewer.get("/api/v1/scans").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert analyst.get("/api/v1/scans").status_code == 200  # each has their own
    assert [nobody.get("/api/v1/scans").status_code for _ in range(3)] == [401, 401, 429]
    answer = viewer.get("/api/v1/scans")
    assert answer.headers["content-type"] == "application/problem+json"
    assert 1 <= int(answer.headers["retry-after"]) <= 2


def test_too_many_requests_of_one_address(make_api: Callable[..., Api], settings: Settings) -> None:
    api = make_api(settings, rates=replace(settings.rates, address=Rate(0.5, 2)))
    assert [api.anonymous().get("/healthz").status_code for _ in range(3)] == [200, 200, 429]


def test_buckets_fill_again_and_do_not_grow_for_ever() -> None:
    now = 0.0
    buckets = Buckets(Rate(2, 4), workers=2, clock=lambda: now)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]  # two workers: half each
    now = 1.0
    assert [buckets.take("a") for _ in range(2)] == [0, 1]
    now = 100.0
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    for n in range(KEPT_MAX + 10):
        buckets.take(f"address {n}")
    assert len(buckets._kept) == KEPT_MAX


def test_unchanged_answers_are_not_sent_again(viewer: TestClient) -> None:
    first = viewer.get("/api/v1/scans")
    assert first.headers["cache-control"] == "private, no-cache"
    again = viewer.get("/api/v1/scans", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = viewer.get("/api/v1/scans", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_long_answers_are_packed(viewer: TestClient) -> None:
    answer = viewer.get("/api/v1/openapi.json")
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("given", "kept"), [("abcdef-123456", True), ("x", False), ("a" * 65, False), ("a b c d e", False)]
)
def test_request_ids(anonymous: TestClient, given: str, kept: bool) -> None:
    answer = anonymous.get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept


def test_log_tells_no_secrets(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = api.token("viewer")
    client.cookies.set("koban", "c00kie", domain="127.0.0.1", path="/")
    client.get("/api/v1/scans?token=s3cret")
    client.get("/auth/oidc/callback?code=s3cret&state=s3cret")
    client.post("/api/v1/session", json={"email": "a@example.com", "password": "s3cret"})
    lines = [Lines().format(one) for one in caplog.records if one.name.startswith("koban")]
    said = [json.loads(one) for one in lines]
    assert [(one["method"], one["path"], one["status"]) for one in said if one["event"] == "request"] == [
        ("GET", "/api/v1/scans", 200),
        ("GET", "/auth/oidc/callback", 404),
        ("POST", "/api/v1/session", 401),
    ]
    assert said[0]["caller"] == "a program (viewer@example.com)"
    for secret in ("s3cret", "c00kie", client.headers["Authorization"][7:]):
        assert secret not in "".join(lines)


def test_log_of_a_failure_has_the_trace_under_the_requests_id(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    broken(api.app)
    answer = api.anonymous().get("/api/v1/fail")
    said = [json.loads(Lines().format(one)) for one in caplog.records if one.name == "koban.request"]
    failed = next(one for one in said if one["event"] == "request failed")
    assert failed["id"] == answer.headers["x-request-id"]
    assert "RuntimeError" in failed["trace"]


def test_log_hides_the_values_of_sql() -> None:
    try:
        raise ValueError("broken\n[SQL: INSERT INTO users]\n[parameters: {'password': 's3cret'}]")
    except ValueError:
        import sys

        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    assert "s3cret" not in Lines().format(record)


@pytest.mark.databases("sqlite", "postgresql")
def test_probes_and_metrics(api: Api, anonymous: TestClient) -> None:
    assert anonymous.get("/healthz").json() == {"status": "ok"}
    assert anonymous.get("/readyz").json() == {"status": "ready"}
    local = TestClient(api.app, base_url="http://127.0.0.1:8400", client=("127.0.0.1", 1))
    local.get("/api/v1/users/7")
    said = local.get("/metrics").text
    assert 'koban_http_requests_total{method="GET",route="/api/v1/users/{id}",status="401"} 1.0' in said
    assert anonymous.get("/metrics").status_code == 401  # from elsewhere: with a token
    assert api.token().get("/metrics").status_code == 200


@pytest.mark.databases("sqlite", "postgresql")
def test_not_ready_without_its_ledger(make_api: Callable[..., Api], settings: Settings) -> None:
    api = make_api(settings)

    class Gone:
        def reading(self) -> None:
            raise DatabaseError("cannot use the database")

    api.state.ledger = Gone()  # type: ignore[assignment]
    answer = api.anonymous().get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert api.anonymous().get("/healthz").status_code == 200
