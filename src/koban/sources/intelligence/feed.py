"""A feed, whatever its format: found out by its content, unpacked, and read within limits."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urljoin

from koban.model.indicator import Entry, LeftOut
from koban.sources.intelligence import lines, misp, stix, table
from koban.sources.intelligence.http import Client, FetchError
from koban.sources.intelligence.warninglist import is_warning_list

JSON_BYTES_MAX = 256 << 20
UNPACKED_BYTES_MAX = 64 << 30
BOMB_RATIO = 250
"""Text that packs better than this, beyond BOMB_BYTES, is made to fill memory and disks."""
BOMB_BYTES = 64 << 20
LINE_BYTES_MAX = 64 << 10
FILES_MAX = 100_000
HEAD_BYTES = 64 << 10
BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile)


class FeedError(ValueError):
    """A feed that cannot be read at all; one line that says why and what to do."""


def entries(location: str, kind: str = "", names: Sequence[str] = (), client: Client | None = None) -> Iterator[Entry]:
    """What a feed says: a file, a directory, `-` (standard input) or a web address.

    `kind` says what the values of lists and tables are; `names` the columns of a table.  Raises FeedError.
    """
    client = client or Client()
    if location.startswith(("http://", "https://")):
        yield from _fetched(location, kind, names, client)
        return
    if location == "-":
        yield from _stream(sys.stdin.buffer, "standard input", kind, names)
        return
    path = Path(location)
    try:
        if path.is_dir():
            yield from _directory(path, kind, names)
            return
        with path.open("rb") as stream:
            yield from _stream(stream, location, kind, names, beside=path.parent)
    except OSError as error:
        raise FeedError(f"{location} cannot be read: {error.strerror or error}") from None


def _fetched(url: str, kind: str, names: Sequence[str], client: Client) -> Iterator[Entry]:
    if url.endswith("/"):
        url = urljoin(url, "manifest.json")
    with tempfile.TemporaryFile() as scratch:
        file = cast(BinaryIO, scratch)
        try:
            client.download(url, file)
        except FetchError as error:
            raise FeedError(str(error)) from None
        file.seek(0)
        yield from _stream(file, url, kind, names, client=client)


def _directory(path: Path, kind: str, names: Sequence[str]) -> Iterator[Entry]:
    manifest = path / "manifest.json"
    files = [manifest] if manifest.exists() else sorted(one for one in path.rglob("*") if one.is_file())
    if not files:
        raise FeedError(f"{path} is an empty directory")
    if len(files) > FILES_MAX:
        raise FeedError(f"{path} has more than {FILES_MAX:,} files")
    for one in files:
        if one.name.startswith("."):
            continue
        with one.open("rb") as stream:
            yield from _stream(stream, str(one), kind, names, beside=one.parent)


def _stream(
    stream: BinaryIO,
    name: str,
    kind: str,
    names: Sequence[str],
    *,
    client: Client | None = None,
    beside: Path | None = None,
    depth: int = 0,
) -> Iterator[Entry]:
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(Any, stream), HEAD_BYTES)
    try:
        yield from _recognised(buffered, name, kind, names, client, beside, depth)
    except BROKEN as error:
        raise FeedError(f"{name} breaks off: {error}") from None


def _recognised(
    buffered: io.BufferedReader,
    name: str,
    kind: str,
    names: Sequence[str],
    client: Client | None,
    beside: Path | None,
    depth: int,
) -> Iterator[Entry]:
    head = buffered.peek(HEAD_BYTES)[:HEAD_BYTES]
    if head[:2] == b"\x1f\x8b" or head[:4] == b"PK\x03\x04":
        if depth:
            raise FeedError(f"{name} holds an archive in an archive; unpack it first")
        unpack = _gunzipped if head[:2] == b"\x1f\x8b" else _unzipped
        for unpacked, inner in unpack(buffered, name):
            yield from _stream(unpacked, inner, kind, names, client=client, beside=beside, depth=1)
        return
    if _begins_json(head):
        yield from _document(_json(buffered, name), name, client, beside)
        return
    if b"\0" in head[:4096] and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise FeedError(f"{name} is neither text nor JSON nor an archive of them")
    first = _text(head).splitlines()
    delimiter = table.looks_like_table(first[:-1] if len(head) == HEAD_BYTES else first)
    numbered = _lines(buffered)
    if (delimiter or names) and not _is_hosts(first):
        yield from table.entries(numbered, delimiter or ",", kind, names)
    else:
        yield from lines.entries(numbered, kind)


def _is_hosts(head: list[str]) -> bool:
    return any(one.split()[:1] == [sink] for one in head for sink in lines.SINKS)


def _begins_json(head: bytes) -> bool:
    text = _text(head).lstrip("\ufeff \t\r\n")
    if text[:1] == "{":
        return True
    # a list may begin with [2001:db8::1]:443 or [ a comment ]
    return text[:1] == "[" and text[1:].lstrip()[:1] in ("{", "]", '"', "[")


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _json(stream: io.BufferedReader, name: str) -> Any:
    data = stream.read(JSON_BYTES_MAX + 1)
    if len(data) > JSON_BYTES_MAX:
        raise FeedError(f"{name} is more than {JSON_BYTES_MAX >> 20} MB of JSON; split it, or use a list or CSV")
    try:
        return json.loads(_text(data))
    except ValueError as error:
        at = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise FeedError(f"{name} is broken JSON: {at}") from None
    except RecursionError:
        raise FeedError(f"{name} is nested too deeply to be a feed") from None


def _document(document: Any, name: str, client: Client | None, beside: Path | None) -> Iterator[Entry]:
    if is_warning_list(document):
        raise FeedError(f"{name} is an allow-list: koban intel allow {name}")
    if isinstance(document, dict) and isinstance(document.get("objects"), list):
        yield from stix.entries(document["objects"])
    elif isinstance(document, dict) and document.get("type") == "indicator":
        yield from stix.entries([document])
    elif isinstance(document, list) and any(
        isinstance(one, dict) and one.get("type") == "indicator" for one in document
    ):
        yield from stix.entries(document)
    elif misp.is_manifest(document):
        yield from _misp_feed(document, name, client, beside)
    elif (events := misp.events(document)) is not None:
        for event in events:
            yield from misp.entries(event)
    else:
        raise FeedError(f"{name} is JSON, but neither a STIX bundle nor an event or feed of MISP")


def _misp_feed(manifest: dict[str, Any], name: str, client: Client | None, beside: Path | None) -> Iterator[Entry]:
    """The events that a manifest names, each in a file beside it."""
    for uuid in sorted(manifest)[:FILES_MAX]:
        if not all(letter in "0123456789abcdefABCDEF-" for letter in uuid):
            yield LeftOut("manifest", uuid, "is no id of an event")
            continue
        try:
            events = misp.events(_beside(uuid, name, client, beside))
        except (FeedError, FetchError, OSError) as error:
            yield LeftOut(f"event {uuid}", str(manifest[uuid].get("info", ""))[:100], f"cannot be read: {error}")
            continue
        if events is None:
            yield LeftOut(f"event {uuid}", str(manifest[uuid].get("info", ""))[:100], "is no event of MISP")
        for event in events or ():
            yield from misp.entries(event)


def _beside(uuid: str, name: str, client: Client | None, beside: Path | None) -> Any:
    if client is not None:
        return client.get(urljoin(name, f"{uuid}.json")).json()
    if beside is None:
        raise FeedError("a manifest has its events beside it; name its directory or address")
    with (beside / f"{uuid}.json").open("rb") as stream:
        return _json(stream, f"{uuid}.json")


# -- unpacking within limits ------------------------------------------------------------------------------------------


class _Bounded(io.RawIOBase):
    """Unpacked bytes, counted; what grows without end is refused."""

    def __init__(self, inner: Any, name: str, packed: Any) -> None:
        self._inner, self._name, self._packed, self._taken = inner, name, packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._inner.read(len(buffer))
        buffer[: len(data)] = data
        self._taken += len(data)
        ratio = self._taken / max(self._packed(), 1)
        if self._taken > UNPACKED_BYTES_MAX or (self._taken > BOMB_BYTES and ratio > BOMB_RATIO):
            raise FeedError(f"{self._name} unpacks to {ratio:,.0f} times its size: it is made to fill memory, not read")
        return len(data)


def _gunzipped(stream: io.BufferedReader, name: str) -> Iterator[tuple[BinaryIO, str]]:
    counted = _Counted(stream)
    with gzip.GzipFile(fileobj=cast(Any, counted)) as inner:
        yield io.BufferedReader(_Bounded(inner, name, lambda: counted.taken), 1 << 18), name


class _Counted:
    """A packed stream that knows how much of it was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.taken = stream, 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.taken += len(data)
        return data


