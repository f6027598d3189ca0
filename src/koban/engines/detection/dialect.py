"""What differs between the SQL of DuckDB, Spark and Trino, in one small table each.

A compiled tree calls functions of ours (fields.py) for what no two of them write alike; `Dialect.sql` spells them out.
DuckDB's answers are the reference.  Known differences: Spark cannot tell the text of an array in a string from an
array; keywords do not see through `\\uXXXX` in Spark and Trino.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from koban.engines.detection.fields import FIRST, HAS, MOMENT, NUMBER, SIX, TEXTS, VALUES, readings

A_NUMBER = r"^[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]+)?$"
RECORD = "record"


GROUPS = "^([0-9a-f]{0,4}:){2,8}[0-9a-f]{0,4}$"
BYTES_AT_END = "[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}$"


def _six(matches: str, replace: str, group: str, bind: str, tail: str) -> str:
    """An IPv6 address written out to 32 digits: groups are padded, `::` is filled.  What is no address gives NULL.

    `matches` and `replace` (all) are how the dialect calls its regular expressions, `bind` how it names a value;
    `tail` makes two groups of a.b.c.d at the end.
    """

    def padded(text: str) -> str:
        spread = replace.format(f"':' || {text}", "':'", "':000'")
        kept = replace.format(spread, "':[0-9a-f]*([0-9a-f]{4})'", f"'{group}'")
        return f"CASE WHEN {text} = '' THEN '' ELSE {kept} END"

    left, right = padded("split_part(s, '::', 1)"), padded("split_part(s, '::', 2)")
    zeros = f"repeat('0', greatest(0, 32 - length({left}) - length({right})))"
    good = f"{matches.format('s', quoted(GROUPS))} AND NOT s LIKE '%::%::%' AND NOT s LIKE '%:::%'"
    whole = f"CASE WHEN {good} THEN {left} || CASE WHEN s LIKE '%::%' THEN {zeros} ELSE '' END || {right} END"
    plain = bind.format(f"CASE WHEN l LIKE '%:%.%' THEN {tail} ELSE l END", "s", whole)
    return bind.format(replace.format("lower(given_x)", "'%.*$'", "''"), "l", plain)


def _last_bytes(cast: str) -> str:
    tail = "split_part(l, ':', length(l) - length(replace(l, ':', '')) + 1)"
    return ", ".join(f"{cast}(split_part({tail}, '.', {at}) AS INTEGER)" for at in (1, 2, 3, 4))


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def text_of(value: str) -> exp.Expr:
    """A text literal; a NUL, which no literal can hold, is put in by its number."""
    first, *rest = value.split("\0")
    made: exp.Expr = exp.Literal.string(first)
    for part in rest:
        zero = exp.Anonymous(this="CHR", expressions=[exp.Literal.number(0)])
        made = exp.DPipe(this=exp.DPipe(this=made, expression=zero), expression=exp.Literal.string(part))
    return made


@dataclass(frozen=True)
class Dialect:
    """`values`, `has`: of a path of keys.  The rest: of an expression's SQL."""

    name: str
    values: Callable[[tuple[str, ...]], str]
    has: Callable[[tuple[str, ...]], str]
    texts: str
    first: str
    number: str
    moment: str
    six: str
    spell: dict[type[exp.Expr], str]
    regex: Callable[[exp.Expr], str | None] = lambda node: None

    def sql(self, tree: exp.Expr) -> str:
        """The SQL of a compiled tree."""
        return tree.transform(self._spell).sql(self.name)

    def _spell(self, node: exp.Expr) -> exp.Expr:
        text = self._text(node)
        return node if text is None else exp.Var(this=text)

    def _text(self, node: exp.Expr) -> str | None:
        if isinstance(node, exp.Anonymous):
            name = str(node.this)
            if name == VALUES:
                return self.values(_path(node))
            if name == HAS:
                return self.has(_path(node))
            if name == TEXTS:
                return self.texts
            templates = {FIRST: self.first, NUMBER: self.number, MOMENT: self.moment, SIX: self.six}
            if template := templates.get(name):
                return template.replace("given_x", self.sql(node.expressions[0]))
        if isinstance(node, exp.RegexpLike) and (text := self.regex(node)):
            return text
        if template := self.spell.get(type(node)):
            given = {"given_x": self.sql(node.this), "given_y": self.sql(node.expression)}
            return "(" + re.sub("given_[xy]", lambda match: given[match[0]], template) + ")"
        return None


def _path(node: exp.Anonymous) -> tuple[str, ...]:
    return tuple(one.name for one in node.expressions)


# DuckDB ------------------------------------------------------------------------------------------------------------


