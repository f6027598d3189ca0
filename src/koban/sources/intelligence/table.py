"""Tables (CSV and its kin): columns known by their names, or by what is in them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from koban.model.indicator import Entry, Indicator, LeftOut
from koban.sources.intelligence.lines import COMMENTS
from koban.sources.intelligence.value import NotAnIndicator, indicators
from koban.sources.intelligence.when import when

DELIMITERS = ",;\t|"
SAMPLE_LINES = 50

VALUES = "indicator indicator_value ioc ioc_value value observable observable_value artifact entry".split()
TYPED = {
    "ip": "ip ip_address ipaddress address src_ip dst_ip dest_ip source_ip destination_ip ipv4 ipv6 ip_port c2_ip",
    "cidr": "cidr network subnet netblock range prefix",
    "domain": "domain hostname host fqdn domain_name",
    "url": "url uri",
    "hash": "hash md5 sha1 sha256 md5_hash sha1_hash sha256_hash file_hash",
    "ja3": "ja3 ja3_md5 ja3_hash ja3_fingerprint",
    "ja4": "ja4 ja4_fingerprint",
}
OTHERS = {
    "type": "type ioc_type indicator_type observable_type kind",
    "confidence": "confidence confidence_level score",
    "valid_from": "valid_from first_seen first_seen_utc firstseen date_added dateadded date created created_at",
    "valid_until": "valid_until valid_to expires expiration expiry expiration_date expires_at",
    "labels": "labels tags malware malware_printable malware_family threat threat_type",
    "description": "description comment comments note notes reason reference",
    "match": "match match_type",
    "uid": "id ioc_id uuid",
}
_ROLE = dict.fromkeys(VALUES, "value")
_ROLE |= {name: kind for kind, names in TYPED.items() for name in names.split()}
_ROLE |= {name: role for role, names in OTHERS.items() for name in names.split()}


@dataclass
class Columns:
    """Which column holds what: the values with their kinds ('' to be told by type or looks), and the rest by role."""

    values: list[tuple[int, str]] = field(default_factory=list)
    others: dict[str, list[int]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


def looks_like_table(lines: Sequence[str]) -> str:
    """The delimiter of a table whose first lines these are; '' where it is a plain list."""
    data = [one for one in lines if one.strip() and not one.startswith((*COMMENTS, "||"))][:SAMPLE_LINES]
    for delimiter in DELIMITERS:
        widths = [len(_row(one, delimiter)) for one in data]
        if widths and widths[0] > 1 and sum(one == widths[0] for one in widths) >= 0.8 * len(widths):
            return delimiter
    return ""


def entries(
    lines: Iterable[tuple[int, str]], delimiter: str, kind: str = "", names: Sequence[str] = ()
) -> Iterator[Entry]:
    """What a table says.  `names` are the columns' names where the table has none or others."""
    numbered = iter(lines)
    head = list(islice(numbered, SAMPLE_LINES))
    columns, skip = _columns([text for _, text in head], delimiter, kind, names)
    if not columns.values:
        told = ", ".join(columns.names[:12]) or "none"
        yield LeftOut("line 1", told[:100], "names no column that holds indicators, and none looks like one")
        return
    for number, line in chain(head, numbered):
        if number in skip or not line.strip() or line.startswith(COMMENTS):
            continue
        yield from _entry(number, _row(line, delimiter), columns, kind)


def _row(line: str, delimiter: str) -> list[str]:
    """One line is one row: a quote that is not closed spoils no more than its line."""
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return [line]


def _columns(lines: list[str], delimiter: str, kind: str, names: Sequence[str]) -> tuple[Columns, set[int]]:
    """The columns, and the numbers of lines that are no data."""
    if names:
        found = _named(list(names), kind)
        first = next((at for at, one in enumerate(lines) if one.strip() and not one.startswith(COMMENTS)), 0)
        is_header = bool(lines) and not any(_looks(cell) for cell in _row(lines[first], delimiter))
        return found, ({first + 1} if is_header else set())
    comment = ""
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        if line.startswith(COMMENTS):
            comment = line.lstrip("#;/!% ") if delimiter in line else comment
            continue
        row = _row(line, delimiter)
        found = _named(row, kind)
        if found.values and not any(_looks(cell) for cell in row):
            return found, {at + 1}
        if comment:
            found = _named(_row(comment, delimiter), kind)
            if found.values and len(found.names) == len(row):
                return found, set()
        rows = [_row(one, delimiter) for one in lines[at:] if one.strip() and not one.startswith(COMMENTS)]
        guessed = _guessed(rows, kind)
        guessed.names = row
        return guessed, set()
    return Columns(), set()


