"""`koban intel`, from feeds to alerts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from koban.lake.lake import Lake
from koban.model.event import COLUMNS


@pytest.fixture
def intel(koban: Callable[..., Any], place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`koban intel ...` over a lake with two events."""
    monkeypatch.setenv("KOBAN_DATA_DIR", str(place))
    lake = Lake(str(place / "lake"))
    for day, address in (("2026-03-01", "11.2.3.4"), ("2026-03-02", "12.2.3.4")):
        given = {
            "class_uid": "4001",
            "day": f"DATE '{day}'",
            "time": f"TIMESTAMPTZ '{day} 10:00:00+00'",
            "src_endpoint_ip": f"'{address}'",
            "origin": "'flow.log'",
        }
        columns = ", ".join(f"CAST({given.get(n, 'NULL')} AS {c.sql_type}) AS {n}" for n, c in COLUMNS.items())
        lake.events.append(lake.connection(), f"SELECT {columns}")
    return lambda *words: koban("intel", *words)


def rows(outcome: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in outcome.out.splitlines()]


def test_from_a_list_to_an_alert(intel: Callable[..., Any], place: Path) -> None:
    (place / "Bad IPs.txt").write_text("11.2.3.4\n99.9.9.9\nnowhere\n")
    added = intel("add", "Bad IPs.txt", "--confidence", "90", "--left-out", "left.jsonl")
    assert added.code == 3
    assert rows(added)[0]["source"] == "bad-ips"
    assert "left out 1 entry" in added.err
    assert json.loads((place / "left.jsonl").read_text())["where"] == "line 3"
    assert rows(intel("list"))[0]["kinds"] == {"ip": 2}
    matched = intel("match")
    assert (matched.code, len(rows(matched))) == (1, 1)
    assert rows(matched)[0]["title"] == "Contact with a listed address: 11.2.3.4"
    assert "2 indicators against the events from the first to now: 1 alerts" in matched.err
    assert intel("match", "--since", "2026-03-02").code == 0
    assert intel("match", "--fail-on", "critical").code == 0


def test_only_new_indicators_meet_the_past(intel: Callable[..., Any], place: Path) -> None:
    (place / "a.txt").write_text("11.2.3.4\n")
    (place / "b.txt").write_text("12.2.3.4\n")
    assert intel("add", "a.txt").code == 0
    assert len(rows(intel("match", "--new"))) == 1
    assert rows(intel("match", "--new")) == []
    assert intel("add", "a.txt", "b.txt").code == 0
    again = intel("match", "--new")
    assert [one["details"]["indicator"] for one in rows(again)] == ["12.2.3.4"]
    assert "1 indicators that came after revision" in again.err


def test_what_is_allowed_is_said(intel: Callable[..., Any], place: Path) -> None:
    (place / "a.txt").write_text("11.2.3.4\n")
    (place / "list.json").write_text(json.dumps({"name": "Ours", "type": "cidr", "list": ["11.0.0.0/8", "x"]}))
    intel("add", "a.txt")
    allowed = intel("allow", "list.json")
    assert (allowed.code, rows(allowed)[0]["allow_list"]) == (3, "ours")
    matched = intel("match")
    assert matched.code == 0
    assert "the allow-list ours kept 1 matches out" in matched.err
    assert "removed ours" in intel("remove", "ours").err
    assert len(rows(intel("match"))) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("match",), "there are no indicators yet"),
        (("add", "none.txt"), "No such file"),
        (("add", "empty.txt"), "has no indicators: it is empty"),
        (("add", "bad.json"), "broken JSON"),
        (("remove", "x"), "there is no feed or allow-list 'x'"),
        (("allow", "bad.json"), "is no JSON"),
        (("match", "--since", "soon"), "write a time as 24h"),
        (("taxii", "ftp://x"), "no address of the web"),
        (("add", "a", "b", "--as", "c"), "--as names one feed"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    intel: Callable[..., Any], place: Path, words: tuple[str, ...], why: str
) -> None:
    (place / "empty.txt").write_text("")
    (place / "bad.json").write_text("{")
    found = intel(*words)
    assert found.code == 2
    assert why in found.err
    assert len(found.err.splitlines()) == 1
