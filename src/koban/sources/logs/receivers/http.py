"""Logs posted over HTTP: `POST /v1/logs` with a bearer token; the body is what a log file may be, packed or not."""

from __future__ import annotations

import hmac
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from koban.sources.logs.receivers.limited import Limited
from koban.sources.logs.receivers.spool import Spool, SpoolFull

BODY_BYTES_MAX = 64 * 1024 * 1024
CONNECTIONS_MAX = 64
SECONDS_MAX = 30.0


class _Server(Limited, HTTPServer):
    connections_max = CONNECTIONS_MAX
    token: str


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "koban"
    sys_version = ""
    timeout = SECONDS_MAX
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        return None

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/healthz" else 404, "ok" if self.path == "/healthz" else "not here")

    def do_POST(self) -> None:
        if self.path != "/v1/logs":
            self._answer(404, "post logs to /v1/logs")
            return
        given = self.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(given.encode(), self.server.token.encode()):
            self.server.spool.counts.refused += 1
            self._answer(401, "the token is missing or wrong")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self._answer(411, "say the length of the body")
            return
        if int(length) > BODY_BYTES_MAX:
            self.server.spool.counts.refused += 1
            self._answer(413, f"a body has at most {BODY_BYTES_MAX} bytes")
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self._answer(400, "the body breaks off")
            return
        try:
            self.server.spool.body("http", body)
        except SpoolFull:
            self._answer(503, "the spool is full; try again later")
            return
        self._answer(202, "kept")

    def _answer(self, code: int, text: str) -> None:
        body = text.encode() + b"\n"
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if code == 503:
            self.send_header("Retry-After", "5")
        if code >= 400:
            # the rest of the body is not read, so the connection cannot be used again
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def listen(host: str, port: int, token: str, spool: Spool, context: ssl.SSLContext | None = None) -> Any:
    """Starts the listener in a thread; `shutdown()` and `server_close()` end it.  Raises OSError."""
    if len(token) < 16:
        raise ValueError("the token for posting logs needs at least 16 characters")
    server = _Server((host, port), _Handler)
    server.spool, server.token = spool, token
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.1,), name="logs-http", daemon=True).start()
    return server