def _named(row: list[str], kind: str) -> Columns:
    found = Columns(names=[one.strip() for one in row])
    roles = [_ROLE.get(re.sub(r"[^a-z0-9]+", "_", one.strip().lower()).strip("_"), "") for one in row]
    typed = [(at, kind or role) for at, role in enumerate(roles) if role in TYPED]
    found.values = [(at, kind) for at, role in enumerate(roles) if role == "value"][:1] or typed
    for at, role in enumerate(roles):
        if role in OTHERS:
            found.others.setdefault(role, []).append(at)
    return found


def _guessed(rows: list[list[str]], kind: str) -> Columns:
    """The first column most of whose cells look like indicators."""
    for at in range(max(map(len, rows), default=0)):
        cells = [one[at] for one in rows if at < len(one) and one[at].strip()]
        if cells and sum(_looks(one, kind) for one in cells) > 0.6 * len(cells):
            return Columns([(at, kind)])
    return Columns()


def _looks(cell: str, kind: str = "") -> bool:
    try:
        return bool(indicators(cell, kind))
    except NotAnIndicator:
        return False


def kind_of(said: str) -> str | None:
    """The kind that a feed's word for a type means; '' where the value must tell, None where it is not matched."""
    word = said.strip().lower()
    if not word:
        return ""
    if re.search(r"\bja3(?!s)", word):
        return "ja3"
    if re.search(r"\bja4(?![a-z])", word):
        return "ja4"
    if re.search(r"md5|sha-?1\b|sha-?256|^hash|sha1_hash|file ?hash$", word):
        return "hash"
    if re.search(r"\burl\b|\buri\b", word):
        return "url"
    if re.search(r"cidr|netblock|subnet|network$", word):
        return "cidr"
    if re.search(r"(?<![a-z])ip(?![a-z])|ipv[46]|ip ?address|ip_addr", word):
        return "ip"
    if re.search(r"domain|host|fqdn", word):
        return "domain"
    return None


def _entry(number: int, row: list[str], columns: Columns, kind: str) -> Iterator[Entry]:
    where = f"line {number}"

    def told(role: str) -> str:
        return next((row[at].strip() for at in columns.others.get(role, ()) if at < len(row) and row[at].strip()), "")

    of_type = kind or kind_of(told("type"))
    values = [(row[at].strip(), one) for at, one in columns.values if at < len(row) and row[at].strip()]
    if not values:
        yield LeftOut(where, ",".join(row)[:100], "has no value in the columns that hold indicators")
        return
    until = when(told("valid_until"))
    if told("valid_until") and not until:
        yield LeftOut(where, told("valid_until")[:100], "has an end that is no time, so it is kept without one")
    for value, of_column in values:
        if not of_column and of_type is None:
            yield LeftOut(where, value[:100], f"values of type {told('type')} are not matched", broken=False)
            continue
        try:
            found = indicators(value, of_column or of_type or "")
        except NotAnIndicator as error:
            yield LeftOut(where, value[:100], str(error))
            continue
        for of_kind, normal, prefix in found:
            yield Indicator(
                of_kind,
                normal,
                told("uid"),
                prefix or (of_kind == "url" and told("match").lower() == "prefix"),
                _confidence(told("confidence")),
                _labels(row, columns),
                told("description")[:500],
                when(told("valid_from")),
                until,
            )


def _labels(row: list[str], columns: Columns) -> tuple[str, ...]:
    found = [word.strip() for at in columns.others.get("labels", ()) if at < len(row) for word in row[at].split(",")]
    return tuple(dict.fromkeys(one for one in found if one and one.lower() not in ("none", "null", "-")))


def _confidence(text: str) -> int | None:
    words = {"low": 25, "medium": 50, "high": 80, "very high": 95}
    if text.lower() in words:
        return words[text.lower()]
    try:
        number = float(text.rstrip("%"))
    except ValueError:
        return None
    return round(number) if 0 <= number <= 100 else None
