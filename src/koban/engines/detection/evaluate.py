"""Judges events: many rules over many events, in few passes.

Most rules name the operation they are about.  So the values of the column that most rules ask about are counted first
(a pass over one column), every rule is asked about those values alone, and rules whose values do not occur are done.

1. Rules about rare values share one narrow table of the few events that have them, with the JSON fields they ask for
   already taken out; each rule is one query over it.
2. Rules about frequent values, or about none, share passes over the events: one query with a column per rule, first
   what can be said from columns, then JSON of the events that are left.

Correlations are computed over the events that their rules matched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from koban.engines.detection.bound import bound
from koban.engines.detection.compile import Compiled
from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.dialect import DUCKDB, quoted
from koban.engines.detection.rules import Detection
from koban.engines.detection.ruleset import CompiledSet
from koban.engines.detection.stage import Asked, Numbers, extraction, reading

IDENTITY = ("time", "source", "origin", "origin_line", "metadata_uid")
"""What says which event it was."""
RARE_SHARE, RARE_ROWS = 0.02, 20_000
"""A value is rare below this share of the events, or below so many."""
VALUES_MAX = 20_000
"""A column with more values than this is no way to tell rules apart."""
SAMPLE_ROWS, WIDE_SHARE = 20_000, 0.02
"""A bound that leaves more than this share of a sample of the events narrows little."""
BATCH = 40
"""So many rules share one pass."""


@dataclass(frozen=True, slots=True)
class Match:
    """An event that a rule matches."""

    detection: Detection
    time: Any
    source: str
    origin: str
    origin_line: int
    metadata_uid: str | None


@dataclass(frozen=True, slots=True)
class Correlated:
    """A correlation that holds: from when to when, at how many events, and for which group."""

    detection: Detection
    time_first: Any
    time_last: Any
    group: tuple[tuple[str, str], ...]
    """Field and value of each `group-by`."""
    measure: float
    """The greatest count, sum, ... of a window in it."""
    points: int


@dataclass
class Evaluation:
    """The matches, in a temporary table of the connection: `rule` (place in `rules`) and the columns of IDENTITY."""

    connection: Any
    rules: list[Detection]
    table: str = "koban_matches"
    correlated: list[Correlated] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many events each rule matches, by id; rules that match none are left out."""
        rows = self.connection.execute(f"SELECT rule, count(*) FROM {self.table} GROUP BY ALL").fetchall()
        return {self.rules[rule].id: count for rule, count in sorted(rows)}

    def matches(self, per_rule_max: int | None = None) -> Iterator[Match]:
        """Each match, in order of time; of each rule the first `per_rule_max`."""
        columns = ", ".join(IDENTITY)
        first = f" QUALIFY row_number() OVER (PARTITION BY rule ORDER BY {columns}) <= {per_rule_max}"
        cursor = self.connection.execute(
            f"SELECT rule, {columns} FROM {self.table}{first if per_rule_max is not None else ''}"
            f" ORDER BY time, rule, {', '.join(IDENTITY[1:])}"
        )
        while rows := cursor.fetchmany(10_000):
            for rule, *identity in rows:
                yield Match(self.rules[rule], *identity)


def evaluate(connection: Any, relation: str, compiled: CompiledSet) -> Evaluation:
    """Runs the rules over a relation of events with all columns (a table, or a SELECT in parentheses).

    `connection` is DuckDB's, with its time zone set to UTC.
    """
    correlations = [one for one in compiled.rules if isinstance(one, CompiledCorrelation)]
    singles = [one for one in compiled.rules if isinstance(one, Compiled)]
    known = {id(one.detection): one for one in singles}
    for correlation in correlations:
        for base in correlation.bases():
            known.setdefault(id(base.detection), base)
    rules = list(known.values())
    listed = {id(one.detection) for one in singles}
    plan = compiled.plan if isinstance(compiled.plan, _Plan) else _Plan()
    compiled.plan = plan
    view = _Kept(connection, plan.numbers)
    view.learn(correlations, plan)
    columns = "rule INTEGER, time TIMESTAMPTZ, source VARCHAR, origin VARCHAR, origin_line BIGINT, metadata_uid VARCHAR"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE koban_matches ({columns})")
    there = {source for (source,) in connection.execute(f"SELECT DISTINCT source FROM {relation}").fetchall()}
    for source in sorted(there & {source for rule in rules for source in rule.wheres}):
        chosen = [
            plan.rule(number, rule, source, id(rule.detection) in listed, view.wanted(rule, source))
            for number, rule in enumerate(rules)
            if source in rule.wheres
        ]
        _Source(connection, relation, source, chosen, view, plan.numbers).run()
    result = Evaluation(connection, [one.detection for one in rules])
    for correlation in correlations:
        result.correlated += _correlated(connection, correlation, view)
    view.drop()
    return result


