"""The mapping tables: read from YAML, and compiled to the SQL that makes events of records.

An entry of `columns` is a bare path (`userIdentity.arn`, `resources[*].ARN`, `labels."a.b"`), or an SQL expression with
paths in braces (`coalesce({a.b}, {c})`).  A path in braces is text; `{a.b:json}` is the JSON text of what is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from koban.model.event import CLASSES, COLUMNS, ClassRule, LogSource, Mapping, is_path, is_sql
from koban.model.plain_yaml import loader

MACROS = (
    # a time that a calendar has; 'infinity' and the years before 1 and after 9999 are none
    "CREATE OR REPLACE TEMP MACRO in_calendar(t) AS CASE WHEN t >= TIMESTAMPTZ '0001-01-01 00:00:00+00'"
    " AND t < TIMESTAMPTZ '10000-01-01 00:00:00+00' THEN t END",
    # ISO 8601 text; text without a zone is UTC; words such as 'epoch' are no time
    "CREATE OR REPLACE TEMP MACRO iso_time(x) AS CASE WHEN ltrim(x) < ':' THEN TRY_CAST(x AS TIMESTAMPTZ) END",
    # seconds since 1970, also with a fraction, as text or number
    "CREATE OR REPLACE TEMP MACRO epoch_time(x) AS"
    " TRY(make_timestamptz(CAST(round(CAST(x AS DECIMAL(38, 6)) * 1000000) AS BIGINT)))",
    "CREATE OR REPLACE TEMP MACRO epoch_ms_time(x) AS TRY(make_timestamptz(CAST(x AS BIGINT) * 1000))",
    # what logs write for 'nothing'
    "CREATE OR REPLACE TEMP MACRO said(x) AS CASE WHEN x IN ('-', '') THEN NULL ELSE x END",
    # what a list holds, each once; NULL for nothing
    "CREATE OR REPLACE TEMP MACRO listed(x) AS"
    " nullif(list_filter(x, lambda v, i: v NOT IN ('', '-') AND list_position(x, v) = i), [])",
)
"""What the expressions of mappings may call beside DuckDB's own functions."""

_FIELD = re.compile(r"\{([^{}]+?)(:json)?\}")
_STEP = re.compile(r'\.?(?:"((?:[^"\\]|\\.)+)"|([^.\[\]"]+))|\[(\d+|\*)\]')
_FOLDER = files("koban.sources.logs") / "mappings"


class BadMapping(ValueError):
    """A mapping table that says something that cannot be; the message names the file and the entry."""


def steps(path: str) -> tuple[str | int, ...]:
    """The keys of a path; an index is a number, every element is -1."""
    found: list[str | int] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise BadMapping(f"not a path: {path}")
        quoted, plain, index = match.groups()
        found.append((-1 if index == "*" else int(index)) if index else (quoted or plain))
        at = match.end()
    return tuple(found)


