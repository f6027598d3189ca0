"""Behaviour and intelligence while events land: the same alerts as all at once gives."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.engines.alerting.alerts import alert
from tests.engines.behaviour.events import Event, at, call
from tests.engines.behaviour.places import places
from tests.engines.behaviour.test_evaluate import ingest, story

from koban.app.detect.beside import Behaviour, Intelligence
from koban.app.detect.others import behaviours, indicators
from koban.app.detect.run import Detector, Outcome, detected, known
from koban.app.detect.watching import watch
from koban.app.intelligence import LeftOuts, add
from koban.engines.alerting.stories import risk, stories
from koban.lake.alerts import kept
from koban.lake.lake import Lake
from koban.model.alert import Alert


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBAN_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    return Detector(Lake(str(tmp_path / "lake")), own=False)


def shape(lake: Lake) -> list[tuple[Any, ...]]:
    return [(a.rule, a.fingerprint, a.level, a.count, a.time_first, a.time_last, a.evidence) for a in kept(lake)]


def told(lake: Lake) -> list[tuple[Any, ...]]:
    """The stories of a lake, and the risk of whom they are about."""
    found, _ = known(lake)
    whole = [(s.uid, s.level, s.time_first, s.time_last, [a.fingerprint for a in s.alerts]) for s in stories(found)]
    return [*whole, *risk(found, "2026-06-01T00:00:00").items()]


def feed(folder: Path, *addresses: str, name: str = "feed") -> str:
    file = folder / f"{name}.txt"
    file.write_text("\n".join(addresses))
    return str(file)


def contacts() -> list[Event]:
    made = [call(at(0, 0, n), "ann" if n % 3 else "bob", src_endpoint_ip=f"9.9.9.{n % 5}", line=n) for n in range(60)]
    # what ann is refused in the first half is no contact in earnest, what she does afterwards is
    return [{**e, "status_id": 2} if n < 30 else e for n, e in enumerate(made)]


def test_behaviour_in_rounds_is_what_one_run_gives(detector: Detector, tmp_path: Path) -> None:
    events = story(7)
    cuts = [0, *range(len(events) - 420, len(events), 140), len(events)]
    task = Behaviour(detector, geo=places())
    for low, high in pairwise(cuts):
        ingest(detector.lake, events[low:high])
        task.take(lambda found: detected(detector, found) and None)
    once = Detector(Lake(str(tmp_path / "once")), own=False)
    ingest(once.lake, events)
    with behaviours(once.lake, "", "", geo=places()) as found:
        detected(once, found)
    assert shape(detector.lake) == shape(once.lake)
    assert len(shape(once.lake)) > 15


@pytest.mark.parametrize("arrives", [0, 1, 3])
def test_an_indicator_matches_whatever_comes_before_and_after_it(
    detector: Detector, tmp_path: Path, arrives: int
) -> None:
    events = contacts()
    task = Intelligence(detector)
    for n in range(4):
        if n == arrives:
            add(detector.lake, feed(tmp_path, "9.9.9.1"), LeftOuts())
        ingest(detector.lake, events[n::4])
        task.take(lambda found: detected(detector, found) and None)
    if arrives == 3:
        add(detector.lake, feed(tmp_path, "9.9.9.2", name="more"), LeftOuts())
        task.take(lambda found: detected(detector, found) and None)
    once = Detector(Lake(str(tmp_path / "once")), own=False)
    ingest(once.lake, events)
    add(once.lake, feed(tmp_path, "9.9.9.1"), LeftOuts())
    if arrives == 3:
        add(once.lake, feed(tmp_path, "9.9.9.2", name="more"), LeftOuts())
    detected(once, indicators(once.lake, "", ""))
    assert shape(detector.lake) == shape(once.lake)
    assert told(detector.lake) == told(once.lake)
    assert sum(a.count for a in kept(once.lake)) == (24 if arrives == 3 else 12)
    # and no event is matched twice
    heard: list[list[Alert]] = []
    task.take(heard.append)
    assert heard == []


def test_a_new_start_goes_on_from_there(detector: Detector, tmp_path: Path) -> None:
    add(detector.lake, feed(tmp_path, "9.9.9.1"), LeftOuts())
    ingest(detector.lake, contacts())
    heard: list[list[Alert]] = []
    Intelligence(detector).take(heard.append)
    assert len(heard) == 1
    Intelligence(detector).take(heard.append)
    assert len(heard) == 1


@pytest.mark.parametrize("make", [Behaviour, Intelligence])
def test_what_could_not_be_kept_is_told_again(detector: Detector, tmp_path: Path, make: Any) -> None:
    add(detector.lake, feed(tmp_path, "198.51.100.7", "9.9.9.1"), LeftOuts())
    ingest(detector.lake, [*story(1), *contacts()])
    task = make(detector)

    def full(found: list[Alert]) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        task.take(full)
    heard: list[Alert] = []
    task.take(heard.extend)
    assert len(heard) >= 2
    task.take(heard.append)  # nothing is left
    assert all(isinstance(one, Alert) or one == [] for one in heard)


def test_a_watch_says_what_all_of_them_find_and_stops_at_once(detector: Detector, tmp_path: Path) -> None:
    ingest(detector.lake, [*story(1), *contacts()])
    add(detector.lake, feed(tmp_path, "9.9.9.1"), LeftOuts())
    heard: list[Outcome] = []
    until = time.monotonic() + 60

    def enough(seconds: float) -> bool:
        time.sleep(0.05)
        return {"behaviour", "intelligence"} <= {a.kind for o in heard for a in o.alerts} or time.monotonic() > until

    watch(detector, heard.append, enough, beside=[Behaviour(detector, geo=places()), Intelligence(detector)])
    assert {"behaviour", "intelligence"} <= {a.kind for o in heard for a in o.alerts}
    assert threading.active_count() == 1
    stopped = time.monotonic()
    ingest(detector.lake, story(2))
    watch(detector, heard.append, lambda seconds: True, beside=[Behaviour(detector, geo=places())])
    assert time.monotonic() - stopped < 20


class Broken:
    """Judging that fails."""

    least_seconds = 0.0

    def __init__(self, detector: Detector) -> None:
        self.connection = detector.connection()

    def take(self, keep: Any) -> None:
        raise OSError("the lake is gone")


def test_what_fails_beside_ends_the_watch(detector: Detector) -> None:
    rounds = iter(range(200))

    def enough(seconds: float) -> bool:
        time.sleep(0.02)
        return next(rounds) == 199

    with pytest.raises(OSError, match="gone"):
        watch(detector, lambda outcome: None, enough, beside=[Broken(detector)])


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
def test_what_a_product_says_too_is_no_alert_whoever_was_first(
    detector: Detector, tmp_path: Path, order: Sequence[int]
) -> None:
    found = [
        alert("ours", "2026-03-01T10:00:00Z", "credential:AKIA1", tags=("attack.persistence",)),
        alert("same", "2026-03-01T10:30:00Z", "credential:AKIA1", tags=("attack.persistence",), kind="product"),
        alert("other", "2026-03-01T18:30:00Z", "credential:AKIA1", tags=("attack.persistence",), kind="product"),
    ]
    for n in order:
        detected(detector, [found[n]])
    once = Detector(Lake(str(tmp_path / "once")), own=False)
    outcome = detected(once, found)
    assert [a.rule for a in outcome.alerts] == ["ours", "other"]
    assert [a.rule for doubles in outcome.doubles.values() for a in doubles] == ["same"]
    assert known(detector.lake) == known(once.lake)
    assert [a.rule for a in known(once.lake)[0]] == ["ours", "other"]
    assert told(detector.lake) == told(once.lake)
