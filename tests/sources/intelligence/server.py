"""A small real web server on loopback, as the network's far end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from koban.sources.intelligence.taxii import MEDIA_TYPE

Reply = tuple[int, dict[str, str], bytes]


class Server:
    """A web server on loopback; `answers` maps a path to what it says, `asked` keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[dict[str, str], Any], Reply]] = {}
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {key: found[0] for key, found in parse_qs(parts.query).items()}
                outer.asked.append((parts.path, query, self.headers))
                answer = outer.answers.get(parts.path)
                status, headers, body = answer(query, self.headers) if answer else (404, {}, b"")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return None

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def says(self, path: str, document: Any, **headers: str) -> None:
        body = json.dumps(document).encode()
        self.answers[path] = lambda *_: (200, {"Content-Type": MEDIA_TYPE, **headers}, body)
