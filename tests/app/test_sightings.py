"""Indicators find the same when many machines look for them."""

from __future__ import annotations

from pathlib import Path

from tests.engines.behaviour.test_evaluate import ingest, story
from tests.lake.here import Here

from koban.app.intelligence import LeftOuts, add, match
from koban.lake.indicators import Indicators
from koban.lake.lake import Lake
from koban.model.indicator import AllowList


def test_the_same_alerts_and_the_same_counts(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    ingest(lake, story(5))
    feed = tmp_path / "feed.txt"
    feed.write_text("198.51.100.7\nexample.com\nexample.net\n203.0.113.0/24\n203.0.113.99\n")
    add(lake, str(feed), LeftOuts())
    Indicators(lake).allow(AllowList("fine", "hostname", ("example.net",), ("domain",)))
    whole = match(lake, reserved=True)
    here = Here(lake, 300)
    parted = match(lake, reserved=True, machines=here)
    assert here.pieces > 1
    assert (parted.matches.events, parted.matches.indicators) == (whole.matches.events, whole.matches.indicators)
    assert parted.matches.kept_out == whole.matches.kept_out != {}
    alerts = list(whole.alerts())
    assert list(parted.alerts()) == alerts
    assert len(alerts) > 5
