"""What every request passes first and last: its id, its host, its size and pace; headers, the log, the last resort."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from koban.interfaces.api.metrics import Metrics
from koban.interfaces.api.problems import SAYS, Problem, answer
from koban.interfaces.api.security import State, Who, too_many

log = logging.getLogger("koban.request")

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
PROBES = frozenset({"/healthz", "/readyz"})  # asked by address, before any name leads here

CONSOLE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000"
QUERY_BYTES_MAX = 16 * 1024


class Gone(Exception):
    """The client hung up before it had said all."""


class Edge:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, state: State, metrics: Metrics) -> None:
        self.app = app
        self.state = state
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope["koban.request_id"] = request_id
        started = time.monotonic()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(scope, MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            try:
                self._admit(scope, headers)
                receive = await self._body(headers, receive)
                await self.app(scope, receive, sending)
            except Problem as problem:
                await answer(problem, request_id)(scope, receive, sending)
            except Gone:
                status = 499
            except Exception:
                log.exception("request failed", extra={"id": request_id, "path": scope["path"]})
                if status:  # too late for another answer: cut it, so that it is not taken for a whole one
                    raise
                await answer(Problem(500, SAYS[500]), request_id)(scope, receive, sending)
        finally:
            self._write(scope, request_id, status, time.monotonic() - started)

    def _admit(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if scope["path"] not in PROBES and _name_of(host) not in self.state.settings.hosts:
            raise Problem(400, "Koban does not answer to this host name; see --public-url", kind="host")
        if len(scope.get("query_string", b"")) > QUERY_BYTES_MAX:
            raise Problem(400, "the query is too long", kind="query")
        seconds = self.state.limits.address.take(_address(scope))
        if seconds:
            raise too_many(seconds)

    async def _body(self, headers: Headers, receive: Receive) -> Receive:
        """Read the body at once, as far as its size and pace are right; what comes after sees it whole."""
        length = headers.get("content-length")
        if length in (None, "0") and "transfer-encoding" not in headers:
            return receive
        most = self.state.settings.body_bytes_max
        if length is not None and (
            not length.isascii() or not length.isdigit() or len(length) > 18 or int(length) > most
        ):
            raise self._too_large(most)
        body = bytearray()
        try:
            async with asyncio.timeout(self.state.settings.body_seconds):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Gone
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) > most:
                        raise self._too_large(most)
        except TimeoutError:
            raise Problem(408, SAYS[408], headers={"Connection": "close"}) from None
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        return again

    @staticmethod
    def _too_large(most: int) -> Problem:
        return Problem(413, f"a body has at most {most} bytes", headers={"Connection": "close"})

    def _dress(self, scope: Scope, headers: MutableHeaders, request_id: str) -> None:
        ours = scope["path"].startswith(("/api/", "/auth/"))
        headers["X-Request-ID"] = request_id
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", API_POLICY if ours else CONSOLE_POLICY)
        if ours:
            headers.setdefault("Cache-Control", "no-store")
            headers.add_vary_header("Cookie, Authorization")
        if self.state.settings.secure:
            headers.setdefault("Strict-Transport-Security", HSTS)

    def _write(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        """One line; never a query, a cookie or a body: they may hold secrets."""
        route = route_of(scope)
        self.metrics.request(scope["method"], route, status, seconds)
        who = scope.get("koban.who")
        log.log(
            logging.DEBUG if scope["path"] in PROBES else logging.INFO,
            "request",
            extra={
                "id": request_id,
                "method": scope["method"],
                "path": scope["path"][:300],
                "status": status,
                "ms": round(seconds * 1000, 1),
                "address": _address(scope),
                "caller": who.actor.name if isinstance(who, Who) else "",
            },
        )


def _address(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else ""


def _name_of(host: str) -> str:
    """The name in a Host header, without its port; empty if it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if "@" not in host and "/" not in host else ""
    except ValueError:
        return ""


def route_of(scope: Scope) -> str:
    """The path with names for its parameters: few values, none of a user."""
    if "endpoint" not in scope:
        return "other"
    parts = scope["path"].split("/")
    for name, value in (scope.get("path_params") or {}).items():
        parts = ["{" + name + "}" if part == str(value) else part for part in parts]
    return "/".join(parts)
