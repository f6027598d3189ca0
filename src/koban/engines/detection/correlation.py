"""Correlations of several events, as SQL.

What a correlation means, exactly:

- Its events are those that match the rules it names.  With `group-by` they are told apart by those fields (under the
  names that `aliases` give them); an event without one of the fields belongs to no group, and one with several values
  to several groups.  Values are compared as they are written.
- A window ends at an event of its group and reaches back by `timespan`, both ends included: it slides, it does not
  start on the hour.  Windows that end at no event hold nothing that one of these does not.
- event_count, value_count, value_sum, value_avg, value_median and value_percentile (with `percentile:`) compute over
  the events of the window, and compare; a condition may have two bounds.  So a `lt` alone is true for a group's first
  event.
- temporal counts how many of the rules have an event in the window (by default all must), or takes a condition over
  their names.  temporal_ordered wants one event of each, in order; the same second is no disorder.
- Where the condition holds at several events whose windows overlap, that is one alert: from the first event of the
  first window to the last event at which it held.
- A correlation of correlations takes as events the points at which they hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from sqlglot import exp, parse_one

from koban.engines.detection.compile import CannotCompile, Compiled
from koban.engines.detection.dialect import Dialect, quoted
from koban.engines.detection.rules import BOUNDS, CANNOT_COMPILE, MORE_BOUNDS, Detection, Problem

NUMERIC = {"VALUE_SUM": "sum", "VALUE_AVG": "avg", "VALUE_MEDIAN": "median", "VALUE_PERCENTILE": "quantile_cont"}


class View(Protocol):
    """Where a correlation finds the events that its rules match."""

    def events(self, rule: Compiled, source: str) -> str:
        """SQL of the events of one source that match a rule."""

    def column(self, rule: Compiled, source: str, field: str) -> str:
        """The column of those that holds the field as one value; '' where it may have several."""

    def values(self, rule: Compiled, source: str, field: str) -> str:
        """SQL of the field's values, as a list."""

    def extra(self) -> str:
        """What is carried along of each event beside its fields: ', column' or ''."""

    def grouped(self, events: str, groups: Sequence[str], least: int, fresh: bool) -> str:
        """The events, without groups that have fewer than `least` of them (a view may leave them in)."""


@dataclass(frozen=True)
class OverEvents:
    """Straight from a relation of events."""

    relation: str = "events"

    def events(self, rule: Compiled, source: str) -> str:
        where = rule.wheres[source].sql("duckdb")
        return f"SELECT * FROM {self.relation} WHERE source = {quoted(source)} AND ({where})"

    def column(self, rule: Compiled, source: str, field: str) -> str:
        return rule.fields[source].column(field)

    def values(self, rule: Compiled, source: str, field: str) -> str:
        return rule.fields[source].values(field).sql("duckdb")

    def extra(self) -> str:
        return ""

    def grouped(self, events: str, groups: Sequence[str], least: int, fresh: bool) -> str:
        return events


class _Named(OverEvents):
    """A view that names events in place of selecting them: enough to see whether a correlation can be compiled."""

    def events(self, rule: Compiled, source: str) -> str:
        return "events"

    def values(self, rule: Compiled, source: str, field: str) -> str:
        rule.fields[source].values(field)
        return "field"


