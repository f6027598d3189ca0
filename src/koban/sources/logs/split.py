"""Splits an input into records, whatever holds them.

JSON is cut into its records without losing a byte of them: the text between a record's braces is kept as it came.  An
input may be lines of JSON, one after another on a line, an array, or an object that wraps an array under a key.
Memory stays bounded: what is held at once is one block and one record, and a record has a limit.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from typing import Any, BinaryIO, cast

from koban.sources.logs.format import (
    NO_HINTS,
    RECORD_BYTES_MAX,
    Hints,
    Inside,
    NotRecognised,
    Read,
    Record,
    Rejected,
    Sample,
    as_json,
    binary_format,
    json_format,
    text_format,
    wrapper_keys,
)

BLOCK_CHARACTERS = 1 << 20
LINES_BYTES = 1 << 18
_SPACE = re.compile(r"[\s,]*")
_KEYS = (
    r'(?:"(?:[^"\\]|\\.)*+"\s*+:\s*+(?:"(?:[^"\\]|\\.)*+"|[^\s"\[\]{},][^"\[\]{},]*+)\s*+,\s*+)*+'
    r'"([^"\\]++)"\s*+:\s*+\['
)
_OPENING = re.compile(r"\{\s*+" + _KEYS)
_AGAIN = re.compile(r"\s*+,\s*+" + _KEYS)
"""What wraps an array, up to its first item, and what leads on to a second one.

