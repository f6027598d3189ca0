"""What Sigma's conditions mean, said a second time in Python: the judge of the SQL."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

TOKEN = re.compile(r"\(|\)|[^\s()]+")


def text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def elements(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def joinings(parts: list[str]) -> Iterator[list[str]]:
    for start, end in combinations(range(len(parts) + 1), 2):
        if end - start > 1:
            yield [*parts[:start], ".".join(parts[start:end]), *parts[end:]]


def found(event: Any, name: str) -> tuple[bool, list[str]]:
    """Whether the field is there, and its values."""
    parts = [one for one in name.split(".") if one]
    here, there = [event], False
    for at, part in enumerate(parts):
        below = [one[part] for one in here if isinstance(one, dict) and part in one]
        if at == len(parts) - 1:
            there = bool(below)
        here = [one for value in below for one in elements(value)]
    values = [one for one in here if one is not None]
    plain = bool(values)
    for reading in joinings(parts):
        value: Any = event
        for part in reading:
            value = value[part] if isinstance(value, dict) and part in value else KeyError
        if value is not KeyError:
            there = True
            values = values if plain else values + elements(value)
    return there, [text_of(one) for one in values if one is not None]


def pattern_of(value: str, cased: bool, before: bool, after: bool) -> re.Pattern[str]:
    made, at = "", 0
    while at < len(value):
        char = value[at]
        if char == "\\" and at + 1 < len(value) and value[at + 1] in "*?\\":
            at += 1
            made += re.escape(value[at])
        elif char in "*?":
            made += {"*": ".*", "?": "."}[char]
        else:
            made += re.escape(char)
        at += 1
    made = ".*" * before + made + ".*" * after
    return re.compile(f"^(?:{made})\\Z", re.S | (0 if cased else re.I))


def number_of(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text) else None


def compares(text: str, op: str, limit: float) -> bool:
    number = number_of(text)
    if number is None:
        return False
    return {"gt": number > limit, "gte": number >= limit, "lt": number < limit, "lte": number <= limit}[op]


def within(text: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(text) in ipaddress.ip_network(network)
    except ValueError:
        return False


def value_matches(text: str, value: Any, modifiers: list[str]) -> bool:
    """One text of the event against one value of the rule."""
    cased = "cased" in modifiers
    for op in ("gt", "gte", "lt", "lte"):
        if op in modifiers:
            return compares(text, op, value)
    if "cidr" in modifiers:
        return within(text, value)
    if "re" in modifiers:
        flags = sum({"i": re.I, "m": re.M, "s": re.S}[one] for one in modifiers if one in "ims")
        return re.search(value, text, flags) is not None
    if isinstance(value, bool):
        return text.lower() == text_of(value)
    if isinstance(value, int | float):
        return text in (str(value), f"{value}.0")
    before, after = {"contains", "endswith"} & {*modifiers}, {"contains", "startswith"} & {*modifiers}
    return pattern_of(value, cased, bool(before), bool(after)).match(text) is not None


def item_matches(event: Any, key: str, value: Any) -> bool:
    name, *modifiers = key.split("|")
    wanted = value if isinstance(value, list) else [value]
    there, texts = found(event, name) if name else (True, spoken(event))
    if not name:
        modifiers = [*modifiers, "contains"]
        wanted = [text_of(one) for one in wanted]

    def one(value: Any) -> bool:
        if value is None:
            return not texts
        if "exists" in modifiers:
            return there == value
        if "fieldref" in modifiers:
            low = [other.lower() for other in found(event, value)[1]]
            texts_low = [text.lower() for text in texts]
            if "contains" in modifiers:
                return any(other in text for text in texts_low for other in low)
            return any(text == other for text in texts_low for other in low)
        return any(value_matches(text, value, modifiers) for text in texts)

    result = (all if "all" in modifiers else any)(one(value) for value in wanted)
    return not result if "neq" in modifiers else result


def spoken(event: Any) -> list[str]:
    """The texts that a keyword is looked for in: the record, and each value of it."""

    def below(value: Any) -> Iterator[Any]:
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for one in inside:
            yield one
            yield from below(one)

    return [json.dumps(event, ensure_ascii=False), *(text_of(one) for one in below(event) if one is not None)]


def detection_matches(event: Any, definition: Any) -> bool:
    if isinstance(definition, dict):
        return all(item_matches(event, key, value) for key, value in definition.items())
    if isinstance(definition, list) and any(isinstance(one, dict) for one in definition):
        return any(detection_matches(event, one) for one in definition)
    return item_matches(event, "", definition)


def matches(event: Any, detection: dict[str, Any]) -> bool:
    """Whether a detection section matches an event."""
    tokens = TOKEN.findall(detection["condition"])
    names = [name for name in detection if name != "condition"]

    def either() -> bool:
        result = both()
        while tokens and tokens[0] == "or":
            tokens.pop(0)
            result = both() or result
        return result

    def both() -> bool:
        result = single()
        while tokens and tokens[0] == "and":
            tokens.pop(0)
            result = single() and result
        return result

    def single() -> bool:
        token = tokens.pop(0)
        if token == "not":
            return not single()
        if token == "(":
            result = either()
            tokens.pop(0)
            return result
        if token in ("1", "any", "all") and tokens and tokens[0] == "of":
            pattern = tokens.pop(1)
            tokens.pop(0)
            wanted = re.compile(pattern.replace("*", ".*")) if pattern != "them" else re.compile(".*")
            chosen = [name for name in names if wanted.fullmatch(name) and not name.startswith("_")]
            return (all if token == "all" else any)(detection_matches(event, detection[name]) for name in chosen)
        return detection_matches(event, detection[token])

    return either()
