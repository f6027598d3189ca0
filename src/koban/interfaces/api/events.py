"""What happens, as it happens: server-sent events.

Scans run in other processes, and other workers take requests, so what happened is read from the ledger: once a second
by one thread of each process, and only while somebody listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from koban.interfaces.api.problems import Problem
from koban.interfaces.api.scans import scan_shape
from koban.interfaces.api.security import Caller, Here, State, Who, again, identify
from koban.ledger import audit, scans
from koban.ledger.database import Ledger
from koban.ledger.errors import LedgerError
from koban.ledger.paging import Ask
from koban.ledger.who import Actor, Sight

router = APIRouter(tags=["events"])
log = logging.getLogger("koban.events")

POLL_SECONDS = 1.0
QUIET_SECONDS = 15.0
LISTENERS_MAX = 500
PER_CALLER_MAX = 10
RECENT = 50  # scans looked at each time
WAITING_MAX = 200  # events for one listener; who reads slower than that is let go


@dataclass(eq=False)
class Listener:
    """Somebody who listens, in the event loop that serves them."""

    key: str
    sight: Sight
    loop: asyncio.AbstractEventLoop
    waiting: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(WAITING_MAX))

    def put(self, event: bytes | None) -> None:
        def into() -> None:
            try:
                self.waiting.put_nowait(event)
            except asyncio.QueueFull:
                while not self.waiting.empty():
                    self.waiting.get_nowait()
                self.waiting.put_nowait(None)

        with contextlib.suppress(RuntimeError):  # its loop has ended, and the listener with it
            self.loop.call_soon_threadsafe(into)


class Bus:
    """Who listens, and the thread that looks for them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._listeners)

    def add(self, listener: Listener) -> None:
        with self._lock:
            if self._closed:
                raise Problem(503, "the server is going down", headers={"Retry-After": "5"})
            if len(self._listeners) >= LISTENERS_MAX:
                raise Problem(503, "too many listen already", headers={"Retry-After": "30"})
            if sum(one.key == listener.key for one in self._listeners) >= PER_CALLER_MAX:
                raise Problem(429, "you listen too often already", kind="slow-down", headers={"Retry-After": "30"})
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="koban-events", daemon=True)
                self._thread.start()

    def remove(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def wake(self) -> None:
        """Look now: something has happened."""
        self._woken.set()

    def close(self) -> None:
        """Let everybody go: the server goes down."""
        with self._lock:
            self._closed = True
            for listener in self._listeners:
                listener.put(None)
        self._woken.set()

    def _run(self) -> None:
        look = Look(self.ledger)
        while True:
            with self._lock:
                if self._closed or not self._listeners:
                    self._thread = None
                    return
                listeners = list(self._listeners)
            try:
                for kind, value in look.changes():  # the first time nothing: what is there is not news
                    for listener in listeners:
                        event = told(kind, value, listener.sight)
                        if event is not None:
                            listener.put(event)
            except LedgerError as error:
                log.warning("events cannot be read: %s", error)
            self._woken.wait(POLL_SECONDS)
            self._woken.clear()


class Look:
    """What has changed in the ledger since the last look."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._seen: dict[int, Any] | None = None
        self._entry: int | None = None

    def changes(self) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []
        with self.ledger.reading() as connection:
            recent = scans.page(connection, ask=Ask(RECENT, counted=False)).items
            head = audit.head(connection)
            newest = head.id if head is not None else 0
            entries: list[audit.Entry] = []
            if self._entry is not None and newest > self._entry:
                ask = Ask(min(500, newest - self._entry), counted=False)
                page = audit.page(connection, audit.Filters(action="exception"), ask)
                entries = [one for one in reversed(page.items) if one.id > self._entry]
        self._entry = newest
        seen = {}
        for scan in reversed(recent):
            seen[scan.id] = (scan.state, scan.progress, scan.started)
            before = self._seen.get(scan.id) if self._seen is not None else seen[scan.id]
            if before == seen[scan.id]:
                continue
            found.append(("scan", scan))
            if scan.state == "landed" and (before is None or before[0] != "landed"):
                found.append(("findings", scan))
        self._seen = seen
        found.extend(("exception", entry) for entry in entries)
        return found


def told(kind: str, value: Any, sight: Sight) -> bytes | None:
    """An event as it goes over the wire, as far as somebody of this sight may know; None: nothing."""
    said: Any
    if kind == "scan":
        said = scan_shape(value, sight).model_dump(mode="json")
    elif kind == "findings":
        counts = value.counts or {} if sight.everything else {}
        said = {"scan": value.id} | {
            name: counts.get(key)
            for name, key in (("opened", "new"), ("resolved", "resolved"), ("reopened", "reopened"))
        }
    else:
        if not sight.everything:
            return None
        said = {"object": value.object, "action": value.action}
    return f"event: {kind}\ndata: {json.dumps(said, ensure_ascii=False)}\n\n".encode()


def bus_of(request: Request) -> Bus:
    bus = request.app.state.bus
    assert isinstance(bus, Bus)
    return bus


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def events(request: Request, state: Here, actor: Caller) -> Response:
    """Scans as they go on (`scan`), what landed (`findings`), decisions (`exception`); a comment every 15 s."""
    who = identify(request)
    listener = Listener(who.key, actor.sight, asyncio.get_running_loop())
    bus = bus_of(request)
    bus.add(listener)
    streams = request.app.state.metrics.streams
    return StreamingResponse(
        _stream(request, state, who, bus, listener, streams),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(
    request: Request, state: State, who: Who, bus: Bus, listener: Listener, streams: Any
) -> AsyncIterator[bytes]:
    streams.inc()
    try:
        yield b"retry: 3000\n: listening\n\n"
        while True:
            try:
                event = await asyncio.wait_for(listener.waiting.get(), QUIET_SECONDS)
            except TimeoutError:
                now = await run_in_threadpool(again, request, state)
                if now is None or _rights(now.actor) != _rights(who.actor):
                    return  # signed out, or other rights: come again as who you are now
                event = b": keep-alive\n\n"
            if event is None:
                return
            yield event
    finally:
        bus.remove(listener)
        streams.dec()


def _rights(actor: Actor) -> tuple[str, dict[str, Any]]:
    return actor.role, actor.sight.stored()
