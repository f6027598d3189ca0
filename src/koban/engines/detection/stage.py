"""What rules ask of JSON, taken out of each record once for all of them.

For a field two columns are made: its value where it has at most one (`v3`), and whether there may be more (`w3`): an
array at the end or on the way, or a key with dots in it.  Of those few events all values are taken (`l3`) afterwards,
by the SQL that is exact and slow.  A rule's tree then reads these columns in place of the record.  What decides between
the two is exact: a path that leads to a value has no array on the way; where one leads to none, what is on the way has
a first element if it is an array, and a pattern finds keys with dots in them.

Whether a field is there at all is `p3`, and `q3` where that cannot be said yet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
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


def extraction(asked: Asked, numbers: Numbers, source: str, columns: Sequence[str]) -> str:
    """SQL of the named columns and, for the fields asked for, v, w, p and q, of the rows that `source` selects."""
    paths, present = sorted(asked.values), sorted(asked.present)
    if not paths and not present:
        return f"SELECT {', '.join(columns)} FROM ({source})"
    wanted = sorted({*paths, *present})
    prefixes = sorted({path[:size] for path in wanted for size in range(1, len(path))})
    at_first = [f"{duckdb_path(one)[:-1]}[0]'" for one in prefixes]
    inner = list(dict.fromkeys([*columns, RECORD]))
    middle = list(inner)
    inner.append(f"json_extract({RECORD}, [{', '.join([*map(duckdb_path, wanted), *at_first])}]) AS s")
    for at, path in enumerate(wanted, 1):
        if path in asked.values:
            middle.append(f"nullif(CAST(s[{at}] AS VARCHAR), 'null') AS x{numbers.of(path)}")
        if path in asked.present:
            middle.append(f"s[{at}] IS NOT NULL AS p{numbers.of(path)}")
    for at, path in enumerate(prefixes, len(wanted) + 1):
        middle.append(f"s[{at}] IS NOT NULL AS y{numbers.of(path)}")
    if prefixes:
        unled = [f"x{numbers.of(path)} IS NULL" for path in paths if len(path) > 1]
        unled += [f"NOT p{numbers.of(path)}" for path in present if len(path) > 1]
        dotted = f"coalesce(regexp_matches({RECORD}, {quoted(DOTTED_KEY)}), false)"
        middle.append(f"CASE WHEN {' OR '.join(unled)} THEN {dotted} ELSE false END AS dotted")
    outer = list(columns)
    for path in paths:
        number, several = numbers.of(path), _several(path, numbers)
        outer.append(f"CASE WHEN NOT ({several}) THEN json_extract_string(x{number}, '$') END AS v{number}")
        outer.append(f"({several}) AS w{number}")
    for path in present:
        number, ways = numbers.of(path), _ways(path, numbers)
        outer.append(f"p{number}")
        outer.append(f"{f'(NOT p{number} AND ({ways}))' if ways else 'false'} AS q{number}")
    made = f"SELECT {', '.join(middle)} FROM (SELECT {', '.join(inner)} FROM ({source}))"
    return f"SELECT {', '.join(outer)} FROM ({made})"


def _several(path: Path, numbers: Numbers) -> str:
    """Whether there may be more than the one value at the path."""
    number = numbers.of(path)
    listed = f"coalesce(starts_with(x{number}, '['), false)"
    ways = _ways(path, numbers)
    return f"{listed} OR (x{number} IS NULL AND ({ways}))" if ways else listed


def _ways(path: Path, numbers: Numbers) -> str:
    """Whether something may be found in another way than straight along the path; '' where it cannot."""
    if len(path) == 1:
        return ""
    return " OR ".join([*(f"y{numbers.of(path[:size])}" for size in range(1, len(path))), "dotted"])


def doubts(asked: Asked, numbers: Numbers) -> list[str]:
    """The columns that say that an event's fields are not known yet."""
    return [f"w{numbers.of(path)}" for path in sorted(asked.values)] + [
        f"q{numbers.of(path)}" for path in sorted(asked.present) if len(path) > 1
    ]


def settled(asked: Asked, numbers: Numbers, open_: Collection[str], source: str) -> str:
    """SQL of what an extraction left open (those columns of `doubts`), by the SQL that is exact; with the record."""
    made = [
        f"CASE WHEN w{number} THEN {DUCKDB.values(path)} END AS l{number}"
        for path in sorted(asked.values)
        if f"w{(number := numbers.of(path))}" in open_
    ]
    replaced = [
        f"CASE WHEN q{number} THEN {DUCKDB.has(path)} ELSE p{number} END AS p{number}"
        for path in sorted(asked.present)
        if f"q{(number := numbers.of(path))}" in open_
    ]
    replace = f" REPLACE ({', '.join(replaced)})" if replaced else ""
    return f"SELECT *{replace}{''.join(', ' + one for one in made)} FROM {source}"


def reading(tree: exp.Expr, numbers: Numbers, listed: Collection[Path] = ()) -> exp.Expr:
    """The tree, reading the columns that an extraction makes in place of the record.

    Of the paths in `listed` all values are there (`l3`) where there may be several, of the others never.
    """

    def path_of(node: exp.Expr) -> Path | None:
        return _path(node) if isinstance(node, exp.Anonymous) and node.this == VALUES else None

    def read(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.GT) and isinstance(node.this, exp.ArraySize):
            chosen = node.this.this
            if isinstance(chosen, exp.ArrayFilter) and (path := path_of(chosen.this)) is not None:
                return _any(numbers.of(path), chosen.expression, read, path in listed)
        if isinstance(node, exp.EQ) and isinstance(node.this, exp.ArraySize):
            if (path := path_of(node.this.this)) is not None:
                one = f"v{numbers.of(path)} IS NULL"
                several = f" AND coalesce(len(l{numbers.of(path)}), 0) = 0" if path in listed else ""
                return exp.Var(this=f"({one}{several})")
        if isinstance(node, exp.Anonymous):
            if node.this == FIRST and (path := path_of(node.expressions[0])) is not None:
                number = numbers.of(path)
                return exp.Var(this=f"coalesce(v{number}, l{number}[1])" if path in listed else f"v{number}")
            if (path := path_of(node)) is not None:
                number = numbers.of(path)
                one = f"CASE WHEN v{number} IS NULL THEN [] ELSE [v{number}] END"
                return exp.Var(this=f"coalesce(l{number}, {one})" if path in listed else one)
            if node.this == HAS:
                return exp.column(f"p{numbers.of(_path(node))}")
        return node

    return tree.transform(read)


def _any(number: int, test: exp.Expr, read: Callable[[exp.Expr], exp.Expr], listed: bool) -> exp.Expr:
    """That the one value passes the test, or one of several does."""
    assert isinstance(test, exp.Lambda)
    name = test.expressions[0].name
    inside = test.this.transform(read)
    one = inside.transform(
        lambda node: exp.column(f"v{number}") if isinstance(node, exp.Column) and node.name == name else node
    )
    if not listed:
        return exp.Paren(this=one)
    each = exp.Lambda(this=inside, expressions=[exp.to_identifier(name)])
    chosen = exp.ArrayFilter(this=exp.column(f"l{number}"), expression=each)
    several = exp.GT(this=exp.ArraySize(this=chosen), expression=exp.Literal.number(0))
    return exp.Paren(this=exp.Or(this=exp.Paren(this=one), expression=several))
