"""The events that correlations look at: of each rule that one refers to, the few columns that it asks for.

They are added to as events come, and forgotten when no window can reach them any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from koban.engines.detection.compile import Compiled
from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.stage import Asked, Numbers, reading
from koban.model.event import COLUMNS

Key = tuple[int, str]
LATE = timedelta(hours=2)
"""Events that come so late still find what they belong to."""
TOGETHER = 20
"""So many correlations are asked in one query whether they may hold."""
SINCE = "koban_since"
IDENTITY = {
    "time": "TIMESTAMPTZ",
    "source": "VARCHAR",
    "origin": "VARCHAR",
    "origin_line": "BIGINT",
    "metadata_uid": "VARCHAR",
}
"""What says which event it was."""
BATCH = "koban_batch"
"""The column that says in which batch of events a row came."""


class Kept:
    """A correlation's view of the events that were kept for it."""

    def __init__(self, connection: Any, numbers: Numbers, wanted: dict[Key, dict[str, None]]) -> None:
        self.connection = connection
        self.batch = 0
        self.named = False
        """Whether what says which event it was is carried along."""
        self.since: int | None = None
        """When set, only groups into which something came in this batch or later are looked at."""
        self._numbers = numbers
        self._wanted = wanted
        self._tables: dict[Key, str] = {}
        self._rows: dict[Key, int] = {}
        self._batches: dict[Key, int] = {}

    def learn(self, correlations: Sequence[CompiledCorrelation]) -> None:
        """Finds out what correlations want of their rules' events."""
        if not self._wanted:
            for correlation in correlations:
                correlation.text(self)

    def may_hold(self, correlation: CompiledCorrelation) -> bool:
        """Whether events were kept for it that may be enough, and one that is new where only those matter."""
        if self.since is not None and not any(self._came(base) >= self.since for base in correlation.bases()):
            return False
        return self._may_hold(correlation)

    def _may_hold(self, correlation: CompiledCorrelation) -> bool:
        counts = [
            self.rows(rule) if isinstance(rule, Compiled) else int(self._may_hold(rule))
            for _, rule in correlation.rules
        ]
        if correlation.wants_all and not all(counts):
            return False
        # a field with several values makes several of one event; a correlation's points cannot be told yet
        several = not correlation.is_of_events or any(
            self.asked(base, source).values for base in correlation.bases() for source in base.wheres
        )
        return sum(counts) >= (1 if several else correlation.least)

    def rows(self, rule: Compiled) -> int:
        """How many events are kept of a rule."""
        return sum(rows for (detection, _), rows in self._rows.items() if detection == id(rule.detection))

    def _came(self, rule: Compiled) -> int:
        return max((at for (detection, _), at in self._batches.items() if detection == id(rule.detection)), default=-1)

    def wanted(self, rule: Compiled, source: str) -> tuple[str, ...]:
        return tuple(self._wanted.get((id(rule.detection), source), ()))

    def wants(self, rule: Compiled, source: str) -> bool:
        return (id(rule.detection), source) in self._wanted

    def keep(self, rule: Compiled, source: str, table: str, where: str, columns: Iterable[str]) -> None:
        """Keeps what correlations ask of the events of a table, which has those columns."""
        there = set(columns)
        types = self._types(rule, source)
        values = ", ".join(name if name in there else "NULL" for name in types)
        self._add(rule, source, f"SELECT {values} FROM {table} WHERE {where}")

    def gather(self, rule: Compiled, source: str, relation: str) -> None:
        """Keeps what another view kept (see `rows_of`)."""
        self._add(rule, source, f"SELECT * FROM {relation}")

    def rows_of(self, rule: Compiled, source: str) -> str:
        """SQL of what was kept of a rule's events, its columns by place (paths have other numbers elsewhere)."""
        table = self._tables.get((id(rule.detection), source))
        if table is None:
            return ""
        columns = ", ".join(f"{name} AS c{at}" for at, name in enumerate(self._types(rule, source)))
        return f"SELECT {columns} FROM {table}"

    def _add(self, rule: Compiled, source: str, sql: str) -> None:
        key = (id(rule.detection), source)
        if key not in self._tables:
            self._tables[key] = f"koban_kept_{len(self._tables)}"
            self._rows[key] = 0
            listed = ", ".join(f"{name} {kind}" for name, kind in self._types(rule, source).items())
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {self._tables[key]} ({listed}, {BATCH} INTEGER)")
        made = self.connection.execute(
            f"INSERT INTO {self._tables[key]} SELECT *, {self.batch} FROM ({sql})"
        ).fetchone()
        self._rows[key] += int(made[0])
        if made[0]:
            self._batches[key] = self.batch

    def _types(self, rule: Compiled, source: str) -> dict[str, str]:
        asked = self.asked(rule, source)
        types = {**IDENTITY, **{name: COLUMNS[name].sql_type for name in sorted(asked.columns)}}
        for path in sorted(asked.values):
            types |= {f"v{self._numbers.of(path)}": "VARCHAR", f"l{self._numbers.of(path)}": "VARCHAR[]"}
        return types

    def asked(self, rule: Compiled, source: str) -> Asked:
        """What correlations ask of the events of a rule."""
        return Asked.by(*(rule.fields[source].values(name) for name in self.wanted(rule, source)))

    def forget(self, correlations: Sequence[CompiledCorrelation], newest: str) -> None:
        """Forgets what no window reaches that ends then or not long before, with as much again: when it began."""
        reach: dict[int, int] = {}
        for correlation in correlations:
            for base, seconds in correlation.reach().items():
                reach[base] = max(reach.get(base, 0), seconds)
        for key, table in self._tables.items():
            seconds = reach.get(key[0], 0) + max(reach.get(key[0], 0), int(LATE.total_seconds()))
            gone = self.connection.execute(
                f"DELETE FROM {table} WHERE time < TIMESTAMPTZ '{newest}' - INTERVAL '{seconds}' SECOND"
            ).fetchone()
            self._rows[key] -= int(gone[0])

    def drop(self) -> None:
        for name in self._tables.values():
            self.connection.execute(f"DROP TABLE IF EXISTS {name}")
        self._tables.clear()

    # -- what a correlation asks ------------------------------------------------------------------------------------

    def events(self, rule: Compiled, source: str) -> str:
        self._wanted.setdefault((id(rule.detection), source), {})
        if (id(rule.detection), source) in self._tables:
            return f"SELECT * FROM {self._tables[id(rule.detection), source]}"
        nothing = "".join(f"CAST(NULL AS VARCHAR) AS {name}, " for name in self._columns(rule, source))
        identity = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in IDENTITY.items())
        return f"SELECT {identity}, {nothing}0 AS {BATCH} WHERE FALSE"

    def _columns(self, rule: Compiled, source: str) -> list[str]:
        fields = rule.fields[source]
        columns = (fields.column(name) for name in self.wanted(rule, source))
        return list(dict.fromkeys(column for column in columns if column and column not in IDENTITY))

    def column(self, rule: Compiled, source: str, field: str) -> str:
        self._wanted.setdefault((id(rule.detection), source), {})[field] = None
        return rule.fields[source].column(field)

    def values(self, rule: Compiled, source: str, field: str) -> str:
        if (id(rule.detection), source) not in self._tables:
            return "CAST([] AS VARCHAR[])"
        tree = rule.fields[source].values(field)
        return reading(tree, self._numbers, Asked.by(tree).values).sql("duckdb")

    def extra(self) -> str:
        return f", {BATCH}, {', '.join(list(IDENTITY)[1:])}" if self.named else f", {BATCH}"

    def grouped(self, events: str, groups: Sequence[str], least: int, fresh: bool) -> str:
        """The events of those groups that have so many, and a new one where only those matter (`fresh`)."""
        needed = self._needed(least, fresh)
        if not groups or not needed:
            return events
        names = ", ".join(groups)
        chosen = f"SELECT {names} FROM ({events}) GROUP BY ALL HAVING {needed}"
        return f"SELECT * FROM ({events}) SEMI JOIN ({chosen}) USING ({names})"

    def _needed(self, least: int, fresh: bool) -> str:
        needed = [f"count(*) >= {least}"] if least > 1 else []
        if fresh and self.since is not None:
            needed.append(f"max({BATCH}) >= {SINCE}")
        return " AND ".join(needed)

    def filled(self, sql: str) -> str:
        """SQL of a correlation, with the number of the first batch that is new: all else in it stays the same."""
        return sql.replace(SINCE, str(self.since))

    def holding(self, correlations: Sequence[CompiledCorrelation]) -> list[CompiledCorrelation]:
        """Those that may hold: where they are about groups, one of the groups has enough events."""
        wanted = [one for one in correlations if self.may_hold(one)]
        asked: dict[int, str] = {}
        for at, one in enumerate(wanted):
            needed = self._needed(one.least, True)
            if one.is_of_events and one.group_by and needed:
                sql = self.filled(one.prospects(self, needed))
                if "KOBAN_" not in sql:
                    asked[at] = f"(SELECT {at} AS at_ FROM ({sql}) LIMIT 1)"
        listed, there = list(asked.values()), set(range(len(wanted))) - set(asked)
        for start in range(0, len(listed), TOGETHER):
            sql = " UNION ALL ".join(listed[start : start + TOGETHER])
            there.update(at for (at,) in self.connection.execute(sql).fetchall())
        return [one for at, one in enumerate(wanted) if at in there]
