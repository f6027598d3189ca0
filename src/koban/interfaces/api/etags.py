"""ETags: a GET whose answer has not changed is answered with 304; a change of what changed meanwhile with 412."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Header
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from koban.interfaces.api.problems import Problem

KEPT = ("cache-control", "content-location", "date", "etag", "expires", "vary", "set-cookie")


def tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def etag_of(shape: BaseModel) -> str:
    """The ETag that a GET of this shape is answered with."""
    return tag(shape.model_dump_json().encode())


IfMatch = Annotated[str | None, Header(alias="If-Match", description="Change it only if its ETag is still this one")]


def unchanged(if_match: str | None, current: BaseModel) -> None:
    """412 if the caller has seen another state than `current`; nothing if the caller did not say."""
    if if_match is None or if_match.strip() == "*":
        return
    if etag_of(current) not in _tags(if_match):
        raise Problem(412, "it was changed meanwhile; read it again", headers={"ETag": etag_of(current)})


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
