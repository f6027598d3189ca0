"""Allow-lists in the format of MISP's warning lists."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any

from koban.model.indicator import ALLOW_TYPES, KINDS, AllowList, LeftOut
from koban.sources.intelligence.value import NotAnIndicator, domain, indicators

ENTRIES_MAX = 5_000_000


class BadAllowList(ValueError):
    """A file that is no warning list; the message says what to do."""


def is_warning_list(document: Any) -> bool:
    """Whether a JSON document has the shape of a warning list."""
    return isinstance(document, dict) and isinstance(document.get("list"), list) and "type" in document


def read(text: str, name: str) -> tuple[AllowList, list[LeftOut]]:
    """The allow-list of a file, and the entries of it that are none.  Raises BadAllowList."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadAllowList(
            f"{name} is no JSON ({error}); allow-lists have the format of MISP's warning lists"
        ) from None
    if not is_warning_list(document):
        raise BadAllowList(f'{name} is no warning list: it needs "type" and "list"')
    kind = str(document["type"])
    if kind not in ALLOW_TYPES:
        raise BadAllowList(f"{name} is of type {kind!r}; there are: {', '.join(ALLOW_TYPES)}")
    if len(document["list"]) > ENTRIES_MAX:
        raise BadAllowList(f"{name} has more than {ENTRIES_MAX:,} entries")
    kinds = _kinds(document.get("matching_attributes"))
    good: dict[str, None] = {}
    bad = []
    for at, one in enumerate(document["list"]):
        try:
            for entry in _entries(str(one).strip(), kind):
                good[entry] = None
        except (NotAnIndicator, ValueError, re.error) as error:
            why = str(error) if isinstance(error, NotAnIndicator) else f"is no {kind}: {error}"
            bad.append(LeftOut(f"entry {at + 1}", str(one)[:100], why))
    return AllowList(str(document.get("name") or name), kind, tuple(good), kinds), bad


def _entries(text: str, kind: str) -> list[str]:
    """An entry in the normal form of what it is compared with."""
    if not text:
        raise NotAnIndicator("is empty")
    if kind == "cidr":
        return [str(ipaddress.ip_network(text, strict=False))]
    if kind == "hostname":
        return [domain(text)] if "." in text.strip(".") else [text.strip(".").lower()]
    if kind == "regex":
        pattern, flags = text, ""
        if (match := re.fullmatch(r"/(.*)/([a-z]*)", text, re.DOTALL)) is not None:
            pattern, flags = match[1].replace("\\/", "/"), match[2]
        re.compile(pattern)
        return [f"(?i){pattern}" if "i" in flags else pattern]
    if kind == "string":
        try:
            return [value for _, value, _ in indicators(text)]
        except NotAnIndicator:
            return [text.lower()]
    return [text.lower()]


def _kinds(attributes: Any) -> tuple[str, ...]:
    """The kinds that a list's `matching_attributes` speak about; all where it says nothing."""
    if not isinstance(attributes, list) or not attributes:
        return KINDS
    words = {part for one in attributes for part in str(one).lower().split("|")}
    found = []
    for kind, names in {
        "ip": {"ip-src", "ip-dst", "ip"},
        "cidr": {"ip-src", "ip-dst", "ip"},
        "domain": {"domain", "hostname"},
        "url": {"url", "uri", "link"},
        "hash": {"md5", "sha1", "sha256"},
        "ja3": {"ja3-fingerprint-md5"},
        "ja4": {"ja4", "ja4-fingerprint"},
    }.items():
        if words & names:
            found.append(kind)
    return tuple(found)
