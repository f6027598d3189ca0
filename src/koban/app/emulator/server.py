"""moto behind a thin wrapper: loopback only, counting, with faults on demand, and what it lacks a client error.

Beside AWS it answers ``GET /koban/calls`` (a count by ``service:Operation``; DELETE sets it back) and ``PUT
/koban/faults``: a JSON list of faults, each with ``calls`` (``service:Operation``, wildcards allowed) and what to
answer: ``code`` (with ``status``, 400 unless said), or ``hang`` (seconds before the true answer); ``account`` limits it
to one account, ``times`` to so many calls.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections import Counter
from fnmatch import fnmatchcase
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from koban.app.emulator import as_aws, fresh
from koban.app.emulator.wire import name_of, refusal

ACCOUNT_BY_DEFAULT = "123456789012"


class Emulator:
    """A running emulated AWS in a thread; `url` is its endpoint.  Use it as a context manager."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.url = ""

    def __enter__(self) -> Emulator:
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Handler(WSGIRequestHandler):
            # Headers and body leave in one packet; else each answer over a kept connection waits 40 ms.
            wbufsize = -1
            disable_nagle_algorithm = True

            def log(self, *_: Any) -> None:
                """Say nothing: the emulator's requests are nobody's news."""

        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        as_aws.teach()
        self.app = Wrapper(DomainDispatcherApplication(create_backend_app))
        self._server = make_server("127.0.0.1", self.port, self.app, threaded=True, request_handler=Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class Wrapper:
    """The WSGI application: counts, injects faults, and turns moto's own failures into a 4xx that no client retries."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.calls: Counter[str] = Counter()
        self.faults: list[dict[str, Any]] = []
        self.accounts: dict[str, str] = {}
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/koban/"):
            return self._own(environ, start_response, path)
        if path.startswith("/moto-api"):
            self.faults, self.accounts = [], {}
            return self.app(environ, start_response)
        body = _body(environ)
        call = name_of(environ, body)
        with self._lock:
            self.calls[call] += 1
            fault = next((one for one in self.faults if self._hits(one, call, environ)), None)
            if fault is not None and "times" in fault:
                fault["times"] -= 1
        if "max-directory-buckets" in environ.get("QUERY_STRING", ""):
            # moto takes it for the list of ordinary buckets.
            return _send(start_response, *refusal(environ, body, "NotEmulated", f"the emulator has no {call}", 400))
        if fault is not None:
            time.sleep(fault.get("hang", 0))
            if "code" in fault:
                message = fault.get("message", f"{fault['code']} by order of the test")
                return _send(start_response, *refusal(environ, body, fault["code"], message, fault.get("status", 400)))
        return self._ask_moto(environ, start_response, body, call)

    def _ask_moto(self, environ: dict[str, Any], start_response: Any, body: bytes, call: str) -> Any:
        status: list[Any] = []

        def note(code: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            status[:] = [code, headers]
            return lambda _: None

        try:
            answer = b"".join(self.app(environ, note))
        except Exception:
            status[:] = ["500 ", []]
            answer = b""
        lacking = status[0].startswith("5") or (status[0].startswith("404") and _is_page(status[1], answer))
        if lacking:
            known = fresh.answer_of(call, body)
            if known is not None:
                return _send(start_response, "200 OK", *known)
            return _send(start_response, *refusal(environ, body, "NotEmulated", f"the emulator has no {call}", 400))
        if call == "sts:AssumeRole":
            self._note_account(body, answer)
        start_response(status[0], status[1])
        return [answer]

    def _hits(self, fault: dict[str, Any], call: str, environ: dict[str, Any]) -> bool:
        if fault.get("times", 1) <= 0 or not any(fnmatchcase(call, one) for one in fault["calls"]):
            return False
        return "account" not in fault or fault["account"] == self.accounts.get(_key_id(environ), ACCOUNT_BY_DEFAULT)

    def _note_account(self, body: bytes, answer: bytes) -> None:
        role = parse_qs(body.decode()).get("RoleArn", [""])[0].split(":")
        found = re.search(rb"<AccessKeyId>(\w+)</AccessKeyId>", answer)
        if found and len(role) > 4:
            self.accounts[found[1].decode()] = role[4]

    def _own(self, environ: dict[str, Any], start_response: Any, path: str) -> Any:
        method = environ["REQUEST_METHOD"]
        if path == "/koban/calls" and method == "GET":
            found = json.dumps(dict(sorted(self.calls.items()))).encode()
            return _send(start_response, "200 OK", "application/json", found)
        if path == "/koban/calls" and method == "DELETE":
            self.calls.clear()
        elif path == "/koban/faults" and method == "PUT":
            self.faults = json.loads(_body(environ))
        else:
            return _send(start_response, "404 Not Found", "text/plain", b"")
        return _send(start_response, "200 OK", "text/plain", b"")


def _body(environ: dict[str, Any]) -> bytes:
    """The request's body, put back so that the next may read it."""
    length = environ.get("CONTENT_LENGTH")
    body: bytes = environ["wsgi.input"].read(int(length)) if length else b""
    if length:
        environ["wsgi.input"] = BytesIO(body)
    return body


def _key_id(environ: dict[str, Any]) -> str:
    found = re.search(r"Credential=([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    return found[1] if found else ""


def _is_page(headers: list[tuple[str, str]], answer: bytes) -> bool:
    """Whether an answer is the web framework's own page for a path that it does not have."""
    return answer[:15].lower() == b"<!doctype html>" and any("html" in value for _, value in headers)


def _send(start_response: Any, status: str, kind: str, body: bytes, headers: Any = ()) -> list[bytes]:
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body))), *headers])
    return [body]
