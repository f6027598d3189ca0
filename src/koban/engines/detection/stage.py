"""What rules ask of JSON, taken out of each record once for all of them.

For a field two columns are made: its value where it has at most one (`v3`), and all its values (`l3`) in the rare event
where there may be more: an array at the end or on the way, or a key with dots in it.  A rule's tree then reads those in
place of the record.  What decides between the two is exact: a path that leads to a value has no array on the way; where
one leads to none, what is on the way has a first element if it is an array, and a pattern finds keys with dots in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlglot import exp

from koban.engines.detection.dialect import DUCKDB, RECORD, duckdb_path, quoted
from koban.engines.detection.fields import FIRST, HAS, TEXTS, VALUES

Path = tuple[str, ...]
DOTTED_KEY = r"""[.](?:[^"\\]|\\.)*"\s*:"""
"""What a key with a dot in it looks like in JSON's text; a dot is not written as an escape."""


class Numbers:
    """Numbers the paths, so that the column of a path has one name in every pass."""

    def __init__(self) -> None:
        self._of: dict[Path, int] = {}

    def of(self, path: Path) -> int:
        return self._of.setdefault(path, len(self._of))


@dataclass(frozen=True)
class Asked:
    """What a tree asks for: columns, paths for their values, paths for their presence, and a search of all texts."""

    columns: frozenset[str]
    values: frozenset[Path]
    present: frozenset[Path]
    searched: bool

    @classmethod
    def by(cls, *trees: exp.Expr) -> Asked:
        columns: set[str] = set()
        values: set[Path] = set()
        present: set[Path] = set()
        searched = False
        for tree in trees:
            for node in tree.find_all(exp.Anonymous, exp.Column):
                if isinstance(node, exp.Column):
                    columns.add(node.name)
                elif isinstance(node, exp.Anonymous) and node.this in (VALUES, HAS):
                    (values if node.this == VALUES else present).add(_path(node))
                elif node.this == TEXTS:
                    searched = True
        return cls(frozenset(columns - BOUND), frozenset(values), frozenset(present), searched)

    @classmethod
    def together(cls, asked: Iterable[Asked]) -> Asked:
        every = list(asked)
        return cls(
            frozenset().union(*(one.columns for one in every)),
            frozenset().union(*(one.values for one in every)),
            frozenset().union(*(one.present for one in every)),
            any(one.searched for one in every),
        )

    @property
    def is_plain(self) -> bool:
        """Whether columns answer it alone."""
        return not (self.values or self.present or self.searched)


BOUND = frozenset({"x", "r"})
"""Names that trees give to the elements of lists."""


def _path(node: exp.Anonymous) -> Path:
    return tuple(one.name for one in node.expressions)


def extraction(asked: Asked, numbers: Numbers, relation: str, columns: Iterable[str], where: str = "") -> str:
    """SQL of the named columns and the fields asked for, of the rows of a relation."""
    kept = list(dict.fromkeys([*columns, *sorted(asked.columns)]))
    source = f"SELECT * FROM {relation}" + (f" WHERE {where}" if where else "")
    if asked.is_plain:
        return f"SELECT {', '.join(kept)} FROM ({source})"
    inner = [*kept, *(["raw_data"] if asked.searched else []), RECORD]
    outer = [*kept, *(["raw_data", RECORD] if asked.searched else [])]
    middle = list(dict.fromkeys([*outer, RECORD]))
    paths = sorted(asked.values)
    prefixes = sorted({path[:size] for path in paths for size in range(1, len(path))})
    if paths:
        at_first = [f"{duckdb_path(one)[:-1]}[0]'" for one in prefixes]
        inner.append(f"json_extract({RECORD}, [{', '.join([*map(duckdb_path, paths), *at_first])}]) AS s")
        for at, path in enumerate(paths, 1):
            middle.append(f"nullif(CAST(s[{at}] AS VARCHAR), 'null') AS x{numbers.of(path)}")
        for at, path in enumerate(prefixes, len(paths) + 1):
            middle.append(f"s[{at}] IS NOT NULL AS y{numbers.of(path)}")
    if prefixes:
        unled = " OR ".join(f"x{numbers.of(path)} IS NULL" for path in paths if len(path) > 1)
        dotted = f"regexp_matches({RECORD}, {quoted(DOTTED_KEY)})"
        middle.append(f"CASE WHEN {unled} THEN {dotted} ELSE false END AS dotted")
    for path in paths:
        number, several = numbers.of(path), _several(path, numbers)
        outer.append(f"CASE WHEN NOT ({several}) THEN json_extract_string(x{number}, '$') END AS v{number}")
        outer.append(f"CASE WHEN {several} THEN {DUCKDB.values(path)} END AS l{number}")
    outer += [f"{DUCKDB.has(path)} AS p{numbers.of(path)}" for path in sorted(asked.present)]
    made = f"SELECT {', '.join(middle)} FROM (SELECT {', '.join(inner)} FROM ({source}))"
    return f"SELECT {', '.join(outer)} FROM ({made})"


def _several(path: Path, numbers: Numbers) -> str:
    """Whether there may be more than the one value at the path."""
    number = numbers.of(path)
    listed = f"coalesce(starts_with(x{number}, '['), false)"
    if len(path) == 1:
        return listed
    arrays = [f"y{numbers.of(path[:size])}" for size in range(1, len(path))]
    return f"{listed} OR (x{number} IS NULL AND ({' OR '.join(arrays)} OR dotted))"


def reading(tree: exp.Expr, numbers: Numbers) -> exp.Expr:
    """The tree, reading the columns that an extraction makes in place of the record."""

    def number_of(node: exp.Expr) -> int | None:
        return numbers.of(_path(node)) if isinstance(node, exp.Anonymous) and node.this == VALUES else None

    def read(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.GT) and isinstance(node.this, exp.ArraySize):
            chosen = node.this.this
            if isinstance(chosen, exp.ArrayFilter) and (number := number_of(chosen.this)) is not None:
                return _any(number, chosen.expression, read)
        if isinstance(node, exp.EQ) and isinstance(node.this, exp.ArraySize):
            if (number := number_of(node.this.this)) is not None:
                return exp.Var(this=f"(v{number} IS NULL AND coalesce(len(l{number}), 0) = 0)")
        if isinstance(node, exp.Anonymous):
            if node.this == FIRST and (number := number_of(node.expressions[0])) is not None:
                return exp.Var(this=f"coalesce(v{number}, l{number}[1])")
            if (number := number_of(node)) is not None:
                return exp.Var(this=f"coalesce(l{number}, CASE WHEN v{number} IS NULL THEN [] ELSE [v{number}] END)")
            if node.this == HAS:
                return exp.column(f"p{numbers.of(_path(node))}")
        return node

    return tree.transform(read)


def _any(number: int, test: exp.Expr, read: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """That the one value passes the test, or one of several does."""
    assert isinstance(test, exp.Lambda)
    name = test.expressions[0].name
    inside = test.this.transform(read)
    one = inside.transform(
        lambda node: exp.column(f"v{number}") if isinstance(node, exp.Column) and node.name == name else node
    )
    each = exp.Lambda(this=inside, expressions=[exp.to_identifier(name)])
    chosen = exp.ArrayFilter(this=exp.column(f"l{number}"), expression=each)
    several = exp.GT(this=exp.ArraySize(this=chosen), expression=exp.Literal.number(0))
    return exp.Paren(this=exp.Or(this=exp.Paren(this=one), expression=several))
