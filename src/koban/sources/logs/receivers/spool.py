"""What a listener received, on disk before anything else happens to it.

Lines are gathered in files, which are closed every second or so and then taken into the lake like any file; a file
goes away when its commit is made.  When the spool is full, senders that can wait are made to wait, and what comes from
those that cannot (UDP) is counted as dropped.
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from koban.sources.logs.inputs import Input

FILE_BYTES = 8 * 1024 * 1024
FILE_SECONDS = 1.0
SPOOL_BYTES_MAX = 1 << 30


class SpoolFull(Exception):
    """There is more on disk than the lake has taken in yet."""


@dataclass
class Received:
    """What came in since the start."""

    messages: int = 0
    dropped: int = 0
    refused: int = 0


class Spool:
    """A directory of received logs.  Any thread may write; one takes the finished files."""

    def __init__(self, directory: Path, bytes_max: int = SPOOL_BYTES_MAX) -> None:
        self.directory = directory
        self.bytes_max = bytes_max
        self.counts = Received()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        # files that a process left open when it died are whole up to their last line
        for left in directory.glob("*.open"):
            left.rename(left.with_suffix(".done"))
        self._lock = threading.Lock()
        self._open: IO[bytes] | None = None
        self._path = directory
        self._written = 0
        self._since = 0.0
        self._size = sum(f.stat().st_size for f in directory.glob("*.done"))

    def line(self, kind: str, peer: str, received: str, text: str) -> None:
        """Adds one message.  Raises `SpoolFull`."""
        envelope = {"koban.received": kind, "time": received, "peer": peer, "message": text}
        data = json.dumps(envelope, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
        with self._lock:
            self._room(len(data))
            if self._open is None:
                self._path = self.directory / f"{kind}-{uuid.uuid4().hex}.open"
                self._open = self._path.open("wb")
                self._since = time.monotonic()
                self._written = 0
            self._open.write(data)
            self._written += len(data)
            self._size += len(data)
            self.counts.messages += 1
            if self._written >= FILE_BYTES:
                self._close()

    def body(self, kind: str, data: bytes) -> None:
        """Adds a whole body, as a file of its own; it is on disk when this returns.  Raises `SpoolFull`."""
        path = self.directory / f"{kind}-{uuid.uuid4().hex}.open"
        with self._lock:
            self._room(len(data))
            self._size += len(data)
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        path.rename(path.with_suffix(".done"))
        with self._lock:
            self.counts.messages += 1

    def _room(self, wanted: int) -> None:
        if self._size + wanted > self.bytes_max:
            raise SpoolFull

    def _close(self) -> None:
        if self._open is not None:
            self._open.flush()
            os.fsync(self._open.fileno())
            self._open.close()
            self._open = None
            self._path.rename(self._path.with_suffix(".done"))

    def finished(self, *, all_of_it: bool = False) -> list[Input]:
        """The files that can be taken in now."""
        with self._lock:
            if self._open is not None and (all_of_it or time.monotonic() - self._since >= FILE_SECONDS):
                self._close()
        return [
            Input(f"received:{path.stem}", path.stat().st_size, path) for path in sorted(self.directory.glob("*.done"))
        ]

    def taken(self, item: Input) -> None:
        """Removes a file that is in the lake."""
        if item.path is not None and item.path.parent == self.directory:
            size = item.path.stat().st_size
            item.path.unlink()
            with self._lock:
                self._size -= size
