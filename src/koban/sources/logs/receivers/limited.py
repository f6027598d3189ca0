"""A server with a thread for each connection, and no more connections than it was made for."""

from __future__ import annotations

import socketserver
import threading
from typing import Any

from koban.sources.logs.receivers.spool import Spool


class Limited(socketserver.ThreadingMixIn):
    """Closes connections beyond `connections_max` at once, and counts them; what a handler trips over counts too."""

    daemon_threads = True
    connections_max = 64
    spool: Spool

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._free = threading.BoundedSemaphore(self.connections_max)
        super().__init__(*arguments, **named)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.spool.counts.refused += 1
            self.shutdown_request(request)  # type: ignore[attr-defined]
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.spool.counts.refused += 1
