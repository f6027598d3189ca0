"""moto behind a thin wrapper: loopback only, and what it lacks answered as a client error."""

from __future__ import annotations

import logging
import threading
from typing import Any


class Emulator:
    """A running emulated AWS; `url` is its endpoint.  Use it as a context manager."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.url = ""

    def __enter__(self) -> Emulator:
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        app = _AnswersAll(DomainDispatcherApplication(create_backend_app))
        self._server = make_server("127.0.0.1", self.port, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)


class _AnswersAll:
    """Turns the emulator's own failures (HTTP 5xx, exceptions) into a 4xx that no client retries."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        status: list[Any] = []

        def note(code: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            status[:] = [code, headers]
            return lambda _: None

        try:
            body = b"".join(self.app(environ, note))
        except Exception as error:
            status[:] = ["500 ", []]
            body = str(error).encode()
        if status[0].startswith("5"):
            return _lacking(start_response)
        start_response(status[0], status[1])
        return [body]


def _lacking(start_response: Any) -> list[bytes]:
    body = b'{"__type": "NotEmulated", "message": "the emulator does not answer this operation"}'
    headers = [
        ("Content-Type", "application/json"),
        ("x-amzn-ErrorType", "NotEmulated"),
        ("Content-Length", str(len(body))),
    ]
    start_response("400 Bad Request", headers)
    return [body]
