"""Files that the API gives: in pieces, under a name, and never shown as a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from starlette.responses import StreamingResponse

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def attachment(pieces: Iterator[str] | Iterator[bytes], media_type: str, name: str) -> StreamingResponse:
    """A file to save."""
    made = StreamingResponse(
        _bytes(pieces), media_type=f"{media_type}; charset=utf-8" if _is_text(media_type) else media_type
    )
    made.headers["Content-Disposition"] = disposition(name)
    made.headers["Cache-Control"] = "no-store"
    return made


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/")


def _bytes(pieces: Iterator[str] | Iterator[bytes]) -> Iterator[bytes]:
    for one in pieces:
        yield one.encode("utf-8", "replace") if isinstance(one, str) else one


def disposition(name: str) -> str:
    """The header, for any name: what is no plain letter is encoded, and no quote or line's end gets into it."""
    plain = UNSAFE.sub("-", name).strip("-.") or "file"
    if plain == name:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def streamed(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: a file of one of these types."""
    content: dict[str, Any] = {one: {"schema": {"type": "string"}} for one in media_types}
    for one in content:
        if one == "application/json":
            content[one] = {"schema": {"type": "array", "items": {"type": "object"}}}
        elif not _is_text(one):
            content[one] = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "The file", "content": content}}
