"""Syslog: RFC 3164 with its dialects (with and without priority, year or host; rsyslog's ISO times) and RFC 5424.

A time that says no year is read by when the input was written: the latest year in which that moment is not in the
future.  A time that says no zone is UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from koban.sources.logs.format import (
    RECORD_BYTES_MAX,
    Lines,
    Read,
    Record,
    Rejected,
    Sample,
    as_json,
    binary,
    text_lines,
)
from koban.sources.logs.formats.auditd import Joiner, is_line
from koban.sources.logs.programs import said

SOURCE = "linux-syslog"
FACILITIES = (
    *("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"),
    *("ntp", "audit", "alert", "clock", *(f"local{n}" for n in range(8))),
)
AUDIT_PROGRAMS = ("audispd", "audisp-syslog", "auditd")
"""Who passes the lines of auditd on to syslog; their events are joined as auditd's own."""
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_MONTHS = {m: n for n, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}

_PRIORITY = re.compile(r"<(\d{1,3})>")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?(?= |$)")
_BSD = re.compile(
    rf"\*?(?P<month>{'|'.join(_MONTHS)}) {{1,2}}(?P<day>\d{{1,2}}) (?:(?P<year>\d{{4}}) )?"
    r"(?P<clock>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,9})?(?: (?P<late>\d{4}))?(?: (?P<zone>UTC|GMT|Z))?:?(?= |$)"
)
_TAG = re.compile(r"(?P<program>[^\s:\[\]<>]{1,128})(?:\[(?P<pid>[^\]\s]{1,64})\])?:(?: |$)", re.DOTALL)
_TAG_BARE = re.compile(r"(?P<program>[^\s:\[\]<>]{1,128})\[(?P<pid>\d+)\](?: |$)")
_HOST = re.compile(r"[^\s\[\]<>:=\"{}]{1,255}|[0-9A-Fa-f:.]{2,45}")
_MODERN = re.compile(r"1 (?P<timestamp>\S+) (?P<host>\S+) (?P<program>\S+) (?P<pid>\S+) (?P<msgid>\S+)(?: |$)")
_SD_ID = re.compile(r"\[([^\s=\]\"]{1,256})")
_SD_VALUE = re.compile(r' +([^\s=\]"]{1,256})="((?:[^"\\\]]|\\.)*)"', re.DOTALL)


def parse(text: str, when: datetime) -> dict[str, Any] | None:
    """The fields of one message; None where it has no time in its place, and so is no syslog.

    `when` is the moment by which a time without a year is read.
    """
    fields: dict[str, Any] = {}
    rest = text
    if priority := _PRIORITY.match(text):
        number = int(priority[1])
        if number > 191:
            return None
        fields |= {"facility": FACILITIES[number >> 3], "severity": SEVERITIES[number & 7]}
        rest = text[priority.end() :]
        if modern := _MODERN.match(rest):
            return _modern(fields, modern, rest)
    if found := _ISO.match(rest):
        fields["timestamp"] = found[0]
    elif found := _BSD.match(rest):
        fields["timestamp"] = found[0].rstrip(":")
        time = _dated(found, when)
        if time is None:
            return None
        fields["_time"] = time
    else:
        return None
    rest = rest[found.end() :].removeprefix(" ")
    if not _TAG.match(rest) and not _TAG_BARE.match(rest):
        host, space, after = rest.partition(" ")
        if not _HOST.fullmatch(host):
            return None
        fields["host"] = host
        rest = after if space else ""
    tag = _TAG.match(rest) or _TAG_BARE.match(rest)
    if tag:
        fields["program"] = tag["program"]
        if tag["pid"]:
            fields["pid"] = tag["pid"]
        rest = rest[tag.end() :]
    fields["message"] = rest
    return fields


def _dated(found: re.Match[str], when: datetime) -> str | None:
    """The full time of a match without or with a year, as ISO text in UTC."""
    said_year = found["year"] or found["late"]
    years = [int(said_year)] if said_year else range(when.year + 1, when.year - 9, -1)
    for year in years:
        try:
            hour, minute, second = map(int, found["clock"].split(":"))
            time = datetime(year, _MONTHS[found["month"]], int(found["day"]), hour, minute, min(second, 59), tzinfo=UTC)
        except ValueError:
            continue
        if said_year or time <= when + timedelta(days=1):
            return time.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + (found["fraction"] or "") + "Z"
    return None


def _modern(fields: dict[str, Any], found: re.Match[str], text: str) -> dict[str, Any] | None:
    """RFC 5424: what follows the version."""
    fields |= {name: value for name, value in found.groupdict().items() if value != "-"}
    rest = text[found.end() :]
    if rest.startswith("-"):
        at = 1
    else:
        data: dict[str, dict[str, str]] = {}
        at = 0
        while element := _SD_ID.match(rest, at):
            values = data.setdefault(element[1], {})
            at = element.end()
            while value := _SD_VALUE.match(rest, at):
                values[value[1]] = re.sub(r'\\(["\\\]])', r"\1", value[2])
                at = value.end()
            if rest[at : at + 1] != "]":
                return None
            at += 1
        if not data and rest:
            return None
        if data:
            fields["structured_data"] = data
    fields["message"] = rest[at:].removeprefix(" ").removeprefix("\ufeff")
    return fields


