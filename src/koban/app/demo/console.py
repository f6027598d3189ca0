"""The console of the demo: the real server, as a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from queue import Empty, SimpleQueue

from koban.app.demo.emulated import DemoError

PORT = 8400
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30


class Console:
    """`koban serve` over the ledger that the environment names; stopped at the end of the block.

    Raises DemoError where it does not start.
    """

    def __init__(self) -> None:
        self.said: list[str] = []
        """What it printed at its start: its address, and the one-time link."""
        self.address = ""

    def __enter__(self) -> Console:
        self.process = subprocess.Popen(  # noqa: S603  our own module, no shell, no input of others
            [sys.executable, "-m", "koban", "serve", "--port", str(_port()), "--log-level", "warning"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        lines: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=self._listen, args=(lines,), daemon=True).start()
        try:
            self._await(lines)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait(self) -> None:
        """Until somebody stops it."""
        try:
            self.process.wait()
        except KeyboardInterrupt:
            print()

    def proof(self) -> list[str]:
        """What its pages and probes answered.  Raises DemoError for one that does not."""
        import httpx

        said = []
        for path, what in (("/", "the console"), ("/api/v1/setup", "the API"), ("/metrics", "its metrics")):
            try:
                answer = httpx.get(self.address + path, timeout=30)
            except httpx.HTTPError as error:
                raise DemoError(f"{self.address}{path} does not answer: {error}") from None
            if answer.status_code != 200:
                raise DemoError(f"{self.address}{path} answers {answer.status_code}")
            said.append(f"GET {path:16} {answer.status_code} {what}, {len(answer.content):,} bytes")
        return said

    def _listen(self, lines: SimpleQueue[str]) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            lines.put(line.rstrip())

    def _await(self, lines: SimpleQueue[str]) -> None:
        import httpx

        until = time.monotonic() + START_SECONDS_MAX
        while True:
            with contextlib.suppress(Empty):
                self.said.append(lines.get(timeout=0.1))
            self.address = next((w for line in self.said for w in line.split() if w.startswith("http://")), "")
            if self.address and lines.empty():
                try:
                    if httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200:
                        with contextlib.suppress(Empty):  # all that it says was said before it was ready
                            while True:
                                self.said.append(lines.get(timeout=0.2))
                        return
                except httpx.HTTPError:
                    pass
            if self.process.poll() is not None or time.monotonic() > until:
                raise DemoError("the console did not start; its words are above")


def _port() -> int:
    """The usual port, or any that is free where somebody has it."""
    import socket

    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", PORT))
        except OSError:
            return 0
    return PORT
