"""Patterns with the wildcards ``*`` and ``?``, as conditions in SQL that mind upper and lower case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection


def like(connection: Connection, column: Any, pattern: str) -> ColumnElement[bool]:
    """That a text is as the pattern says; no other character than ``*`` and ``?`` stands for anything but itself."""
    if "*" not in pattern and "?" not in pattern:
        same: ColumnElement[bool] = column == pattern
        return same
    if connection.dialect.name == "sqlite":
        glob: ColumnElement[bool] = column.op("GLOB")(pattern.replace("[", "[[]"))
        return glob
    text = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%").replace("?", "_")
    made: ColumnElement[bool] = column.like(text, escape="\\")
    return made
