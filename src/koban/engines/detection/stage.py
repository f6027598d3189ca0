"""What rules ask of JSON, taken out of each record once for all of them.

For a field two columns are made: its value where it has at most one (`v3`), and all its values (`l3`) in the rare event
where there may be more: an array at the end or on the way, or a key with dots in it.  A rule's tree then reads those in
place of the record.  What decides between the two is exact.  A path that leads to a value has no array on the way.
Where one leads to none, the types of what is on the way say where arrays are, and a record that does not hold `name.`
as text has no key in which `name` is joined to what follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from koban.engines.detection.dialect import DUCKDB, RECORD, duckdb_path, quoted
from koban.engines.detection.fields import FIRST, HAS, TEXTS, VALUES

Path = tuple[str, ...]
_PLAIN_KEY = re.compile(r"^[A-Za-z0-9_ @$-]+$")
"""Keys that JSON has no other way to write, but for \\uXXXX, which is looked for too."""


def paths_in(trees: Iterable[exp.Expr]) -> tuple[list[Path], list[Path], bool]:
    """The paths whose values the trees ask for, those whose presence they ask for, and whether they search all."""
    values: dict[Path, None] = {}
    present: dict[Path, None] = {}
    searched = False
    for tree in trees:
        for node in tree.find_all(exp.Anonymous):
            if node.this in (VALUES, HAS):
                path = tuple(one.name for one in node.expressions)
                (values if node.this == VALUES else present)[path] = None
            searched = searched or node.this == TEXTS
    return list(values), list(present), searched


def columns_in(trees: Iterable[exp.Expr]) -> list[str]:
    """The columns of the events table that the trees read."""
    bound = {"x", "r"}
    found = {node.name: None for tree in trees for node in tree.find_all(exp.Column)}
    return sorted(name for name in found if name not in bound)


@dataclass
class Extraction:
    """The JSON fields of some rules: the SQL that takes them out, and trees that read what it made."""

    values: list[Path]
    present: list[Path]
    searched: bool = False
    _at: dict[Path, int] = field(default_factory=dict)
    _there: dict[Path, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._at = {path: at for at, path in enumerate(self.values)}
        self._there = {path: at for at, path in enumerate(self.present)}

    @classmethod
    def of(cls, trees: Iterable[exp.Expr]) -> Extraction:
        return cls(*paths_in(trees))

    def select(self, relation: str, columns: Iterable[str], where: str = "") -> str:
        """The named columns and the fields, of the rows of a relation."""
        kept = list(columns)
        source = f"SELECT * FROM {relation}" + (f" WHERE {where}" if where else "")
        if not self.values and not self.present and not self.searched:
            return f"SELECT {', '.join(kept)} FROM ({source})"
        inner = [*kept, *(["raw_data"] if self.searched else []), RECORD]
        outer = [*kept, *(["raw_data", RECORD] if self.searched else [])]
        if self.values:
            inner.append(f"json_extract_string({RECORD}, [{', '.join(map(duckdb_path, self.values))}]) AS s")
        middle = [*outer, *(["s", RECORD] if self.values else [])]
        if prefixes := self._prefixes():
            unled = " OR ".join(f"s[{at + 1}] IS NULL" for at, path in enumerate(self.values) if len(path) > 1)
            types = f"json_type({RECORD}, [{', '.join(map(duckdb_path, prefixes))}])"
            # a key may be written with escapes; then the careful way is taken
            tests = [f"contains({RECORD}, {quoted(step + '.')})" for step in self._steps()]
            dotted = f"[{', '.join([*tests, self._escaped()])}]"
            middle += [f"CASE WHEN {unled} THEN {types} END AS t", f"CASE WHEN {unled} THEN {dotted} END AS j"]
        for at, path in enumerate(self.values):
            several = self._several(at, path)
            outer.append(f"CASE WHEN NOT ({several}) THEN s[{at + 1}] END AS v{at}")
            outer.append(f"CASE WHEN {several} THEN {DUCKDB.values(path)} END AS l{at}")
        outer += [f"{DUCKDB.has(path)} AS p{at}" for at, path in enumerate(self.present)]
        made = f"SELECT {', '.join(dict.fromkeys(middle))} FROM (SELECT {', '.join(inner)} FROM ({source}))"
        return f"SELECT {', '.join(outer)} FROM ({made})"

    def _escaped(self) -> str:
        return f"contains({RECORD}, '\\u')"

    def _prefixes(self) -> list[Path]:
        return sorted({path[:size] for path in self.values for size in range(1, len(path))})

    def _steps(self) -> list[str]:
        return sorted({step for path in self.values for step in path[:-1] if _PLAIN_KEY.match(step)})

    def _several(self, at: int, path: Path) -> str:
        """Whether there may be more than the one value at the path."""
        prefixes, steps = self._prefixes(), self._steps()
        listed = f"coalesce(starts_with(s[{at + 1}], '['), false)"
        if len(path) == 1:
            return listed
        arrays = [f"t[{prefixes.index(path[:size]) + 1}] = 'ARRAY'" for size in range(1, len(path))]
        known = [step for step in dict.fromkeys(path[:-1]) if step in steps]
        dotted = [f"j[{steps.index(step) + 1}]" for step in known]
        if len(known) < len(set(path[:-1])):
            dotted = ["true"]
        tests = " OR ".join([*arrays, *dotted, f"j[{len(steps) + 1}]"])
        return f"{listed} OR (s[{at + 1}] IS NULL AND coalesce({tests}, false))"

    def reading(self, tree: exp.Expr) -> exp.Expr:
        """The tree, reading the columns that were made in place of the record."""
        return tree.transform(self._read)

    def _read(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.GT) and isinstance(node.this, exp.ArraySize):
            chosen = node.this.this
            if isinstance(chosen, exp.ArrayFilter) and (at := self._field(chosen.this)) is not None:
                return self._any(at, chosen.expression)
        if isinstance(node, exp.EQ) and isinstance(node.this, exp.ArraySize):
            if (at := self._field(node.this.this)) is not None:
                return exp.paren(
                    exp.and_(
                        exp.column(f"v{at}").is_(exp.null()),
                        exp.EQ(
                            this=exp.Coalesce(
                                this=exp.ArraySize(this=exp.column(f"l{at}")), expressions=[exp.Literal.number(0)]
                            ),
                            expression=exp.Literal.number(0),
                        ),
                    )
                )
        if isinstance(node, exp.Anonymous):
            if node.this == FIRST and (at := self._field(node.expressions[0])) is not None:
                return exp.Var(this=f"coalesce(v{at}, l{at}[1])")
            if (at := self._field(node)) is not None:
                return exp.Var(this=f"coalesce(l{at}, CASE WHEN v{at} IS NULL THEN [] ELSE [v{at}] END)")
            if node.this == HAS:
                return exp.column(f"p{self._there[tuple(one.name for one in node.expressions)]}")
        return node

    def _field(self, node: exp.Expr) -> int | None:
        if isinstance(node, exp.Anonymous) and node.this == VALUES:
            return self._at.get(tuple(one.name for one in node.expressions))
        return None

    def _any(self, at: int, test: exp.Expr) -> exp.Expr:
        """That the one value passes the test, or one of several does."""
        assert isinstance(test, exp.Lambda)
        name = test.expressions[0].name
        one = test.this.copy().transform(
            lambda node: exp.column(f"v{at}") if isinstance(node, exp.Column) and node.name == name else node
        )
        chosen = exp.ArrayFilter(this=exp.column(f"l{at}"), expression=test.copy())
        several = exp.GT(this=exp.ArraySize(this=chosen), expression=exp.Literal.number(0))
        return exp.paren(exp.or_(one.transform(self._read), several.transform(self._read)))
