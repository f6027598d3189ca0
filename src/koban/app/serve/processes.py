"""Scans, each in a process of its own: it may use all of a core, and when it crashes it is a failed scan, no more."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from koban.ledger import queue, running
from koban.ledger.database import Ledger

log = logging.getLogger("koban.scans")

COMMAND = (sys.executable, "-m", "koban.app.serve.work")


class Processes:
    """The scans of this process's children."""

    def __init__(
        self,
        ledger: Ledger,
        data_dir: Path,
        url: str | None,
        at_once: int = 2,
        command: Sequence[str] = COMMAND,
        environment: Mapping[str, str] | None = None,
        baseline: Path | None = None,
    ) -> None:
        self.ledger = ledger
        self.at_once = at_once
        self.spools = data_dir / "spools"
        self.command = tuple(command)
        self.arguments = () if baseline is None else (str(baseline.absolute()),)
        self.environment = {**os.environ, **(environment or {}), "KOBAN_DATA_DIR": str(data_dir)}
        self.environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        for name in [one for one in self.environment if one.startswith("KOBAN_OIDC")]:
            self.environment.pop(name)  # nothing that a scan needs
        if url:
            self.environment["KOBAN_DATABASE_URL"] = url
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    def begin(self) -> None:
        """Begin the scans that wait, as far as there is room."""
        free = self.at_once - len(self.running)
        if free <= 0:
            return
        with self.ledger.reading() as connection:
            found = queue.waiting(connection, free)
        for scan in found:
            if running.start(self.ledger, scan):
                # A session of its own: Ctrl-C at the terminal reaches the server, which then stops its scans.
                try:
                    self.running[scan] = subprocess.Popen(  # noqa: S603  our own command
                        [*self.command, str(scan), *self.arguments],
                        env=self.environment,
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        start_new_session=True,
                    )
                except OSError as error:
                    running.fail(self.ledger, scan, f"its process could not be started: {error.strerror}")
                    continue
                log.info("scan begun", extra={"scan": scan, "pid": self.running[scan].pid})

    def look(self) -> None:
        """See which have ended and which were cancelled."""
        if not self.running:
            return
        with self.ledger.reading() as connection:
            states = queue.active(connection)
        for scan, process in list(self.running.items()):
            code = process.poll()
            if code is None:
                if scan not in states:  # cancelled, or thought dead: nobody wants it any more
                    process.kill()
                continue
            del self.running[scan]
            log.info("scan ended", extra={"scan": scan, "code": code})
            if scan in states:
                why = f"its process was killed by signal {-code}" if code < 0 else f"its process ended with {code}"
                running.fail(self.ledger, scan, why)
            self._clear(scan)

    def stop(self) -> None:
        """Stop all, and put them back into the queue for the next server.  What they did is in no half: see landing."""
        for process in self.running.values():
            process.kill()
        for scan, process in self.running.items():
            process.wait()
            self._clear(scan)
            with self.ledger.writing() as connection:
                if queue.give_back(connection, scan):
                    log.info("scan put back", extra={"scan": scan})
        self.running.clear()

    def _clear(self, scan: int) -> None:
        """Remove what a scan kept on disk, and what it staged between being cancelled and hearing of it."""
        shutil.rmtree(self.spools / str(scan), ignore_errors=True)
        with self.ledger.writing() as connection:
            queue.clear(connection, scan)
