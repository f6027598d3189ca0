"""What only a real connection shows: slow clients, streams of events, proxies."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient
from tests.interfaces.api.conftest import Api
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from koban.app.serve.settings import Settings
from koban.interfaces.api.protocol import ImpatientH11
from koban.interfaces.api.server import HEAD_BYTES_MAX
from koban.ledger.running import beat, fail, start
from koban.ledger.who import Sight

pytestmark = pytest.mark.databases("sqlite")


class Hasty(ImpatientH11):
    head_seconds = 0.4


@contextlib.contextmanager
def running(api: Api, app: Any = None) -> Iterator[int]:
    """The application behind uvicorn on loopback; gives the port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app or api.app,
            http=Hasty,
            loop="asyncio",
            ws="none",
            log_config=None,
            proxy_headers=False,
            lifespan="off",
            timeout_keep_alive=1,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            api.app.state.bus.close()
            server.should_exit = True
            thread.join(30)


@pytest.fixture
def api(make_api: Callable[..., Api], settings: Settings) -> Api:
    return make_api(settings, body_seconds=0.4)


def said(port: int, *parts: bytes, wait: float = 0.0) -> bytes:
    """Send parts, and read all that comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(wait)
        answer = b""
        while True:
            try:
                got = connection.recv(65536)
            except ConnectionResetError:
                return answer
            if not got:
                return answer
            answer += got


HEAD = b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


def test_slow_body_is_cut_off(api: Api) -> None:
    with running(api) as port:
        started = time.monotonic()
        answer = said(port, HEAD + b"Content-Length: 100\r\n\r\n", b"{")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"application/problem+json" in answer
        assert time.monotonic() - started < 30
        chunked = said(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n")
        assert chunked.startswith(b"HTTP/1.1 408 ")


def test_slow_head_is_cut_off(api: Api) -> None:
    with running(api) as port:
        started = time.monotonic()
        assert said(port, b"") == b""
        assert said(port, b"GET / HTTP/1.1\r\nHo") == b""
        assert said(port, b"GET / HT", b"TP/1.1\r\n", b"Host: 127", b".0.0.1\r\n", wait=0.15) == b""
        again = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal"
        assert said(port, again).count(b"HTTP/1.1 200") == 1  # and the second request is not waited for
        assert time.monotonic() - started < 40


def test_large_body_is_refused_at_once(api: Api) -> None:
    with running(api) as port:
        answer = said(port, HEAD + b"Content-Length: 999999999\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413 ")
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        assert said(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 20).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_odd_requests_are_refused(api: Api, raw: bytes) -> None:
    with running(api) as port:
        assert said(port, raw)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431", b"")


def test_path_that_leads_out_is_not_followed(api: Api) -> None:
    with running(api) as port:
        for path in (
            b"/../../../etc/passwd",
            b"/%2e%2e/%2e%2e/etc/passwd",
            b"//etc/passwd",
            b"/a/..%2f..%2fetc/passwd",
        ):
            answer = said(port, b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            assert b"root:" not in answer


# -- events --------------------------------------------------------------------------------------------------------


class Ear:
    """Listens to the events in a thread."""

    def __init__(self, port: int, client: TestClient, api: Api) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.status = 0
        self.open = threading.Event()
        self.over = threading.Event()
        headers = {"Cookie": f"{api.state.cookie}={client.cookies[api.state.cookie]}"}
        address = f"http://127.0.0.1:{port}/api/v1/events"
        self._thread = threading.Thread(target=self._run, args=(address, headers), daemon=True)
        self._thread.start()
        assert self.open.wait(60)

    def _run(self, address: str, headers: dict[str, str]) -> None:
        kind = ""
        with contextlib.suppress(httpx.HTTPError), httpx.stream("GET", address, headers=headers, timeout=90) as answer:
            self.status = answer.status_code
            self.type = answer.headers["content-type"]
            for line in answer.iter_lines():
                self.open.set()
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    self.heard.append((kind, json.loads(line[6:])))
        self.open.set()
        self.over.set()

    def until(self, holds: Callable[[list[tuple[str, Any]]], bool]) -> None:
        end = time.monotonic() + 60
        while not holds(self.heard):
            assert time.monotonic() < end, self.heard
            time.sleep(0.02)


@pytest.mark.databases("sqlite", "postgresql")
def test_scans_are_heard_of_as_they_go(api: Api) -> None:
    admin = api.client("admin")
    limited = api.client("viewer", Sight(frozenset({"111111111111"})))
    target = admin.post("/api/v1/targets", json={"name": "t", "kind": "iac", "options": {"paths": ["."]}}).json()["id"]
    api.state.wake = api.app.state.bus.wake
    with running(api) as port:
        ear, other = Ear(port, admin, api), Ear(port, limited, api)
        assert (ear.status, ear.type) == (200, "text/event-stream; charset=utf-8")
        time.sleep(1.2)  # it has looked once
        scan = admin.post("/api/v1/scans", json={"target": target}).json()["id"]
        ear.until(lambda heard: any(kind == "scan" and said["state"] == "queued" for kind, said in heard))
        start(api.state.ledger, scan)
        beat(api.state.ledger, scan, {"done": 1, "total": 2, "what": "222222222222 eu-west-1"})
        ear.until(lambda heard: any((said.get("progress") or {}).get("done") == 1 for _, said in heard))
        other.until(lambda heard: any((said.get("progress") or {}).get("done") == 1 for _, said in heard))
        assert "222222222222" in str(ear.heard)
        assert "222222222222" not in str(other.heard)
        fail(api.state.ledger, scan, "no")
        ear.until(lambda heard: heard[-1][1].get("state") == "failed")
        assert all(said["id"] == scan for kind, said in ear.heard if kind == "scan")
    assert ear.over.wait(30)  # the server does not wait for listeners to leave


@pytest.mark.databases("sqlite", "postgresql")
def test_decisions_are_heard_of(api: Api, filled: Any) -> None:
    analyst = api.client("analyst")
    with running(api) as port:
        ear = Ear(port, analyst, api)
        time.sleep(1.2)
        made = analyst.post(
            "/api/v1/exceptions", json={"rule": "s3-bucket-public", "reason": "a test", "expires": "2027-03-01"}
        )
        assert made.status_code == 201, made.text
        ear.until(lambda heard: any(kind == "exception" for kind, _ in heard))


@pytest.mark.databases("sqlite", "postgresql")
def test_listening_needs_somebody_and_has_a_limit(api: Api) -> None:
    viewer = api.client("viewer")
    with running(api) as port:
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/events").status_code == 401
        ears = [Ear(port, viewer, api) for _ in range(11)]
        assert sorted(one.status for one in ears) == [200] * 10 + [429]


# -- proxies -------------------------------------------------------------------------------------------------------


def test_forwarded_addresses_are_believed_of_proxies_alone(make_api: Callable[..., Api], settings: Settings) -> None:
    api = make_api(settings, proxies=("127.0.0.1",), public_url="https://koban.example.com")
    headers = {"Host": "koban.example.com", "X-Forwarded-For": "6.6.6.6, 203.0.113.7", "X-Forwarded-Proto": "https"}
    body = {"email": "nobody@example.com", "password": "x"}
    found = []
    for trusted in (["127.0.0.1"], ["10.0.0.0/8"]):
        with running(api, ProxyHeadersMiddleware(api.app, trusted_hosts=trusted)) as port:
            httpx.post(f"http://127.0.0.1:{port}/api/v1/session", json=body, headers=headers)
        with api.state.ledger.reading() as connection:
            from koban.ledger import audit

            found.append(audit.page(connection).items[0].address)
        api.app.state.bus._closed = False
    assert found == ["203.0.113.7", "127.0.0.1"]
