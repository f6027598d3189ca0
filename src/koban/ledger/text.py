"""Texts from the outside as both databases take them: valid Unicode without the character zero."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any


def clean(text: str) -> str:
    """The text with what no database keeps replaced: halves of surrogates (of odd file names) and zeros."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def clean_or_none(text: str | None) -> str | None:
    return None if text is None else clean(text)


def clean_json(value: Any) -> Any:
    """A value as JSON that reads back the same from either database: keys are texts, fractions become texts."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(name)): clean_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted((clean_json(one) for one in value), key=str)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return clean(str(value))