def _unzipped(stream: io.BufferedReader, name: str) -> Iterator[tuple[BinaryIO, str]]:
    with _seekable(stream) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError) as error:
            raise FeedError(f"{name} is a broken zip file: {error}") from None
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) > FILES_MAX:
            raise FeedError(f"{name} has more than {FILES_MAX:,} files")
        for one in members:
            try:
                inner = archive.open(one)
            except (RuntimeError, zipfile.BadZipFile, OSError) as error:
                raise FeedError(f"{name}: {one.filename} cannot be unpacked ({error}); unpack it yourself") from None
            size = max(one.compress_size, 1)
            with inner:
                yield (
                    io.BufferedReader(_Bounded(inner, name, lambda size=size: size), 1 << 18),
                    f"{name}:{one.filename}",
                )


@contextmanager
def _seekable(stream: io.BufferedReader) -> Iterator[Any]:
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as scratch:
        while block := stream.read(1 << 20):
            scratch.write(block)
            if scratch.tell() > UNPACKED_BYTES_MAX:
                raise FeedError("standard input is too large a zip file")
        scratch.seek(0)
        yield scratch


def _lines(stream: io.BufferedReader) -> Iterator[tuple[int, str]]:
    """Numbered lines of text.  What is longer than a line can be is cut, so that nothing grows in memory."""
    if stream.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff"):
        wide = io.TextIOWrapper(stream, "utf-16", "replace")
        read = iter(lambda: wide.readline(LINE_BYTES_MAX), "")
        yield from ((at, line.rstrip("\r\n")) for at, line in enumerate(read, 1))
        return
    number, rest = 0, False
    while chunk := stream.readline(LINE_BYTES_MAX):
        ended = chunk.endswith(b"\n")
        if not rest:
            number += 1
            text = chunk.decode("utf-8", "replace").rstrip("\r\n")
            yield number, text.removeprefix("\ufeff") if number == 1 else text
        rest = not ended
