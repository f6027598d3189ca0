"""The built console: files that were there when the server started, and no others."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from koban.interfaces.api.problems import SAYS, Problem

PACKAGED = Path(__file__).parent / "static"
HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")  # index-Ba1x9Qk2.js: another content has another name
PACKS = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/manifest+json")
FILE_BYTES_MAX = 20 * 1024 * 1024

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Koban</title></head>
<body><h1>Koban is running</h1>
<p>The console is not part of this installation: it was started from source, and <code>web/</code> was not built.
Build it with <code>make console</code> and start Koban again.</p>
<p>The API works all the same: see <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p></body></html>
"""


@dataclass(frozen=True)
class File:
    body: bytes
    media_type: str
    immutable: bool

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    @cached_property
    def packed(self) -> bytes | None:
        if not self.media_type.startswith(PACKS) or len(self.body) < 1000:
            return None
        return gzip.compress(self.body, 9, mtime=0)


def files_of(root: Path) -> dict[str, File]:
    """Every file under `root` by its path from there; links that lead out are left out."""
    if not root.is_dir():
        return {}
    root = root.resolve()
    found = {}
    for path in sorted(root.rglob("*")):
        if not path.is_file() or not path.resolve().is_relative_to(root) or path.suffix in (".map", ".gz", ".br"):
            continue
        if path.stat().st_size > FILE_BYTES_MAX:
            continue
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        media_type = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
        name = path.relative_to(root).as_posix()
        found[name] = File(path.read_bytes(), media_type, bool(HASHED.search(name)) and "/" in name)
    return found


class Console:
    """Answers whatever is not the API: a file, or the page that finds its way by the address."""

    def __init__(self, root: Path | None = None) -> None:
        self.files = files_of(root or PACKAGED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.answer(scope)(scope, receive, send)

    def answer(self, scope: Scope) -> Response:
        path: str = scope["path"]
        if path.startswith(("/api/", "/auth/")) or path in ("/api", "/auth"):
            raise Problem(404, SAYS[404])
        if scope["method"] not in ("GET", "HEAD"):
            raise Problem(405, SAYS[405], headers={"Allow": "GET, HEAD"})
        file = self.files.get(path.lstrip("/"))
        if file is None:
            if mimetypes.guess_type(path)[0]:  # a file that is not there; pages' addresses may have dots: pci-dss-4.0
                raise Problem(404, SAYS[404])
            file = self.files.get("index.html")
        if file is None:
            return HTMLResponse(NOT_BUILT, headers={"Cache-Control": "no-store"})
        headers = Headers(scope=scope)
        said = {
            "ETag": file.etag,
            "Cache-Control": "public, max-age=31536000, immutable" if file.immutable else "no-cache",
            "Vary": "Accept-Encoding",
        }
        if file.etag in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=said)
        packed = file.packed if "gzip" in headers.get("accept-encoding", "") else None
        if packed is not None:
            said["Content-Encoding"] = "gzip"
        return Response(packed or file.body, media_type=file.media_type, headers=said)
