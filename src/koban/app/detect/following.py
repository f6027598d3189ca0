"""Detections over what comes in, commit by commit: prepared once, and what correlations look at stays in memory.

A correlation's events are kept for as long as a window can reach them and once more, two hours at least; events that
are later than that are judged with what the lake has around them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from koban.app.detect.run import Detector, times
from koban.engines.alerting.products import findings
from koban.engines.alerting.sigma import correlations, singles
from koban.engines.detection.apart import EVENTS, Part, gather
from koban.engines.detection.evaluate import Judge
from koban.engines.detection.kept import LATE
from koban.lake.changes import appended, before
from koban.lake.chunks import chunks
from koban.lake.tables import DataFile
from koban.model.alert import Alert

AROUND_ROWS = 50_000
"""What a group did is looked for in the newest events up to so many."""
FORGET_COMMITS = 20
"""Every so many commits what no window reaches is forgotten."""


class Following:
    """Judges each commit with what came before."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.table = detector.lake.events
        self.connection = detector.connection()
        self.judge = Judge(self.connection, detector.everything)
        self._newest = ""
        self._recent: list[DataFile] = []
        self._taken = 0

    def take(self, after: int) -> tuple[int, list[Alert]]:
        """The newest version of the events, and the alerts of what came after another."""
        came = appended(self.table, after)
        if not came.files:
            return came.version, []

        def judge() -> str:
            for piece in chunks(self.table, came.files):
                self.judge.take(piece)
            return self.table.relation(came.files)

        return came.version, self._judged(after, came.files, judge)

    def gather(self, after: int, files: Sequence[DataFile], found: Mapping[str, str]) -> list[Alert]:
        """The alerts of files that came after a version, judged by other machines: SQL of what they found, by name."""

        def judge() -> str:
            gather(self.judge, found)
            return found.get(EVENTS) or self.table.relation([])

        return self._judged(after, files, judge)

    def _judged(self, after: int, files: Sequence[DataFile], judge: Callable[[], str]) -> list[Alert]:
        """`judge` gives the SQL of a relation with all events that matched."""
        first, last = times(self.connection, self.table.relation(files))
        last = min(last, _moved(datetime.now(UTC).isoformat(), timedelta(hours=1)))
        late = bool(self._newest) and first < _moved(self._newest, -LATE)
        if not self._newest:
            self._look_back(after, files, first, last)
        seen = self.judge.batch
        self.judge.clear()
        relation = judge()
        self._newest = max(self._newest, last)
        self._recent = [*self._recent, *files]
        while sum(f.rows for f in self._recent[1:]) > AROUND_ROWS:
            self._recent.pop(0)
        evaluation = self.judge.evaluation(since=seen)
        found = list(singles(self.connection, relation, evaluation)) if evaluation.some() else []
        if evaluation.correlated:
            found += correlations(self.connection, self._around(), evaluation.correlated)
        if self.detector.with_products:
            found += findings(self.connection, relation)
        if late:
            found += self.detector.late(first, last)
        self._taken += 1
        if self._taken % FORGET_COMMITS == 0:
            self.judge.forget(self._newest)
        return found

    def _look_back(self, after: int, fresh: Sequence[DataFile], first: str, last: str) -> None:
        """Takes in what correlations look at of the events that were judged before."""
        self._newest = last
        if not self.detector.correlations.rules:
            return
        begin, end = _moved(first, -2 * self.detector.lookback), _moved(last, self.detector.lookback)
        paths = {f.path for f in fresh}
        earlier = [f for f in before(self.table, after, begin, end) if f.path not in paths]
        pieces = self.detector.pieces(begin, end, earlier)
        engine = self.detector.engine
        if engine is not None:
            with engine.spread(Part(self.detector.everything, only_kept=True), pieces) as found:
                gather(self.judge, found)
            return
        for piece in pieces:
            self.judge.take(piece, only_kept=True)

    def _around(self) -> str:
        """The newest events."""
        there = [f for f in self._recent if self.table.storage.holds(self.table.shape.name, f.path)]
        return self.table.relation(there)


def _moved(text: str, span: timedelta) -> str:
    value = datetime.fromisoformat(text)
    value = value if value.tzinfo else value.replace(tzinfo=UTC)
    return (value + span).astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
