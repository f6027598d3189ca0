"""Takes logs in as they come: from listeners, from directories that grow, from queues that tell of new objects.

One loop takes in whatever has come, once a second; each receiver hears when its part is in the lake.  What a process
had not taken in when it died is still in the spool, the directory or the queue.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from koban.app.logs.ingest import Counts, Ingestion
from koban.lake.lake import Lake
from koban.sources.logs.format import NO_HINTS, Hints
from koban.sources.logs.growing import is_numbered, whole
from koban.sources.logs.inputs import Input, inputs
from koban.sources.logs.receivers import queue as queues
from koban.sources.logs.receivers.spool import Spool

ROUND_SECONDS = 1.0
COMPACT_SECONDS = 600.0
UNREADABLE_TRIES = 5
"""An input of a directory that could not be read so often is not tried again before it changes."""


@dataclass
class Directories:
    """Directories whose files are followed: new ones, and what is added to old ones up to the last whole line.

    A file is known by its inode, so that one which is renamed when logs rotate is not taken for a new one.
    """

    paths: Sequence[Path]
    state: Path
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)
    _failed: dict[str, tuple[int, int]] = field(default_factory=dict)
    _changed: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._known = json.loads(self.state.read_text(encoding="utf-8"))

    def fresh(self) -> Iterator[Input]:
        """What has changed since it was taken in."""
        for path in self.paths:
            if not path.exists():
                continue
            for item in inputs(str(path)):
                if item.path is None:
                    continue
                with contextlib.suppress(OSError):
                    status = item.path.stat()
                    inode = f"{status.st_dev}:{status.st_ino}"
                    known = self._known.get(inode, {})
                    size = whole(item.path, known.get("size", 0), status.st_size)
                    # what is written in place may change without growing
                    changed = status.st_mtime_ns if size and is_numbered(item.path) else 0
                    if not size or (size == known.get("size") and changed == known.get("changed", 0)):
                        continue
                    self._changed[inode] = changed
                    if self._failed.get(inode, (0, -1))[0] >= UNREADABLE_TRIES and self._failed[inode][1] == size:
                        continue
                    yield replace(item, origin=known.get("origin", item.origin), size_bytes=size, etag=inode)

    def taken(self, items: Sequence[Input]) -> None:
        """Remembers what is in the lake."""
        for item in items:
            self._known[item.etag] = {"origin": item.origin, "size": item.size_bytes}
            if changed := self._changed.pop(item.etag, 0):
                self._known[item.etag]["changed"] = changed
        if items:
            self.state.parent.mkdir(parents=True, exist_ok=True)
            beside = self.state.with_suffix(".part")
            beside.write_text(json.dumps(self._known), encoding="utf-8")
            beside.replace(self.state)

    def failed(self, item: Input) -> None:
        """Remembers what could not be read."""
        tries = self._failed.get(item.etag, (0, -1))
        self._failed[item.etag] = (tries[0] + 1 if tries[1] == item.size_bytes else 1, item.size_bytes)


@dataclass
class Follower:
    """The loop, and what it has done."""

    lake: Lake
    spool: Spool | None = None
    directories: Directories | None = None
    queue_urls: Sequence[str] = ()
    sqs: Any = None
    s3: Any = None
    hints: Hints = NO_HINTS
    on_commit: Callable[[Counts], None] = lambda counts: None
    on_trouble: Callable[[str], None] = lambda text: None
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self._ingestion = Ingestion(self.lake, client=self.s3, hints=self.hints)
        self._compacted = time.monotonic()
        self.stopping = threading.Event()

    def run(self) -> Counts:
        """Takes in until `stopping` is set; then once more, so that nothing waits in the spool."""
        while not self.stopping.is_set():
            begun = time.monotonic()
            try:
                self.round()
            except Exception as error:
                # a full disk, a store that does not answer: what came waits where it is
                self.on_trouble(f"not taken in yet: {error}")
                self.stopping.wait(5.0)
            if time.monotonic() - self._compacted > COMPACT_SECONDS:
                self._compacted = time.monotonic()
                self.lake.compact()
            if not self.queue_urls:
                self.stopping.wait(max(0.0, ROUND_SECONDS - (time.monotonic() - begun)))
        self.round(last=True)
        return self.counts

    def round(self, last: bool = False) -> Counts:
        """Takes in what there is now."""
        done = Counts()
        if self.spool is not None:
            done.add(self._spool(self.spool, last))
        if self.directories is not None:
            done.add(self._directories(self.directories))
        for url in self.queue_urls:
            done.add(self._queue(url, 0 if last else 2))
        if done.events or done.quarantined:
            self.counts.add(done)
            self.on_commit(done)
        for line in done.unreadable:
            self.on_trouble(line)
        return done

    def _spool(self, spool: Spool, last: bool) -> Counts:
        files = spool.finished(all_of_it=last)
        if not files:
            return Counts()
        counts = self._ingestion.take(files, keep_unrecognised=True)
        unread = _unread(counts, files)
        for item in files:
            if item.origin not in unread:
                spool.taken(item)
        return counts

    def _directories(self, directories: Directories) -> Counts:
        files = list(directories.fresh())
        if not files:
            return Counts()
        counts = self._ingestion.take(files)
        unread = _unread(counts, files)
        directories.taken([i for i in files if i.origin not in unread])
        for item in files:
            if item.origin in unread:
                directories.failed(item)
        return counts

    def _queue(self, url: str, wait_seconds: int) -> Counts:
        counts = Counts()
        notices = queues.receive(self.sqs, url, wait_seconds)
        for notice in notices:
            if notice.poison is not None:
                self._ingestion.quarantine(notice.poison, url)
                counts.quarantined += 1
                queues.done(self.sqs, notice)
        whole = [n for n in notices if n.poison is None]
        objects = list(dict.fromkeys(o for n in whole for o in n.objects))
        taken = self._ingestion.take(objects)
        counts.add(taken)
        unread = _unread(taken, objects)
        for notice in whole:
            # an object that could not be read comes back with its message, until it is poison
            if not any(o.origin in unread for o in notice.objects):
                queues.done(self.sqs, notice)
        return counts


def _unread(counts: Counts, items: Sequence[Input]) -> set[str]:
    """Where those of the inputs are that were not taken in."""
    return {i.origin for i in items if any(line.startswith(f"{i.origin}: ") for line in counts.unreadable)}


def clients(queue_urls: Sequence[str]) -> dict[str, Any]:
    """The clients of SQS and S3, where queues are followed."""
    if not queue_urls:
        return {}
    import boto3

    return {"sqs": boto3.client("sqs"), "s3": boto3.client("s3")}


def state_directory(lake: Lake) -> Path:
    """Where a follower keeps its spool and what it knows of directories."""
    import hashlib

    from koban.app.logs.place import data_directory

    return data_directory() / "follow" / hashlib.sha256(os.path.abspath(lake.root).encode()).hexdigest()[:12]
