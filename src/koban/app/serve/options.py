"""Which options a target may have: those of `koban scan aws` and `scan iac` that make sense without a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

TEXT_MAX = 2000
LIST_MAX = 1000


def _text(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > TEXT_MAX or not value.isprintable():
        return "expected one line of text"
    return None


def _texts(value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > LIST_MAX or any(_text(one) for one in value):
        return "expected a list of texts"
    return None


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "expected true or false"


def _rate(value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if number and 0 < value <= 1000 else "expected a number of requests a second, up to 1000"


OPTIONS: Mapping[str, Mapping[str, Callable[[Any], str | None]]] = {
    "aws": {
        "profile": _text,
        "role_arn": _text,
        "external_id": _text,
        "org": _flag,
        "org_role": _text,
        "accounts": _texts,
        "regions": _texts,
        "services": _texts,
        "exclude_services": _texts,
        "max_rate": _rate,
        "baseline": _text,
    },
    "iac": {"paths": _texts, "parameters": _texts, "source": _text, "baseline": _text},
}


def check(kind: str, options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the options of a target: (option, why)."""
    known = OPTIONS[kind]
    wrong = []
    for name, value in options.items():
        why = known[name](value) if name in known else f"unknown; known are {', '.join(known)}"
        if why:
            wrong.append((name[:100], why))
    if kind == "iac" and not options.get("paths"):
        wrong.append(("paths", "which directories or files of code to read"))
    return wrong
