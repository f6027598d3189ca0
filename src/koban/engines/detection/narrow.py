"""Which events rules could match, in the SQL of another engine: at least all that they do match.

Another engine reads JSON and patterns a little otherwise than DuckDB.  So it only leaves out what cannot match: a test
whose answer may differ there is taken for granted, and a record in which JSON can be read in two ways goes through on
its columns alone.  DuckDB then judges the events that are left, and the alerts are the same.
"""

from __future__ import annotations

import re

from sqlglot import exp

from koban.engines.detection.bound import bound
from koban.engines.detection.compile import Compiled
from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.dialect import RECORD, Dialect, quoted
from koban.engines.detection.fields import FIRST, NUMBER, VALUES
from koban.engines.detection.ruleset import CompiledSet

TRUSTED = frozenset((VALUES, FIRST, NUMBER))
"""Functions whose answer is the same, but for records that are in doubt."""
_KEY = re.compile(r"^[A-Za-z0-9_ .$@/:-]+$")
_REGEX = re.compile(r"^(?:\((?!\?[^i:])|\[\^?(?:[^\[\]\\&]|\\[dws.\-/$@\\])+\]|\\[dws.\-/$@(){}|+*?\\]|[^\[\]\\&])*$")
"""Patterns that mean the same to RE2 and to Java."""


def condition(compiled: CompiledSet, dialect: Dialect) -> str:
    """SQL over the columns of events that holds for each event that some rule matches; '' where none can."""
    by_source: dict[str, dict[str, None]] = {}
    for rule in _bases(compiled):
        for source, tree in rule.wheres.items():
            by_source.setdefault(source, {})[_narrowed(tree, dialect)] = None
    parts = [f"(source = {quoted(source)} AND ({_any(list(tests))}))" for source, tests in sorted(by_source.items())]
    return " OR ".join(parts)


def _any(tests: list[str]) -> str:
    """OR as a tree that is not deep: parsers recurse."""
    if len(tests) == 1:
        return tests[0]
    half = len(tests) // 2
    return f"({_any(tests[:half])} OR {_any(tests[half:])})"


def _bases(compiled: CompiledSet) -> list[Compiled]:
    found: dict[int, Compiled] = {}
    for rule in compiled.rules:
        for one in rule.bases() if isinstance(rule, CompiledCorrelation) else [rule]:
            found.setdefault(id(one.detection), one)
    return list(found.values())


def _narrowed(tree: exp.Expr, dialect: Dialect) -> str:
    """First what columns say, which is cheap; then JSON."""
    cheap = bound(tree, known=_columns_alone)
    full = bound(tree, known=_certain)
    if full is None:
        return "true"
    first = "" if cheap is None else f"{dialect.sql(exp.paren(cheap))} AND "
    if full.find(exp.Anonymous) is None:
        return f"({dialect.sql(full)})"
    return f"({first}({dialect.sql(full)} OR {doubt(dialect)}))"


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
