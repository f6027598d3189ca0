"""Events that are judged in pieces, by many machines, give the alerts that they give in one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.lake.here import Here, lake_of_rules

from koban.app.detect.run import Detector
from koban.engines.detection.rules import own_folder
from koban.lake.lake import Lake

AWS = Path(str(own_folder())) / "aws"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_of_rules(tmp_path_factory.mktemp("lake") / "lake", AWS)


def test_the_same_alerts_however_events_are_parted(lake: Lake) -> None:
    detector = Detector(lake, [AWS], own=False)
    whole = detector.of_time()
    assert {a.kind for a in whole} >= {"sigma", "correlation"}
    here = Here(lake, 50)
    detector.engine = here
    for one, other in zip(detector.of_time(), whole, strict=True):
        assert one == other
    assert here.pieces > 20


def test_the_same_alerts_of_a_time(lake: Lake) -> None:
    detector = Detector(lake, [AWS], own=False)
    last = sorted(a.time_last for a in detector.of_time())
    since = last[len(last) // 2].removesuffix("Z")
    whole = detector.of_time(since)
    assert whole
    detector.engine = Here(lake, 50)
    assert detector.of_time(since) == whole


def test_what_is_left_open_by_columns_comes_back_without_records(lake: Lake) -> None:
    detector = Detector(lake, [AWS], own=False)
    part = detector.part(detector.everything)
    with Here(lake, 1_000_000).spread(part, detector.pieces()) as found:
        rows = lake.connection().execute(f"SELECT count(*), count(record) FROM {found['events']}").fetchone()
    assert rows is not None
    assert rows[0] > 100
    assert rows[1] == 0
