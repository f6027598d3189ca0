"""Files that grow while they are followed: how much of one may be taken in now, and what of it is new.

Text is taken up to its last whole line.  The lines of one event of auditd stay together: those of its last seconds wait
for what belongs to them.  An EVTX file is written in place, header and chunks, so that its bytes say nothing about what
was added; its records have numbers that do.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from koban.sources.logs.format import SAMPLE_BYTES
from koban.sources.logs.formats.auditd import line_time
from koban.sources.logs.formats.windows import EVTX_CHUNK_BYTES, EVTX_HEADER_BYTES, EVTX_MAGIC, records_of_chunk

QUIET_SECONDS = 5.0
"""Nobody has written to a file for so long: what it holds is whole."""
ABANDONED_SECONDS = 60.0
"""Nobody has written to a packed file for so long: its end will not come, if it is not there."""
EVENT_SECONDS = 2.0
"""What belongs to an event of auditd is written within so long after it (auditd's own `end_of_event_timeout`)."""
HELD_BYTES_MAX = 4 << 20

_PACKED = (b"\x1f\x8b", b"BZh", b"PAR1", b"\xfd7zXZ\0")


def head_of(path: Path, size: int = SAMPLE_BYTES) -> bytes:
    """How a file begins."""
    with path.open("rb") as file:
        return file.read(size)


def is_numbered(path: Path) -> bool:
    """Whether a file's records have numbers, and are written in place."""
    return head_of(path, len(EVTX_MAGIC)) == EVTX_MAGIC


def whole(path: Path, taken: int, size: int) -> int:
    """How much of the first `size` bytes of a file may be taken in, of which `taken` are.

    All of it where the file has no lines and nobody has written to it for a while, or where it is packed and its end is
    there.
    """
    if not size:
        return 0
    head = head_of(path, 8)
    age = time.time() - path.stat().st_mtime
    quiet = age > QUIET_SECONDS
    if head == EVTX_MAGIC:
        return size
    if head.startswith(_PACKED):
        done = size == taken or age > ABANDONED_SECONDS or (quiet and not _breaks_off(path, head, size))
        return size if done else 0
    with path.open("rb") as file:
        end = _last_line_end(file.fileno(), size)
        if not end:
            # nothing but one line: whole once nobody has written to it
            return size if quiet else 0
        return end if quiet else _event_end(file.fileno(), taken if taken < end else 0, end)


def _breaks_off(path: Path, head: bytes, size: int) -> bool:
    """Whether the first `size` bytes of a packed file lack their end, as far as that can be told."""
    with path.open("rb") as file:
        if head.startswith(b"PAR1"):
            file.seek(size - 4)
            return size < 12 or file.read(4) != b"PAR1"
        if not head.startswith(b"\x1f\x8b"):
            return False
        part = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while data := file.read(min(1 << 18, size)):
            size -= len(data)
            try:
                while data:
                    if part.eof:  # one part is done, and another begins
                        part = zlib.decompressobj(zlib.MAX_WBITS | 16)
                    part.decompress(data, 1 << 20)
                    data = part.unused_data if part.eof else part.unconsumed_tail
            except zlib.error:
                return False  # it is broken, and waiting does not mend it
        with contextlib.suppress(zlib.error):
            while not part.eof and part.decompress(part.unconsumed_tail, 1 << 20):
                pass
        return not part.eof


def _last_line_end(file: int, size: int) -> int:
    at = size
    while at > 0:
        begin = max(0, at - 65536)
        found = os.pread(file, at - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        at = begin
    return 0


def _event_end(file: int, start: int, end: int) -> int:
    """The end of the last lines of auditd whose events are complete; `end` for other lines."""
    begin = max(start, end - HELD_BYTES_MAX)
    last = os.pread(file, min(end - begin, 65536), max(begin, end - 65536)).rstrip(b"\n").rpartition(b"\n")[2]
    newest = line_time(last.decode("utf-8", "replace"))
    if newest is None:
        return end
    held, at = end, end
    tail = os.pread(file, end - begin, begin)
    for line in reversed(tail.split(b"\n")[:-1]):
        at -= len(line) + 1
        mine = line_time(line.decode("utf-8", "replace"))
        if mine is not None and mine < newest - EVENT_SECONDS:
            break
        if mine is not None:
            held = at
    # so much in so short a time: better an event in two parts than none at all
    return held if held > begin or begin == start else end


@dataclass(frozen=True, slots=True)
class LastRecord:
    """The last record of a file whose records are numbered: its number, and what tells it from another one."""

    number: int
    mark: str


def last_record(path: Path) -> LastRecord | None:
    """The last record of an EVTX file; None where it has none that can be told."""
    newest: tuple[int, bytes] | None = None
    for number, data in _records(path):
        if newest is None or number > newest[0]:
            newest = number, data
    return None if newest is None else LastRecord(newest[0], _mark(newest[1]))


def holds_record(path: Path, number: int) -> str | None:
    """The mark of a record of an EVTX file; '' where it had to make room for newer ones, None where it is not there."""
    lowest = None
    for mine, data in _records(path):
        if mine == number:
            return _mark(data)
        lowest = mine if lowest is None else min(lowest, mine)
    return "" if lowest is not None and lowest > number else None


def _mark(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _records(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        file.seek(EVTX_HEADER_BYTES)
        while chunk := file.read(EVTX_CHUNK_BYTES):
            yield from records_of_chunk(chunk)