def _correlated(connection: Any, correlation: CompiledCorrelation, view: _Kept) -> Iterator[Correlated]:
    if not any(view.has(base) for base in correlation.bases()):
        return
    groups = correlation.group_by
    sql = correlation.text(view)
    if "KOBAN_" in sql:
        sql = DUCKDB.sql(correlation.tree(view))
    for row in connection.execute(sql).fetchall():
        first, last, measure, points = row[len(groups) :]
        group = tuple((name, str(value)) for name, value in zip(groups, row, strict=False))
        yield Correlated(correlation.detection, first, last, group, float(measure), int(points))


class _Plan:
    """What is worked out about the rules of a set once, for all evaluations."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self._rules: dict[tuple[Any, ...], _Rule] = {}
        self.wanted: dict[tuple[int, str], dict[str, None]] | None = None
        """What the correlations of the set want of their rules' events, once it is known."""

    def rule(self, number: int, rule: Compiled, source: str, listed: bool, kept: tuple[str, ...]) -> _Rule:
        key = (number, id(rule), source, kept)
        if key not in self._rules:
            self._rules[key] = _Rule(number, rule, source, listed, kept, self.numbers)
        return self._rules[key]


class _Rule:
    """One rule over the events of one source; `kept` are the fields that correlations want of those that match."""

    def __init__(
        self, number: int, rule: Compiled, source: str, listed: bool, kept: tuple[str, ...], numbers: Numbers
    ) -> None:
        self.number, self.rule, self.source, self.listed, self.kept = number, rule, source, listed, kept
        self._numbers = numbers
        self._limits: dict[str, str | None] = {}
        tree = rule.wheres[source]
        self.asked = Asked.by(tree, *(rule.fields[source].values(name) for name in kept))
        self.is_plain = self.asked.is_plain and not kept

    @cached_property
    def limit(self) -> str | None:
        """SQL of what must hold of the columns; None where nothing must."""
        found = bound(self.rule.wheres[self.source])
        return None if found is None else DUCKDB.sql(found)

    def limit_of(self, column: str) -> str | None:
        """SQL of what must hold of one column."""
        if column not in self._limits:
            found = bound(self.rule.wheres[self.source], {column}) if column in self.asked.columns else None
            self._limits[column] = None if found is None else DUCKDB.sql(found)
        return self._limits[column]

    @cached_property
    def reading(self) -> str:
        """SQL of the condition, over what an extraction makes."""
        return DUCKDB.sql(reading(self.rule.wheres[self.source], self._numbers))


