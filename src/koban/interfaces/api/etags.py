"""ETags: a GET whose answer has not changed is answered with 304; a change of what changed meanwhile with 412.

There are two.  The header of an answer stands for the whole of it.  `etag` in what can be edited stands for what people
edit of it: a scan that lands while a form is open does not change it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Protocol

from fastapi import Header
from pydantic import Field
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from koban.interfaces.api.problems import Problem

KEPT = ("cache-control", "content-location", "date", "etag", "expires", "vary", "set-cookie")


def tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def etag(*edited: object) -> str:
    """The `etag` of a thing, from all that people edit of it."""
    return tag(json.dumps(edited, sort_keys=True, default=str).encode())


ETag = Annotated[str, Field(description="For `If-Match`: what people edit of it is as it was", examples=['"3f2a"'])]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="Its `etag`: do it only if nobody changed it meanwhile")
]


class Edited(Protocol):
    """A shape of something that can be edited."""

    @property
    def etag(self) -> str: ...

    def model_dump_json(self) -> str: ...


def unchanged(if_match: str | None, current: Edited) -> None:
    """412 if the caller has seen another state than `current`; nothing if the caller did not say.

    The ETag of the answer to its GET will do too.  Hold the row first, else two may pass at once.
    """
    if if_match is None or if_match.strip() == "*":
        return
    given = _tags(if_match)
    if current.etag not in given and tag(current.model_dump_json().encode()) not in given:
        raise Problem(412, "it was changed meanwhile; read it again")


def _tags(header: str) -> set[str]:
    return {one.strip().removeprefix("W/") for one in header.split(",")}


class ETags:
    """Gives every JSON answer to a GET of the API an ETag, and 304 to who has it already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("if-none-match")
        start: Message | None = None
        body = bytearray()

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                whole = "content-length" in headers and headers.get("content-type", "").startswith("application/json")
                if message["status"] == 200 and whole:
                    start = message
                    return
            elif start is not None:
                body.extend(message.get("body", b""))
                if message.get("more_body", False):
                    return
                await _answer(start, bytes(body), asked, send)
                return
            await send(message)

        await self.app(scope, receive, sending)


async def _answer(start: Message, body: bytes, asked: str | None, send: Send) -> None:
    headers = MutableHeaders(scope=start)
    headers.setdefault("ETag", tag(body))
    headers.setdefault("Cache-Control", "private, no-cache")
    if asked is not None and (asked.strip() == "*" or headers["ETag"] in _tags(asked)):
        kept = [(name, value) for name, value in start["headers"] if name.decode().lower() in KEPT]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body", "body": b""})
    else:
        await send(start)
        await send({"type": "http.response.body", "body": body})
