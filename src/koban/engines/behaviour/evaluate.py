"""Runs the behavioural detections over a lake: over what came in since the last run, or over history again.

A run judges the new events against the baselines, then adds them to the baselines in one commit.  A run that dies
before it, or whose alerts nobody took, is done again by the next one: the same alerts come, with the same
fingerprints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from koban.engines.behaviour.apart import seen
from koban.engines.behaviour.batch import Batch, Observation
from koban.engines.behaviour.detection import Detection, detections, thresholds
from koban.engines.behaviour.settings import Thresholds
from koban.engines.geo import Geo
from koban.lake.baselines import COLUMNS_SQL, Baselines, Mark
from koban.lake.changes import appended
from koban.lake.chunks import chunks
from koban.lake.lake import Lake
from koban.lake.spread import Select, Spreading
from koban.lake.tables import DataFile
from koban.model.alert import Alert
from koban.model.event import CLASSES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEARN_DAYS = 30
"""How far back a replay learns before the first event that it judges."""


MEMORY_BYTES = 1 << 30
"""What a run may take; the rest is spilled to disk."""

IN_MEMORY_ROWS = 50_000
"""So many new events are read once and kept in memory; more are read column by column when they are asked for."""


@dataclass(frozen=True)
class Off:
    """A detection that does not run, or not fully, and why."""

    name: str
    reason: str


def off(geo: Geo, settings: Mapping[str, Thresholds] | None = None) -> list[Off]:
    """The detections that are off, or judge only some events, for want of a database."""
    settings = settings or thresholds()
    found = []
    for name, detection in detections().items():
        if not settings[name].enabled:
            found.append(Off(name, "switched off in the settings"))
        elif detection.needs == "coordinates" and not geo.coordinates:
            found.append(Off(name, "off: no database with coordinates was named (--geoip)"))
        elif detection.needs == "country" and not geo.countries:
            found.append(
                Off(name, "judges only events whose source names a country: no database of countries (--geoip)")
            )
        elif detection.needs == "asn" and not geo.asns:
            found.append(Off(name, "judges only what it can without a database of networks (--geoip)"))
    return found


def evaluate(
    lake: Lake,
    since: str = "",
    until: str = "",
    settings: Mapping[str, Thresholds] | None = None,
    geo: Geo | None = None,
    machines: Spreading | None = None,
) -> Iterator[Alert]:
    """The alerts of `judging`; the baselines are written when the last one was taken."""
    with judging(lake, since, until, settings, geo, machines=machines) as alerts:
        yield from alerts


@contextmanager
def judging(
    lake: Lake,
    since: str = "",
    until: str = "",
    settings: Mapping[str, Thresholds] | None = None,
    geo: Geo | None = None,
    connection: DuckDBPyConnection | None = None,
    machines: Spreading | None = None,
) -> Iterator[Iterator[Alert]]:
    """Judges the events that came into the lake since the last run, and folds them into the baselines at the end.

    All of them are judged and folded; `since` and `until` (ISO, UTC) say of which time alerts are given.  The first run
    takes all that the lake has.  The baselines are written when all alerts were taken and the caller is done with them
    without an error: alerts that it keeps within are never lost.

    With `machines`, these find what the detections look at in the events.
    """
    if not lake.events.exists():
        yield iter(())
        return
    with ExitStack() as open_:
        used = connection if connection is not None else open_.enter_context(_connection(lake))
        baselines = Baselines(lake)
        settings = settings or thresholds()
        after = baselines.mark(used)
        came = appended(lake.events, after.version)
        late = ""
        if not came.complete:
            moment = f"TIMESTAMPTZ '{after.ingested.isoformat()}'" if after.ingested else "TIMESTAMPTZ '1970-01-01'"
            late = f" WHERE ingested_time > {moment}"
        whole = relation = f"(SELECT * FROM {lake.events.relation(came.files)}{late})"
        if not came.files:
            yield iter(())
            return

        def stored(classes: Sequence[str], days: Sequence[str]) -> str:
            uids = [str(CLASSES[c]) for c in classes]
            return lake.events.relation(lake.events.files({"class_uid": uids, "day": days}))

        if machines is not None:
            reading = _Reading(lake, machines, open_, [o for d in running(settings) for o in d.observes])
            relation, stored = reading.of(came.files, late), reading.stored
        if sum(f.rows for f in came.files) <= IN_MEMORY_ROWS:
            used.execute(f"CREATE OR REPLACE TEMP TABLE new_events AS SELECT * FROM {relation}")
            relation = "new_events"
            whole = relation if machines is None else whole
        batch = Batch(used, relation, geo or Geo(), known=baselines.relation, stored=stored)
        taken = False

        def alerts() -> Iterator[Alert]:
            nonlocal taken
            yield from _within(judge(batch, settings), since, until)
            taken = True

        yield alerts()
        if not taken:
            return
        ingested = used.execute(f"SELECT max(ingested_time) FROM {whole}").fetchall()[0][0]
        until_mark = Mark(came.version, max((t for t in (ingested, after.ingested) if t), default=None))
        if baselines.fold(used, f"SELECT {COLUMNS_SQL} FROM fresh", after, until_mark):
            baselines.tidy(days_back(settings))


class _Reading:
    """Events as machines find them for the detections; what they leave is there until `open_` is closed."""

    def __init__(self, lake: Lake, machines: Spreading, open_: ExitStack, observed: Sequence[Observation]) -> None:
        self.lake, self.machines, self.open_, self.observed = lake, machines, open_, observed
        self._stored: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}

    def of(self, files: Sequence[DataFile], where: str = "", classes: Sequence[str] = ()) -> str:
        """The SQL of what the detections see in files."""
        table = self.lake.events
        task = Select(seen(self.observed, classes) if classes else seen(self.observed))
        pieces = [f"(SELECT * FROM {one}{where})" for one in chunks(table, files, self.machines.piece_rows)]
        found = self.open_.enter_context(self.machines.spread(task, pieces))
        return found.get(task.name) or table.relation([])

    def stored(self, classes: Sequence[str], days: Sequence[str]) -> str:
        """The same of all events of classes and days, found once."""
        key = tuple(classes), tuple(days)
        if key not in self._stored:
            uids = [str(CLASSES[c]) for c in classes]
            files = self.lake.events.files({"class_uid": uids, "day": list(days)})
            self._stored[key] = self.of(files, classes=classes)
        return self._stored[key]


def replay(
    lake: Lake,
    since: str = "",
    until: str = "",
    settings: Mapping[str, Thresholds] | None = None,
    geo: Geo | None = None,
    *,
    names: Sequence[str] = (),
    learn_days: int = LEARN_DAYS,
) -> Iterator[Alert]:
    """What the detections (those of `names`, all when empty) would have said of a time, had they been there.

    They learn from the events of the `learn_days` before `since`; the baselines of the lake are neither read nor
    written.
    """
    if not lake.events.exists():
        return
    with _connection(lake) as connection:
        begin = ""
        if since:
            first = datetime.fromisoformat(since)
            first = first if first.tzinfo else first.replace(tzinfo=UTC)
            begin = (first - timedelta(days=learn_days)).isoformat()
        batch = Batch(connection, lake.relation(begin, until), geo or Geo())
        yield from _within(judge(batch, settings or thresholds(), names), since, until)


@contextmanager
def _connection(lake: Lake) -> Iterator[DuckDBPyConnection]:
    """A connection with bounded memory; what is beyond it goes to a directory that is removed afterwards."""
    with TemporaryDirectory(prefix="koban-behaviour-") as spilled:
        connection = lake.connection(memory_bytes=MEMORY_BYTES)
        try:
            connection.execute(f"SET temp_directory = '{spilled.replace(chr(39), chr(39) * 2)}'")
            # files of a lake never change, so what is known of one needs no second look
            connection.execute("SET parquet_metadata_cache = true")
            yield connection
        finally:
            connection.close()


def judge(batch: Batch, settings: Mapping[str, Thresholds], names: Sequence[str] = ()) -> Iterator[Alert]:
    """The alerts of a batch of events; leaves what the events add to the baselines in its table `fresh`."""
    chosen = running(settings, names)
    observed = {o.baseline(d.name): o for d in chosen for o in d.observes}
    batch.observe(observed, days_back({d.name: settings[d.name] for d in chosen}))
    for detection in chosen:
        yield from detection.alerts(batch, settings[detection.name])


def running(settings: Mapping[str, Thresholds], names: Sequence[str] = ()) -> list[Detection]:
    """The detections that are on (those of `names`, all when empty)."""
    return [d for name, d in detections().items() if settings[name].enabled and (not names or name in names)]


def days_back(settings: Mapping[str, Thresholds]) -> int:
    """How many days of baselines the detections look back at."""
    return max((t.days_back for t in settings.values() if t.enabled), default=0)


def _within(alerts: Iterator[Alert], since: str, until: str) -> Iterator[Alert]:
    low, high = _instant(since, date.min), _instant(until, date.max)
    for alert in alerts:
        if low <= datetime.fromisoformat(alert.time_last or "1970-01-01T00:00:00Z") < high:
            yield alert


def _instant(text: str, otherwise: date) -> datetime:
    value = datetime.fromisoformat(text) if text else datetime(otherwise.year, otherwise.month, otherwise.day)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
