"""Hashes of CloudTrail's log files, taken when they come into the lake, for `koban logs validate --trust-lake`.

What is kept is the SHA-256 of a file's inflated content, as CloudTrail's digests say it, with a tag that changes when
the file is written anew: the ETag that came with these very bytes, or a file's size and modification time.  Where it is
not certain that tag and bytes belong together, nothing is kept, and the file is read when it is validated.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from koban.lake.lake import HASHES, Lake
from koban.lake.rows import rows_relation
from koban.model.digest import Broken
from koban.sources.trails.content import sha256_of

if TYPE_CHECKING:
    from koban.sources.logs.inputs import Input

FOLDER = "AWSLogs/"
SETTLED_NS = 2_000_000_000
"""A file that was written later than this before it was read may change within the same tick of its clock."""


def key_of(place: str) -> str:
    """What a log file is known by, wherever a copy of it lies: its key from `AWSLogs/` on."""
    at = place.rfind(FOLDER)
    return place[at:] if at >= 0 else ""


def is_trail_file(place: str) -> bool:
    """Whether a place is that of a log file of CloudTrail."""
    return "/CloudTrail/" in key_of(place) and place.endswith(".json.gz")


def tag_of(item: Input, path: Path) -> str:
    """The tag of an input as it is now; '' where it says nothing."""
    if item.path is None:
        return item.etag
    with contextlib.suppress(OSError):
        status = os.stat(path)
        if time.time_ns() - status.st_mtime_ns > SETTLED_NS:
            return f"{status.st_size}-{status.st_mtime_ns}"
    return ""


def keep(lake: Lake, taken: Sequence[tuple[Input, Path, str]]) -> int:
    """Keeps the hashes of inputs that have been taken in, each with its tag from before; how many."""
    rows: dict[str, list[str]] = {"key": [], "tag": [], "sha256": []}
    for item, path, tag in taken:
        if not tag:
            continue
        try:
            hashed = sha256_of(_pieces(path))
        except (OSError, Broken):
            continue
        if tag_of(item, path) == tag:
            for name, value in zip(rows, (key_of(item.origin), tag, hashed), strict=True):
                rows[name].append(value)
    if rows["key"]:
        connection = lake.connection(1)
        relation = rows_relation(connection, rows)
        lake.table(HASHES).append(
            connection, f"SELECT current_date AS day, now() AS time, key, tag, sha256 FROM {relation}"
        )
        connection.close()
    return len(rows["key"])


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def kept(lake: Lake) -> Callable[[str], tuple[str, str] | None]:
    """What asks for a log file's tag and hash by its key; the latest word counts."""
    found: dict[bytes, tuple[str, bytes]] = {}
    table = lake.table(HASHES)
    connection = lake.connection(1)
    rows = connection.execute(f"SELECT key, tag, sha256 FROM {table.relation()} ORDER BY time")
    while some := rows.fetchmany(10_000):
        for key, tag, hashed in some:
            found[_short(key)] = (tag, bytes.fromhex(hashed))
    connection.close()

    def known(key: str) -> tuple[str, str] | None:
        one = found.get(_short(key_of(key)))
        return None if one is None else (one[0], one[1].hex())

    return known


def _short(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()[:16]