@dataclass(frozen=True, eq=False)
class CompiledCorrelation:
    """A correlation with the rules it refers to, compiled."""

    detection: Detection
    rules: tuple[tuple[str, Compiled | CompiledCorrelation], ...]

    @property
    def group_by(self) -> list[str]:
        return list(self.detection.sigma.group_by or ())

    @property
    def seconds(self) -> int:
        return int(self.detection.sigma.timespan.seconds)

    def bases(self) -> list[Compiled]:
        """The rules of single events at the bottom, each once."""
        found: dict[int, Compiled] = {}
        for _, rule in self.rules:
            for one in [rule] if isinstance(rule, Compiled) else rule.bases():
                found.setdefault(id(one.detection), one)
        return list(found.values())

    def reach(self) -> dict[int, int]:
        """How many seconds before an event its alerts reach back to those of each rule (by `id` of its detection)."""
        found: dict[int, int] = {}
        for _, rule in self.rules:
            inner = {id(rule.detection): 0} if isinstance(rule, Compiled) else rule.reach()
            for base, seconds in inner.items():
                found[base] = max(found.get(base, 0), self.seconds + seconds)
        return found

    @property
    def is_of_events(self) -> bool:
        """Whether it is about events, not about what other correlations find."""
        return all(isinstance(rule, Compiled) for _, rule in self.rules)

    @property
    def wants_all(self) -> bool:
        """Whether it cannot hold without an event of each of its rules."""
        return self.detection.sigma.type.name.startswith("TEMPORAL") and self.least >= len(self.rules)

    @cached_property
    def least(self) -> int:
        """It cannot hold in a group with fewer events."""
        from sigma.correlations import SigmaCorrelationCondition

        kind, condition = self.detection.sigma.type.name, self.detection.sigma.condition
        if kind == "TEMPORAL_ORDERED":
            return len(self.rules)
        if not isinstance(condition, SigmaCorrelationCondition):
            return 1
        if kind not in ("EVENT_COUNT", "VALUE_COUNT", "TEMPORAL") or condition.op.name not in ("GTE", "GT", "EQ"):
            return 1
        return max(1, math.ceil(condition.count) + (condition.op.name == "GT"))

    def sql(self, dialect: Dialect, relation: str = "events") -> str:
        """One query over the events that gives the alerts."""
        return dialect.sql(self.tree(OverEvents(relation)))

    def tree(self, view: View) -> exp.Expr:
        """The alerts, as a tree for every dialect."""
        return parse_one(self.text(view), read="duckdb")

    def text(self, view: View) -> str:
        """SQL of the alerts: the group's fields (g0, g1, ...), first_time, last_time, the greatest measure, points."""
        groups = [f"g{at}" for at in range(len(self.group_by))]
        by = "".join(f"{one}, " for one in groups)
        inside = f"PARTITION BY {', '.join(groups)} " if groups else ""
        gap = f"time - lag(time) OVER ({inside}ORDER BY time) > INTERVAL '{self.seconds}' SECOND"
        flagged = f"SELECT *, CASE WHEN {gap} THEN 1 ELSE 0 END AS apart FROM ({self.points(view, [], True)})"
        so_far = f"({inside}ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        return (
            f"SELECT {by}min(window_start) AS first_time, max(time) AS last_time, max(measure) AS measure,"
            f" count(*) AS points FROM (SELECT *, sum(apart) OVER {so_far} AS run FROM ({flagged}))"
            f" GROUP BY {by}run ORDER BY first_time{''.join(', ' + one for one in groups)}"
        )

    def behind(self, view: View) -> str:
        """SQL of the events that it is about: the place of their rule in `rules`, time, g0, ... and what the view
        carries along.
        """
        return self._events(view, [])

    def prospects(self, view: View, needed: str) -> str:
        """SQL of the groups for whose events a condition over all of them holds."""
        groups = ", ".join(f"g{at}" for at in range(len(self.group_by)))
        return f"SELECT {groups} FROM ({self._events(view, [])}) GROUP BY ALL HAVING {needed}"

    def points(self, view: View, carried: list[str], outermost: bool = False) -> str:
        """The events at which the condition holds, with `carried` fields of theirs as c0, c1, ..."""
        groups = [f"g{at}" for at in range(len(self.group_by))]
        events = view.grouped(self._events(view, carried), groups, self.least, outermost and self.is_of_events)
        inside = f"PARTITION BY {', '.join(groups)} " if groups else ""
        back = f"({inside}ORDER BY time RANGE BETWEEN INTERVAL '{self.seconds}' SECOND PRECEDING AND CURRENT ROW)"
        if self.detection.sigma.type.name == "TEMPORAL_ORDERED":
            return self._ordered(events, inside)
        holds, measure = self._condition(back)
        return (
            f"SELECT * FROM (SELECT *, {holds} AS holds, {measure} AS measure,"
            f" min(time) OVER {back} AS window_start FROM ({events})) WHERE holds"
        )

    def _ordered(self, events: str, inside: str) -> str:
        """A chain that ends at an event began as late as it can; it holds where that is within the timespan."""
        self._wants_all_in_order()
        so_far = f"({inside}ORDER BY time RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        found = f"SELECT *, CASE WHEN rule = 0 THEN time END AS s0 FROM ({events})"
        for at in range(1, len(self.rules)):
            found = f"SELECT *, CASE WHEN rule = {at} THEN max(s{at - 1}) OVER {so_far} END AS s{at} FROM ({found})"
        last = f"s{len(self.rules) - 1}"
        return (
            f"SELECT *, {last} AS window_start, {len(self.rules)} AS measure FROM ({found})"
            f" WHERE time - {last} <= INTERVAL '{self.seconds}' SECOND"
        )

    def _wants_all_in_order(self) -> None:
        from sigma.correlations import (
            CorrelationConditionAND,
            SigmaCorrelationCondition,
            SigmaExtendedCorrelationCondition,
            SigmaRuleReference,
        )

        condition = self.detection.sigma.condition
        if isinstance(condition, SigmaExtendedCorrelationCondition):
            parsed = condition.parsed
            if isinstance(parsed, SigmaRuleReference):
                return
            if isinstance(parsed, CorrelationConditionAND) and all(
                isinstance(one, SigmaRuleReference) for one in parsed.args
            ):
                return
            raise CannotCompile("temporal_ordered with a condition other than 'a and b and ...'")
        assert isinstance(condition, SigmaCorrelationCondition)
        if (condition.op.name, condition.count) not in (("GTE", len(self.rules)), ("EQ", len(self.rules))):
            raise CannotCompile("temporal_ordered with a condition other than all of its rules")

    def _condition(self, back: str) -> tuple[str, str]:
        """SQL of whether the condition holds for the window that ends here, and of what it measures."""
        from sigma.correlations import SigmaExtendedCorrelationCondition

        rule = self.detection.sigma
        kind = rule.type.name
        if isinstance(rule.condition, SigmaExtendedCorrelationCondition):
            return self._expression(rule.condition.parsed, back), f"count(DISTINCT rule) OVER {back}"
        if kind == "EVENT_COUNT":
            measure = f"count(*) OVER {back}"
        elif kind == "VALUE_COUNT":
            measure = f"count(DISTINCT v) OVER {back}"
        elif kind == "TEMPORAL":
            measure = f"count(DISTINCT rule) OVER {back}"
        else:
            number = "KOBAN_NUMBER(v)"
            if kind == "VALUE_PERCENTILE":
                if rule.condition.percentile is None:
                    raise CannotCompile("value_percentile without percentile")
                measure = f"quantile_cont({number}, {int(rule.condition.percentile) / 100}) OVER {back}"
            else:
                measure = f"{NUMERIC[kind]}({number}) OVER {back}"
        bounds = [(rule.condition.op.name.lower(), rule.condition.count), *rule.custom_attributes.get(MORE_BOUNDS, ())]
        return " AND ".join(f"{measure} {BOUNDS[op]} {count}" for op, count in bounds), measure

    def _expression(self, node: Any, back: str) -> str:
        from sigma import correlations as c

        if isinstance(node, c.SigmaRuleReference):
            at = [name for name, _ in self.rules].index(node.reference)
            return f"coalesce(max(CASE WHEN rule = {at} THEN 1 END) OVER {back}, 0) = 1"
        parts = [f"({self._expression(one, back)})" for one in node.args]
        if isinstance(node, c.CorrelationConditionNOT):
            return f"NOT {parts[0]}"
        return (" AND " if isinstance(node, c.CorrelationConditionAND) else " OR ").join(parts)

    def _events(self, view: View, carried: list[str]) -> str:
        """The matches of all rules: rule, time, the event, groups g0.., the value v, carried c0.."""
        fields = getattr(self.detection.sigma.condition, "fieldref", None) or []
        values = [fields] if isinstance(fields, str) else list(fields)
        wanted = [*self.group_by, *values, *carried]
        parts = []
        for at, (name, rule) in enumerate(self.rules):
            names = [self._aliased(field, name, rule) for field in wanted]
            if isinstance(rule, Compiled):
                for source in rule.wheres:
                    parts.append(_base(at, rule, source, view, names, self.group_by, values))
            else:
                parts.append(_nested(at, rule, view, names, self.group_by, values))
        return " UNION ALL ".join(parts)

    def _aliased(self, field: str, name: str, rule: Compiled | CompiledCorrelation) -> str:
        alias = self.detection.sigma.aliases.aliases.get(field)
        if alias is None:
            return field
        same = {name, rule.detection.name, rule.detection.id}
        for reference, real in alias.mapping.items():
            if reference.reference in same:
                return str(real)
        raise CannotCompile(f"alias {field} says nothing about {name}")


