"""What has to be done from time to time, and by one process alone: scans, expiring exceptions, messages, retention.

Whichever worker holds the lease in the ledger does it.  When that one dies, another takes over within seconds.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from koban.app.serve.processes import Processes
from koban.ledger import queue
from koban.ledger.database import Ledger
from koban.ledger.errors import LedgerError

log = logging.getLogger("koban.scheduler")

LEASE = timedelta(seconds=20)
RENEW_SECONDS = 5.0
TICK_SECONDS = 1.0


@dataclass(frozen=True)
class Job:
    """Something to do every so often; `apart` in a thread of its own, for what may take long."""

    name: str
    every_seconds: float
    do: Callable[[], object]
    apart: bool = False


class Scheduler:
    """One thread of a process.  ``start()``, and ``stop()`` when the server goes down."""

    def __init__(self, ledger: Ledger, processes: Processes, jobs: list[Job]) -> None:
        self.ledger = ledger
        self.processes = processes
        self.jobs = jobs
        self.holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.holds = False
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="koban-scheduler", daemon=True)
        self._renewed = 0.0
        self._done: dict[str, float] = {}
        self._apart: dict[str, threading.Thread] = {}

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look now: something was asked for."""
        self._woken.set()

    def stop(self) -> None:
        """Stop the scans, put them back into the queue, and let another process take over."""
        self._stop.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self.processes.stop()
        if self.holds:
            try:
                with self.ledger.writing() as connection:
                    queue.release(connection, "scheduler", self.holder)
            except LedgerError:
                log.exception("the lease could not be given up")

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.turn()
            except Exception:
                log.exception("the scheduler failed; it tries again")
                self._stop.wait(RENEW_SECONDS)
            self._woken.wait(TICK_SECONDS)
            self._woken.clear()

    def turn(self) -> None:
        """One look at what there is to do."""
        now = time.monotonic()
        if now - self._renewed >= RENEW_SECONDS:
            self._renewed = now
            with self.ledger.writing() as connection:
                holds = queue.hold(connection, "scheduler", self.holder, datetime.now(UTC), LEASE)
            if holds != self.holds:
                log.info("this process schedules" if holds else "another process schedules")
            self.holds = holds
        self.processes.look()
        if not self.holds:
            return
        self.processes.begin()
        for job in self.jobs:
            if self._stop.is_set():
                return
            if now - self._done.get(job.name, float("-inf")) >= job.every_seconds:
                self._begin(job, now)

    def _begin(self, job: Job, now: float) -> None:
        if not job.apart:
            self._done[job.name] = now
            self._do(job)
            return
        running = self._apart.get(job.name)
        if running is not None and running.is_alive():
            return  # it takes its time: next turn, then
        self._done[job.name] = now
        self._apart[job.name] = threading.Thread(target=self._do, args=(job,), name=f"koban {job.name}", daemon=True)
        self._apart[job.name].start()

    def _do(self, job: Job) -> None:
        try:
            job.do()
        except Exception:
            log.exception("job failed", extra={"job": job.name})
