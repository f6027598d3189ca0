"""What a log format is: how it is recognised, and how its bytes become records.

A family of formats is one file under `formats/`; the folder is the list.  Three kinds:

- `@json_records("okta-system")` over `claims(record) -> bool`: the source's records are JSON objects, whatever wraps
  them (lines, an array, an object with the array under a key, an envelope).  The splitting is shared.
- `@text_lines("aws-vpc-flow")` over a function that takes numbered lines and yields `Record`s and `Rejected`s;
  `claims=` says of a `Sample` whether it is this format.
- `@binary("windows-evtx")` the same over a binary stream.

A record's `source` names the mapping (`mappings/<source>.yaml`) that makes an event of it.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any, BinaryIO, cast

SAMPLE_BYTES = 64 * 1024
RECORD_BYTES_MAX = 64 * 1024 * 1024


class NotRecognised(ValueError):
    """The input is of no known format, or of one that cannot be read without being told more; the message says what."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user says about inputs that they do not say themselves."""

    flow_fields: tuple[str, ...] = ()
    """The fields of VPC flow logs that come without their header."""
    day_first: bool | None = None
    """Whether dates such as 03/04/2026 begin with the day; None when nobody says."""


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its JSON under the source's own field names, and the original text where that was no JSON."""

    source: str
    record: str
    line: int
    raw_data: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """What could not be read, why, and where it was; goes to quarantine."""

    reason: str
    data: bytes
    line: int