class _Kept:
    """A correlation's view of the events that were kept for it."""

    def __init__(self, connection: Any, numbers: Numbers) -> None:
        self.connection = connection
        self._numbers = numbers
        self._wanted: dict[tuple[int, str], dict[str, None]] = {}
        self._tables: dict[tuple[int, str], str] = {}
        self._rows: dict[tuple[int, str], int] = {}

    def learn(self, correlations: Sequence[CompiledCorrelation], plan: _Plan) -> None:
        """Finds out what correlations want of their rules' events."""
        if plan.wanted is None:
            for correlation in correlations:
                correlation.text(self)
            plan.wanted = self._wanted
        self._wanted = plan.wanted

    def has(self, rule: Compiled) -> bool:
        """Whether any event was kept of a rule."""
        return any(key[0] == id(rule.detection) and rows for key, rows in self._rows.items())

    def wanted(self, rule: Compiled, source: str) -> tuple[str, ...]:
        return tuple(self._wanted.get((id(rule.detection), source), ()))

    def wants(self, rule: Compiled, source: str) -> bool:
        return (id(rule.detection), source) in self._wanted

    def keep(self, rule: Compiled, source: str, relation: str) -> None:
        """Keeps what correlations ask of the events of a relation."""
        asked = Asked.by(*(rule.fields[source].values(name) for name in self.wanted(rule, source)))
        columns = {"time", *asked.columns}
        for path in asked.values:
            columns |= {f"v{self._numbers.of(path)}", f"l{self._numbers.of(path)}"}
        name = f"koban_kept_{len(self._tables)}"
        select = f"SELECT {', '.join(sorted(columns))} FROM {relation}"
        made = self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}").fetchone()
        self._tables[id(rule.detection), source] = name
        self._rows[id(rule.detection), source] = int(made[0])

    def drop(self) -> None:
        for name in self._tables.values():
            self.connection.execute(f"DROP TABLE IF EXISTS {name}")

    def events(self, rule: Compiled, source: str) -> str:
        self._wanted.setdefault((id(rule.detection), source), {})
        if (id(rule.detection), source) in self._tables:
            return f"SELECT * FROM {self._tables[id(rule.detection), source]}"
        nothing = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in self._columns(rule, source))
        return f"SELECT CAST(NULL AS TIMESTAMPTZ) AS time{', ' if nothing else ''}{nothing} WHERE FALSE"

    def _columns(self, rule: Compiled, source: str) -> list[str]:
        fields = rule.fields[source]
        return [column for name in self.wanted(rule, source) if (column := fields.column(name))]

    def column(self, rule: Compiled, source: str, field: str) -> str:
        self._wanted.setdefault((id(rule.detection), source), {})[field] = None
        return rule.fields[source].column(field)

    def values(self, rule: Compiled, source: str, field: str) -> str:
        if (id(rule.detection), source) not in self._tables:
            return "CAST([] AS VARCHAR[])"
        return reading(rule.fields[source].values(field), self._numbers).sql("duckdb")