def _columns(names: Iterable[str], groups: list[str], values: list[str]) -> str:
    """The names of fields as they stand, given those of the group, the value and the carried: g0, g1, v, c0, ..."""
    found = list(names)
    grouped, valued, carried = (
        found[: len(groups)],
        found[len(groups) : len(groups) + len(values)],
        found[len(groups) + len(values) :],
    )
    columns = [f"{sql} AS g{at}" for at, sql in enumerate(grouped)]
    if len(valued) == 1:
        columns.append(f"{valued[0]} AS v")
    elif valued:
        every = " AND ".join(f"{one} IS NOT NULL" for one in valued)
        columns.append(f"CASE WHEN {every} THEN {' || chr(0) || '.join(valued)} END AS v")
    else:
        columns.append("CAST(NULL AS VARCHAR) AS v")
    return ", ".join([*columns, *(f"{sql} AS c{at}" for at, sql in enumerate(carried))])


def _base(
    at: int, rule: Compiled, source: str, view: View, names: list[str], groups: list[str], values: list[str]
) -> str:
    joins, texts = "", []
    for number, name in enumerate(names):
        if column := view.column(rule, source, name):
            texts.append(column)
            continue
        several = view.values(rule, source, name)
        if number < len(groups) + len(values):
            joins += f" CROSS JOIN UNNEST({several}) AS u{number}(w{number})"
            texts.append(f"w{number}")
        else:
            texts.append(f"KOBAN_FIRST({several})")
    needed = [f"{one} IS NOT NULL" for one in texts[: len(groups)]]
    where = f" WHERE {' AND '.join([*needed, 'time IS NOT NULL'])}"
    columns, events = _columns(texts, groups, values), view.events(rule, source)
    return f"SELECT {at} AS rule, time, {columns}{view.extra()} FROM ({events}) AS e{joins}{where}"


