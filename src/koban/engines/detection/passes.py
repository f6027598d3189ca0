"""Many rules over the events of one source, in few passes: a record's JSON is read once, where columns leave it open.

Most rules name the operation they are about.  So the values of the column that most rules ask about are counted first
(a pass over one column), and rules whose values do not occur are done.  Then

1. rules that columns answer, and whose values are frequent, share a pass that never touches the record;
2. the others share one pass that does: those about frequent values are answered on the way, and the few events with
   rare values, and those whose fields the fast reading leaves open, are set aside with their records;
3. the rules about these go over them in packs that ask for much the same fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from koban.engines.detection.bound import bound
from koban.engines.detection.compile import Compiled
from koban.engines.detection.dialect import DUCKDB, RECORD, quoted
from koban.engines.detection.kept import IDENTITY as NAMED
from koban.engines.detection.kept import Kept
from koban.engines.detection.stage import Asked, Numbers, Path, doubts, extraction, reading, settled

MATCHES = "koban_matches"
IDENTITY = tuple(NAMED)
"""What says which event it was."""
RARE_SHARE, RARE_ROWS = 0.02, 20_000
"""A value is rare below this share of the events, or below so many."""
VALUES_MAX = 20_000
"""A column with more values than this is no way to tell rules apart."""
BATCH = 40
"""So many rules share one pass."""
PACK_PATHS, PACK_PATHS_FEW, PACK_RULES = 24, 96, 60
"""A pack asks for so many fields at most (of few events for more), and has so many rules."""
FEW_ROWS = 2_000
SET_ASIDE = "koban_aside"
ONCE = "random() >= 0"
"""Always true, and DuckDB does not know: a condition with it is not copied down to be worked out twice."""


class Plan:
    """What is worked out about the rules of a set once, for all evaluations."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self.wanted: dict[tuple[int, str], dict[str, None]] = {}
        """What the correlations of the set want of their rules' events."""
        self.spelled: dict[str, str] = {}
        """The SQL of correlations as DuckDB takes it."""
        self._rules: dict[tuple[int, str], Rule] = {}
        self._telling: dict[str, str] = {}
        self._values: dict[tuple[str, str], dict[str | None, frozenset[int]]] = {}

    def rule(self, number: int, rule: Compiled, source: str, listed: bool, view: Kept) -> Rule:
        key = (number, source)
        if key not in self._rules:
            kept = view.asked(rule, source) if view.wants(rule, source) else None
            self._rules[key] = Rule(number, rule, source, listed, kept, self.numbers)
        return self._rules[key]

    def telling(self, source: str, rules: Sequence[Rule]) -> str:
        """The column that most rules ask about."""
        if source not in self._telling:
            asked: Counter[str] = Counter()
            for one in rules:
                asked.update(name for name in one.asked.columns if one.limit_of(name) is not None)
            self._telling[source] = max(asked, key=lambda name: (asked[name], name), default="")
        return self._telling[source]

    def values(self, source: str, column: str) -> dict[str | None, frozenset[int]]:
        """Which rules each value of a column may match, as far as that was asked."""
        return self._values.setdefault((source, column), {})


class Rule:
    """One rule over the events of one source; `kept` is what correlations want of those that match."""

    def __init__(
        self, number: int, rule: Compiled, source: str, listed: bool, kept: Asked | None, numbers: Numbers
    ) -> None:
        self.number, self.rule, self.source, self.listed, self.kept = number, rule, source, listed, kept
        self._numbers = numbers
        self._limits: dict[str, str | None] = {}
        self._readings: dict[frozenset[Path], str] = {}
        self._tree = rule.wheres[source]
        asked = Asked.by(self._tree)
        self.asked = asked if kept is None else Asked.together([asked, kept])

    @property
    def flag(self) -> str:
        """The column that says that it matches."""
        return f"r{self.number}"

    @property
    def aside(self) -> str:
        """The column that says that this is still open."""
        return f"z{self.number}"

    @cached_property
    def limit(self) -> str | None:
        """SQL of what must hold of the columns; None where nothing must."""
        found = bound(self._tree)
        return None if found is None else DUCKDB.sql(found)

    def limit_of(self, column: str) -> str | None:
        """SQL of what must hold of one column."""
        if column not in self._limits:
            found = bound(self._tree, {column}) if column in self.asked.columns else None
            self._limits[column] = None if found is None else DUCKDB.sql(found)
        return self._limits[column]

    def reading(self, listed: Collection[Path] = ()) -> str:
        """SQL of the condition, over what an extraction makes; all values are there of the paths in `listed`."""
        key = self.asked.values & frozenset(listed)
        if key not in self._readings:
            self._readings[key] = DUCKDB.sql(reading(self._tree, self._numbers, key))
        return self._readings[key]