@dataclass(frozen=True)
class Sample:
    """The beginning of an input (decompressed, at most 64 KiB) and its name; what formats are recognised by."""

    name: str
    head: bytes
    written: datetime | None = None
    """When the input was written, as far as its place says: what a time without a year is read by."""
    hints: Hints = NO_HINTS
    numbers: tuple[int, int] | None = None
    """Of a file whose records are numbered (EVTX): those after the first number, up to the second, are wanted."""

    @cached_property
    def text(self) -> str:
        return self.head.decode("utf-8", "replace").lstrip("\ufeff")

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The first lines that are whole, without empty ones; the only line, where there is no end of line."""
        lines = self.text.splitlines()
        whole = lines if len(self.head) < SAMPLE_BYTES or len(lines) < 2 else lines[:-1]
        return tuple(line for line in whole[:50] if line.strip())


@dataclass(frozen=True, slots=True)
class Inside:
    """A record out of an envelope, and what the envelope alone says about it.

    `said` joins the record; its names begin with `_`, so that they never meet one of the source's own.
    """

    item: Any
    said: dict[str, Any]


Read = Iterator[Record | Rejected]
Lines = Iterable[tuple[int, str]]


@dataclass(frozen=True)
class JsonFormat:
    source: str
    claims: Callable[[dict[str, Any]], bool]
    unwrap: Callable[[dict[str, Any]], Any] | None = None
    """For an envelope: the records inside, re-recognised one by one."""
    wrappers: tuple[str, ...] = ()
    """Keys under which an object holds an array of such records."""
    rank: int = 0
    alone_in: tuple[str, ...] = ()
    """Those of the keys whose arrays hold records of this source alone: the first one speaks for all."""


@dataclass(frozen=True)
class TextFormat:
    name: str
    claims: Callable[[Sample], bool]
    read: Callable[[Lines, Sample], Read]
    rank: int = 0
    header: Callable[[Sample], Sequence[str]] = lambda sample: ()
    """The first lines that the lines of a file depend on, however far from them: given again to what was added."""


@dataclass(frozen=True)
class BinaryFormat:
    name: str
    claims: Callable[[Sample], bool]
    read: Callable[[BinaryIO, Sample], Read]


_JSON: list[JsonFormat] = []
_TEXT: list[TextFormat] = []
_BINARY: list[BinaryFormat] = []


def json_records(
    source: str, *, wrappers: tuple[str, ...] = (), rank: int = 0, alone_in: tuple[str, ...] = ()
) -> Callable[[Callable[[dict[str, Any]], bool]], Callable[[dict[str, Any]], bool]]:
    """Registers a source of JSON records; among those that claim a record the lowest `rank` wins.

    Documents that wrap records under a key of `alone_in` are taken in by DuckDB whole (see `documents.py`).
    """

    def register(claims: Callable[[dict[str, Any]], bool]) -> Callable[[dict[str, Any]], bool]:
        _JSON.append(JsonFormat(source, claims, None, wrappers, rank, alone_in))
        return claims

    return register


def envelope(
    name: str, claims: Callable[[dict[str, Any]], bool], *, rank: int = -10
) -> Callable[[Callable[[dict[str, Any]], Any]], Callable[[dict[str, Any]], Any]]:
    """Registers an envelope: the function gives what is inside, in order, each judged anew.

    A dict or a text is a record, `Inside` one with what the envelope says about it, and a `Rejected` what the
    function itself could not read.  An envelope that holds no events by design gives nothing.
    """

    def register(unwrap: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
        _JSON.append(JsonFormat(name, claims, unwrap, (), rank))
        return unwrap

    return register


def text_lines(
    name: str,
    claims: Callable[[Sample], bool],
    *,
    rank: int = 0,
    header: Callable[[Sample], Sequence[str]] = lambda sample: (),
) -> Callable[[Callable[[Lines, Sample], Read]], Callable[[Lines, Sample], Read]]:
    """Registers a format of text lines; among those that claim a sample the lowest `rank` wins."""

    def register(read: Callable[[Lines, Sample], Read]) -> Callable[[Lines, Sample], Read]:
        _TEXT.append(TextFormat(name, claims, read, rank, header))
        return read

    return register


def binary(
    name: str, claims: Callable[[Sample], bool]
) -> Callable[[Callable[[BinaryIO, Sample], Read]], Callable[[BinaryIO, Sample], Read]]:
    """Registers a binary format."""

    def register(read: Callable[[BinaryIO, Sample], Read]) -> Callable[[BinaryIO, Sample], Read]:
        _BINARY.append(BinaryFormat(name, claims, read))
        return read

    return register


@cache
def load() -> tuple[tuple[JsonFormat, ...], tuple[TextFormat, ...], tuple[BinaryFormat, ...]]:
    """Every format of the folder."""
    package = importlib.import_module("koban.sources.logs.formats")
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"koban.sources.logs.formats.{module}")
    return (
        tuple(sorted(_JSON, key=lambda f: (f.rank, f.source))),
        tuple(sorted(_TEXT, key=lambda f: (f.rank, f.name))),
        tuple(sorted(_BINARY, key=lambda f: f.name)),
    )


class _Watched:
    """A record that notes whether anything but the names of its keys was looked at.

    What it does not take part in raises, so that nothing is looked at unnoticed.
    """

    __slots__ = ("_record", "read")
    __hash__ = None  # type: ignore[assignment]
    __iter__ = None

    def __init__(self, record: dict[str, Any]) -> None:
        self._record = record
        self.read = False

    def __contains__(self, key: object) -> bool:
        return key in self._record

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self._record else default

    def __getitem__(self, key: str) -> Any:
        self.read = self.read or key in self._record
        return self._record[key]

    def __bool__(self) -> bool:
        return bool(self._record)

    def __eq__(self, other: object) -> bool:
        raise TypeError("compared as a whole")

    def __repr__(self) -> str:
        raise TypeError("written as a whole")

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return dict


_possible: dict[frozenset[str], tuple[JsonFormat, ...]] = {}
"""Of records with these keys: the formats that may claim one, by what its values are."""
_POSSIBLE_MAX = 4096
_REMEMBERED_KEYS_MAX = 200


def json_format(record: dict[str, Any]) -> JsonFormat | None:
    """The format that a JSON record is of."""
    if len(record) > _REMEMBERED_KEYS_MAX:
        return next((f for f in load()[0] if f.claims(record)), None)
    keys = frozenset(record)
    possible = _possible.get(keys)
    if possible is None:
        if len(_possible) >= _POSSIBLE_MAX:
            _possible.clear()
        possible = _possible[keys] = tuple(_may_claim(load()[0], record))
    for one in possible:
        if one.claims(record):
            return one
    return None


def _may_claim(formats: Iterable[JsonFormat], record: dict[str, Any]) -> Iterator[JsonFormat]:
    """Those that may claim a record with the keys of this one, whatever its values.

    A format that says no and has looked at no value says no to every such record; one that says yes so says yes to
    every one, and what comes after it is not asked.
    """
    for one in formats:
        watched = _Watched(record)
        try:
            claimed = one.claims(cast("dict[str, Any]", watched))
        except Exception:  # it does more with the record than can be watched: asked each time
            yield one
            continue
        if claimed or watched.read:
            yield one
        if claimed and not watched.read:
            return


@cache
def wrapper_keys() -> frozenset[str]:
    """Keys under which some source wraps its records."""
    return frozenset(key for f in load()[0] for key in f.wrappers)


def text_format(sample: Sample) -> TextFormat | None:
    """The text format that a sample is of."""
    return next((f for f in load()[1] if f.claims(sample)), None)


def binary_format(sample: Sample) -> BinaryFormat | None:
    """The binary format that a sample is of."""
    return next((f for f in load()[2] if f.claims(sample)), None)


def as_json(fields: dict[str, Any]) -> str:
    """A record's JSON, compact.  Halves of characters, which UTF-8 cannot write, stay escapes."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(fields, separators=(",", ":"))
    return text
