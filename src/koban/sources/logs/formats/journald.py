"""systemd's journal: `journalctl -o export` (text and binary fields) and `journalctl -o json`.

Fields keep the journal's names.  What the program's message says is added under names of ours (see `programs.py`), and
a message that the journal gives as bytes becomes text.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO

from koban.sources.logs.format import (
    RECORD_BYTES_MAX,
    Read,
    Record,
    Rejected,
    Sample,
    as_json,
    binary,
    envelope,
    json_records,
)
from koban.sources.logs.programs import said

SOURCE = "linux-journald"
ENTRY_FIELDS_MAX = 1024
SEEN_BYTES_MAX = 1 << 20
_NAME = re.compile(rb"[A-Z_][A-Z0-9_]{0,255}")


def _program(record: dict[str, Any]) -> str:
    name = record.get("SYSLOG_IDENTIFIER") or record.get("_COMM") or ""
    return name if isinstance(name, str) else ""


def _text(value: Any) -> str | None:
    """The text of a value: bytes come as a list of numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(type(n) is int and 0 <= n < 256 for n in value):
        return bytes(value).decode("utf-8", "backslashreplace")
    return None


def told(record: dict[str, Any]) -> dict[str, Any]:
    """What is to be added to an entry, or to stand in it as text."""
    message = _text(record.get("MESSAGE"))
    if message is None:
        return {}
    added: dict[str, Any] = {} if isinstance(record["MESSAGE"], str) else {"MESSAGE": message}
    return added | said(_program(record), message)


def _is_entry(record: dict[str, Any]) -> bool:
    return "__REALTIME_TIMESTAMP" in record and ("__CURSOR" in record or "_BOOT_ID" in record)


@json_records(SOURCE)
def entry(record: dict[str, Any]) -> bool:
    return _is_entry(record)


@envelope("linux-journald-told", lambda r: _is_entry(r) and "_action" not in r and bool(told(r)))
def entry_told(record: dict[str, Any]) -> Any:
    return (record | told(record),)


def is_export(sample: Sample) -> bool:
    return re.match(rb"(?:[A-Z_][A-Z0-9_]*=[^\n]*\n){0,8}__(?:CURSOR|REALTIME_TIMESTAMP)=", sample.head) is not None


@binary("journald-export", is_export)
def export(stream: BinaryIO, sample: Sample) -> Read:
    """Entries, an empty line between them; a record's line is where its entry begins, binary fields counted as one."""
    entry: dict[str, Any] = {}
    seen = bytearray()
    line, begun, reason, size = 0, 1, "", 0
    while True:
        head = stream.readline(RECORD_BYTES_MAX)
        line += 1
        if not head.strip(b"\r\n"):
            yield from _finished(entry, reason, bytes(seen), begun)
            entry, reason, size = {}, "", 0
            seen.clear()
            begun = line + 1
            if not head:
                return
            continue
        name, equals, rest = head.rstrip(b"\n").partition(b"=")
        size += len(head)
        if len(seen) < SEEN_BYTES_MAX:
            seen += head
        if equals and _NAME.fullmatch(name):
            value = rest
        elif not equals and _NAME.fullmatch(name):
            count = stream.read(8)
            length = int.from_bytes(count, "little")
            if length > RECORD_BYTES_MAX:  # not believed: what follows is read as lines
                reason = reason or "a binary field that does not end where it says"
                continue
            value = stream.read(length)
            size += length
            if len(seen) < SEEN_BYTES_MAX:
                seen += count + value + b"\n"
            if len(value) != length or stream.read(1) != b"\n":
                reason = reason or "a binary field that does not end where it says"
                continue
        else:
            reason = reason or "no field of the journal's export format"
            continue
        if size > RECORD_BYTES_MAX or len(entry) > ENTRY_FIELDS_MAX:
            reason = reason or f"an entry beyond {RECORD_BYTES_MAX >> 20} MiB or {ENTRY_FIELDS_MAX} fields"
            entry = {}
            continue
        key, text = name.decode(), value.decode("utf-8", "backslashreplace")
        if key in entry:
            before = entry[key]
            entry[key] = [*before, text] if isinstance(before, list) else [before, text]
        else:
            entry[key] = text


def _finished(entry: dict[str, Any], reason: str, seen: bytes, line: int) -> Read:
    if reason:
        yield Rejected(reason, seen, line)
    elif entry:
        yield Record(SOURCE, as_json(entry | told(entry)), line, seen.decode("utf-8", "backslashreplace"))
