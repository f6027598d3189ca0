"""Which mappings serve a rule's logsource, and where a field of the rule is found in an event.

A field is found, in this order: under the path, or by the SQL, that the logsource's `fields` gives it; in the column
that holds it word for word (`Mapping.verbatim`), which is trusted to hold one value; in the record.

In the record a dotted name is a path, followed through arrays step by step (`a.b` in `{"a": [{"b": 1}, {"b": 2}]}` is
1 and 2), and an array at its end is its elements.  A key may itself contain dots: where the path leads to no value,
each way of reading a run of its steps as one key is tried (`metadata.labels.app.kubernetes.io/name`), there without
arrays in between.  An object is its JSON text.  JSON's null is no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlglot import exp, parse_one

from koban.model.event import LogSource, Mapping, is_sql

VALUES, HAS, TEXTS, FIRST = "KOBAN_VALUES", "KOBAN_HAS", "KOBAN_TEXTS", "KOBAN_FIRST"
NUMBER, MOMENT, SIX = "KOBAN_NUMBER", "KOBAN_MOMENT", "KOBAN_SIX"
"""Functions that a compiled tree calls and that a dialect spells out (see dialect.py)."""

Test = Callable[[exp.Expr], exp.Expr]
_BRACED = re.compile(r"\{([^{}]+?)(:json)?\}")
_STEP = re.compile(r'\.?(?:"((?:[^"\\]|\\.)+)"|([^.\[\]"]+)|\[[^\]]*\])')


def steps(name: str) -> tuple[str, ...]:
    """The keys of a field's name."""
    return tuple(part for part in name.split(".") if part) or (name,)


def keys(path: str) -> tuple[str, ...]:
    """The keys of a path of a mapping: `a."b.c"[*].d` has a, b.c and d; through arrays one goes by itself."""
    return tuple(quoted or bare for quoted, bare in _STEP.findall(path) if quoted or bare)