def record_of(fields: dict[str, Any], raw: str, line: int) -> Record:
    """The record of a parsed message, with what its program says in it."""
    program, message = str(fields.get("program", "")), str(fields.get("message", ""))
    if program == "sysmon" and message.lstrip().startswith("<Event"):
        from koban.sources.logs.formats.windows import sysmon_of_linux

        if found := sysmon_of_linux(message.strip(), line):
            return found
    if program in AUDIT_PROGRAMS and is_line(message):  # of a listener: a line by itself, its event's others apart
        audit = Joiner()
        for one in (*audit.add(line, message, fields.get("host")), *audit.rest()):
            if isinstance(one, Record):
                return one
    if program:
        fields |= said(program, message)
    return Record(SOURCE, as_json(fields), line, raw)


def parse_syslog(text: str, received: datetime) -> Record:
    """The record of one message that a listener has received; there is always one.

    A message that says no time bears the time of its receipt, and `_time_of` says so.
    """
    if received.tzinfo is None:
        received = received.replace(tzinfo=UTC)
    text = text.rstrip("\r\n\0")
    fields = parse(text, received.astimezone(UTC)) or _timeless(text)
    at = received.astimezone(UTC).isoformat()
    fields["_received"] = at
    if "timestamp" not in fields:
        fields |= {"_time": at, "_time_of": "receipt"}
    return record_of(fields, text, 1)


def _timeless(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    rest = text
    if (priority := _PRIORITY.match(text)) and int(priority[1]) <= 191:
        number = int(priority[1])
        fields |= {"facility": FACILITIES[number >> 3], "severity": SEVERITIES[number & 7]}
        rest = text[priority.end() :]
    if tag := _TAG.match(rest):
        fields |= {name: value for name, value in tag.groupdict().items() if value}
        rest = rest[tag.end() :]
    fields["message"] = rest
    return fields


def _now(sample: Sample) -> datetime:
    written = sample.written or datetime.now(UTC)
    return written.replace(tzinfo=UTC) if written.tzinfo is None else written.astimezone(UTC)


def is_syslog(sample: Sample) -> bool:
    """Whether at least half of the first lines are syslog, each with a program or a priority."""
    if not sample.lines:
        return False
    when = _now(sample)
    return 2 * sum(_is_message(line, when) for line in sample.lines) >= len(sample.lines)


def _is_message(line: str, when: datetime) -> bool:
    fields = parse(line, when)
    return fields is not None and ("program" in fields or "severity" in fields or "_time" in fields)


@text_lines("syslog", is_syslog, rank=50)
def syslog(lines: Lines, sample: Sample) -> Read:
    when = _now(sample)
    audit = Joiner()
    for number, line in lines:
        text = line.removeprefix("\ufeff") if number == 1 else line
        if not text.strip():
            continue
        fields = parse(text, when)
        if fields is None:
            yield Rejected("no syslog message: no time in its place", line.encode(), number)
        elif fields.get("program") in AUDIT_PROGRAMS and is_line(fields["message"]):
            yield from audit.add(number, fields["message"], fields.get("host"))
        else:
            yield record_of(fields, text, number)
    yield from audit.rest()


_FRAME = re.compile(rb"[1-9]\d{0,8} <\d{1,3}>")


@binary("syslog-frames", lambda sample: _FRAME.match(sample.head) is not None)
def frames(stream: BinaryIO, sample: Sample) -> Read:
    """Frames as RFC 6587 counts them: a length, a space, and so many bytes; a record's line is its frame's number."""
    when = _now(sample)
    for number, (data, reason) in enumerate(_frames(stream), 1):
        text = data.decode("utf-8", "backslashreplace").rstrip("\r\n")
        if reason:
            yield Rejected(reason, data, number)
            continue
        fields = parse(text, when)
        if fields is None:
            yield Rejected("no syslog message: no time in its place", data, number)
        else:
            yield record_of(fields, text, number)


def _frames(stream: BinaryIO) -> Iterator[tuple[bytes, str]]:
    while head := stream.read(1):
        if head in b"\r\n":
            continue
        while head[-1:].isdigit() and len(head) < 10 and (byte := stream.read(1)):
            head += byte
        if not re.fullmatch(rb"[1-9]\d{0,8} ", head):
            # the count is lost: go on at the next line
            rest = b"" if head.endswith(b"\n") else stream.readline(RECORD_BYTES_MAX)
            yield head + rest, "no count of a syslog frame"
            continue
        count = int(head)
        if count > RECORD_BYTES_MAX:
            yield head, f"a record beyond {RECORD_BYTES_MAX >> 20} MiB"
            continue
        data = stream.read(count)
        yield data, "" if len(data) == count else "a syslog frame that ends early"
