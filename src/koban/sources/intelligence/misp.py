"""MISP: the attributes of an event that are meant for detection (`to_ids`), those of its objects too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.indicator import Entry, Indicator, LeftOut, Revoked
from koban.sources.intelligence.value import NotAnIndicator, indicators
from koban.sources.intelligence.when import when

KINDS: dict[str, tuple[str, ...]] = {
    "ip-src": ("ip",),
    "ip-dst": ("ip",),
    "ip-src|port": ("ip", ""),
    "ip-dst|port": ("ip", ""),
    "domain": ("domain",),
    "hostname": ("domain",),
    "hostname|port": ("domain", ""),
    "domain|ip": ("domain", "ip"),
    "url": ("url",),
    "uri": ("url",),
    "link": ("url",),
    "md5": ("hash",),
    "sha1": ("hash",),
    "sha256": ("hash",),
    "malware-sample": ("", "hash"),
    "filename|md5": ("", "hash"),
    "filename|sha1": ("", "hash"),
    "filename|sha256": ("", "hash"),
    "ja3-fingerprint-md5": ("ja3",),
    "ja4-fingerprint": ("ja4",),
    "ja4": ("ja4",),
}
"""Attribute type -> the kinds of its parts; '' for a part that is not matched."""

CONFIDENCES = {
    "completely-confident": 100,
    "usually-confident": 75,
    "fairly-confident": 50,
    "rarely-confident": 25,
    "unconfident": 0,
}
"""What the tag `misp:confidence-level` says, in a hundred."""


def events(document: Any) -> list[dict[str, Any]] | None:
    """The events that a JSON document of MISP holds; None where it is none of MISP."""
    if isinstance(document, dict):
        if isinstance(document.get("Event"), dict):
            return [document["Event"]]
        if isinstance(document.get("response"), list | dict):
            return events(document["response"])
        if isinstance(document.get("Attribute"), list):
            return [document]
    if isinstance(document, list) and document:
        found = [events(one) for one in document]
        if all(one is not None for one in found):
            return [event for one in found for event in one or ()]
    return None


def is_manifest(document: Any) -> bool:
    """Whether a document is the manifest of a feed: ids of events with what they are about."""
    return (
        isinstance(document, dict)
        and bool(document)
        and all(len(key) == 36 and isinstance(one, dict) and "info" in one for key, one in document.items())
    )


def entries(event: dict[str, Any]) -> Iterator[Entry]:
    """What one event says."""
    said = str(event.get("info") or "")[:500]
    name = str(event.get("uuid") or event.get("id") or "event")
    tags = _tags(event)
    for attribute in _attributes(event):
        if not isinstance(attribute, dict):
            yield LeftOut(name, str(attribute)[:100], "is no attribute")
            continue
        yield from _attribute(attribute, name, said, tags)


def _attributes(event: dict[str, Any]) -> Iterator[Any]:
    for one in _list(event.get("Attribute")):
        yield one
    for thing in _list(event.get("Object")):
        if isinstance(thing, dict) and not _yes(thing.get("deleted")):
            for one in _list(thing.get("Attribute")):
                yield one


def _attribute(one: dict[str, Any], event: str, said: str, tags: tuple[str, ...]) -> Iterator[Entry]:
    uid = str(one.get("uuid") or "")
    where = uid or f"event {event}"
    value, type_name = str(one.get("value") or "").strip(), str(one.get("type") or "")
    if _yes(one.get("deleted")):
        if uid:
            yield Revoked(uid)
        return
    if not _yes(one.get("to_ids")):
        yield LeftOut(where, f"{type_name} {value}"[:100], "is not meant for detection (to_ids)", broken=False)
        return
    relation = str(one.get("object_relation") or "").lower()
    kinds = KINDS.get("ja4" if relation in ("ja4", "ja4-fingerprint") else type_name)
    if kinds is None:
        yield LeftOut(where, f"{type_name} {value}"[:100], f"attributes of type {type_name} are not matched", False)
        return
    texts = value.split("|") if len(kinds) > 1 else [value]
    if len(texts) != len(kinds):
        yield LeftOut(where, value[:100], f"has not the parts of {type_name}")
        return
    own = _tags(one)
    labels = tuple(dict.fromkeys([*tags, *own]))
    comment = str(one.get("comment") or "").strip()
    for kind, text in zip(kinds, texts, strict=True):
        if not kind:
            continue
        try:
            found = indicators(text, kind)
        except NotAnIndicator as error:
            yield LeftOut(where, text[:100], str(error))
            continue
        for of_kind, normal, prefix in found:
            yield Indicator(
                of_kind,
                normal,
                uid,
                prefix,
                _confidence(own) if _confidence(own) is not None else _confidence(tags),
                labels,
                f"{said} - {comment}"[:500] if comment else said,
                when(one.get("first_seen")) or when(one.get("timestamp")),
            )


def _tags(one: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(tag["name"]) for tag in _list(one.get("Tag")) if isinstance(tag, dict) and tag.get("name"))


def _confidence(tags: tuple[str, ...]) -> int | None:
    for tag in tags:
        if tag.startswith("misp:confidence-level="):
            return CONFIDENCES.get(tag.partition("=")[2].strip('"'))
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _yes(value: Any) -> bool:
    return value in (True, 1, "1", "true")
