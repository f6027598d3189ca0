"""Detections over the lake: of a time, of what has just come, or of a new rule over history."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from koban.app.logs.follow import state_directory
from koban.engines.alerting.products import FINDINGS, findings, without_doubles
from koban.engines.alerting.sigma import alerts as sigma_alerts
from koban.engines.alerting.suppression import Suppression, shown, suppression
from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.dialect import SPARK
from koban.engines.detection.evaluate import evaluate
from koban.engines.detection.narrow import conditions
from koban.engines.detection.rules import RuleSet, load, own_folder
from koban.engines.detection.ruleset import CompiledSet, compile_set
from koban.lake.alerts import keep
from koban.lake.changes import appended
from koban.lake.lake import Lake
from koban.lake.tables import DataFile
from koban.model.alert import Alert
from koban.sources.logs.mapping import mappings

LOOKBACK_MAX = timedelta(days=2)
"""A correlation of what has just come looks back so far at most."""

WATCHED = "judged.json"
"""The file that says up to which version a lake's events have been judged here."""


@dataclass
class Outcome:
    """What a run said."""

    alerts: list[Alert] = field(default_factory=list)
    """New, or with more to them than before."""
    hidden: int = 0
    """Suppressed ones among those that are new."""
    rules: int = 0
    problems: list[str] = field(default_factory=list)
    """Rules that could not be loaded or compiled, one line each."""
    doubles: dict[str, list[Alert]] = field(default_factory=dict)
    """What products say of the same facts, by our alert's fingerprint."""


class Engine(Protocol):
    """Finds events in a lake of many machines; DuckDB judges those that it finds (see engines/detection/narrow.py)."""

    def narrowed(
        self,
        connection: Any,
        tests: Mapping[str, Sequence[str]],
        also: str = "",
        *,
        since: str = "",
        until: str = "",
        files: Sequence[DataFile] | None = None,
    ) -> AbstractContextManager[str]:
        """The SQL of a relation of the events of sources for which one of their tests or `also` holds."""


@dataclass
class Detector:
    """Rules, compiled once, and a lake."""

    lake: Lake
    directories: Sequence[Path] = ()
    own: bool = True
    only: Sequence[str] = ()
    """Ids or names of rules; all when empty."""
    with_products: bool = True
    threads: int = 0
    engine: Engine | None = None
    """What finds the events that rules may match, where it is not DuckDB itself."""

    def __post_init__(self) -> None:
        places: list[Any] = [*([own_folder()] if self.own else []), *self.directories]
        rules = load(places)
        if self.only:
            wanted = set(self.only)
            rules = RuleSet([d for d in rules.detections if not d.listed or {d.id, d.name} & wanted], rules.problems)
        compiled = compile_set(rules, mappings())
        self.problems = [str(p) for p in compiled.problems]
        self.rules = len(compiled.rules)
        correlations = [r for r in compiled.rules if isinstance(r, CompiledCorrelation)]
        self._singles = CompiledSet([r for r in compiled.rules if not isinstance(r, CompiledCorrelation)], [])
        self._correlations = CompiledSet(list(correlations), [])
        self.lookback = min(LOOKBACK_MAX, timedelta(seconds=max((r.seconds for r in correlations), default=0)))

    def of_time(self, since: str = "", until: str = "") -> list[Alert]:
        """The alerts whose last event happened in that time (ISO, UTC)."""
        connection = self.lake.connection(self.threads)
        try:
            with self._events(connection, self._singles, since, until) as events:
                found = self._judged(connection, events, self._singles)
            with self._events(connection, self._correlations, _before(since, self.lookback), until) as events:
                wide = self._judged(connection, events, self._correlations)
            return found + [a for a in wide if not since or a.time_last >= since[:19]]
        finally:
            connection.close()

    def of_commits(self, after: int) -> tuple[int, list[Alert]]:
        """The newest version of the events, and the alerts of what came after another."""
        came = appended(self.lake.events, after)
        if not came.files:
            return came.version, []
        connection = self.lake.connection(self.threads)
        try:
            relation = self.lake.events.relation(came.files)
            with self._events(connection, self._singles, files=came.files) as events:
                found = self._judged(connection, events, self._singles)
            if self._correlations.rules:
                first, last = connection.execute(
                    "SELECT strftime(min(time) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S'),"
                    f" strftime(max(time) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S') FROM {relation}"
                ).fetchall()[0]
                # late events may complete a window that ends after them
                begin, end = _before(first, self.lookback), _before(last, -self.lookback)
                with self._events(connection, self._correlations, begin, end) as around:
                    found += [a for a in self._judged(connection, around, self._correlations) if a.time_last >= first]
            return came.version, found
        finally:
            connection.close()

    @contextmanager
    def _events(
        self,
        connection: Any,
        compiled: CompiledSet,
        since: str = "",
        until: str = "",
        files: Sequence[DataFile] | None = None,
    ) -> Iterator[str]:
        """A relation of events with at least all that the rules match."""
        if self.engine is None:
            yield self.lake.relation(since, until) if files is None else self.lake.events.relation(files)
            return
        tests = conditions(compiled, SPARK)
        also = FINDINGS if self.with_products and compiled is self._singles else ""
        if not tests and not also:
            yield self.lake.events.relation([])
            return
        with self.engine.narrowed(connection, tests, also, since=since, until=until, files=files) as relation:
            yield relation

    def _judged(self, connection: Any, relation: str, compiled: CompiledSet) -> list[Alert]:
        found: list[Alert] = []
        if compiled.rules:
            whole = None if self.engine is None else self._whole
            found = list(sigma_alerts(connection, relation, evaluate(connection, relation, compiled), whole))
        if self.with_products and compiled is self._singles:
            found += findings(connection, relation)
        return found

    def _whole(self, first: datetime, last: datetime) -> str:
        """All events of a time, its end included."""
        return self.lake.relation(
            _before(first.isoformat(), timedelta()), _before(last.isoformat(), -timedelta(seconds=1))
        )


