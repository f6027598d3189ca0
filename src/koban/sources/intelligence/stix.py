"""STIX 2.1 (and 2.0): the indicators of a bundle or of a page of TAXII."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from koban.model.indicator import Entry, Indicator, LeftOut, Revoked
from koban.sources.intelligence.pattern import BadPattern, parts
from koban.sources.intelligence.when import when

DESCRIPTION_CHARACTERS_MAX = 500


def entries(objects: Iterable[Any]) -> Iterator[Entry]:
    """What the objects of a bundle say.  Of several versions of one indicator the latest counts.

    Objects that are no indicators (malware, relationships, observed addresses) say nothing to look for; the observed
    ones are counted, for somebody may have meant them.
    """
    latest: dict[str, dict[str, Any]] = {}
    others: Counter[str] = Counter()
    for at, one in enumerate(objects):
        if not isinstance(one, dict) or not isinstance(one.get("type"), str):
            yield LeftOut(f"object {at + 1}", str(one)[:100], "is no object of STIX")
        elif one["type"] != "indicator":
            others[one["type"]] += 1
        else:
            uid = str(one.get("id") or f"object {at + 1}")
            before = latest.get(uid)
            if before is None or str(one.get("modified", "")) >= str(before.get("modified", "")):
                latest[uid] = one
    for uid, one in latest.items():
        yield from _indicator(uid, one)
    for kind in ("ipv4-addr", "ipv6-addr", "domain-name", "url", "file"):
        if others[kind]:
            what = f"{others[kind]} objects of type {kind}"
            yield LeftOut("bundle", what, "were observed; no indicator says that they are bad", broken=False)


def _indicator(uid: str, one: dict[str, Any]) -> Iterator[Entry]:
    if one.get("revoked") is True:
        yield Revoked(uid)
        yield LeftOut(uid, str(one.get("name") or uid)[:100], "is revoked", broken=False)
        return
    pattern = one.get("pattern")
    kind = one.get("pattern_type", "stix")
    if not isinstance(pattern, str) or not pattern.strip():
        yield LeftOut(uid, str(one.get("name", ""))[:100], "has no pattern")
        return
    if kind != "stix":
        yield LeftOut(uid, pattern[:100], f"is a pattern of {kind}, not of STIX", broken=False)
        return
    try:
        found = parts(pattern)
    except BadPattern as error:
        yield LeftOut(uid, pattern[:200], str(error), broken=error.broken)
        return
    until = when(one.get("valid_until"))
    if one.get("valid_until") and not until:
        yield LeftOut(uid, str(one["valid_until"])[:100], "has an end that is no time, so it is kept without one")
    labels = [*_texts(one.get("indicator_types")), *_texts(one.get("labels"))]
    said = " - ".join(str(one[key]).strip() for key in ("name", "description") if one.get(key))
    for part in found:
        if not part.kind:
            yield LeftOut(uid, part.what[:200], part.why, broken=part.broken)
            continue
        yield Indicator(
            part.kind,
            part.value,
            uid,
            part.prefix,
            _confidence(one.get("confidence")),
            tuple(dict.fromkeys(labels)),
            said[:DESCRIPTION_CHARACTERS_MAX],
            when(one.get("valid_from")),
            until,
        )


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _confidence(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100 else None
