"""The listeners of `koban logs follow`, and their spool."""

from __future__ import annotations

import ssl
from pathlib import Path
from types import TracebackType
from typing import Any

from koban.sources.logs.receivers import http, syslog
from koban.sources.logs.receivers.spool import Spool


class Listeners:
    """Listeners that write to one spool; leaving the context stops them."""

    def __init__(self, directory: Path) -> None:
        self.spool = Spool(directory)
        self._servers: list[Any] = []

    def syslog(self, kind: str, host: str, port: int, context: ssl.SSLContext | None = None) -> str:
        """Starts a syslog listener; the address that it has.  Raises OSError."""
        self._servers.append(syslog.listen(kind, host, port, self.spool, context if kind == "tls" else None))
        return self._address()

    def http(self, host: str, port: int, token: str, context: ssl.SSLContext | None = None) -> str:
        """Starts an HTTP listener; the address that it has.  Raises OSError."""
        self._servers.append(http.listen(host, port, token, self.spool, context))
        return ("https://" if context else "http://") + self._address()

    def _address(self) -> str:
        host, port = self._servers[-1].server_address[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def __enter__(self) -> Listeners:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
