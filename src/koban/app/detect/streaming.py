"""Detections as events land, judged by many machines: a query of Spark's Structured Streaming."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from koban.app.detect.beside import Judging, keeping, side_by_side
from koban.app.detect.following import Following
from koban.app.detect.progress import judged_up_to, remember
from koban.app.detect.run import Detector, Outcome
from koban.app.detect.watching import WATCHED
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
    beside: Sequence[Judging] = (),
) -> None:
    """Judges each commit of events as it lands, until `stopping` (which waits so many seconds) says so.

    A batch that was not finished is judged again by the next run; what was told of it is not told again.
    `beside` judges what came at a pace of its own, in this process.
    """
    lake = detector.lake
    place = state_directory(lake)
    after = judged_up_to(place / WATCHED)
    detector.engine = spark
    following = Following(detector)
    failed: list[Exception] = []
    keep = keeping(detector, heard)

    def took(found: Gathered, begin: int, end: int) -> None:
        try:
            files = appended(lake.events, begin, end).files
            keep(following.gather(begin, files, found))
            remember(place / WATCHED, end)
        except Exception as error:
            failed.append(error)
            raise

    (place / CHECKPOINT).mkdir(parents=True, exist_ok=True)
    with ExitStack() as ends:
        query = spark.stream(
            lake.events, detector.part(detector.everything), after, place / CHECKPOINT, took, seconds=seconds
        )
        ends.callback(query.stop)
        check = ends.enter_context(side_by_side(beside, keep))
        while query.isActive and not stopping(seconds):
            check()
        if failed:
            raise failed[0]
        if not query.isActive:
            query.awaitTermination()
