"""The process that serves: uvicorn, one worker or several, and the scheduler beside them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from koban.app.notify.sender import Sender
from koban.app.serve.jobs import jobs
from koban.app.serve.processes import Processes
from koban.app.serve.scheduler import Scheduler
from koban.app.serve.settings import Settings
from koban.interfaces.api import logs
from koban.interfaces.api.make import make_app
from koban.interfaces.api.security import State
from koban.ledger import people
from koban.ledger.database import Ledger
from koban.ledger.errors import Conflict
from koban.ledger.seal import key_of
from koban.ledger.who import SYSTEM

DRAIN_SECONDS = 20  # what is being answered may take so long when the server goes down
CONCURRENCY_MAX = 1000
HEAD_BYTES_MAX = 32 * 1024


@dataclass(frozen=True)
class Worker:
    """Makes the application in a worker's process; it is sent there, so it holds no connections."""

    settings: Settings
    data_dir: Path
    url: str | None
    log_level: str = "info"

    def __call__(self) -> ASGIApp:
        logs.start(self.log_level)
        ledger = Ledger.open(self.data_dir, self.url)
        state = State(ledger, self.data_dir, key_of(self.data_dir), self.settings)
        app = make_app(state)
        within(app, self._running(app, state))
        if not self.settings.proxies:
            return app
        from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

        return ProxyHeadersMiddleware(app, trusted_hosts=list(self.settings.proxies))  # type: ignore[arg-type,return-value]

    def _running(self, app: FastAPI, state: State) -> Callable[[], Any]:
        @asynccontextmanager
        async def running() -> AsyncIterator[None]:
            scheduler, stopped = None, threading.Event()
            if self.settings.scheduler:
                sender = Sender(
                    state.ledger,
                    state.key,
                    allow_private=self.settings.allow_private_webhooks,
                    address=self.settings.url,
                )
                processes = Processes(state.ledger, self.data_dir, self.url, self.settings.scans_at_once)
                scheduler = Scheduler(state.ledger, processes, jobs(state.ledger, state.key, self.settings))
                scheduler.start()
                threading.Thread(target=sender.run, args=(stopped,), name="koban-messages", daemon=True).start()
            bus = app.state.bus

            def wake() -> None:
                bus.wake()
                if scheduler is not None:
                    scheduler.wake()

            state.wake = wake
            _when_stopped(bus.close)
            try:
                yield
            finally:
                bus.close()
                stopped.set()
                if scheduler is not None:
                    scheduler.stop()
                state.background.drain()
                state.ledger.close()

        return running


def within(app: FastAPI, running: Callable[[], Any]) -> None:
    """Do something while the application is up, around what it does itself."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def both(of: Any) -> AsyncIterator[Any]:
        async with running(), inner(of) as state:
            yield state

    app.router.lifespan_context = both


def _when_stopped(do: Callable[[], None]) -> None:
    """Do it as soon as the server is told to stop: streams would keep it waiting otherwise."""
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def stopped(signum: int, frame: FrameType | None, before: Any = before) -> None:
            do()
            if callable(before):
                before(signum, frame)

        try:
            signal.signal(number, stopped)
        except ValueError:
            return  # not the main thread: somebody else minds the signals


def serve(settings: Settings, data_dir: Path, url: str | None, log_level: str, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; then answer what was asked, and return."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from koban.interfaces.api.protocol import ImpatientH11

    counts = None
    if settings.workers > 1:
        counts = tempfile.mkdtemp(prefix="koban-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
    config = uvicorn.Config(
        Worker(settings, data_dir, url, log_level),
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="asyncio",
        http=ImpatientH11,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        limit_concurrency=CONCURRENCY_MAX,
        h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    try:
        if settings.workers > 1:
            Multiprocess(config, sockets=[listening]).run()
        else:
            uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn has stopped in order, and only passes the signal on
    finally:
        if counts is not None:
            shutil.rmtree(counts, ignore_errors=True)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.  Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(1024)
        made.set_inheritable(True)
    except BaseException:
        made.close()
        raise
    return made


def setup_secret(ledger: Ledger, now: Any) -> str | None:
    """The secret of a one-time link to make the first admin with; None if there is an admin who can sign in."""
    with ledger.writing() as connection:
        try:
            return people.setup_link(connection, SYSTEM, now)
        except Conflict:
            return None
