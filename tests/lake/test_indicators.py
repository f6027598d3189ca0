from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from koban.lake.indicators import BadName, Indicators, Kept, Nothing, slug
from koban.lake.lake import Lake
from koban.model.indicator import AllowList, Entry, Indicator, LeftOut, Revoked

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def known(tmp_path: Path) -> Indicators:
    return Indicators(Lake(str(tmp_path / "lake")))


def ip(value: str, uid: str = "", until: str = "") -> Indicator:
    return Indicator("ip", value, uid, valid_until=until)


def values(known: Indicators, since: int = 0) -> list[str]:
    sql = f"SELECT value FROM {known.relation(since)} ORDER BY 1"
    return [one for (one,) in known.connection().execute(sql).fetchall()]


def test_a_feed_read_again_replaces_what_it_said(known: Indicators) -> None:
    assert known.revision() == 0
    assert known.keep("f", [ip("1.1.1.1"), ip("2.2.2.2"), ip("2.2.2.2")]) == Kept("f", 2, 2, 0, 1)
    known.keep("other", [ip("1.1.1.1")])
    again = known.keep("f", [ip("2.2.2.2"), ip("3.3.3.3")])
    assert (again.indicators, again.new, again.gone) == (2, 1, 1)
    assert values(known) == ["1.1.1.1", "2.2.2.2", "3.3.3.3"]
    assert values(known, 2) == ["3.3.3.3"]


def test_what_a_feed_says_again_keeps_when_it_came(known: Indicators) -> None:
    known.keep("f", [ip("1.1.1.1")], now=NOW)
    known.keep("f", [ip("1.1.1.1")], now=NOW + timedelta(days=5))
    sql = f"SELECT first_seen::DATE::VARCHAR, last_seen::DATE::VARCHAR, revision FROM {known.relation()}"
    assert known.connection().execute(sql).fetchall() == [("2026-03-01", "2026-03-06", 1)]


def test_what_had_ended_and_comes_again_is_new(known: Indicators) -> None:
    known.keep("f", [ip("1.1.1.1", until="2026-03-02T00:00:00Z")], now=NOW)
    kept = known.keep("f", [ip("1.1.1.1")], now=NOW + timedelta(days=5))
    assert kept.new == 1
    assert values(known, 1) == ["1.1.1.1"]


def test_a_feed_that_only_says_what_is_new_is_merged(known: Indicators) -> None:
    known.keep("f", [ip("1.1.1.1", "a"), ip("2.2.2.2", "b"), ip("3.3.3.3", "c")])
    given: list[Entry] = [Revoked("a"), ip("9.9.9.9", "b"), ip("4.4.4.4", "d")]
    kept = known.keep("f", given, merge=True)
    assert (kept.indicators, kept.new, kept.gone) == (3, 2, 2)
    assert values(known) == ["3.3.3.3", "4.4.4.4", "9.9.9.9"]
    assert known.keep("f", [], merge=True).new == 0
    assert values(known) == ["3.3.3.3", "4.4.4.4", "9.9.9.9"]


def test_a_reading_without_indicators_wipes_nothing_out(known: Indicators) -> None:
    known.keep("f", [ip("1.1.1.1")])
    left: list[LeftOut] = []
    with pytest.raises(Nothing):
        known.keep("f", [LeftOut("line 1", "x", "is no address")], left_out=left.append)
    assert values(known) == ["1.1.1.1"]
    assert len(left) == 1


def test_confidence_and_end_are_for_those_that_say_none(known: Indicators) -> None:
    known.keep(
        "f",
        [Indicator("ip", "1.1.1.1", confidence=0, valid_until="2026-04-01T00:00:00Z"), ip("2.2.2.2")],
        confidence=70,
        expires_days=10,
        now=NOW,
    )
    sql = f"SELECT value, confidence, valid_until::DATE::VARCHAR FROM {known.relation()} ORDER BY 1"
    rows = known.connection().execute(sql).fetchall()
    assert rows == [("1.1.1.1", 0, "2026-04-01"), ("2.2.2.2", 70, "2026-03-11")]


def test_two_feeds_at_once_both_land_with_revisions_of_their_own(known: Indicators) -> None:
    with ThreadPoolExecutor(3) as pool:
        kept = list(pool.map(lambda n: known.keep(f"f{n}", [ip(f"{n}.1.1.1")]), range(1, 4)))
    assert values(known) == ["1.1.1.1", "2.1.1.1", "3.1.1.1"]
    assert len({one.revision for one in kept}) == 3


def test_feeds_and_allow_lists_are_listed_and_removed(known: Indicators) -> None:
    known.keep("f", [ip("1.1.1.1", until="2026-01-01T00:00:00Z"), Indicator("domain", "a.example")], now=NOW)
    assert known.allow(AllowList("My List!", "string", ("a", "b"))) == "my-list"
    known.allow(AllowList("My List!", "string", ("a",)))
    (feed,) = known.sources(NOW)
    assert (feed["indicators"], feed["expired"], feed["kinds"]) == (2, 1, {"domain": 1, "ip": 1})
    (listed,) = known.allow_lists()
    assert (listed["allow_list"], listed["entries"]) == ("my-list", 1)
    assert known.remove("f") == 2
    assert known.remove("my-list") == 1
    assert (known.sources(), known.allow_lists()) == ([], [])
    with pytest.raises(KeyError):
        known.remove("f")


def test_names_are_plain(known: Indicators) -> None:
    assert slug("Über feed (v2).txt") == "ber-feed-v2-.txt"
    with pytest.raises(BadName, match="small letters"):
        known.keep("../x", [ip("1.1.1.1")])
