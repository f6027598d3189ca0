"""Functions of points in time, written as RFC 3339 has them."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, NamedTuple

from koban.model.unknown import Unknown
from koban.sources.terraform.functions.conversion import STRING
from koban.sources.terraform.functions.function import function
from koban.sources.terraform.values import EvaluationError

SECOND = 10**9  # in nanoseconds
UNITS = {
    "ns": 1,
    "us": 1000,
    "\u00b5s": 1000,
    "\u03bcs": 1000,
    "ms": 10**6,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SHAPE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([-+])(\d\d):(\d\d))", re.ASCII)


class Moment(NamedTuple):
    """A point in time: nanoseconds of UTC since the year 0, and how many minutes its zone is ahead."""

    nanoseconds: int
    zone: int

    def parts(self) -> tuple[int, int, int, int]:
        """Year, month, day, and seconds of that day."""
        days, seconds = divmod(self.nanoseconds // SECOND + 60 * self.zone, 86400)
        year = days * 400 // 146097
        while _days_before(year + 1) <= days:
            year += 1
        while _days_before(year) > days:
            year -= 1
        rest, month = days - _days_before(year), 1
        while rest >= _days_of(year, month):
            rest -= _days_of(year, month)
            month += 1
        return year, month, rest + 1, seconds

    def weekday(self) -> str:
        days = (self.nanoseconds // SECOND + 60 * self.zone) // 86400
        return WEEKDAYS[(days + 5) % 7]

    def offset(self, colon: str) -> str:
        hours, minutes = divmod(abs(self.zone), 60)
        return f"{'-' if self.zone < 0 else '+'}{hours:02}{colon}{minutes:02}"

    def text(self) -> str:
        year, month, day, seconds = self.parts()
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"{_year(year)}-{month:02}-{day:02}T{clock}{self.offset(':') if self.zone else 'Z'}"


def _year(year: int) -> str:
    return f"{year:04}" if year >= 0 else f"-{-year:04}"


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days_of(year: int, month: int) -> int:
    return DAYS[month] + (month == 2 and _leap(year))


def _days_before(year: int) -> int:
    """Days from the start of the year 0 to the start of a year."""
    before = year - 1
    return 365 * year + before // 4 - before // 100 + before // 400 + 1


def moment(text: str) -> Moment:
    """The point in time that a text writes."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise EvaluationError("a time like 2020-01-31T23:59:59Z is needed")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    sign, ahead_hours, ahead_minutes = found.group(8, 9, 10)
    zone = int(ahead_hours or 0) * 60 + int(ahead_minutes or 0)
    fits = 1 <= month <= 12 and 1 <= day <= _days_of(year, month) and hour < 24 and minute < 60 and second < 60
    if not fits or int(ahead_hours or 0) > 23 or int(ahead_minutes or 0) > 59:
        raise EvaluationError("there is no such time")
    zone = -zone if sign == "-" else zone
    days = _days_before(year) + sum(_days_of(year, one) for one in range(1, month)) + day - 1
    seconds = days * 86400 + hour * 3600 + minute * 60 + second - 60 * zone
    return Moment(seconds * SECOND + int((found[7] or "0")[:9].ljust(9, "0")), zone)


@function()
def timestamp() -> Any:
    return Unknown("timestamp()", "it is different each time", shape=_SHAPE)


@function()
def plantimestamp() -> Any:
    return Unknown("plantimestamp()", "it is different each time", shape=_SHAPE)


@function(STRING, STRING)
def timeadd(start: Any, duration: Any) -> Any:
    at = moment(start)
    return Moment(at.nanoseconds + _duration(duration), at.zone).text()


def _duration(text: str) -> int:
    sign, rest = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    if rest == "0":
        return 0
    total = 0
    at = 0
    part = re.compile(r"(?:(\d+)(?:\.(\d*))?|\.(\d+))(ns|us|\u00b5s|\u03bcs|ms|s|m|h)", re.ASCII)
    while at < len(rest):
        found = part.match(rest, at)
        if found is None or found.end() - at > 100:
            break
        unit = UNITS[found[4]]
        fraction = found[2] or found[3] or ""
        total += int(found[1] or 0) * unit + int(fraction or 0) * unit // 10 ** len(fraction)
        at = found.end()
    if at < len(rest) or not rest or total >= 2**63:
        raise EvaluationError("a duration like 1h30m is needed")
    return -total if sign == "-" else total


@function(STRING, STRING)
def timecmp(left: Any, right: Any) -> Any:
    one, other = moment(left).nanoseconds, moment(right).nanoseconds
    return (one > other) - (one < other)


@function(STRING, STRING)
def formatdate(form: Any, time: Any) -> Any:
    at = moment(time)
    made: list[str] = []
    for literal, part in _tokens(form):
        made.append(part if literal else _written(part, at))
    return "".join(made)


def _tokens(form: str) -> list[tuple[bool, str]]:
    """The parts of a format: (True, text), or (False, one letter repeated)."""
    found: list[tuple[bool, str]] = []
    at = 0
    while at < len(form):
        if form[at] == "'":
            quoted = re.compile(r"'((?:[^']|'')*)'(?!')").match(form, at)
            if quoted is None:
                raise EvaluationError("a quote is not closed")
            found.append((True, quoted[1].replace("''", "'")))
            at = quoted.end()
            continue
        run = "".join(next(groupby(form[at:]))[1]) if form[at].isascii() and form[at].isalpha() else form[at]
        found.append((not run.isascii() or not run.isalpha(), run))
        at += len(run)
    return found


def _written(part: str, at: Moment) -> str:
    year, month, day, seconds = at.parts()
    hour = seconds // 3600
    twelve = hour % 12 or 12
    half = "am" if hour < 12 else "pm"
    written = {
        "YY": f"{year % 100:02}",
        "YYYY": _year(year),
        "M": str(month),
        "MM": f"{month:02}",
        "MMM": MONTHS[month - 1][:3],
        "MMMM": MONTHS[month - 1],
        "D": str(day),
        "DD": f"{day:02}",
        "EEE": at.weekday()[:3],
        "EEEE": at.weekday(),
        "h": str(hour),
        "hh": f"{hour:02}",
        "H": str(twelve),
        "HH": f"{twelve:02}",
        "aa": half,
        "AA": half.upper(),
        "m": str(seconds // 60 % 60),
        "mm": f"{seconds // 60 % 60:02}",
        "s": str(seconds % 60),
        "ss": f"{seconds % 60:02}",
        "Z": at.offset(":") if at.zone else "Z",
        "ZZZ": at.offset("") if at.zone else "UTC",
        "ZZZZ": at.offset(""),
        "ZZZZZ": at.offset(":"),
    }.get(part)
    if written is None:
        raise EvaluationError(f"the format holds {part[:20]!r}, which stands for nothing")
    return written