class _Source:
    def __init__(
        self, connection: Any, relation: str, source: str, rules: Sequence[_Rule], view: _Kept, numbers: Numbers
    ) -> None:
        self.connection = connection
        self.relation = f"(SELECT * FROM {relation} WHERE source = {quoted(source)})"
        self.source = source
        self.rules = rules
        self.view = view
        self.numbers = numbers

    def run(self) -> None:
        column = self._telling_column()
        rest = self._rare(column) if column else list(self.rules)
        plain = [one for one in rest if one.is_plain]
        narrow, wide = self._by_width([one for one in rest if not one.is_plain])
        for group in (plain, narrow, wide):
            for start in range(0, len(group), BATCH):
                self._together(group[start : start + BATCH])

    def _by_width(self, rules: Sequence[_Rule]) -> tuple[list[_Rule], list[_Rule]]:
        """Rules whose bounds leave few events, and those whose bounds leave many or that have none."""
        limited = [one for one in rules if one.limit is not None]
        if not limited:
            return [], list(rules)
        shares = ", ".join(f"avg(CASE WHEN {one.limit} THEN 1 ELSE 0 END)" for one in limited)
        # a sample is enough: it decides how fast, not what
        sample = f"(SELECT * FROM {self.relation} LIMIT {SAMPLE_ROWS})"
        found = self.connection.execute(f"SELECT {shares} FROM {sample}").fetchone()
        narrow = [one for one, share in zip(limited, found, strict=True) if (share or 0) <= WIDE_SHARE]
        return narrow, [one for one in rules if one not in narrow]

    def _telling_column(self) -> str:
        """The column that most rules ask about."""
        asked: Counter[str] = Counter()
        for one in self.rules:
            asked.update(name for name in one.asked.columns if one.limit_of(name) is not None)
        return max(asked, key=lambda name: (asked[name], name), default="")

    def _rare(self, column: str) -> list[_Rule]:
        """Judges the rules whose values of the column are rare; gives back the others."""
        asked = [one for one in self.rules if one.limit_of(column) is not None]
        rest = [one for one in self.rules if one.limit_of(column) is None]
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE koban_values AS"
            f" SELECT {column}, count(*) AS events FROM {self.relation} GROUP BY ALL LIMIT {VALUES_MAX + 1}"
        )
        total, values = self.connection.execute("SELECT sum(events), count(*) FROM koban_values").fetchone()
        if values > VALUES_MAX:
            return list(self.rules)
        wanted = self._values_of(asked, column)
        rare_max = max(RARE_ROWS, RARE_SHARE * float(total or 0))
        rare, chosen = [], {}
        for one in asked:
            of_rule = wanted[one.number]
            if sum(of_rule.values()) > rare_max:
                rest.append(one)
            elif of_rule:
                rare.append(one)
                chosen[one.number] = list(of_rule)
        if rare:
            self._staged(rare, chosen, column)
        self.connection.execute("DROP TABLE koban_values")
        return rest

    def _values_of(self, rules: Sequence[_Rule], column: str) -> dict[int, dict[str | None, int]]:
        """The values of the column, with their number of events, that each rule may match."""
        found: dict[int, dict[str | None, int]] = {one.number: {} for one in rules}
        for start in range(0, len(rules), 200):
            part = rules[start : start + 200]
            tests = ", ".join(f"coalesce({one.limit_of(column)}, false)" for one in part)
            for value, events, *holds in self.connection.execute(
                f"SELECT {column}, events, {tests} FROM koban_values"
            ).fetchall():
                for one, held in zip(part, holds, strict=True):
                    if held:
                        found[one.number][value] = events
        return found

    def _staged(self, rules: Sequence[_Rule], chosen: dict[int, list[str | None]], column: str) -> None:
        every = dict.fromkeys(value for values in chosen.values() for value in values)
        asked = Asked.together(one.asked for one in rules)
        sql = extraction(asked, self.numbers, self.relation, [*IDENTITY, column], _one_of(column, list(every)))
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE koban_stage AS {sql}")
        for one in rules:
            self._found(one, "koban_stage", f"{_one_of(column, chosen[one.number])} AND ({one.reading})")
        self.connection.execute("DROP TABLE koban_stage")

    def _together(self, rules: Sequence[_Rule]) -> None:
        """One pass over the events for several rules."""
        limits = [one.limit for one in rules]
        where = "" if None in limits else " OR ".join(f"({limit})" for limit in dict.fromkeys(limits))
        asked = Asked.together(one.asked for one in rules)
        inner = extraction(asked, self.numbers, self.relation, IDENTITY, where)
        holds = ", ".join(f"({one.reading}) AS r{one.number}" for one in rules)
        some = " OR ".join(f"r{one.number}" for one in rules)
        kept = "* EXCLUDE (raw_data, record)" if asked.searched else "*"
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE koban_together AS"
            f" SELECT {kept} FROM (SELECT *, {holds} FROM ({inner})) WHERE {some}"
        )
        for one in rules:
            self._found(one, "koban_together", f"r{one.number}")
        self.connection.execute("DROP TABLE koban_together")

    def _found(self, one: _Rule, table: str, where: str) -> None:
        if one.listed:
            self.connection.execute(
                f"INSERT INTO koban_matches SELECT {one.number}, {', '.join(IDENTITY)} FROM {table} WHERE {where}"
            )
        if self.view.wants(one.rule, self.source):
            self.view.keep(one.rule, self.source, f"{table} WHERE {where}")


def _one_of(column: str, values: Sequence[str | None]) -> str:
    """That the column has one of the values; None stands for having none."""
    known = [value for value in values if value is not None]
    tests = [f"{column} IN ({', '.join(map(quoted, known))})"] if known else []
    if len(known) < len(values):
        tests.append(f"{column} IS NULL")
    return f"({' OR '.join(tests)})"
