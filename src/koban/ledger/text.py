"""Texts from the outside as both databases take them: valid Unicode without the character zero."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, literal_column, true

# In the text of the statement: PostgreSQL does not see that two bound values are the same where it groups.
NOTHING: ColumnElement[str] = literal_column("''")


def among(column: ColumnElement[Any], found: Select[Any]) -> ColumnElement[bool]:
    """That a column is one of the texts that another question finds, when those are many.

    In this form both databases ask that question once, and go along the index of the page: the bare column would be
    looked up by its own index one by one, and joined before anything is sorted.
    """
    return case((func.coalesce(column, NOTHING).in_(found), true()), else_=false())


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