def readings(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The other ways to read a path: with a run of neighbouring steps as one key."""
    for size in range(2, len(parts) + 1):
        for at in range(len(parts) - size + 1):
            yield (*parts[:at], ".".join(parts[at : at + size]), *parts[at + size :])


class Serving:
    """The mappings that serve logsources; what is worked out for one rule serves the others."""

    def __init__(self, mappings: Iterable[Mapping]) -> None:
        self._mappings = tuple(mappings)
        self._of: dict[tuple[str | None, ...], list[tuple[Mapping, list[Fields]]]] = {}
        self._fields: dict[int, Fields] = {}

    def of(self, logsource: Any) -> list[tuple[Mapping, list[Fields]]]:
        """The mappings that serve a rule's logsource, with its fields in each entry that does; what the rule leaves out
        matches all.
        """
        wanted = tuple(getattr(logsource, part) for part in ("product", "category", "service"))
        low = tuple(None if one is None else one.lower() for one in wanted)
        if low not in self._of:
            self._of[low] = self._serving(low)
        return self._of[low]

    def _serving(self, wanted: tuple[str | None, ...]) -> list[tuple[Mapping, list[Fields]]]:
        found = []
        for mapping in self._mappings:
            named = [(entry, tuple(one.lower() for one in _parts(entry))) for entry in mapping.logsources]
            fitting = [
                (entry, names)
                for entry, names in named
                if all(one is None or one == name for one, name in zip(wanted, names, strict=True))
            ]
            # an entry that says just what the rule says stands for all of it
            same = [entry for entry, names in fitting if names == tuple(one or "" for one in wanted)]
            entries = same or [entry for entry, _ in fitting]
            if entries:
                found.append((mapping, [self._at(mapping, entry) for entry in entries]))
        return found

    def _at(self, mapping: Mapping, entry: LogSource) -> Fields:
        return self._fields.setdefault(id(entry), Fields(mapping, entry))


def _parts(entry: LogSource) -> tuple[str, str, str]:
    return entry.product, entry.category, entry.service


@dataclass(frozen=True)
class Fields:
    """The fields of one mapping, as one of its logsources names them."""

    mapping: Mapping
    logsource: LogSource

    @cached_property
    def _columns(self) -> dict[tuple[str, ...], str]:
        return columns_of(self.mapping)

    def path(self, name: str) -> tuple[str, ...]:
        """The keys that lead to the field in the record."""
        given = self.logsource.fields.get(name)
        return steps(name) if given is None else keys(given)

    def sql(self, name: str) -> exp.Expr | None:
        """The SQL that makes the field, where no one field of the source is it."""
        given = self.logsource.fields.get(name, "")
        return exp.cast(filled(given, self.mapping), "TEXT") if is_sql(given) else None

    def column(self, name: str) -> str:
        """The column that holds the field word for word, or ''."""
        return "" if self.sql(name) is not None else self._columns.get(self.path(name), "")

    def _single(self, name: str) -> exp.Expr | None:
        """The field where it has one value at most."""
        made = self.sql(name)
        if made is not None:
            return made
        column = self.column(name)
        return exp.column(column) if column else None

    def any_value(self, name: str, test: Test) -> exp.Expr:
        """That some value of the field passes the test."""
        single = self._single(name)
        return any_of(self.values(name), test) if single is None else test(single)

    def values(self, name: str) -> exp.Expr:
        """The field's values, as a list of texts."""
        single = self._single(name)
        return _call(VALUES, self.path(name)) if single is None else exp.Array(expressions=[single])

    def missing(self, name: str) -> exp.Expr:
        """That the field has no value: it is not there, or null, or an empty list."""
        single = self._single(name)
        if single is not None:
            return exp.Is(this=exp.Paren(this=single), expression=exp.null())
        return exp.EQ(this=exp.ArraySize(this=self.values(name)), expression=exp.Literal.number(0))

    def present(self, name: str) -> exp.Expr:
        """That the field is there, whatever it holds, null too.  What SQL makes is there where it has a value."""
        made = self.sql(name)
        if made is not None:
            return exp.Not(this=exp.Is(this=exp.Paren(this=made), expression=exp.null()))
        there = _call(HAS, self.path(name))
        column = self.column(name)
        return exp.or_(exp.column(column).is_(exp.null()).not_(), there) if column else there

    def when(self) -> exp.Expr | None:
        """What narrows the logsource's events among those of its mapping."""
        return None if self._when is None else self._when.copy()

    @cached_property
    def _when(self) -> exp.Expr | None:
        return condition_of(self.logsource.when, self.mapping)


def columns_of(mapping: Mapping) -> dict[tuple[str, ...], str]:
    """The keys of a field -> the column that holds it word for word."""
    return {keys(path): column for path, column in mapping.verbatim().items() if "[" not in path}


def condition_of(text: str, mapping: Mapping) -> exp.Expr | None:
    """An SQL condition of a mapping, over {fields}, as a tree."""
    return exp.Paren(this=filled(text, mapping)) if text else None


def filled(text: str, mapping: Mapping) -> exp.Expr:
    """SQL of a mapping, over {fields}, as a tree; a field stands for its first value."""
    columns = columns_of(mapping)
    names: list[str] = []

    def placed(match: re.Match[str]) -> str:
        names.append(match[1])
        return f"koban_field_{len(names) - 1}"

    def fill(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.name.startswith("koban_field_"):
            path = keys(names[int(node.name.removeprefix("koban_field_"))])
            return exp.column(columns[path]) if path in columns else first(_call(VALUES, path))
        return node

    return parse_one(_BRACED.sub(placed, text), read="duckdb").transform(fill)


def first(values: exp.Expr) -> exp.Expr:
    """The first of a list of texts; nothing where there is none."""
    return exp.Anonymous(this=FIRST, expressions=[values])


def any_of(values: exp.Expr, test: Test) -> exp.Expr:
    """That some element of a list passes the test; a list that is not there has none."""
    chosen = exp.ArrayFilter(this=values, expression=function("x", test))
    return exp.GT(this=exp.ArraySize(this=chosen), expression=exp.Literal.number(0))


def function(name: str, body: Test) -> exp.Lambda:
    return exp.Lambda(this=body(exp.column(name)), expressions=[exp.to_identifier(name)])


def _call(function_name: str, path: tuple[str, ...]) -> exp.Expr:
    return exp.Anonymous(this=function_name, expressions=[exp.Literal.string(one) for one in path])
