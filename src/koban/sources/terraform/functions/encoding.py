"""Functions that write values as text, and read them back."""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
import struct
import zlib
from collections.abc import Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any
from urllib.parse import quote_plus

import yaml

from koban.model.unknown import Partial, Unknown
from koban.sources.terraform.functions.conversion import ANY, NODES_MAX, STRING, parse_number
from koban.sources.terraform.functions.function import NotKnown, function, normal, nullable, shown_call
from koban.sources.terraform.values import (
    ELEMENTS_MAX,
    TEXT_CHARACTERS_MAX,
    EvaluationError,
    JsonText,
    List,
    TooLarge,
    first_unknown,
    json_with_holes,
    number,
    text_of,
)

# Names of encodings as the public register has them, and Python's own.
ENCODINGS = {
    "utf-8": "utf-8", "utf-16be": "utf-16-be", "utf-16le": "utf-16-le", "us-ascii": "ascii", "latin1": "latin-1",
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"windows-{n}": f"cp{n}" for n in (874, *range(1250, 1259))},
    **{f"ibm{n}": f"cp{n}" for n in (437, 850, 852, 855, 858, 860, 862, 863, 865, 866)},
    "koi8-r": "koi8-r", "koi8-u": "koi8-u", "macintosh": "mac-roman", "shift_jis": "cp932", "euc-jp": "euc-jp",
    "iso-2022-jp": "iso2022-jp", "euc-kr": "cp949", "gbk": "gbk", "gb18030": "gb18030", "big5": "big5",
}  # fmt: skip


def json_text(value: Any) -> str:
    """The JSON of a value that is known throughout, as Terraform writes it."""
    size = 0
    pieces: list[str] = []
    for piece in _json_pieces(value):
        size += len(piece)
        if size > TEXT_CHARACTERS_MAX:
            raise TooLarge(f"a JSON text has more than {TEXT_CHARACTERS_MAX:,} characters")
        pieces.append(piece)
    return "".join(pieces)


def _json_pieces(value: Any) -> Iterator[str]:
    if value is None:
        yield "null"
    elif isinstance(value, str):
        yield _json_string(value)
    elif isinstance(value, dict):
        opening = "{"
        for name in sorted(value, key=lambda one: one.encode("utf-8", "surrogatepass")):
            yield f"{opening}{_json_string(name)}:"
            yield from _json_pieces(value[name])
            opening = ","
        yield "{}" if opening == "{" else "}"
    elif isinstance(value, list):
        opening = "["
        for one in value:
            yield opening
            yield from _json_pieces(one)
            opening = ","
        yield "[]" if opening == "[" else "]"
    else:
        yield text_of(value)


def _json_string(text: str) -> str:
    made = encode_basestring(text)
    for character in "<>&\u2028\u2029":
        if character in made:
            made = made.replace(character, f"\\u{ord(character):04x}")
    return made


@function(nullable(ANY), partly=True)
def jsonencode(value: Any) -> Any:
    if first_unknown(value) is not None:
        return JsonText(value, shown_call("jsonencode", [value]))
    return json_text(value)


@function(STRING, partly=True)
def jsondecode(text: Any) -> Any:
    if isinstance(text, JsonText):
        return _untyped(text._value)
    if isinstance(text, Unknown):
        found = json_with_holes(text) if isinstance(text, Partial) else text
        if found is text:
            raise NotKnown(text)
        return _untyped(found)
    try:
        found = json.loads(
            text, parse_int=parse_number, parse_float=parse_number, parse_constant=_no_constant, strict=True
        )
    except ValueError:
        raise EvaluationError("this text is no JSON") from None
    return normal(_without_surrogates(found))


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(one) for one in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(one) for name, one in value.items()}
    return value


def _untyped(value: Any) -> Any:
    """The value as JSON gives it back: lists as tuples, maps as objects."""
    if isinstance(value, float):
        return number(Decimal(repr(value)))
    if isinstance(value, dict):
        return {name: _untyped(one) for name, one in value.items()}
    if isinstance(value, list):
        kind = list if type(value).__name__ in ("List", "Set") else type(value)
        return kind(map(_untyped, value))
    return value


@function(STRING)
def base64encode(text: Any) -> Any:
    return base64.b64encode(text.encode()).decode()


def decoded(text: str) -> bytes:
    """The bytes that a base64 text stands for."""
    compact = text.replace("\n", "").replace("\r", "")
    if len(compact) % 4 or not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", compact):
        raise EvaluationError("this text is no base64")
    try:
        return base64.b64decode(compact, validate=True)
    except binascii.Error:
        raise EvaluationError("this text is no base64") from None


@function(STRING)
def base64decode(text: Any) -> Any:
    return utf8(decoded(text))


def utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise EvaluationError("the bytes are no text in UTF-8") from None


@function(STRING)
def base64gzip(text: Any) -> Any:
    """Not packed at all: how tightly a text is packed depends on the version of a library, and nobody asks for it."""
    content = text.encode()
    blocks = bytearray()
    for start in range(0, max(len(content), 1), 0xFFFF):
        block = content[start : start + 0xFFFF]
        last = start + 0xFFFF >= len(content)
        blocks += struct.pack("<BHH", last, len(block), 0xFFFF ^ len(block)) + block
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    whole = header + bytes(blocks) + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
    return base64.b64encode(whole).decode()


def _codec(name: str) -> str:
    found = ENCODINGS.get(name.lower())
    if found is None:
        try:
            codecs.lookup(name)
        except (LookupError, ValueError):
            raise EvaluationError("there is no such encoding") from None
        raise NotKnown(Unknown(f"encoding {name[:40]}", "this encoding is not read"))
    return found


@function(STRING, STRING)
def textencodebase64(text: Any, encoding: Any) -> Any:
    if encoding.lower() == "utf-16":
        content = b"\xfe\xff" + text.encode("utf-16-be")
    else:
        try:
            content = text.encode(_codec(encoding))
        except UnicodeEncodeError:
            raise EvaluationError("the encoding has no such characters") from None
    return base64.b64encode(content).decode()


@function(STRING, STRING)
def textdecodebase64(text: Any, encoding: Any) -> Any:
    content = decoded(text)
    try:
        if encoding.lower() == "utf-16":
            mark, rest = content[:2], content[2:]
            codec = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
            return (rest if mark in (b"\xff\xfe", b"\xfe\xff") else content).decode(codec)
        return content.decode(_codec(encoding))
    except UnicodeDecodeError:
        raise EvaluationError("the bytes are no text in this encoding") from None


@function(STRING)
def urlencode(text: Any) -> Any:
    return quote_plus(text, safe="")


@function(STRING)
def csvdecode(text: Any) -> Any:
    header: list[str] | None = None
    rows = List()
    for record in _records(text):
        if header is None:
            header = record
            if len(set(header)) < len(header):
                raise EvaluationError("two columns have one name")
        elif len(record) != len(header):
            raise EvaluationError("a row has more or fewer fields than the header")
        elif len(rows) * len(header) > ELEMENTS_MAX:
            raise TooLarge(f"a table has more than {ELEMENTS_MAX:,} fields")
        else:
            rows.append(dict(sorted(zip(map(normal, header), map(normal, record), strict=True))))
    if header is None:
        raise EvaluationError("the header is missing")
    return rows


_FIELD = re.compile(r'"((?:[^"]|"")*)"(?=,|\n|\Z)|([^",\n][^",\n]*|)(?=,|\n|\Z)')


def _records(text: str) -> Iterator[list[str]]:
    text = text.replace("\r\n", "\n")
    if text.endswith("\r"):
        text = text[:-1]
    at = 0
    while at < len(text):
        if text[at] == "\n":
            at += 1
            continue
        record: list[str] = []
        while True:
            found = _FIELD.match(text, at)
            if found is None:
                raise EvaluationError("a quote stands where none may")
            record.append(found[1].replace('""', '"') if found[1] is not None else found[2])
            at = found.end()
            if at >= len(text) or text[at] == "\n":
                at += 1
                break
            at += 1
        yield record


@function(nullable(ANY))
def yamlencode(value: Any) -> Any:
    if not isinstance(value, str | list | dict):
        return f"{'null' if value is None else text_of(value)}\n...\n"
    events = [
        yaml.StreamStartEvent(),
        yaml.DocumentStartEvent(explicit=False),
        *_yaml_events(value),
        yaml.DocumentEndEvent(explicit=False),
        yaml.StreamEndEvent(),
    ]
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.emit(events, Dumper=dumper, allow_unicode=True)
    return text.removesuffix("...\n") if text.endswith("\n...\n") else text