Nothing is tried in two ways: a hostile record would take for ever.
"""
_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_decoder = json.JSONDecoder()


def _visible(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 as text that a string of JSON may hold: one of them must not cost its whole document."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(f"\\\\x{byte:02x}" for byte in error.object[error.start : error.end]), error.end


codecs.register_error("koban-json", _visible)


def split(
    stream: BinaryIO,
    name: str,
    written: datetime | None = None,
    *,
    hints: Hints = NO_HINTS,
    begun: bytes = b"",
    numbers: tuple[int, int] | None = None,
) -> Read:
    """The records of an input and what of it could not be read, in order.  `NotRecognised` when no format claims it.

    `written` is when the input was last written (a file's modification time): times without a year are read by it.
    `begun` is how the file begins, where the stream is what was added to it since: it says the format, and what stands
    there for the lines that follow (the header of a Zeek log).  `numbers` are the records wanted of an EVTX file.
    """
    buffered: io.BufferedReader = (
        stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(Any, stream), 1 << 20)
    )
    head = buffered.peek(1 << 16)[: 1 << 16]
    sample = Sample(name, head, written, hints, numbers)
    if not head:
        return iter(())
    if begun:
        first = Sample(name, begun, written, hints)
        if not binary_format(first) and (text := text_format(first)) and not _is_json(first):
            header = text.header(first)
            return text.read(chain(((0, line) for line in header), numbered(buffered)), first)
    if found := binary_format(sample):
        return found.read(buffered, sample)
    if _is_json(sample):
        return split_json(buffered, hints)
    if text := text_format(sample):
        return text.read(numbered(buffered), sample)
    raise NotRecognised(f"{name}: of no known log format; its first line begins {sample.text[:40]!r}")


def _is_json(sample: Sample) -> bool:
    return sample.text.lstrip()[:1] in ("{", "[") and _begins_json(sample)


def _begins_json(sample: Sample) -> bool:
    try:
        _decoder.raw_decode(sample.text.lstrip())
        return True
    except ValueError as error:
        return len(sample.head) >= 60_000 or "\n" not in sample.text.strip() or getattr(error, "pos", 0) > 100
    except RecursionError:
        return True


def numbered(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """The lines of a stream with their numbers from 1; bytes that are no UTF-8 stay visible as escapes."""
    read = cast(io.BufferedReader, stream).read1
    line, held, size = 0, list[bytes](), 0
    # a block is decoded and parted at once: twice as fast as line by line
    while block := read(LINES_BYTES):
        end = block.rfind(b"\n")
        if end < 0:
            held.append(block)
            size += len(block)
            if size < RECORD_BYTES_MAX:
                continue
            whole, held, size = b"".join(held), [], 0
        else:
            whole = b"".join([*held, block[:end]])
            held = [block[end + 1 :]]
            size = len(held[0])
        for text in whole.decode("utf-8", "backslashreplace").split("\n"):
            line += 1
            yield line, text.rstrip("\r")
    if last := b"".join(held):
        yield line + 1, last.decode("utf-8", "backslashreplace").rstrip("\r")


class _Window:
    """A sliding view of a text stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._reader = io.TextIOWrapper(stream, encoding="utf-8", errors="koban-json", newline="")
        self.text = ""
        self.at = 0
        self.ended = False
        self.error = ""

    def more(self) -> bool:
        """Reads a block; False at the end, or where the stream breaks (then `error` says how)."""
        if self.ended:
            return False
        try:
            # a record that does not end yet is read in growing blocks, so that retrying costs no square
            block = self._reader.read(max(BLOCK_CHARACTERS, len(self.text) - self.at))
        except (OSError, EOFError, ValueError) as error:
            self.error, block = f"{type(error).__name__}: {error}", ""
        if not block:
            self.ended = True
            return False
        if self.at:
            self.text, self.at = self.text[self.at :], 0
        self.text += block
        return True

    def skip(self) -> str:
        """Passes over white space and commas; the next character, '' at the end."""
        while True:
            end = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            self.at = end
            if end < len(self.text):
                return self.text[end]
            if not self.more():
                return ""

    def take(self, end: int) -> str:
        taken = self.text[self.at : end]
        self.at = end
        return taken


def split_json(stream: BinaryIO, hints: Hints = NO_HINTS) -> Read:
    """The records of JSON, each given to the source that claims it; a record's line is its number in the input."""
    window = _Window(stream)
    number = 0
    if window.skip() and window.text.startswith("\ufeff"):
        window.at += 1
    while char := window.skip():
        if char == "[":
            window.at += 1
            continue
        if char in "]}":  # the end of an array, or what follows the array in its wrapper
            yield from _after_array(window, char)
            continue
        if char == "{":
            while len(window.text) - window.at < 4096 and window.more():
                pass
            opening = _OPENING.match(window.text, window.at)
            if opening and opening[1] in wrapper_keys():
                past = opening.end() - window.at
                if not _is_record(window, past):
                    window.take(window.at + past)
                    continue
        text, value, reason = _next_value(window)
        number += 1
        if reason:
            yield Rejected(reason, text.encode(), number)
            continue
        yield from records_of(text, value, number, hints)
    if window.error:
        yield Rejected(f"the input breaks off: {window.error}", b"", number)


def _is_record(window: _Window, past: int) -> bool:
    """Whether what looks like a wrapper (its list begins `past` characters on) is a record with a list in it.

    The whole says it where it is short, else what stands before the list.
    """
    before = window.text[window.at : window.at + past]
    if before.count('"') == 2 and _first_is_claimed(window, past):
        return False  # nothing but the list's name stands before it: no need to read all of it twice
    while True:
        try:
            whole, _ = _decoder.raw_decode(window.text, window.at)
            break
        except RecursionError:
            return False
        except ValueError:
            if len(window.text) - window.at > BLOCK_CHARACTERS or not window.more():
                whole = _loaded(before + "]}")
                break
    found = json_format(whole) if isinstance(whole, dict) else None
    return found is not None and found.unwrap is None


def _first_is_claimed(window: _Window, past: int) -> bool:
    """Whether the first thing in the list is a record of a known source, as far as it is read."""
    try:
        first, _ = _decoder.raw_decode(window.text, _SPACE.match(window.text, window.at + past).end())  # type: ignore[union-attr]
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and json_format(first) is not None


def _after_array(window: _Window, char: str) -> Read:
    window.at += 1
    if char == "]":
        while len(window.text) - window.at < 4096 and window.more():
            pass
        again = _AGAIN.match(window.text, window.at)
        if again and again[1] in wrapper_keys():
            window.take(again.end())
            return
        # the rest of a wrapper: further keys, then its closing brace
        rest = re.compile(r'\s*,\s*"').match(window.text, window.at)
        if rest:
            depth, at, quoted = 1, window.at, False
            while True:
                if at >= len(window.text):
                    if len(window.text) - window.at > RECORD_BYTES_MAX or not window.more():
                        window.at = len(window.text)
                        return
                    depth, at, quoted = 1, window.at, False
                    continue
                c = window.text[at]
                if quoted:
                    if c == "\\":
                        at += 1
                    elif c == '"':
                        quoted = False
                elif c == '"':
                    quoted = True
                elif c in "{[":
                    depth += 1
                elif c in "}]":
                    depth -= 1
                    if not depth:
                        window.take(at + 1)
                        return
                at += 1
    return
    yield


def _next_value(window: _Window) -> tuple[str, Any, str]:
    """One JSON value: its text, itself, and a reason where it could not be read (then the text is what was passed)."""
    while True:
        try:
            value, end = _decoder.raw_decode(window.text, window.at)
            if end == len(window.text) and not isinstance(value, dict | list) and window.more():
                continue
            return window.take(end), value, ""
        except RecursionError:
            return _to_line_end(window), None, "nested too deeply"
        except ValueError as error:
            reason = f"not JSON: {error.msg if isinstance(error, json.JSONDecodeError) else error}"
            cut = getattr(error, "pos", 0) >= len(window.text) - 64 or "Unterminated" in reason
            if cut and len(window.text) - window.at > RECORD_BYTES_MAX:
                return _to_line_end(window), None, f"a record beyond {RECORD_BYTES_MAX >> 20} MiB"
            if cut and window.more():
                continue
            return _to_line_end(window), None, f"{reason}; {window.error}" if window.error else reason


def _to_line_end(window: _Window) -> str:
    passed = []
    while True:
        end = window.text.find("\n", window.at)
        if end >= 0:
            passed.append(window.take(end + 1))
            break
        passed.append(window.take(len(window.text)))
        if sum(map(len, passed)) > RECORD_BYTES_MAX or not window.more():
            break
    return "".join(passed)


def records_of(text: str, value: Any, line: int, hints: Hints = NO_HINTS) -> Read:
    """The records in one JSON value: itself, or what its envelope holds."""
    if not isinstance(value, dict):
        yield Rejected("JSON, but no object", text.encode(), line)
        return
    found = json_format(value)
    if found is None:
        key = next((k for k in value if k in wrapper_keys() and isinstance(value[k], list)), None)
        if key is None:
            yield Rejected("JSON of no known source", text.encode(), line)
            return
        for item in value[key]:
            yield from records_of(as_json(item) if isinstance(item, dict) else json.dumps(item), item, line, hints)
        return
    if found.unwrap is None:
        yield _sound(Record(found.source, text, line), value)
        return
    for item in found.unwrap(value):
        yield from _inside(item, line, hints)


def _inside(item: Any, line: int, hints: Hints) -> Read:
    if isinstance(item, Rejected):
        yield Rejected(item.reason, item.data, line)
        return
    if isinstance(item, Inside):
        said = as_json(item.said)[1:]
        for result in _inside(item.item, line, hints):
            yield result if isinstance(result, Rejected) else _sound(_joined(result, said))
        return
    if isinstance(item, Record):
        yield _sound(replace(item, line=line))
        return
    if isinstance(item, dict):
        yield from records_of(as_json(item), item, line, hints)
        return
    text = str(item)
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode()
    if text.lstrip()[:1] == "{" and (read := _loaded(text)) is not None:
        yield from records_of(text, read, line, hints)
        return
    sample = Sample("", text.encode(), None, hints)
    found = text_format(sample)
    try:
        if found is None:
            raise NotRecognised("of no known log format")
        yield from islice(found.read([(line, text)], sample), 1000)
    except NotRecognised as error:
        yield Rejected(str(error).removeprefix(": "), text.encode(), line)


def _sound(record: Record, value: Any = None) -> Record:
    """A record whose JSON every reader takes: halves of characters become visible text, with the original beside it."""
    if "\\ud" in record.record or "\\uD" in record.record:
        value = json.loads(record.record) if value is None else value
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        whole = _HALF.sub(lambda m: f"\\\\u{ord(m[0]):04x}", text)
        # of a key that is there twice the text may have a half that the value has not
        if whole != text or _ESCAPED_HALF.search(_ESCAPED_PAIR.sub("", record.record)):
            return Record(record.source, whole, record.line, record.raw_data or record.record)
    return record


def _joined(record: Record, said: str) -> Record:
    """A record with what its envelope says about it at its end."""
    if said == "}":
        return record
    begun = record.record.rstrip()[:-1].rstrip()
    return Record(record.source, begun + (said if begun == "{" else f",{said}"), record.line, record.raw_data)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def json_text(text: str, line: int) -> Read:
    """The records in a text that should be one JSON object."""
    value = _loaded(text)
    if value is None:
        yield Rejected("not JSON", text.encode(), line)
    else:
        yield from records_of(text, value, line)
