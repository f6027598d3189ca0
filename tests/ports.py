"""Ports of loopback, for servers that run as processes of their own."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until_listening(port: int, process: subprocess.Popen[bytes], log: Path | None = None, seconds: float = 60) -> None:
    """Waits until the process takes connections; fails with the end of its log where it ends, or takes too long."""
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            said = log.read_text(errors="replace")[-2000:] if log else ""
            assert process.poll() is None, said
            assert time.monotonic() < until, said
            time.sleep(0.1)
