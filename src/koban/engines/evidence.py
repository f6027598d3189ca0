"""How detectors name an event, in SQL: the same event has the same name, whoever finds it."""

from __future__ import annotations


def event(of: str = "") -> str:
    """SQL of the short hash of an event, by which alerts count it once; `of` is its relation's name."""
    columns = ", ".join(f"{of}.{one}" if of else one for one in ("origin", "origin_line", "metadata_uid", "time"))
    return f"md5(concat_ws('|', {columns}))[1:12]"
