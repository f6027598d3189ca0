"""Small writes that a request does not wait for."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

log = logging.getLogger("koban.background")


class Background:
    """One thread that does what it is given, in order; drops what is too much: none of it is worth waiting for."""

    def __init__(self, waiting_max: int = 1000) -> None:
        self._waiting: queue.Queue[Callable[[], None] | None] = queue.Queue(waiting_max)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def do(self, work: Callable[[], None]) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="koban-background", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(work)
        except queue.Full:
            log.warning("background work dropped")

    def drain(self) -> None:
        """Wait until all that was given is done; the thread ends."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join(timeout=10)

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            try:
                work()
            except Exception:
                log.exception("background work failed")
