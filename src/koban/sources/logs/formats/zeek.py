"""Zeek: its tab-separated logs, whose header names fields and types, and its JSON.

Records keep Zeek's names (`id.orig_h` is one key with a dot in it).  `_path` says which log a record is of: Zeek's JSON
streaming writes it, the header of a text log names it; else it is told from fields that only one log has, or missing.
"""

from __future__ import annotations

import re
from typing import Any

from koban.sources.logs.format import Lines, Read, Record, Rejected, Sample, as_json, envelope, json_records, text_lines

SOURCE = "zeek"
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})")
_KNOWN_BY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("conn", ("conn_state",)),
    ("dns", ("trans_id", "proto")),
    ("http", ("trans_depth",)),
    ("ssl", ("cipher", "established")),
    ("ssh", ("auth_attempts",)),
    ("ssh", ("auth_success", "client")),
    ("files", ("fuid", "seen_bytes")),
    ("x509", ("certificate.serial",)),
    ("notice", ("note", "actions")),
    ("weird", ("name", "notice", "peer")),
    ("rdp", ("cookie", "security_protocol")),
    ("kerberos", ("request_type", "service")),
    ("ntlm", ("server_nb_computer_name",)),
    ("dce_rpc", ("endpoint", "operation")),
    ("smb_files", ("action", "name", "times.modified")),
    ("smb_mapping", ("share_type",)),
    ("smtp", ("helo",)),
    ("ftp", ("reply_code", "command")),
    ("dhcp", ("msg_types",)),
)


def path_of(record: dict[str, Any]) -> str:
    """Which log a JSON record is of, by fields that only this log has; '' where they do not tell."""
    return next((path for path, names in _KNOWN_BY if all(name in record for name in names)), "")


def _is_zeek(record: dict[str, Any]) -> bool:
    if "ts" not in record:
        return False
    return "_path" in record or "id.orig_h" in record or bool(path_of(record))


@json_records(SOURCE)
def zeek(record: dict[str, Any]) -> bool:
    return _is_zeek(record)


@envelope("zeek-log", lambda r: _is_zeek(r) and "_path" not in r and bool(path_of(r)))
def zeek_log(record: dict[str, Any]) -> Any:
    return ({"_path": path_of(record)} | record,)


def _typed(text: str, type: str) -> Any:
    if type == "bool":
        return {"T": True, "F": False}.get(text, text)
    try:
        if type in ("count", "int", "port"):
            return int(text) if len(text) < 20 else text
        if type in ("time", "interval", "double"):
            number = float(text)
            return number if abs(number) < 1e15 else text
    except ValueError:
        return text
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "\\x" in text else text


class _Header:
    """What the lines before the rows say."""

    def __init__(self) -> None:
        self.separator, self.inner, self.empty, self.unset = "\t", ",", "(empty)", "-"
        self.path = ""
        self.fields: list[str] = []
        self.types: list[str] = []

    def take(self, line: str) -> None:
        if line.startswith("#separator "):
            self.__init__()  # type: ignore[misc]
            self.separator = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), line[len("#separator ") :]) or "\t"
            return
        name, *rest = line[1:].split(self.separator)
        if name == "fields":
            self.fields = rest
        elif name == "types":
            self.types = rest
        elif rest and name in ("set_separator", "empty_field", "unset_field", "path"):
            key = {"set_separator": "inner", "empty_field": "empty", "unset_field": "unset", "path": "path"}[name]
            setattr(self, key, rest[0])

    def row(self, line: str) -> dict[str, Any] | None:
        values = line.split(self.separator)
        if len(values) != len(self.fields):
            return None
        types = self.types if len(self.types) == len(self.fields) else ["string"] * len(self.fields)
        record: dict[str, Any] = {"_path": self.path} if self.path else {}
        for name, type, text in zip(self.fields, types, values, strict=True):
            if text == self.unset:
                continue
            kind, bracket, inner = type.partition("[")
            if bracket and kind in ("set", "vector"):
                of = inner.rstrip("]")
                record[name] = [] if text == self.empty else [_typed(x, of) for x in text.split(self.inner or ",")]
            else:
                record[name] = "" if text == self.empty else _typed(text, type)
        return record


def is_zeek_text(sample: Sample) -> bool:
    return any(line.startswith(("#separator ", "#fields\t")) for line in sample.lines[:10])


def _comments(sample: Sample) -> list[str]:
    return [line for line in sample.lines if line.startswith("#")]


@text_lines("zeek", is_zeek_text, header=_comments)
def zeek_text(lines: Lines, sample: Sample) -> Read:
    header = _Header()
    for number, line in lines:
        if line.startswith("#"):
            header.take(line)
        elif line.strip():
            record = header.row(line)
            if record is None:
                reason = f"{len(header.fields)} fields expected" if header.fields else "a row before its #fields"
                yield Rejected(f"no row of this Zeek log: {reason}", line.encode(), number)
            else:
                yield Record(SOURCE, as_json(record), number, line)