def detected(
    detector: Detector, found: Iterable[Alert], *, suppressions: Sequence[Suppression] = (), store: bool = True
) -> Outcome:
    """Keeps alerts and says which are new, without what products say of the same facts, or what is suppressed."""
    listed = list(found)
    ours = [a for a in listed if a.kind != "product"]
    alone, doubles = without_doubles(ours, [a for a in listed if a.kind == "product"])
    fresh = keep(detector.lake, [*ours, *alone]) if store else [*ours, *alone]
    seen, hidden = shown(fresh, suppressions)
    seen.sort(key=lambda a: (a.time_first, a.rule, a.fingerprint))
    return Outcome(seen, len(hidden), detector.rules, detector.problems, doubles)


def suppressions_of(lake: Lake) -> list[Suppression]:
    """The suppressions that were set for a lake."""
    return [
        suppression(value) for name, value in sorted(lake.settings().items()) if name.startswith("suppress:") and value
    ]


def suppress(lake: Lake, table: dict[str, Any]) -> Suppression:
    """Suppresses a rule's alerts for a while.  Raises `BadSuppression`."""
    import hashlib

    made = suppression(table)
    name = hashlib.sha256(f"{made.rule}|{made.entity}|{made.account}".encode()).hexdigest()[:8]
    lake.set(f"suppress:{name}", {k: v for k, v in table.items() if v})
    return made


def watch(
    detector: Detector,
    heard: Callable[[Outcome], None],
    stopping: Callable[[float], bool],
    seconds: float = 1.0,
) -> None:
    """Judges each commit of events as it lands, until `stopping` (which waits so many seconds) says so.

    What was judged here before is remembered, so that a new run goes on from there.
    """
    lake = detector.lake
    state = state_directory(lake) / WATCHED
    after = _judged_up_to(state)
    standing = suppressions_of(lake)
    while True:
        if lake.events.exists():
            version, found = detector.of_commits(after)
            if version != after:
                outcome = detected(detector, found, suppressions=standing)
                after = version
                _remember(state, version)
                if outcome.alerts:
                    heard(outcome)
                standing = suppressions_of(lake)
        if stopping(seconds):
            return


def _judged_up_to(state: Path) -> int:
    try:
        return int(json.loads(state.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return -1


def _remember(state: Path, version: int) -> None:
    state.parent.mkdir(parents=True, exist_ok=True)
    beside = state.with_suffix(".part")
    beside.write_text(json.dumps({"version": version}), encoding="utf-8")
    beside.replace(state)


def replay(detector: Detector, since: str, until: str) -> Iterator[tuple[str, int, int]]:
    """What rules would have alerted over a time: title, alerts, events; nothing is kept."""
    counts: dict[str, list[int]] = {}
    for alert in detector.of_time(since, until):
        count = counts.setdefault(alert.title, [0, 0])
        count[0] += 1
        count[1] += alert.count
    for title, (alerts, events) in sorted(counts.items(), key=lambda item: (-item[1][0], item[0])):
        yield title, alerts, events


def _before(text: str, span: timedelta) -> str:
    if not text:
        return ""
    value = datetime.fromisoformat(text)
    value = value if value.tzinfo else value.replace(tzinfo=UTC)
    return (value - span).astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
