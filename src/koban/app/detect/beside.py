"""What is judged beside the rules while events land: behaviour and threat intelligence, each at its own pace.

They cost more than a commit a second allows, so each takes what came since its last round at once, in a thread of its
own, and rests four times as long as the round took: rules are not kept waiting.  Nothing is lost by that, and nothing
told twice: both remember where they were, and the same events give the same alerts, however they are cut into rounds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

from koban.app.detect.progress import judged_up_to, remember
from koban.app.detect.run import Detector, Outcome, detected, suppressions_of
from koban.app.intelligence import MATCHED
from koban.app.logs.follow import state_directory
from koban.engines.behaviour.evaluate import judging
from koban.engines.behaviour.settings import Thresholds
from koban.engines.geo import Geo
from koban.lake.changes import appended
from koban.lake.indicators import Indicators
from koban.model.alert import Alert

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REST = 4.0
"""Times the length of a round that a thread rests after it."""

Keep = Callable[[list[Alert]], None]


class Judging(Protocol):
    """One way to judge what came."""

    least_seconds: float
    """No round sooner after the last one than this."""
    connection: DuckDBPyConnection

    def take(self, keep: Keep) -> None:
        """Judges what came since the last round; what it rests on counts as judged once `keep` has the alerts."""


class Behaviour:
    """What is unlike what was normal, from the mark on that the baselines carry."""

    least_seconds = 30.0

    def __init__(self, detector: Detector, settings: Mapping[str, Thresholds] | None = None, geo: Geo | None = None):
        self.lake, self.settings, self.geo = detector.lake, settings, geo
        self.connection = detector.connection(threads=1)
        self.connection.execute("SET parquet_metadata_cache = true")

    def take(self, keep: Keep) -> None:
        with judging(self.lake, settings=self.settings, geo=self.geo, connection=self.connection) as alerts:
            keep(list(alerts))


class Intelligence:
    """New events against all indicators, and new indicators against all events."""

    least_seconds = 5.0

    def __init__(self, detector: Detector):
        self.lake = detector.lake
        self.connection = detector.connection(threads=1)
        self.connection.execute("SET parquet_metadata_cache = true")
        self._state = state_directory(detector.lake) / "matched.json"

    def take(self, keep: Keep) -> None:
        events, known = self.lake.events, Indicators(self.lake)
        if not events.exists():
            return
        position, revision = judged_up_to(self._state), known.revision()
        if revision:
            position = self._look_back(known, revision, position, keep)
        came = appended(events, position)
        if revision and came.files:
            self._match(known, events.relation(came.files), 0, keep)
        # without indicators there is nothing to match: those that come look back at everything
        if came.version != judged_up_to(self._state):
            remember(self._state, came.version)

    def _look_back(self, known: Indicators, revision: int, position: int, keep: Keep) -> int:
        """Matches indicators that history does not know yet with it; up to where events are matched with all then."""
        before = int(self.lake.settings().get(MATCHED) or 0)
        if before >= revision:
            return position
        version = int(self.lake.events.delta().version())
        (new,) = self.connection.execute(f"SELECT count(*) FROM {known.relation(before)}").fetchall()[0]
        if new:
            self._match(known, self.lake.relation(), before, keep)
        self.lake.set(MATCHED, revision)
        return max(position, version) if not before else position

    def _match(self, known: Indicators, events: str, after: int, keep: Keep) -> None:
        from koban.engines.intelligence import match

        keep(list(match(self.connection, events, known.relation(after), known.allowed_relation()).alerts))


class Beside:
    """A thread that judges, round by round."""

    def __init__(self, judging: Judging, keep: Keep) -> None:
        self._judging, self._keep = judging, keep
        self._stopping = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=type(judging).__name__.lower())
        self._thread.start()

    def check(self) -> None:
        """Raises what ended the thread."""
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Ends the thread, in the middle of a round too: the next start takes that round again."""
        self._stopping.set()
        while self._thread.is_alive():
            self._judging.connection.interrupt()
            self._thread.join(0.1)
        self._judging.connection.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                self._judging.take(self._keep)
            except Exception as error:
                if not self._stopping.is_set():
                    self._error = error
                return
            taken = time.monotonic() - begun
            self._stopping.wait(max(self._judging.least_seconds - taken, REST * taken))


def keeping(detector: Detector, heard: Callable[[Outcome], None]) -> Keep:
    """Keeps alerts and tells those that are new; several threads may call it, and each waits for its turn."""
    turn = threading.Lock()

    def keep(found: list[Alert]) -> None:
        if found:
            with turn:
                outcome = detected(detector, found, suppressions=suppressions_of(detector.lake))
                if outcome.alerts:
                    heard(outcome)

    return keep


@contextmanager
def side_by_side(beside: Sequence[Judging], keep: Keep) -> Iterator[Callable[[], None]]:
    """Each judges in a thread of its own until the block ends; what it gives raises what ended one of them."""
    with ExitStack() as ends:
        threads = []
        for judging in beside:
            threads.append(Beside(judging, keep))
            ends.callback(threads[-1].stop)

        def check() -> None:
            for thread in threads:
                thread.check()

        yield check