def duckdb_path(parts: tuple[str, ...]) -> str:
    """A path of keys as DuckDB's JSON functions write it."""
    return quoted("$" + "".join('."' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts))


def _duckdb_elements(json: str, at: str) -> str:
    """What is at a path: the elements where it is an array, else itself."""
    whole = f"json_extract({json}, {at})"
    return f"CASE WHEN json_type({json}, {at}) = 'ARRAY' THEN json_extract({json}, {at[:-1]}[*]') ELSE [{whole}] END"


def _duckdb_walk(parts: tuple[str, ...]) -> str:
    found = _duckdb_elements(RECORD, duckdb_path(parts[:1]))
    for part in parts[1:]:
        found = f"flatten(list_transform({found}, lambda w: {_duckdb_elements('w', duckdb_path((part,)))}))"
    return found


def _duckdb_values(parts: tuple[str, ...]) -> str:
    def texts(found: str) -> str:
        return f"list_filter(list_transform({found}, lambda t: json_extract_string(t, '$')), lambda n: n IS NOT NULL)"

    found = texts(_duckdb_walk(parts))
    if len(parts) == 1:
        return found
    spread = _duckdb_elements("v", "'$'")
    others = ", ".join(duckdb_path(one) for one in readings(parts))
    joined = texts(f"flatten(list_transform(json_extract({RECORD}, [{others}]), lambda v: {spread}))")
    return f"list_transform([{found}], lambda f: CASE WHEN len(f) > 0 THEN f ELSE {joined} END)[1]"


def _duckdb_has(parts: tuple[str, ...]) -> str:
    tests = [f"json_exists({RECORD}, {duckdb_path(one)})" for one in (parts, *readings(parts))]
    if len(parts) > 1:
        last = f"coalesce(json_exists(h, {duckdb_path(parts[-1:])}), false)"
        tests.append(f"len(list_filter({_duckdb_walk(parts[:-1])}, lambda h: {last})) > 0")
    return "(" + " OR ".join(tests) + ")"


_BEGINNING = re.compile(r"(?:[A-Za-z0-9/_:@=,;~#%&<>-]|\\[/.-])+")


def _duckdb_regex(node: exp.Expr) -> str | None:
    """A pattern that begins with plain text is searched for where that text is: finding a text is a lot cheaper."""
    pattern = node.expression.name if isinstance(node.expression, exp.Literal) else ""
    begins = _BEGINNING.match(pattern)
    if begins is None or "|" in pattern:
        return None
    text = begins[0].replace("\\", "")
    if pattern[begins.end() : begins.end() + 1] in ("*", "?", "{"):  # what these follow may be absent
        text = text[:-1]
    if len(text) < 2:
        return None
    x = DUCKDB.sql(node.this)
    return f"(CONTAINS({x}, {quoted(text)}) AND REGEXP_MATCHES({x}, {quoted(pattern)}))"


DUCKDB = Dialect(
    name="duckdb",
    values=_duckdb_values,
    has=_duckdb_has,
    texts=f"list_concat([raw_data, {RECORD}], json_extract_string({RECORD}, '$..*'))",
    first="given_x[1]",
    number=f"CASE WHEN regexp_matches(given_x, {quoted(A_NUMBER)}) THEN TRY_CAST(given_x AS DOUBLE) END",
    moment="TRY_CAST(given_x AS TIMESTAMPTZ)",
    six=_six(
        "regexp_matches({}, {})",
        "regexp_replace({}, {}, {}, 'g')",
        "\\1",
        "list_transform([{}], lambda {}: {})[1]",
        f"regexp_replace(l, {quoted(BYTES_AT_END)}, '') || printf('%02x%02x:%02x%02x', {_last_bytes('TRY_CAST')})",
    ),
    spell={},
    regex=_duckdb_regex,
)

# Spark -------------------------------------------------------------------------------------------------------------


def _spark_path(parts: tuple[str, ...]) -> str:
    return quoted("$" + "".join(f"['{part}']" for part in parts)).replace("\\", "\\\\")


def _spark_elements(json: str, part: str) -> str:
    one = f"get_json_object({json}, {_spark_path((part,))})"
    every = f"get_json_object({json}, {_spark_path((part,))[:-1]}[*]')"
    return (
        f"CASE WHEN {every} IS NOT NULL THEN from_json({one}, 'array<string>')"
        f" WHEN {one} = '[]' THEN array() ELSE array({one}) END"
    )


def _spark_walk(parts: tuple[str, ...]) -> str:
    found = _spark_elements(RECORD, parts[0])
    for part in parts[1:]:
        found = f"flatten(transform({found}, w -> {_spark_elements('w', part)}))"
    return found


