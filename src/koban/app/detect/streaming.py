"""Detections as events land, judged by many machines: a query of Spark's Structured Streaming."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from koban.app.detect.following import Following
from koban.app.detect.run import Detector, Outcome, detected, suppressions_of
from koban.app.detect.watching import WATCHED, judged_up_to, remember
from koban.app.logs.follow import state_directory
from koban.lake.changes import appended

if TYPE_CHECKING:
    from koban.lake.spark import SparkLake
    from koban.lake.spread import Gathered

CHECKPOINT = "spark"
"""The directory, beside what else is known of a lake, where Spark remembers which commits were judged."""


def stream(
    detector: Detector,
    spark: SparkLake,
    heard: Callable[[Outcome], None],
    stopping: Callable[[float], bool],
    seconds: float = 1.0,
) -> None:
    """Judges each commit of events as it lands, until `stopping` (which waits so many seconds) says so.

    A batch that was not finished is judged again by the next run; what was told of it is not told again.
    """
    lake = detector.lake
    place = state_directory(lake)
    after = judged_up_to(place / WATCHED)
    detector.engine = spark
    following = Following(detector)
    failed: list[Exception] = []

    def took(found: Gathered, begin: int, end: int) -> None:
        try:
            files = appended(lake.events, begin, end).files
            outcome = detected(detector, following.gather(files, found), suppressions=suppressions_of(lake))
            if outcome.alerts:
                heard(outcome)
            remember(place / WATCHED, end)
        except Exception as error:
            failed.append(error)
            raise

    (place / CHECKPOINT).mkdir(parents=True, exist_ok=True)
    query = spark.stream(
        lake.events, detector.part(detector.everything), after, place / CHECKPOINT, took, seconds=seconds
    )
    try:
        while query.isActive and not stopping(seconds):
            pass
        if failed:
            raise failed[0]
        if not query.isActive:
            query.awaitTermination()
    finally:
        query.stop()
