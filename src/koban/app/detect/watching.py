"""Detections as events land: each commit is judged once, and a new run goes on where the one before ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from koban.app.detect.beside import Judging, keeping, side_by_side
from koban.app.detect.following import Following
from koban.app.detect.progress import judged_up_to, remember
from koban.app.detect.run import Detector, Outcome
from koban.app.logs.follow import state_directory

WATCHED = "judged.json"
"""The file that says up to which version a lake's events have been judged here."""
WAIT_SECONDS = 0.5
"""Between two looks at the lake: a look costs milliseconds, and whoever waits for an alert waits for it."""


def watch(
    detector: Detector,
    heard: Callable[[Outcome], None],
    stopping: Callable[[float], bool],
    seconds: float = WAIT_SECONDS,
    beside: Sequence[Judging] = (),
) -> None:
    """Judges each commit of events as it lands, until `stopping` (which waits so many seconds) says so.

    What was judged here before is remembered, so that a new run goes on from there.  `beside` judges what came at a
    pace of its own.
    """
    lake = detector.lake
    following = None
    state = state_directory(lake) / WATCHED
    after = judged_up_to(state)
    keep = keeping(detector, heard)

    with side_by_side(beside, keep) as check:
        while True:
            check()
            if lake.events.exists():
                if following is None and detector.engine is None:
                    following = Following(detector)
                version, found = detector.of_commits(after) if following is None else following.take(after)
                if version != after:
                    keep(found)
                    after = version
                    remember(state, version)
            if stopping(seconds):
                return
