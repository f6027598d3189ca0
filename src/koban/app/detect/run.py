"""Detections over the lake: of a time, of what has just come, or of a new rule over history."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koban.engines.alerting.products import FINDINGS, SAME_FACTS, findings, without_doubles
from koban.engines.alerting.sigma import AROUND, correlations, of_groups, singles
from koban.engines.alerting.suppression import Suppression, shown, suppression
from koban.engines.detection.apart import EVENTS, Part, gather
from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.dialect import quoted
from koban.engines.detection.evaluate import Correlated, Evaluation, Judge, evaluate
from koban.engines.detection.rules import RuleSet, load, own_folder
from koban.engines.detection.ruleset import CompiledSet, compile_set
from koban.lake.alerts import keep, kept
from koban.lake.changes import appended
from koban.lake.chunks import ROWS, chunks
from koban.lake.lake import Lake, within
from koban.lake.spread import Select, Spreading
from koban.lake.tables import DataFile
from koban.model.alert import Alert
from koban.sources.logs.mapping import mappings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_BYTES = 800 * 1024 * 1024
"""What DuckDB may hold while it judges."""

LOOKBACK_MAX = timedelta(days=2)
"""A correlation of what has just come looks back so far at most."""


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
    engine: Spreading | None = None
    """What judges, where it is not this process."""

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
        self.everything = CompiledSet(compiled.rules, [])
        self._singles = CompiledSet([r for r in compiled.rules if not isinstance(r, CompiledCorrelation)], [])
        self.correlations = CompiledSet(list(correlations), [])
        self.lookback = min(LOOKBACK_MAX, timedelta(seconds=max((r.seconds for r in correlations), default=0)))

    def connection(self, threads: int = 0) -> DuckDBPyConnection:
        """A connection whose memory is bounded; what is more goes to disk."""
        connection = self.lake.connection(threads or self.threads, MEMORY_BYTES)
        place = Path(tempfile.gettempdir()) / f"koban-judge-{uuid.uuid4().hex}"
        connection.execute(f"SET temp_directory = {quoted(str(place))}")
        return connection

    def of_time(self, since: str = "", until: str = "") -> list[Alert]:
        """The alerts whose last event happened in that time (ISO, UTC)."""
        connection = self.connection()
        try:
            if not since:
                return self._judged(connection, self.everything, until=until)
            found = self._judged(connection, self._singles, since, until)
            return found + self._correlated(connection, since, _before(since, self.lookback), until)
        finally:
            connection.close()

    def of_commits(self, after: int) -> tuple[int, list[Alert]]:
        """The newest version of the events, and the alerts of what came after another."""
        came = appended(self.lake.events, after)
        if not came.files:
            return came.version, []
        connection = self.connection()
        try:
            found = self._judged(connection, self._singles, files=came.files)
            first, last = times(connection, self.lake.events.relation(came.files))
            return came.version, found + self.late(first, last)
        finally:
            connection.close()

    def late(self, first: str, last: str) -> list[Alert]:
        """The correlations around events of a time, read from the lake: late ones may complete a window that ends
        after them.
        """
        connection = self.connection()
        try:
            return self._correlated(connection, first, _before(first, self.lookback), _before(last, -self.lookback))
        finally:
            connection.close()

    def _correlated(self, connection: DuckDBPyConnection, since: str, begin: str, end: str) -> list[Alert]:
        if not self.correlations.rules:
            return []
        found = self._judged(connection, self.correlations, begin, end)
        return [a for a in found if not since or a.time_last >= since[:19]]

    def pieces(self, since: str = "", until: str = "", files: Sequence[DataFile] | None = None) -> list[str]:
        """The events of a time, or of files, as SQL of relations that can be judged one by one."""
        table = self.lake.events
        chosen = table.files(since=since, until=until) if files is None else files
        rows = ROWS if self.engine is None else self.engine.piece_rows
        return [within(one, since, until) for one in chunks(table, chosen, rows)]

    def part(self, compiled: CompiledSet) -> Part:
        """What other machines are told to do with a piece."""
        return Part(compiled, FINDINGS if self._wants_products(compiled) else "")

    def _wants_products(self, compiled: CompiledSet) -> bool:
        return self.with_products and compiled is not self.correlations

    def _judged(
        self,
        connection: DuckDBPyConnection,
        compiled: CompiledSet,
        since: str = "",
        until: str = "",
        files: Sequence[DataFile] | None = None,
    ) -> list[Alert]:
        """What the rules, and products, say of the events of a time or of files."""
        table = self.lake.events
        pieces = self.pieces(since, until, files)
        if self.engine is not None:
            with self.engine.spread(self.part(compiled), pieces) as found:
                judge = Judge(connection, compiled)
                gather(judge, found)
                relation = found.get(EVENTS) or table.relation([])
                return self._alerts(connection, compiled, relation, judge.evaluation())
        relation = within(
            table.relation(table.files(since=since, until=until) if files is None else files), since, until
        )
        evaluation = evaluate(connection, pieces, compiled) if compiled.rules else None
        return self._alerts(connection, compiled, relation, evaluation)

    def _alerts(
        self, connection: DuckDBPyConnection, compiled: CompiledSet, relation: str, evaluation: Evaluation | None
    ) -> list[Alert]:
        found: list[Alert] = []
        if evaluation is not None:
            found = list(singles(connection, relation, evaluation))
            with self.around(evaluation.correlated, relation) as around:
                found += correlations(connection, around, evaluation.correlated)
        if self._wants_products(compiled):
            found += findings(connection, relation)
        return found

    @contextmanager
    def around(self, correlated: Sequence[Correlated], relation: str) -> Iterator[str]:
        """The SQL of what the groups of correlations did in their time: of `relation`, or found by the engine."""
        if self.engine is None or not correlated:
            yield relation
            return
        begin = _before(min(one.time_first for one in correlated).isoformat(), timedelta())
        end = _before(max(one.time_last for one in correlated).isoformat(), -timedelta(seconds=1))
        task = Select(f"SELECT {', '.join(AROUND)} FROM {{events}} WHERE {of_groups(correlated)}")
        with self.engine.spread(task, self.pieces(begin, end)) as found:
            yield found.get(task.name) or self.lake.events.relation([])


def times(connection: DuckDBPyConnection, relation: str) -> tuple[str, str]:
    """When the first and the last of the events happened (ISO, UTC, to the second)."""
    iso = "strftime({}(time) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S')"
    row = connection.execute(f"SELECT {iso.format('min')}, {iso.format('max')} FROM {relation}").fetchone()
    return (row[0] or "", row[1] or "") if row else ("", "")


def detected(
    detector: Detector, found: Iterable[Alert], *, suppressions: Sequence[Suppression] = (), store: bool = True
) -> Outcome:
    """Keeps alerts and says which are new, without what products say of the same facts, or what is suppressed."""
    listed = list(found)
    fresh = keep(detector.lake, listed) if store else listed
    ours = [a for a in fresh if a.kind != "product"]
    theirs = [a for a in fresh if a.kind == "product"]
    alone, doubles = without_doubles([*listed, *_around(detector.lake, theirs)] if store else listed, theirs)
    seen, hidden = shown([*ours, *alone], suppressions)
    seen.sort(key=lambda a: (a.time_first, a.rule, a.fingerprint))
    return Outcome(seen, len(hidden), detector.rules, detector.problems, doubles)


def _around(lake: Lake, products: Sequence[Alert]) -> list[Alert]:
    """The alerts that are kept of the time in which products found something."""
    if not products:
        return []
    return kept(lake, since=_before(min(a.time_first for a in products), SAME_FACTS))


def known(lake: Lake, since: str = "", until: str = "") -> tuple[list[Alert], dict[str, list[Alert]]]:
    """The alerts that are kept of a time; and by fingerprint what products say of the same facts."""
    found = kept(lake, since, until)
    theirs = [a for a in found if a.kind == "product"]
    alone, doubles = without_doubles([*found, *_around(lake, theirs)], theirs)
    ours = [a for a in found if a.kind != "product"]
    return sorted([*ours, *alone], key=lambda a: (a.time_first, a.rule, a.fingerprint)), doubles


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
