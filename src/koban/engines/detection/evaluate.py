"""Judges events: many rules over many events, in few passes (see passes.py), chunk by chunk.

What matches is kept as the identity of its event, and for correlations as the few columns that they ask for, so that
memory does not grow with the events.  Correlations are computed over these in the end: their windows do not know of
chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import parse_one

from koban.engines.detection.compile import Compiled
from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.dialect import DUCKDB
from koban.engines.detection.kept import Kept
from koban.engines.detection.passes import IDENTITY, MATCHES, Plan, Sources
from koban.engines.detection.rules import Detection
from koban.engines.detection.ruleset import CompiledSet
from koban.engines.evidence import event
from koban.model.alert import EVENTS_MAX, EVIDENCE_MAX

HELD = "koban_held"
"""The table of where a correlation holds."""


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
    events: tuple[Match, ...] = ()
    """Those that made it hold, each once: the first and the last of many."""
    names: tuple[str, ...] = ()
    """Short hashes of them, of the first so many."""
    count: int = 0
    """How many they are."""


@dataclass
class Evaluation:
    """The matches, in a temporary table of the connection: `rule` (place in `rules`) and the columns of IDENTITY."""

    connection: Any
    rules: list[Detection]
    table: str = "koban_matches"
    correlated: list[Correlated] = field(default_factory=list)

    def some(self) -> bool:
        """Whether any event matches."""
        return bool(self.connection.execute(f"SELECT count(*) FROM {self.table}").fetchone()[0])

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


def evaluate(connection: Any, relations: str | Sequence[str], compiled: CompiledSet) -> Evaluation:
    """Runs the rules over events: relations with all columns (tables, or SELECTs in parentheses), one after the other.

    `connection` is DuckDB's, with its time zone set to UTC.
    """
    judge = Judge(connection, compiled)
    for relation in [relations] if isinstance(relations, str) else relations:
        judge.take(relation)
    result = judge.evaluation()
    judge.close()
    return result


class Judge:
    """Judges events as they come.  What correlations look at stays until it is forgotten."""

    def __init__(self, connection: Any, compiled: CompiledSet) -> None:
        self.connection = connection
        self._correlations = [one for one in compiled.rules if isinstance(one, CompiledCorrelation)]
        singles = [one for one in compiled.rules if isinstance(one, Compiled)]
        known = {id(one.detection): one for one in singles}
        for correlation in self._correlations:
            for base in correlation.bases():
                known.setdefault(id(base.detection), base)
        self._rules = list(known.values())
        self._listed = {id(one.detection) for one in singles}
        self._plan = compiled.plan if isinstance(compiled.plan, Plan) else Plan()
        compiled.plan = self._plan
        self._view = Kept(connection, self._plan.numbers, self._plan.wanted)
        self._view.learn(self._correlations)
        self.clear()

    def clear(self) -> None:
        """Forgets what matched, but not what correlations look at."""
        columns = "time TIMESTAMPTZ, source VARCHAR, origin VARCHAR, origin_line BIGINT, metadata_uid VARCHAR"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {MATCHES} (rule INTEGER, {columns})")

    def take(self, relation: str, *, only_kept: bool = False) -> None:
        """Judges the events of a relation; with `only_kept`, for what correlations look at alone."""
        self._view.batch += 1
        there = {source for (source,) in self.connection.execute(f"SELECT DISTINCT source FROM {relation}").fetchall()}
        for source in sorted(there & {source for rule in self._rules for source in rule.wheres}):
            chosen = [
                self._plan.rule(number, rule, source, id(rule.detection) in self._listed, self._view)
                for number, rule in enumerate(self._rules)
                if source in rule.wheres and (not only_kept or self._view.wants(rule, source))
            ]
            Sources(self.connection, relation, source, chosen, self._view, self._plan).run()

    def kept(self) -> dict[tuple[int, str], str]:
        """SQL of what correlations look at, by rule (its place among all) and source; `gather` takes it."""
        found = {}
        for number, rule in enumerate(self._rules):
            for source in rule.wheres:
                if sql := self._view.rows_of(rule, source):
                    found[number, source] = sql
        return found

    def gather(self, matches: str, kept: Mapping[tuple[int, str], str]) -> None:
        """Takes over what other judges of the same rules found: SQL of relations, '' for no matches."""
        self._view.batch += 1
        if matches:
            self.connection.execute(f"INSERT INTO {MATCHES} SELECT * FROM {matches}")
        for (number, source), relation in sorted(kept.items()):
            self._view.gather(self._rules[number], source, relation)

    @property
    def batch(self) -> int:
        """How many relations were taken."""
        return self._view.batch

    def evaluation(self, since: int = 0) -> Evaluation:
        """What matched, and the correlations that hold; with `since`, those to which a later one added."""
        result = Evaluation(self.connection, [one.detection for one in self._rules])
        self._view.since = since + 1 if since else None
        for correlation in self._view.holding(self._correlations):
            result.correlated += self._correlated(correlation)
        return result

    def _correlated(self, correlation: CompiledCorrelation) -> Iterator[Correlated]:
        groups = correlation.group_by
        sql = correlation.text(self._view)
        if "KOBAN_" in sql:
            if sql not in self._plan.spelled:
                self._plan.spelled[sql] = DUCKDB.sql(correlation.tree(self._view))
            sql = self._plan.spelled[sql]
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {HELD} AS SELECT *, row_number() OVER () AS at_ FROM"
            f" ({self._view.filled(sql)})"
        )
        rows = self.connection.execute(f"SELECT * FROM {HELD} ORDER BY at_").fetchall()
        behind = self._behind(correlation) if rows else {}
        for *row, at in rows:
            first, last, measure, points = row[len(groups) :]
            group = tuple((name, str(value)) for name, value in zip(groups, row, strict=False))
            events, names, count = behind.get(at, ((), (), 0))
            yield Correlated(
                correlation.detection, first, last, group, float(measure), int(points), events, names, count
            )

    def _behind(self, correlation: CompiledCorrelation) -> dict[int, tuple[tuple[Match, ...], tuple[str, ...], int]]:
        """The events that made a correlation hold, by the number of its row: between its first and its last one all
        are of one of its windows.
        """
        self._view.named = True
        text = correlation.behind(self._view)
        self._view.named = False
        if "KOBAN_" in text:
            if text not in self._plan.spelled:
                self._plan.spelled[text] = DUCKDB.sql(parse_one(text, read="duckdb"))
            text = self._plan.spelled[text]
        same = "".join(f" AND e.g{at} = h.g{at}" for at in range(len(correlation.group_by)))
        identity = ", ".join(IDENTITY)
        here = "place <= {0} OR place > many - {0}".format(EVIDENCE_MAX // 2)
        rows = self.connection.execute(
            f"WITH found AS (SELECT h.at_, min(e.rule) AS rule, {', '.join(f'e.{one}' for one in IDENTITY)}"
            f" FROM ({text}) e JOIN {HELD} h ON e.time BETWEEN h.first_time AND h.last_time{same} GROUP BY ALL),"
            f" placed AS (SELECT *, {event()} AS name, row_number() OVER"
            " (PARTITION BY at_ ORDER BY time, origin, origin_line, source, metadata_uid) AS place,"
            " count(*) OVER (PARTITION BY at_) AS many FROM found)"
            f" SELECT at_, any_value(many), list(name ORDER BY place) FILTER (place <= {EVENTS_MAX}),"
            f" list(row(rule, {identity}) ORDER BY place) FILTER ({here}) FROM placed GROUP BY at_"
        ).fetchall()
        rules = [rule.detection for _, rule in correlation.rules]
        return {
            at: (tuple(Match(rules[rule], *one) for rule, *one in events), tuple(names), count)
            for at, count, names, events in rows
        }

    def forget(self, newest: str) -> None:
        """Forgets what no window reaches that ends then or a little before."""
        self._view.forget(self._correlations, newest)

    def close(self) -> None:
        """Drops all but what matched."""
        self._view.drop()
