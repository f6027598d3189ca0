from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.sources.intelligence.server import Reply, Server

from koban.app.intelligence import IntelligenceError, LeftOuts, add, add_taxii, moment, name_of
from koban.lake.indicators import Indicators
from koban.lake.lake import Lake
from koban.model.indicator import LeftOut


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def values(lake: Lake) -> list[str]:
    known = Indicators(lake)
    return [v for (v,) in known.connection().execute(f"SELECT value FROM {known.relation()} ORDER BY 1").fetchall()]


def test_a_collection_is_read_on_from_where_it_ended(server: Server, tmp_path: Path) -> None:
    def objects(query: dict[str, str], _: Any) -> Reply:
        since = query.get("added_after", "")
        given = [
            {"type": "indicator", "id": "indicator--1", "pattern": "[ipv4-addr:value = '1.2.3.4']", "modified": "1"},
            {"type": "indicator", "id": "indicator--2", "pattern": "[ipv4-addr:value = '5.6.7.8']"},
        ]
        if since:
            given = [{**given[0], "modified": "2", "revoked": True}]
        last = "2026-01-02T00:00:00Z" if since else "2026-01-01T00:00:00Z"
        return 200, {"X-TAXII-Date-Added-Last": last}, json.dumps({"objects": given}).encode()

    server.answers["/api/collections/c1/objects/"] = objects
    lake = Lake(str(tmp_path))
    url = f"{server.url}/api/collections/c1/"
    kept = add_taxii(lake, url, LeftOuts(), name="t", environment={})
    assert (kept.indicators, values(lake)) == (2, ["1.2.3.4", "5.6.7.8"])
    kept = add_taxii(lake, url, LeftOuts(), name="t", environment={})
    assert server.asked[-1][1]["added_after"] == "2026-01-01T00:00:00Z"
    assert (kept.gone, values(lake)) == (1, ["5.6.7.8"])
    add_taxii(lake, url, LeftOuts(), name="t", environment={}, everything=True)
    assert "added_after" not in server.asked[-1][1]


def test_a_feed_that_breaks_off_changes_nothing(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    feed = tmp_path / "feed.txt"
    feed.write_text("1.2.3.4\n")
    add(lake, str(feed), LeftOuts())
    feed.write_text("nothing\n")
    with pytest.raises(IntelligenceError, match=r"has no indicators: left out 1 entry.*koban intel remove feed"):
        add(lake, str(feed), LeftOuts())
    assert values(lake) == ["1.2.3.4"]


def test_what_was_left_out_is_counted_by_reason() -> None:
    left = LeftOuts()
    for n in range(5):
        left.add(LeftOut(f"line {n}", "x", "is no address"))
    left.add(LeftOut("line 9", "y", "is not for detection", broken=False))
    assert left.broken == 5
    assert next(iter(left.lines())) == "left out 5 entries: is no address (line 0: x; line 1: x; line 2: x; ...)"


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("lists/Bad IPs.txt.gz", "bad-ips"),
        ("https://feeds.example.com/v1/urls.csv", "feeds.example.com-urls"),
        ("https://feeds.example.com/misp/manifest.json", "feeds.example.com"),
        ("-", "stdin"),
    ],
)
def test_a_feed_has_a_name(location: str, name: str) -> None:
    assert name_of(location) == name


def test_times_as_users_write_them() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert moment("24h", now) == "2026-03-01T00:00:00"
    assert moment("2026-03-01") == "2026-03-01T00:00:00"
    assert moment("2026-03-01T10:00+02:00") == "2026-03-01T08:00:00"
    with pytest.raises(ValueError, match="soon"):
        moment("soon")