@dataclass(frozen=True)
class Sources:
    """Passes over the events of one source of a relation."""

    connection: Any
    relation: str
    source: str
    rules: Sequence[Rule]
    view: Kept
    plan: Plan

    def run(self) -> None:
        """Judges the events: puts what matches into MATCHES, and into the view what correlations want."""
        column = self.plan.telling(self.source, self.rules)
        rare, frequent = self._told_apart(column) if column else ({}, list(self.rules))
        plain = [one for one in frequent if one.asked.is_plain]
        others = [one for one in frequent if not one.asked.is_plain]
        for start in range(0, len(plain), BATCH):
            self._sift(plain[start : start + BATCH], {}, column)
        if rare or others:
            self._sift(others[:BATCH], rare, column)
        for start in range(BATCH, len(others), BATCH):
            self._sift(others[start : start + BATCH], {}, column)

    @property
    def _events(self) -> str:
        return f"SELECT * FROM {self.relation} WHERE source = {quoted(self.source)}"

    # -- which rules are about what ---------------------------------------------------------------------------------

    def _told_apart(self, column: str) -> tuple[dict[Rule, list[str | None]], list[Rule]]:
        """The rules whose values of the column are there and rare, with these; and those about frequent ones."""
        counts: dict[str | None, int] = dict(
            self.connection.execute(
                f"SELECT {column}, count(*) FROM ({self._events}) GROUP BY ALL LIMIT {VALUES_MAX + 1}"
            ).fetchall()
        )
        if len(counts) > VALUES_MAX:
            return {}, list(self.rules)
        asked = [one for one in self.rules if one.limit_of(column) is not None]
        frequent = [one for one in self.rules if one.limit_of(column) is None]
        by_rule = self._values_of(asked, column, list(counts))
        rare_max = max(RARE_ROWS, RARE_SHARE * sum(counts.values()))
        rare: dict[Rule, list[str | None]] = {}
        for one in asked:
            values = by_rule[one.number]
            if sum(counts[value] for value in values) > rare_max:
                frequent.append(one)
            elif values:
                rare[one] = values
        return rare, frequent

    def _values_of(self, rules: Sequence[Rule], column: str, there: list[str | None]) -> dict[int, list[str | None]]:
        """Those of the values of a column that each rule may match."""
        known = self.plan.values(self.source, column)
        fresh = [value for value in there if value not in known]
        if fresh:
            holding: dict[str | None, set[int]] = {value: set() for value in fresh}
            for start in range(0, len(rules), 100):
                part = rules[start : start + 100]
                tests = ", ".join(f"coalesce({one.limit_of(column)}, false)" for one in part)
                rows = self.connection.execute(
                    f"SELECT {column}, {tests} FROM (SELECT unnest($1::VARCHAR[]) AS {column})", [fresh]
                ).fetchall()
                for value, *holds in rows:
                    holding[value].update(one.number for one, held in zip(part, holds, strict=True) if held)
            known.update({value: frozenset(numbers) for value, numbers in holding.items()})
            if len(known) > VALUES_MAX * 2:
                for value in [value for value in known if value not in holding and value not in there]:
                    del known[value]
        found: dict[int, list[str | None]] = {one.number: [] for one in rules}
        for value in there:
            for number in known[value]:
                found[number].append(value)
        return found

    # -- the passes -------------------------------------------------------------------------------------------------

    def _sift(self, rules: Sequence[Rule], rare: Mapping[Rule, list[str | None]], column: str) -> None:
        """One pass for rules about frequent values, which also sets the events with rare ones aside."""
        numbers = self.plan.numbers
        asked = Asked.together(one.asked for one in rules)
        unsure = {one: doubts(one.asked, numbers) for one in rules}
        open_rules = [one for one in rules if unsure[one]]
        values = list(dict.fromkeys(value for found in rare.values() for value in found))
        is_rare = _one_of(column, values) if values else "false"
        heavy = [RECORD] if any(not one.asked.is_plain for one in [*rules, *rare]) else []
        if any(one.asked.searched for one in [*rules, *rare]):
            heavy.append("raw_data")
        flags = []
        for one in rules:
            doubt = f" WHEN {' OR '.join(unsure[one])} THEN false" if unsure[one] else ""
            flags.append(f"CASE{doubt} WHEN {one.reading()} THEN true ELSE false END AS {one.flag}")
        for one in open_rules:
            limit = f" AND ({one.limit})" if one.limit else ""
            flags.append(f"CASE WHEN ({' OR '.join(unsure[one])}){limit} THEN true ELSE false END AS {one.aside}")
        if rare:
            flags.append(f"CASE WHEN {is_rare} THEN true ELSE false END AS is_rare")
        aside = [*(one.aside for one in open_rules), *(["is_rare"] if rare else [])]
        some = [*(one.flag for one in rules), *aside]
        # what the rules that are answered here leave for others, and what is set aside with the columns it needs
        identity = self._identity([*rules, *rare])
        kept = Asked.together(one.kept for one in rules if one.kept is not None)
        needed = _columns([*open_rules, *rare], column if rare else "")
        light = list(dict.fromkeys([*identity, *sorted(kept.columns)]))
        told = [one.flag for one in rules if one.listed or one.kept is not None]
        final = []
        for name in light:
            used = name in kept.columns or name == "time" or not (told or aside)
            final.append(name if used else f"CASE WHEN {' OR '.join([*told, *aside])} THEN {name} END AS {name}")
        final += [f"CASE WHEN {' OR '.join(aside)} THEN {name} END AS {name}" for name in needed if name not in light]
        final += [f"v{numbers.of(path)}" for path in sorted(kept.values)]
        final += [f"CASE WHEN {' OR '.join(aside)} THEN {name} END AS {name}" for name in heavy if aside]
        columns = list(dict.fromkeys([*light, *sorted(asked.columns), *needed]))
        source = self._events
        if heavy:  # what reads no record is answered at once
            limits = [one.limit for one in rules]
            if None not in limits:
                source += f" AND ({' OR '.join(dict.fromkeys([*(f'({one})' for one in limits), is_rare]))})"
        inner = extraction(asked, numbers, source, [*columns, *heavy])
        made = self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {SET_ASIDE} AS SELECT {', '.join([*final, *some])} FROM"
            f" (SELECT *, ({' OR '.join(some)}) AND {ONCE} AS hit FROM (SELECT *, {', '.join(flags)} FROM ({inner})))"
            " WHERE hit"
        )
        paths_max = PACK_PATHS_FEW if made.fetchone()[0] <= FEW_ROWS else PACK_PATHS
        there = [*light, *(f"v{numbers.of(path)}" for path in sorted(kept.values))]
        open_ = self._found(rules, SET_ASIDE, there, [one.aside for one in open_rules])
        conditions = {one: f"is_rare AND {_one_of(column, found)}" for one, found in rare.items()}
        for pack in _packs(rare, paths_max):
            self._pack({one: conditions[one] for one in pack}, column)
        left = {one: one.aside for one in open_rules if one.aside in open_}
        for pack in _packs(left, paths_max):
            self._pack({one: left[one] for one in pack}, "")
        self.connection.execute(f"DROP TABLE {SET_ASIDE}")

    def _pack(self, conditions: Mapping[Rule, str], column: str) -> None:
        """Judges the events that were set aside for some rules, each with its condition."""
        numbers = self.plan.numbers
        rules = list(conditions)
        asked = Asked.together(one.asked for one in rules)
        columns = list(dict.fromkeys([*self._identity(rules), *sorted(asked.columns), *_columns(rules, column)]))
        others = dict.fromkeys(one for one in conditions.values() if one.startswith("z"))
        columns += [*others, *([] if len(others) == len(rules) else ["is_rare"])]
        where = " OR ".join(f"({one})" for one in dict.fromkeys(conditions.values()))
        source = f"SELECT * FROM {SET_ASIDE} WHERE {where}"
        listed: set[Path] = set()
        if asked.is_plain:
            table = f"({source})"
        else:
            table = "koban_pack"
            heavy = [RECORD, *(["raw_data"] if asked.searched else [])]
            unsure = doubts(asked, numbers)
            made = extraction(asked, numbers, source, [*columns, *heavy])
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {made}")
            if unsure:
                tests = ", ".join(f"bool_or({one})" for one in unsure)
                found = self.connection.execute(f"SELECT {tests} FROM {table}").fetchone()
                open_ = {one for one, is_open in zip(unsure, found, strict=True) if is_open}
                listed = {path for path in asked.values if f"w{numbers.of(path)}" in open_}
                if open_:
                    table = f"({settled(asked, numbers, open_, table)})"
        flags = [
            f"CASE WHEN {condition} AND ({one.reading(listed)}) THEN true ELSE false END AS {one.flag}"
            for one, condition in conditions.items()
        ]
        kept = Asked.together(one.kept for one in rules if one.kept is not None)
        final = [*columns, *(f"v{numbers.of(path)}" for path in sorted(kept.values))]
        final += [f"l{numbers.of(path)}" for path in sorted(kept.values & listed)]
        final += [one.flag for one in rules]
        some = " OR ".join(one.flag for one in rules)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE koban_hits AS SELECT {', '.join(final)} FROM"
            f" (SELECT *, ({some}) AND {ONCE} AS hit FROM (SELECT *, {', '.join(flags)} FROM {table})) WHERE hit"
        )
        self._found(rules, "koban_hits", final, [])
        self.connection.execute("DROP TABLE koban_hits")
        self.connection.execute("DROP TABLE IF EXISTS koban_pack")

    def _found(self, rules: Sequence[Rule], table: str, columns: Collection[str], others: list[str]) -> set[str]:
        """Takes what matches out of a table; gives back which of the other columns hold for some event."""
        flags = [*(one.flag for one in rules), *others]
        if not flags:
            return set()
        counts = self.connection.execute(f"SELECT {', '.join(f'bool_or({one})' for one in flags)} FROM {table}")
        there = {flag for flag, some in zip(flags, counts.fetchone(), strict=True) if some}
        listed = [one for one in rules if one.listed and one.flag in there]
        if listed:
            each = ", ".join(f"CASE WHEN {one.flag} THEN {one.number} END" for one in listed)
            self.connection.execute(
                f"INSERT INTO {MATCHES} SELECT * FROM (SELECT unnest([{each}]) AS rule, {', '.join(IDENTITY)}"
                f" FROM {table} WHERE {' OR '.join(one.flag for one in listed)}) WHERE rule IS NOT NULL"
            )
        for one in rules:
            if one.kept is not None and one.flag in there:
                self.view.keep(one.rule, self.source, table, one.flag, columns)
        return there

    def _identity(self, rules: Sequence[Rule]) -> Sequence[str]:
        return IDENTITY if any(one.listed or one.kept is not None for one in rules) else IDENTITY[:1]