def _nested(
    at: int, rule: CompiledCorrelation, view: View, names: list[str], groups: list[str], values: list[str]
) -> str:
    needed = "".join(f" AND c{one} IS NOT NULL" for one in range(len(groups)))
    columns = _columns([f"c{one}" for one in range(len(names))], groups, values)
    points = rule.points(view, names)
    return f"SELECT {at} AS rule, time, {columns}{view.extra()} FROM ({points}) AS n WHERE time IS NOT NULL{needed}"


def compile_correlation(
    detection: Detection, compiled: dict[int, Compiled | CompiledCorrelation | Problem]
) -> CompiledCorrelation | Problem:
    """A correlation, given what its rules were compiled to (by `id` of the pySigma rule)."""
    rules: list[tuple[str, Compiled | CompiledCorrelation]] = []
    for reference in detection.sigma.referenced_rules:
        found = compiled[id(reference.rule)]
        if isinstance(found, Problem):
            return Problem(
                detection.title, detection.file, found.kind, f"its rule {reference.reference}: {found.reason}"
            )
        rules.append((reference.reference, found))
    made = CompiledCorrelation(detection, tuple(rules))
    try:
        made.text(_Named())
    except CannotCompile as error:
        return Problem(detection.title, detection.file, CANNOT_COMPILE, str(error))
    return made
