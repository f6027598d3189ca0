"""Which events rules could match, in the SQL of another engine: at least all that they do match.

Another engine reads JSON and patterns a little otherwise than DuckDB.  So it only leaves out what cannot match: columns
are asked first, JSON only where a rule says nothing about columns, a test whose answer may differ there is taken for
granted, and a record that can be read in two ways goes through.  DuckDB then judges the events that are left, and the
alerts are the same.
"""

from __future__ import annotations

import re
from collections import Counter

from sqlglot import exp

from koban.engines.detection.bound import bound
from koban.engines.detection.compile import Compiled
from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.dialect import RECORD, Dialect
from koban.engines.detection.fields import FIRST, NUMBER, VALUES
from koban.engines.detection.ruleset import CompiledSet

TRUSTED = frozenset((VALUES, FIRST, NUMBER))
"""Functions whose answer is the same, but for records that are in doubt."""
JSON_MAX = 4
"""A source with more rules than this that say nothing about columns goes through whole: JSON is slow in Spark."""
_KEY = re.compile(r"^[A-Za-z0-9_ .$@/:-]+$")
_REGEX = re.compile(r"^(?:\((?!\?[^i:])|\[\^?(?:[^\[\]\\&]|\\[dws.\-/$@\\])+\]|\\[dws.\-/$@(){}|+*?\\]|[^\[\]\\&])*$")
"""Patterns that mean the same to RE2 and to Java."""


def conditions(compiled: CompiledSet, dialect: Dialect) -> dict[str, list[str]]:
    """By source, tests in SQL over the columns of events; one of them holds for each event that some rule matches.

    ``["true"]``: all events of that source may match.  A source that is not there has none.
    """
    by_source: dict[str, dict[str, None]] = {}
    json: Counter[str] = Counter()
    for rule in _bases(compiled):
        for source, tree in rule.wheres.items():
            test, reads_json = _narrowed(tree, dialect)
            json[source] += reads_json
            by_source.setdefault(source, {})[test] = None
    return {
        source: ["true"] if "true" in tests or json[source] > JSON_MAX else list(tests)
        for source, tests in sorted(by_source.items())
    }


def _bases(compiled: CompiledSet) -> list[Compiled]:
    found: dict[int, Compiled] = {}
    for rule in compiled.rules:
        for one in rule.bases() if isinstance(rule, CompiledCorrelation) else [rule]:
            found.setdefault(id(one.detection), one)
    return list(found.values())


def _narrowed(tree: exp.Expr, dialect: Dialect) -> tuple[str, bool]:
    """What columns say, where they say something: it is cheap, and JSON is DuckDB's; else what JSON says, and True."""
    cheap = bound(tree, known=_columns_alone)
    if cheap is not None:
        return f"({dialect.sql(cheap)})", False
    full = bound(tree, known=_certain)
    return ("true", False) if full is None else (f"({dialect.sql(full)} OR {doubt(dialect)})", True)


def doubt(dialect: Dialect) -> str:
    """That a record may be read otherwise: escapes that are written in several ways, JSON inside of text."""
    found: list[exp.Expr] = [
        exp.Contains(this=exp.column(RECORD), expression=exp.Literal.string(text))
        for text in ("\\u", "\\/", '"[', '"{', '" [', '" {')
    ]
    return dialect.sql(exp.paren(exp.or_(*found)))


def _columns_alone(node: exp.Expr) -> bool:
    return node.find(exp.Anonymous) is None and _same_patterns(node)


def _certain(node: exp.Expr) -> bool:
    for call in node.find_all(exp.Anonymous):
        if call.this not in TRUSTED and call.this != "CHR":
            return False
        if call.this == VALUES and not all(_KEY.match(one.name) for one in call.expressions):
            return False
    in_json = node.find(exp.Anonymous) is not None
    # the text of an object is written with other spaces between its parts
    if in_json and any('"' in one.name for one in node.find_all(exp.Literal) if one.is_string):
        return False
    return _same_patterns(node)


def _same_patterns(node: exp.Expr) -> bool:
    for one in node.find_all(exp.RegexpLike):
        pattern = one.expression
        if not isinstance(pattern, exp.Literal) or not _REGEX.match(pattern.name):
            return False
        # `$` is also before a last line's end in Java, `.` is not \r there
        if _negated(one) and ("$" in pattern.name or "." in pattern.name):
            return False
    return True


def _negated(node: exp.Expr) -> bool:
    return node.find_ancestor(exp.Not) is not None
