from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.engines.alerting.alerts import alert

from koban.lake.alerts import from_json, keep, kept, to_json
from koban.lake.lake import Lake

ONE = alert("a", "2026-03-01T10:00:00Z", "user:ana", "ip:192.0.2.1", tags=("attack.t1078",), details={"k": "v"})


def test_an_alert_is_kept_once_and_again_when_there_is_more(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    assert kept(lake) == []
    assert keep(lake, [ONE, ONE]) == [ONE]
    assert keep(lake, [ONE]) == []
    more = replace(ONE, count=3, time_last="2026-03-02T10:00:00Z")
    assert keep(lake, [more]) == [more]
    assert kept(lake) == [more]
    assert kept(lake, since="2026-03-02") == [more]
    assert kept(lake, until="2026-03-01") == []


def test_json_and_back() -> None:
    assert from_json(to_json(ONE)) == ONE
