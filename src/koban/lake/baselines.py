"""What was normal: the memory of the behavioural detections, as a table of the lake.

Each row says that something was seen of somebody on a day: how often, how much, when first and when last.  A run only
appends what its own events add; whoever reads adds the rows up.  So no run reads old events again, and runs that meet
or die can neither lose nor double an observation: each commit carries the version of the events that it begins after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from koban.lake.tables import AlreadyThere, DataFile, Shape, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from koban.lake.lake import Lake

BASELINES = Shape(
    "baselines",
    {
        "day": "DATE",
        "baseline": "VARCHAR",
        "entity": "VARCHAR",
        "value": "VARCHAR",
        "observations": "BIGINT",
        "amount": "DOUBLE",
        "first_time": "TIMESTAMPTZ",
        "last_time": "TIMESTAMPTZ",
    },
    time="last_time",
    sorted_by=("baseline", "entity", "value"),
)
"""Whose baseline (`entity`), what was seen (`value`), and in how many events and bytes (`observations`, `amount`)."""

RUNS = "events-judged"
"""The baseline whose `observations` is the version of the events table up to which all events were folded in."""

RUNS_DAY = "9999-12-31"
"""The partition of that mark: it never ages out."""

FILES_MAX = 16
"""A day in more files than this is added up into one."""

COLUMNS_SQL = ", ".join(BASELINES.columns)
SUMMED = (
    "SELECT day, baseline, entity, value, CASE WHEN baseline = '" + RUNS + "' THEN max(observations)"
    " ELSE sum(observations) END::BIGINT AS observations, sum(amount) AS amount, min(first_time) AS first_time,"
    " max(last_time) AS last_time"
)


@dataclass(frozen=True)
class Mark:
    """How far the events were folded in: their table's version, and when the latest of them was ingested."""

    version: int = -1
    ingested: datetime | None = None


class Baselines:
    """The baselines of one lake."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.table: Table = lake.table(BASELINES)

    def mark(self, connection: DuckDBPyConnection) -> Mark:
        """Where the last run ended."""
        files = self.table.files({"day": [RUNS_DAY]})
        if not files:
            return Mark()
        version, ingested = connection.execute(
            f"SELECT max(observations), max(last_time) FROM {self.table.relation(files)} WHERE baseline = '{RUNS}'"
        ).fetchall()[0]
        return Mark(-1 if version is None else int(version), ingested)

    def relation(self, since: date | None = None) -> str:
        """The SQL of the rows of the days from `since` on, in the columns of the table; they are still to be added
        up."""
        files = [f for f in self.table.files() if f.partition["day"] != RUNS_DAY]
        if since is not None:
            files = [f for f in files if f.partition["day"] >= since.isoformat()]
        return self.table.relation(files)

    def fold(self, connection: DuckDBPyConnection, sql: str, after: Mark, until: Mark) -> bool:
        """Adds the rows of `sql`, which come of the events between the marks; False when another run has done it."""
        latest = f"TIMESTAMPTZ '{until.ingested.isoformat()}'" if until.ingested else "CAST(NULL AS TIMESTAMPTZ)"
        mark = (
            f"SELECT DATE '{RUNS_DAY}' AS day, '{RUNS}' AS baseline, 'events' AS entity, '' AS value,"
            f" CAST({until.version} AS BIGINT) AS observations, CAST(0 AS DOUBLE) AS amount,"
            f" {latest} AS first_time, {latest} AS last_time"
        )
        try:
            self.table.append(
                connection,
                f"SELECT {COLUMNS_SQL} FROM (({sql}) UNION ALL ({mark})) ORDER BY baseline, entity, value",
                [f"behaviour:after:{after.version}"],
            )
        except AlreadyThere:
            return False
        return True

    def tidy(self, memory_days: int, now: datetime | None = None) -> int:
        """Adds up days that lie in many files, and removes those older than any detection looks back.  Days touched.

        Age counts from the latest day that was observed, so that old logs can be learned from; never from the future.
        """
        by_day: dict[str, list[DataFile]] = {}
        for file in self.table.files():
            by_day.setdefault(file.partition["day"], []).append(file)
        today = (now or datetime.now(UTC)).date()
        latest = max((d for d in by_day if d != RUNS_DAY), default="")
        oldest = (min(today, date.fromisoformat(latest or RUNS_DAY)) - timedelta(days=memory_days)).isoformat()
        touched = 0
        for day, files in by_day.items():
            if day < oldest:
                touched += self.table.replace(files, [])
            elif len(files) > FILES_MAX:
                touched += self._add_up(files)
        return touched

    def _add_up(self, files: Sequence[DataFile]) -> bool:
        connection = self.lake.connection(memory_bytes=1 << 30)
        try:
            summed = f"{SUMMED} FROM {self.table.relation(files)} GROUP BY day, baseline, entity, value"
            added = self.table.write(
                connection, f"SELECT {COLUMNS_SQL} FROM ({summed}) ORDER BY baseline, entity, value"
            )
            return self.table.replace(files, added)
        finally:
            connection.close()