def _spark_values(parts: tuple[str, ...]) -> str:
    def texts(found: str) -> str:
        return f"filter({found}, n -> n IS NOT NULL)"

    found = texts(_spark_walk(parts))
    if len(parts) == 1:
        return found
    joined = texts(f"concat({', '.join(_spark_walk(one) for one in readings(parts))})")
    return f"element_at(transform(array({found}), f -> CASE WHEN size(f) > 0 THEN f ELSE {joined} END), 1)"


SPARK = Dialect(
    name="spark",
    values=_spark_values,
    # a null cannot be told from what is not there
    has=lambda parts: f"(size({_spark_values(parts)}) > 0)",
    texts=(
        f"array(raw_data, {RECORD},"
        f" replace(replace(replace({RECORD}, '\\\\\"', '\"'), '\\\\/', '/'), '\\\\\\\\', '\\\\'))"
    ),
    first="get(given_x, 0)",
    number=f"CASE WHEN given_x RLIKE {quoted(A_NUMBER)} THEN CAST(given_x AS DOUBLE) END",
    moment="try_to_timestamp(given_x)",
    six=_six(
        "({} RLIKE {})",
        "regexp_replace({}, {}, {})",
        "$1",
        "element_at(transform(array({}), {} -> {}), 1)",
        f"regexp_replace(l, {quoted(BYTES_AT_END)}, '')"
        f" || format_string('%02x%02x:%02x%02x', {_last_bytes('TRY_CAST')})",
    ),
    spell={},
)

# Trino -------------------------------------------------------------------------------------------------------------


def _trino_path(parts: tuple[str, ...]) -> str:
    return quoted("$" + "".join('["' + part.replace('"', '\\"') + '"]' for part in parts))


def _trino_elements(json: str) -> str:
    return f"coalesce(try(CAST({json} AS ARRAY(JSON))), ARRAY[{json}])"


def _trino_walk(parts: tuple[str, ...]) -> str:
    found = _trino_elements(f"json_extract({RECORD}, {_trino_path(parts[:1])})")
    for part in parts[1:]:
        found = f"flatten(transform({found}, w -> {_trino_elements(f'json_extract(w, {_trino_path((part,))})')}))"
    return found


def _trino_values(parts: tuple[str, ...]) -> str:
    def texts(found: str) -> str:
        text = "coalesce(json_extract_scalar(t, '$'), nullif(json_format(t), 'null'))"
        return f"filter(transform({found}, t -> {text}), n -> n IS NOT NULL)"

    found = texts(_trino_walk(parts))
    if len(parts) == 1:
        return found
    others = [_trino_elements(f"json_extract({RECORD}, {_trino_path(one)})") for one in readings(parts)]
    joined = texts(f"concat({', '.join(others)})" if len(others) > 1 else others[0])
    return f"element_at(transform(ARRAY[{found}], f -> CASE WHEN cardinality(f) > 0 THEN f ELSE {joined} END), 1)"


def _trino_has(parts: tuple[str, ...]) -> str:
    tests = [f"json_extract({RECORD}, {_trino_path(one)}) IS NOT NULL" for one in (parts, *readings(parts))]
    tests.append(f"cardinality({_trino_values(parts)}) > 0")
    return "(" + " OR ".join(tests) + ")"


TRINO = Dialect(
    name="trino",
    values=_trino_values,
    has=_trino_has,
    texts=(f"ARRAY[raw_data, {RECORD}, replace(replace(replace({RECORD}, '\\\"', '\"'), '\\/', '/'), '\\\\', '\\')]"),
    first="element_at(given_x, 1)",
    number=f"CASE WHEN regexp_like(given_x, {quoted(A_NUMBER)}) THEN try_cast(given_x AS DOUBLE) END",
    six=_six(
        "regexp_like({}, {})",
        "regexp_replace({}, {}, {})",
        "$1",
        "element_at(transform(ARRAY[{}], {} -> {}), 1)",
        f"regexp_replace(l, {quoted(BYTES_AT_END)}, '') || format('%02x%02x:%02x%02x', {_last_bytes('TRY_CAST')})",
    ),
    moment="coalesce(try(from_iso8601_timestamp(given_x)), try_cast(given_x AS TIMESTAMP WITH TIME ZONE))",
    spell={
        exp.Contains: "strpos(given_x, given_y) > 0",
        exp.EndsWith: "substr(given_x, length(given_x) - length(given_y) + 1) = given_y",
    },
)

DIALECTS = {one.name: one for one in (DUCKDB, SPARK, TRINO)}
