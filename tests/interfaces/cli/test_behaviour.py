from __future__ import annotations

import json
from pathlib import Path

from tests.engines.behaviour.events import at, call, daily, rows_sql

from koban.lake.lake import Lake


def test_behaviour_is_listed_and_shown(koban):
    lines = [json.loads(line) for line in koban("rules", "list", "--kind", "behaviour").out.splitlines()]
    assert {one["kind"] for one in lines} == {"behaviour"}
    assert lines[0]["rule"] == "instance-credentials-outside"
    assert lines[0]["thresholds"]["known_min"] == 5
    assert "first-seen-country" in koban("rules", "list").out
    page = koban("rules", "show", "first-seen-country").out
    assert "learning_days = 14" in page
    assert "a database (--geoip) with country" in page
    [row] = [json.loads(koban("rules", "show", "first-seen-country", "-f", "jsonl").out)]
    assert row["falsepositives"]


def test_detect_takes_thresholds_and_says_what_is_off(koban, tmp_path: Path):
    lake = Lake(str(tmp_path / "lake"))
    connection = lake.connection()
    usual = daily(9, 10, call)
    lake.events.append(connection, rows_sql(connection, [*usual, call(at(9), api_service_name="ses.amazonaws.com")]))
    limits = tmp_path / "limits.yaml"
    limits.write_text("first-seen-service: {learning_days: 5, observations_min: 20}\n")
    words = ("detect", "--lake", lake.root, "--since", "2026-01-01", "--no-intelligence", "-f", "jsonl")
    done = koban(*words, "--thresholds", str(limits))
    assert "first-seen-service" in done.out
    assert "impossible-travel: off: no database with coordinates" in done.err
    limits.write_text("first-seen-servce: {}\n")
    wrong = koban(*words, "--thresholds", str(limits))
    assert (wrong.code, "first-seen-servce is not a behavioural detection" in wrong.err) == (2, True)
    wrong = koban(*words, "--geoip", str(limits))
    assert (wrong.code, "limits.yaml: not a database" in wrong.err) == (2, True)