def _columns(rules: Collection[Rule], column: str) -> list[str]:
    if not rules:
        return []
    return sorted({column, *(name for one in rules for name in one.asked.columns)} - {""})


def _packs(rules: Iterable[Rule], paths_max: int = PACK_PATHS) -> list[list[Rule]]:
    """The rules in packs; those that ask for much the same fields are neighbours."""
    packs: list[list[Rule]] = []
    paths: set[Path] = set()
    for one in sorted(rules, key=lambda one: (one.asked.searched, sorted(one.asked.values | one.asked.present))):
        wanted = one.asked.values | one.asked.present
        same = packs and packs[-1][0].asked.is_plain == one.asked.is_plain
        if not same or len(packs[-1]) >= PACK_RULES or len(paths | wanted) > paths_max:
            packs.append([])
            paths = set()
        packs[-1].append(one)
        paths |= wanted
    return packs


def _one_of(column: str, values: Sequence[str | None]) -> str:
    """That the column has one of the values; None stands for having none."""
    known = [value for value in values if value is not None]
    # not IN: of that DuckDB makes a join, which every event has to go through with all of its columns
    tests = [f"list_contains([{', '.join(map(quoted, known))}], {column})"] if known else []
    if len(known) < len(values):
        tests.append(f"{column} IS NULL")
    return f"({' OR '.join(tests)})"