def _yaml_events(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield yaml.MappingStartEvent(None, None, True, flow_style=not value)
        for name in sorted(value, key=lambda one: one.encode("utf-8", "surrogatepass")):
            yield _yaml_string(name)
            yield from _yaml_events(value[name])
        yield yaml.MappingEndEvent()
    elif isinstance(value, list):
        yield yaml.SequenceStartEvent(None, None, True, flow_style=not value)
        for one in value:
            yield from _yaml_events(one)
        yield yaml.SequenceEndEvent()
    elif isinstance(value, str):
        yield _yaml_string(value)
    else:
        text = "null" if value is None else text_of(value)
        yield yaml.ScalarEvent(None, None, (True, False), text)


def _yaml_string(text: str) -> Any:
    return yaml.ScalarEvent(None, None, (False, True), text, style="|" if "\n" in text else '"')


@function(STRING)
def yamldecode(text: Any) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return normal(_YamlReader(yaml.parse(text, Loader=loader)).read())
    except yaml.YAMLError:
        raise EvaluationError("this text is no YAML") from None


_WORDS: dict[str, bool | None] = {"~": None, "": None}
for _word, _value in (("null", None), ("true", True), ("yes", True), ("on", True), ("y", True), ("false", False)):
    _WORDS |= dict.fromkeys((_word, _word.capitalize(), _word.upper()), _value)
for _word in ("no", "off", "n"):
    _WORDS |= dict.fromkeys((_word, _word.capitalize(), _word.upper()), False)
_WHOLE = re.compile(r"[-+]?[0-9]+|0x([0-9a-fA-F]+)|0o([0-7]+)")
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_CLOCK = r"(\d\d?):(\d\d?):(\d\d?)(?:\.\d*)?"
_TIME = re.compile(rf"(\d{{4}})-(\d\d?)-(\d\d?)(?:[Tt]{_CLOCK}(Z|[-+]\d\d:\d\d)| {_CLOCK})?", re.ASCII)
_TAG = "tag:yaml.org,2002:"
_TAGS = {f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null", "binary", "timestamp", "merge")}


class _YamlReader:
    """Builds values out of what a YAML text is made of, each place where an alias stands counted."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.anchors: dict[str, Any] = {}
        self.nodes = 0
        self.sizes: dict[int, int] = {}

    def read(self) -> Any:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                break
        else:
            raise EvaluationError("the text holds no document")
        value = self.node(next(self.events))
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise EvaluationError("the text holds more than one document")
        return value

    def node(self, event: Any) -> Any:
        before = self.nodes
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise EvaluationError("an alias refers to nothing that is complete")
            value, size = self.anchors[event.anchor]
            self.count(size)
            return value
        self.count(1)
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)
        if isinstance(event, yaml.SequenceStartEvent):
            value = self.sequence(event)
        elif isinstance(event, yaml.MappingStartEvent):
            value = self.mapping(event)
        else:
            value = _scalar(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, self.nodes - before)
        return value

    def count(self, size: int) -> None:
        self.nodes += size
        if self.nodes > NODES_MAX:
            raise TooLarge(f"a YAML text stands for more than {NODES_MAX:,} values")

    def sequence(self, event: Any) -> list[Any]:
        _known_tag(event, "seq")
        made: list[Any] = []
        while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
            made.append(self.node(inner))
        return made

    def mapping(self, event: Any) -> dict[str, Any]:
        _known_tag(event, "map")
        made: dict[str, Any] = {}
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            merged = isinstance(inner, yaml.ScalarEvent) and inner.value == "<<"
            key = "<<" if merged else self.node(inner)
            value = self.node(next(self.events))
            if merged:
                if not isinstance(value, dict):
                    raise EvaluationError("only a mapping can be merged into another")
                made.update(value)
            elif key is None or isinstance(key, list | dict):
                raise EvaluationError("a key of a mapping is no string")
            else:
                made[text_of(key)] = value
        return dict(sorted(made.items()))


def _known_tag(event: Any, name: str) -> None:
    if event.tag not in (None, "!", f"{_TAG}{name}"):
        raise EvaluationError("the text holds a tag that is not known")


def _scalar(event: Any) -> Any:
    text: str = event.value
    tag = event.tag
    if tag is not None and tag not in _TAGS:
        raise EvaluationError("the text holds a tag that is not known")
    if event.style or tag in (f"{_TAG}str", f"{_TAG}binary"):
        return text
    if tag == f"{_TAG}null":
        return None
    found = _plain_scalar(text)
    if tag is not None and found == text:  # it is only a string
        raise EvaluationError("a value is not what its tag says")
    return found


def _plain_scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    found = _WHOLE.fullmatch(text)
    if found is not None and (found[1] or found[2]):
        value = int(found[1], 16) if found[1] else int(found[2], 8)
        if value >= 2**64:
            raise EvaluationError("a number is out of range")
        return value
    if found is not None or _FRACTION.fullmatch(text):
        return parse_number(text)
    if _ENDLESS.fullmatch(text):
        raise EvaluationError("a number is not finite")
    return _time(text) or text


def _time(text: str) -> str | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    hour, minute, second = (int(one or 0) for one in (found.group(4, 5, 6) if found[4] else found.group(8, 9, 10)))
    if not (1 <= month <= 12 and 1 <= day <= _days(year, month) and hour < 24 and minute < 60 and second < 60):
        return None
    zone = "Z" if found[7] in (None, "+00:00", "-00:00") else found[7]
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}"


def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
