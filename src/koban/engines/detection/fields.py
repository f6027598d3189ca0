"""Which mappings serve a rule's logsource, and where a field of the rule is found in an event.

A field is found, in this order: under the name that the logsource's `fields` gives it; in the column that holds it
word for word (`Mapping.verbatim`), which is trusted to hold one value; in the record.  In the record a dotted name is a
path, followed through arrays step by step (`a.b` in `{"a": [{"b": 1}, {"b": 2}]}` is 1 and 2), and an array at its end
is its elements.  A key may itself contain dots: where the path leads to no value, each way of reading a run of its
steps as one key is tried (`metadata.labels.app.kubernetes.io/name`), there without arrays in between.
An object is its JSON text.  JSON's null is no value.
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
_QUOTED = re.compile(r'\.?(?:"((?:[^"\\]|\\.)+)"|([^.\[\]"]+)|\[[^\]]*\])')


def steps(name: str) -> tuple[str, ...]:
    """The keys of a field's name."""
    return tuple(part for part in name.split(".") if part) or (name,)


def readings(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The other ways to read a path: with a run of neighbouring steps as one key."""
    for size in range(2, len(parts) + 1):
        for at in range(len(parts) - size + 1):
            yield (*parts[:at], ".".join(parts[at : at + size]), *parts[at + size :])


def serving(logsource: Any, mappings: Iterable[Mapping]) -> list[tuple[Mapping, list[LogSource]]]:
    """The mappings, with their entries, that serve a rule's logsource; what the rule leaves out matches all."""
    wanted = [(part, getattr(logsource, part)) for part in ("product", "category", "service")]

    def fits(entry: LogSource) -> bool:
        return all(value is None or getattr(entry, part).lower() == value.lower() for part, value in wanted)

    found = [(one, [entry for entry in one.logsources if fits(entry)]) for one in mappings]
    return [(one, entries) for one, entries in found if entries]


@dataclass(frozen=True)
class Fields:
    """The fields of one mapping, as one of its logsources names them."""

    mapping: Mapping
    logsource: LogSource

    @cached_property
    def _columns(self) -> dict[str, str]:
        return self.mapping.verbatim()

    def source_name(self, name: str) -> str:
        return self.logsource.fields.get(name, name)

    def _made(self, name: str) -> exp.Expr | None:
        """The one value that SQL of the logsource makes of the source's fields, where it does."""
        told = self.logsource.fields.get(name, "")
        return condition_of(told, self.mapping) if is_sql(told) else None

    def _keys(self, name: str) -> tuple[str, ...]:
        """The keys that lead to the field; the name that the logsource gives it is a path of the mapping."""
        path = self.logsource.fields.get(name)
        return steps(name) if path is None else _keys_of(path)

    def column(self, name: str) -> str:
        """The column that holds the field word for word, or ''."""
        return self._columns.get(self.source_name(name), "")

    def any_value(self, name: str, test: Test) -> exp.Expr:
        """That some value of the field passes the test."""
        if column := self.column(name):
            return test(exp.column(column))
        return any_of(self.values(name), test)

    def values(self, name: str) -> exp.Expr:
        """The field's values, as a list of texts."""
        if column := self.column(name):
            return exp.Array(expressions=[exp.column(column)])
        if (made := self._made(name)) is not None:
            return exp.Array(expressions=[exp.cast(made, "TEXT")])
        return _call(VALUES, self._keys(name))

    def missing(self, name: str) -> exp.Expr:
        """That the field has no value: it is not there, or null, or an empty list."""
        if column := self.column(name):
            return exp.Is(this=exp.column(column), expression=exp.null())
        if (made := self._made(name)) is not None:
            return made.is_(exp.null())
        return exp.EQ(this=exp.ArraySize(this=self.values(name)), expression=exp.Literal.number(0))

    def present(self, name: str) -> exp.Expr:
        """That the field is there, whatever it holds, null too."""
        if (made := self._made(name)) is not None:
            return made.is_(exp.null()).not_()
        there = _call(HAS, self._keys(name))
        if column := self.column(name):
            return exp.or_(exp.column(column).is_(exp.null()).not_(), there)
        return there

    def when(self) -> exp.Expr | None:
        """What narrows the logsource's events among those of its mapping."""
        return condition_of(self.logsource.when, self.mapping)


def condition_of(text: str, mapping: Mapping) -> exp.Expr | None:
    """An SQL condition of a mapping, over {fields}, as a tree."""
    if not text:
        return None
    columns = mapping.verbatim()
    names: list[str] = []

    def placed(match: re.Match[str]) -> str:
        names.append(match[1])
        return f"koban_field_{len(names) - 1}"

    tree = parse_one(_BRACED.sub(placed, text), read="duckdb")

    def filled(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.name.startswith("koban_field_"):
            name = names[int(node.name.removeprefix("koban_field_"))]
            if name in columns:
                return exp.column(columns[name])
            return first(_call(VALUES, _keys_of(name)))
        return node

    return exp.paren(tree.transform(filled))


def first(values: exp.Expr) -> exp.Expr:
    """The first of a list of texts; nothing where there is none."""
    return exp.Anonymous(this=FIRST, expressions=[values])


def any_of(values: exp.Expr, test: Test) -> exp.Expr:
    """That some element of a list passes the test; a list that is not there has none."""
    chosen = exp.ArrayFilter(this=values, expression=function("x", test))
    return exp.GT(this=exp.ArraySize(this=chosen), expression=exp.Literal.number(0))


def function(name: str, body: Test) -> exp.Lambda:
    return exp.Lambda(this=body(exp.column(name)), expressions=[exp.to_identifier(name)])


def _call(function_name: str, keys: tuple[str, ...]) -> exp.Expr:
    return exp.Anonymous(this=function_name, expressions=[exp.Literal.string(one) for one in keys])


def _keys_of(path: str) -> tuple[str, ...]:
    """The keys of a mapping's path, where a key in quotes may hold dots and spaces."""
    return tuple(quoted or bare for quoted, bare in _QUOTED.findall(path) if quoted or bare)
