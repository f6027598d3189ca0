"""What logs are read from: files, directories, standard input, objects in S3; packed or not."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import sys
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

BLOCK_BYTES = 1 << 20
EXACT_TRIES = 5
UNPACKED_RATIO_MAX = 300
UNPACKED_FREE_BYTES = 1 << 30
"""A packed input that has given more than this, and more than `UNPACKED_RATIO_MAX` times its size, is a bomb."""


class BadSource(ValueError):
    """A source that cannot be read at all; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file or object: where it is, how large, and what tells it from another version of itself."""

    origin: str
    size_bytes: int
    path: Path | None = None
    etag: str = ""

    def identity(self, size_bytes: int = -1) -> str:
        """A name of these very bytes at this very place: the same again when nothing changed.

        Of a file, the place and the SHA-256 of its content (or of its first `size_bytes`); of an object, its ETag.
        """
        if self.path is not None:
            content = checksum(self.path, self.size_bytes if size_bytes < 0 else size_bytes)
        else:
            content = f"{self.etag}:{self.size_bytes}"
        return "file:" + hashlib.sha256(f"{self.origin}\0{content}".encode()).hexdigest()

    def identity_of(self, mark: str) -> str:
        """The same of a file that is written in place: by what its last record is known by."""
        return "file:" + hashlib.sha256(f"{self.origin}\0record:{mark}".encode()).hexdigest()

    @property
    def place(self) -> str:
        """A name of the place alone, whatever is there."""
        return "place:" + hashlib.sha256(self.origin.encode()).hexdigest()


def checksum(path: Path, size_bytes: int = -1) -> str:
    """SHA-256 of a file, or of its first bytes."""
    digest = hashlib.sha256()
    left = size_bytes if size_bytes >= 0 else sys.maxsize
    with path.open("rb") as file:
        while left and (block := file.read(min(left, BLOCK_BYTES))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def inputs(source: str, *, client: Any = None) -> Iterator[Input]:
    """The inputs that a source names, in the order of their names.  `BadSource` when there is nothing to read."""
    if source.startswith("s3://"):
        yield from _objects(source, client)
        return
    path = Path(source)
    if not path.exists():
        raise BadSource(f"{source}: no such file or directory")
    if path.is_dir():
        for each in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
            yield _file(each)
    else:
        yield _file(path)


def _file(path: Path) -> Input:
    resolved = path.resolve()
    return Input(str(resolved), resolved.stat().st_size, resolved)


def _objects(source: str, client: Any) -> Iterator[Input]:
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, prefix = source.removeprefix("s3://").partition("/")
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for one in page.get("Contents", ()):
                if one["Size"]:
                    yield Input(f"s3://{bucket}/{one['Key']}", one["Size"], None, one["ETag"].strip('"'))
    except (BotoCoreError, ClientError) as error:
        raise BadSource(f"{source}: cannot be listed: {error}") from error


def fetch(
    wanted: Sequence[Input], scratch: Path, *, client: Any = None, exact: bool = False
) -> dict[Input, Path | BadSource]:
    """Brings objects here, several at a time; a file stays where it is.  What cannot be read is said in its place.

    `exact`: what comes are the bytes of the ETag that was listed; an object that has another by now is not read.
    """

    def one(item: tuple[int, Input]) -> tuple[Input, Path | BadSource]:
        number, wanted = item
        if wanted.path is not None:
            return wanted, wanted.path
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, _, key = wanted.origin.removeprefix("s3://").partition("/")
        # the ending says how it is packed
        path = scratch / f"{number:06d}-{key.rpartition('/')[2][-80:]}"
        try:
            if exact:
                _exactly(client, bucket, key, wanted.etag, path)
            else:
                client.download_file(bucket, key, str(path))
        except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
            return wanted, BadSource(f"{wanted.origin}: cannot be read: {error}")
        return wanted, path

    with ThreadPoolExecutor(16) as pool:
        return dict(pool.map(one, enumerate(wanted)))


def _exactly(client: Any, bucket: str, key: str, etag: str, path: Path) -> None:
    from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

    for attempt in range(EXACT_TRIES):
        try:
            body = client.get_object(Bucket=bucket, Key=key, IfMatch=f'"{etag}"')["Body"]
            with path.open("wb") as file:
                for piece in body.iter_chunks(BLOCK_BYTES):
                    file.write(piece)
            return
        except (IncompleteReadError, ReadTimeoutError, ResponseStreamingError):
            if attempt == EXACT_TRIES - 1:
                raise


class Opened(io.RawIOBase):
    """The unpacked bytes of an input.  Where it breaks off, it ends, and `error` says why."""

    def __init__(self, stream: BinaryIO, size_bytes: int, start: int = 0, end: int = -1) -> None:
        self._file = stream
        self._size = size_bytes
        self._end = end
        self.error = ""
        self.given = 0
        packed = stream.read(6)
        stream.seek(start)
        # what was added to a packed file is packed too, if by itself
        head = stream.read(6) if start else packed
        stream.seek(start)
        self.stream: Any = stream
        if packed[:2] == head[:2] == b"\x1f\x8b":
            self.stream = gzip.GzipFile(fileobj=stream)
        elif packed[:3] == head[:3] == b"BZh":
            self.stream = bz2.BZ2File(stream)
        elif packed == head == b"\xfd7zXZ\x00":
            self.stream = lzma.LZMAFile(stream)  # noqa: SIM115
        self.packed = self.stream is not stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.error:
            return 0
        try:
            # one step at a time: what was unpacked before a break is given
            wanted = len(buffer)
            if not self.packed and self._end >= 0:
                # a file that grows while it is read ends where it was when it was looked at
                wanted = min(wanted, max(0, self._end - self.stream.tell()))
            block = self.stream.read1(wanted) if wanted else b""
        except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
            self.error = f"{error or type(error).__name__}"
            return 0
        buffer[: len(block)] = block
        self.given += len(block)
        if self.packed and self.given > max(UNPACKED_FREE_BYTES, self._size * UNPACKED_RATIO_MAX):
            self.error = (
                f"it unpacks to more than {UNPACKED_RATIO_MAX} times its size; unpack it by hand if it is no bomb"
            )
        return len(block)

    def close(self) -> None:
        self._file.close()
        super().close()


def opened(path: Path, start: int = 0, end: int = -1) -> Opened:
    """Opens and unpacks a file, from a byte up to another (of a file that is not packed)."""
    return Opened(path.open("rb"), path.stat().st_size, start, end)
