"""Detections as events land: each commit is judged once, and a new run goes on where the one before ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from koban.app.detect.following import Following
from koban.app.detect.run import Detector, Outcome, detected, suppressions_of
from koban.app.logs.follow import state_directory

WATCHED = "judged.json"
"""The file that says up to which version a lake's events have been judged here."""


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
    following = None
    state = state_directory(lake) / WATCHED
    after = judged_up_to(state)
    standing = suppressions_of(lake)
    while True:
        if lake.events.exists():
            if following is None and detector.engine is None:
                following = Following(detector)
            version, found = detector.of_commits(after) if following is None else following.take(after)
            if version != after:
                outcome = detected(detector, found, suppressions=standing)
                after = version
                remember(state, version)
                if outcome.alerts:
                    heard(outcome)
                standing = suppressions_of(lake)
        if stopping(seconds):
            return


def judged_up_to(state: Path) -> int:
    """The version of the events up to which they were judged here; -1 before the first."""
    try:
        return int(json.loads(state.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return -1


def remember(state: Path, version: int) -> None:
    """A new run goes on from that version."""
    state.parent.mkdir(parents=True, exist_ok=True)
    beside = state.with_suffix(".part")
    beside.write_text(json.dumps({"version": version}), encoding="utf-8")
    beside.replace(state)