def quote(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def json_path(path: str) -> str:
    """A path as DuckDB's JSON functions write it."""
    return "$" + "".join(
        ("[*]" if s == -1 else f"[{s}]") if isinstance(s, int) else f'."{s}"'.replace("\\", "\\\\") for s in steps(path)
    )


@cache
def mapping(source: str) -> Mapping:
    """The mapping of one source, from its file.  `BadMapping` names what is wrong with it."""
    path = _FOLDER / f"{source}.yaml"
    try:
        table = yaml.load(path.read_text(encoding="utf-8"), loader())  # noqa: S506
    except FileNotFoundError:
        raise BadMapping(f"there is no mapping for {source}") from None
    return parse(table, source)


@cache
def mappings() -> tuple[Mapping, ...]:
    """Every mapping that Koban carries, by name."""
    names = sorted(p.name.removesuffix(".yaml") for p in _FOLDER.iterdir() if p.name.endswith(".yaml"))
    return tuple(mapping(name) for name in names)


def parse(table: dict[str, Any], source: str) -> Mapping:
    """A mapping out of its table, checked: columns and classes exist, paths can be read."""
    known = {"source", "title", "vendor", "product", "logsources", "classes", "columns", "notes"}
    if extra := set(table) - known:
        raise BadMapping(f"{source}: unknown entry {sorted(extra)[0]}")
    if table.get("source") != source:
        raise BadMapping(f"{source}: source must be the name of the file")
    columns = {str(k): str(v) for k, v in table["columns"].items()}
    for name, expression in columns.items():
        if name not in COLUMNS or name in ("day", "source", "observables", "record"):
            raise BadMapping(f"{source}: {name} is not a column that a mapping fills")
        _check(expression, not is_path(expression))
    if "time" not in columns:
        raise BadMapping(f"{source}: time is missing")
    classes = tuple(ClassRule(row["class"], row.get("when", "")) for row in table["classes"])
    for rule in classes:
        if rule.name not in CLASSES:
            raise BadMapping(f"{source}: {rule.name} is not an OCSF class")
    logsources = tuple(LogSource(**row) for row in table.get("logsources", ()))
    for one in logsources:
        for expression in [*one.fields.values(), *filter(None, [one.when])]:
            _check(expression, is_sql(expression))
    return Mapping(
        source=source,
        title=table["title"],
        vendor=table["vendor"],
        product=table["product"],
        logsources=logsources,
        classes=classes,
        columns=columns,
        notes=table.get("notes", ""),
    )


def _check(expression: str, sql: bool) -> None:
    for path in [m[1] for m in _FIELD.finditer(expression)] if sql else [expression]:
        steps(path)


@dataclass
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    items: _Node | None = None
    leaf: str = ""

    def structure(self) -> Any:
        if self.items is not None:
            return [self.items.structure()]
        if self.children:
            return {key: node.structure() for key, node in self.children.items()}
        return self.leaf or "VARCHAR"


class _Fields:
    """The fields that a mapping asks for, gathered so that each record is parsed once."""

    def __init__(self) -> None:
        self.root = _Node()

    def reference(self, path: str, leaf: str) -> str:
        """The SQL of one field, remembered in the structure; outside of it where the structure cannot hold it."""
        keys = steps(path)
        if not self._add(keys, leaf):
            function = "json_extract" if leaf == "JSON" else "json_extract_string"
            return f"{function}(record, {quote(json_path(path))})"
        return _access("f", keys)

    def _add(self, keys: tuple[str | int, ...], leaf: str) -> bool:
        for node, key in self._walk(keys):
            if isinstance(key, int):
                if node.children or node.leaf:
                    return False
            elif (
                node.items is not None
                or node.leaf
                or any(other != key and other.lower() == key.lower() for other in node.children)
            ):
                return False
        node = self.root
        for key in keys:
            if isinstance(key, int):
                node.items = node.items or _Node()
                node = node.items
            else:
                node = node.children.setdefault(key, _Node())
        if node.children or node.items is not None or node.leaf not in ("", leaf):
            return False
        node.leaf = leaf
        return True

    def _walk(self, keys: tuple[str | int, ...]) -> Iterator[tuple[_Node, str | int]]:
        node: _Node | None = self.root
        for key in keys:
            if node is None:
                return
            yield node, key
            node = node.items if isinstance(key, int) else node.children.get(key)


def _clashes(node: _Node, key: str) -> bool:
    """Whether a key differs from one that is there by case alone, which a struct of DuckDB cannot hold."""
    return any(other != key and other.lower() == key.lower() for other in node.children)


def _access(base: str, keys: tuple[str | int, ...]) -> str:
    for at, key in enumerate(keys):
        if key == -1:
            rest = keys[at + 1 :]
            return f"list_transform({base}, lambda x: {_access('x', rest)})" if rest else base
        base += f"[{key + 1}]" if isinstance(key, int) else '."' + key.replace('"', '""') + '"'
    return base


def select(table: Mapping, relation: str, *, sparse: bool = False) -> str:
    """The SQL that makes events of `relation`, whose columns are record, raw_data, origin and origin_line.

    Every column of the events table comes out, in order; what the mapping leaves out is NULL, or, of a `sparse`
    selection, left out there too.
    """
    fields = _Fields()
    # nested paths first, so that a whole object asked for as JSON does not take their place
    wanted = list(table.columns.values()) + [c.when for c in table.classes]
    references: dict[tuple[str, str], str] = {}
    pairs = {(e, "VARCHAR") for e in wanted if is_path(e) and e}
    pairs |= {(m[1], "JSON" if m[2] else "VARCHAR") for e in wanted if not is_path(e) for m in _FIELD.finditer(e)}
    for path, leaf in sorted(pairs, key=lambda p: (-len(steps(p[0])), p)):
        references[path, leaf] = fields.reference(path, leaf)

    def compiled(expression: str) -> str:
        return _FIELD.sub(lambda m: references[m[1], "JSON" if m[2] else "VARCHAR"], expression)

    known: dict[str, str] = {}
    for name, expression in table.columns.items():
        column = COLUMNS[name]
        if not is_path(expression):
            sql = compiled(expression)
        else:
            sql = references[expression, "VARCHAR"]
        if column.type == "time":
            known[name] = (
                f"in_calendar({f'iso_time({sql})' if is_path(expression) else f'TRY_CAST({sql} AS TIMESTAMPTZ)'})"
            )
        elif column.type == "text" and is_path(expression):
            known[name] = sql
        else:
            known[name] = f"TRY_CAST({sql} AS {column.sql_type})"
    known["source"] = quote(table.source)
    known.setdefault("class_uid", _class_sql(table, compiled))
    known.setdefault("raw_data", "raw_data")
    known |= {"record": "record", "origin": "origin", "origin_line": "origin_line", "ingested_time": "now()"}
    inner = ", ".join(f"{sql} AS {name}" for name, sql in known.items())
    structure = quote(json.dumps(fields.root.structure(), ensure_ascii=False))
    outer = []
    for name, column in COLUMNS.items():
        if name == "day":
            outer.append("CAST(make_timestamp(epoch_us(time)) AS DATE) AS day")  # in UTC, whatever the zone here
        elif name == "observables":
            outer.append(f"{_observables(known)} AS observables")
        elif name in known:
            outer.append(name)
        elif not sparse:
            outer.append(f"CAST(NULL AS {column.sql_type}) AS {name}")
    return (
        f"SELECT {', '.join(outer)} FROM (SELECT {inner} FROM (SELECT *, json_transform(record, {structure}) AS f"
        f" FROM {relation}))"
    )


def _class_sql(table: Mapping, compiled: Any) -> str:
    branches = [
        (f"WHEN {compiled(c.when)} THEN {CLASSES[c.name]}" if c.when else f"ELSE {CLASSES[c.name]}")
        for c in table.classes
    ]
    if len(branches) == 1 and branches[0].startswith("ELSE"):
        return f"CAST({branches[0].removeprefix('ELSE ')} AS INTEGER)"
    return f"CAST(CASE {' '.join(branches)} END AS INTEGER)"


def _observables(known: dict[str, str]) -> str:
    single = [n for n in known if COLUMNS[n].observable and COLUMNS[n].type == "text"]
    several = [n for n in known if COLUMNS[n].type == "texts" and n != "finding_info_types"]
    if not single and not several:
        return "CAST(NULL AS VARCHAR[])"
    lists = " || ".join(f"coalesce({n}, [])" for n in several)
    if not single:
        return f"list_distinct({lists})" if len(several) > 1 else lists
    if not several:
        return f"list_filter([{', '.join(single)}], lambda x: x IS NOT NULL)"
    # each value once: most events have no lists, and comparing columns takes a third of what `list_distinct` does
    once = [
        f"CASE WHEN {' AND '.join(f'{n} IS DISTINCT FROM {before}' for before in single[:at])} THEN {n} END"
        if at
        else n
        for at, n in enumerate(single)
    ]
    some = " OR ".join(f"len({n}) > 0" for n in several)
    return (
        f"CASE WHEN {some} THEN list_distinct([{', '.join(single)}] || {lists})"
        f" ELSE list_filter([{', '.join(once)}], lambda x: x IS NOT NULL) END"
    )
