"""Digest and log files of a local copy, in the layout that they have in S3.

A copy has no metadata of objects, where S3 keeps a digest's signature.  Every digest but the newest is proven by what
the next one records of it; for the newest, what ``aws s3api head-object`` prints may lie beside it, as
``FILE.metadata.json``.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from koban.model.digest import DIGESTS, LOGS, Missing, Name, Ref, Stored, Unread, named
from koban.sources.trails.content import PIECE_BYTES, sha256_of, whole
from koban.sources.trails.store import Place, Wanted, place_of, region_of, regions_below

METADATA = ".metadata.json"
DEPTH_MAX = 8  # directories above AWSLogs


class NoLogs(Exception):
    """A directory without anything of CloudTrail; the message says what was looked for."""


class Files:
    """The trails in local directories: copies of buckets, or of parts of one.  Raises NoLogs for one that has none."""

    def __init__(self, directories: list[Path]) -> None:
        self.readers = min(8, 2 * (os.cpu_count() or 1))
        self.together = 16
        self.unlisted: list[tuple[str, str]] = []
        self._roots: list[tuple[str, str]] = []  # the directory that holds AWSLogs, and what of it was asked for
        for directory in directories:
            found = self._places(directory)
            if not found:
                raise NoLogs(f"{directory}: there is no {LOGS} with digest files in it or below")
            self._roots += found
        self._roots = list(dict.fromkeys(self._roots))
        self._unsearched = list(self.unlisted)
        self._bases = list(dict.fromkeys(base for base, _ in self._roots))

    def _places(self, directory: Path) -> list[tuple[str, str]]:
        """Every (directory that holds AWSLogs, prefix asked for) in and below a directory, or around it."""
        path = os.path.realpath(directory)
        steps = f"{path}/".split(f"/{LOGS}", maxsplit=1)
        if len(steps) > 1:
            return [(steps[0] or "/", LOGS + steps[1])]
        found: list[tuple[str, str]] = []
        waiting = [(path, 0)]
        while waiting:
            here, depth = waiting.pop()
            below = sorted(self._directories(here, follow=depth == 0), reverse=True)
            if LOGS.strip("/") in below:
                found.append((here, LOGS))
            if depth < DEPTH_MAX:
                waiting += [(f"{here}/{one}", depth + 1) for one in below if f"{one}/" != LOGS]
        return found

    def _directories(self, path: str, follow: bool = True) -> list[str]:
        try:
            with os.scandir(path) as entries:
                return [one.name for one in entries if one.is_dir(follow_symlinks=follow)]
        except FileNotFoundError:
            return []
        except OSError as error:
            self.unlisted.append((path, error.strerror or str(error)))
            return []

    def regions(self, wanted: Wanted) -> dict[Place, list[Ref]]:
        self.unlisted[:] = self._unsearched
        regions: dict[Place, list[Ref]] = {}
        for base, prefix in self._roots:

            def children(of: str, base: str = base) -> list[str]:
                return [f"{of}{one}/" for one in sorted(self._directories(f"{base}/{of}"))]

            for region in regions_below(prefix, children, wanted):
                regions.setdefault(place_of(region), []).append(Ref(base, region))
        return regions

    def names(self, prefixes: list[Ref], wanted: Wanted) -> list[Name]:
        found = (named(Ref(base, key)) for base, region in prefixes for key in self._keys(base, region, wanted))
        return [one for one in found if one is not None and wanted.wants(one)]

    def beside(self, name: Name, wanted: Wanted) -> list[Name]:
        found = [named(Ref(name.ref.bucket, key)) for key in self._keys(name.ref.bucket, region_of(name.ref), wanted)]
        return [one for one in found if one is not None and one.chain == name.chain and wanted.within(one.moment)]

    def _keys(self, base: str, prefix: str, wanted: Wanted) -> Iterator[str]:
        path = f"{base}/{prefix}"
        try:
            with os.scandir(path) as entries:
                found = sorted((one.name, one.is_dir()) for one in entries)
        except FileNotFoundError:
            return
        except OSError as error:
            self.unlisted.append((path, error.strerror or str(error)))
            return
        for name, is_directory in found:
            if not is_directory:
                yield prefix + name
            elif not _before(f"{prefix}{name}/", wanted.start_of(prefix)):
                yield from self._keys(base, f"{prefix}{name}/", wanted)

    def digest(self, ref: Ref) -> Stored:
        content, raw_sha256 = whole(self._pieces(ref))
        return Stored(content, raw_sha256, self._metadata(ref))

    def sha256(self, ref: Ref) -> str:
        return sha256_of(self._pieces(ref))

    def tag(self, ref: Ref) -> str:
        try:
            found = os.stat(self.shown(ref))
        except OSError:
            return ""
        return f"{found.st_size}-{found.st_mtime_ns}"

    def _pieces(self, ref: Ref) -> Iterator[bytes]:
        path = self.shown(ref)
        if "/../" in f"/{ref.key}/":
            raise Unread("it names a place outside the copy")
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            raise Missing(path) from None
        except OSError as error:
            raise Unread(_why(error)) from None
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unread("it is not a file")
            while piece := os.read(handle, PIECE_BYTES):
                yield piece
        except OSError as error:
            raise Unread(_why(error)) from None
        finally:
            os.close(handle)

    def _metadata(self, ref: Ref) -> dict[str, str] | None:
        try:
            raw: Any = json.loads(Path(self.shown(ref) + METADATA).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unread(f"its {METADATA}: {_why(error)}") from None
        except ValueError:
            raise Unread(f"its {METADATA} is not JSON") from None
        found = raw.get("Metadata", raw) if isinstance(raw, dict) else None
        if not isinstance(found, dict):
            raise Unread(f"its {METADATA} has no metadata")
        return {str(name).lower(): str(value) for name, value in found.items()}

    def locate(self, near: Ref, named: Ref) -> Ref:
        """By its path from AWSLogs on: in the same copy, else in another that has it."""
        prefix, found, tail = f"/{named.key}".rpartition(f"/{LOGS}")
        key = LOGS + tail if found else named.key
        here = Ref(near.bucket, key)
        if len(self._bases) > 1 and not os.path.exists(self.shown(here)):
            ending = f"{prefix}/" if prefix else f"/{named.bucket}/"
            others = sorted(self._bases, key=lambda base: not f"{base}/".endswith(ending))
            for base in others:
                if os.path.exists(f"{base}/{key}"):
                    return Ref(base, key)
        return here

    def in_place(self, here: Ref, named: Ref) -> bool:
        return f"/{named.key}".endswith(f"/{here.key}")

    def shown(self, ref: Ref) -> str:
        return f"{ref.bucket.rstrip('/')}/{ref.key}"


def _why(error: OSError) -> str:
    return "access denied" if isinstance(error, PermissionError) else (error.strerror or str(error)).lower()


def _before(prefix: str, start: datetime | None) -> bool:
    """Whether a directory ``.../region/2026/11/24/`` ends before a time."""
    if start is None:
        return False
    steps = prefix.rpartition(DIGESTS)[2].strip("/").split("/")[1:]
    first = f"{start:%Y/%m/%d}".split("/")[: len(steps)]
    return all(one.isdigit() for one in steps) and steps < first
