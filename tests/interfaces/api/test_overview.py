from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.filled import OPS, PUBLIC, SHOP, XSS, Filled

from koban.app.baseline.file import starter
from koban.ledger.who import Sight


@pytest.mark.reads
def test_it_counts_what_is_open_and_weighs_it(filled: Filled, viewer: TestClient) -> None:
    one = viewer.get("/api/v1/overview").json()
    listed = viewer.get("/api/v1/findings?limit=500&verdict=fail").json()["items"]
    by_severity = {name: sum(each["severity"] == name for each in listed) for name in one["open"]}
    assert one["open"] == by_severity
    weights = {"critical": 40, "high": 10, "medium": 3, "low": 1, "info": 0}
    assert one["risk"] == sum(weights[name] * number for name, number in by_severity.items())
    assert one["unknown"] == 1
    assert one["excepted"] == 1
    assert one["new_since"]["opened"] >= 9
    assert one["new_since"]["resolved"] == 2
    assert one["trend"][-1]["day"] == date.today().isoformat()
    assert one["trend"][-1]["risk"] >= one["risk"]  # what is excepted since the scan still counts for it
    moments = one["moments"]
    assert bool(moments) == (len(one["trend"]) == 1)  # the scans of this are three hours old: of today, or not
    assert all((each["risk"], each["unknown"]) == (one["risk"], one["unknown"]) for each in moments[-1:])
    within = viewer.get("/api/v1/findings?function=PR&verdict=fail&limit=500").json()
    assert within["total"] == next(each["open"] for each in one["functions"] if each["key"] == "PR")
    assert {each["key"]: each["unknown"] for each in one["accounts"]} == {SHOP: 0, OPS: 1, "none": 0}
    assert {each["label"] for each in one["accounts"]} >= {f"Shop {XSS}", "Ops"}
    assert [each["key"] for each in one["functions"]] == ["GV", "ID", "PR", "DE", "RS", "RC"]
    assert next(each for each in one["functions"] if each["key"] == "PR")["critical"] >= 3
    assert "cis-aws-7.0" in [each["key"] for each in one["frameworks"]]
    assert one["coverage"]["gap_count"] == 1
    assert one["coverage"]["gaps"][0]["why"] == "AccessDenied ec2:DescribeVolumes"
    assert one["coverage"]["resources"] == 7
    assert one["top_rules"][0]["rule"] == PUBLIC
    assert [each["state"] for each in one["last_scans"]] == ["landed"] * 3
    assert one["baseline_review"] is None


def test_nothing_at_all_is_no_error(viewer: TestClient) -> None:
    one = viewer.get("/api/v1/overview?days=1").json()
    assert (one["risk"], one["risk_before"], one["as_of"], one["trend"]) == (0, None, None, [])
    assert all(each["score"] is None for each in one["functions"])
    assert viewer.get("/api/v1/overview?days=0").status_code == 422


def test_who_sees_one_account_is_told_of_no_other(api: Any, filled: Filled) -> None:
    limited = api.client("viewer", Sight(accounts=frozenset({OPS})))
    one = limited.get("/api/v1/overview").json()
    assert [each["key"] for each in one["accounts"]] == [OPS]
    assert SHOP not in limited.get("/api/v1/overview").text
    assert one["open"]["critical"] == 1
    tagged = api.client("viewer", Sight(tags={"team": frozenset({"ops"})}), "tagged@example.com")
    assert tagged.get("/api/v1/overview").json()["open"]["critical"] == 1


def test_the_review_of_the_baseline(make_api: Any, settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "koban.yaml"
    client = make_api(settings, baseline=file).client()
    assert client.get("/api/v1/overview").json()["baseline_review"] == {"due": None, "overdue": True}
    file.write_text(starter(date.today()))
    due = date.today() + timedelta(days=183)
    assert client.get("/api/v1/overview").json()["baseline_review"] == {"due": due.isoformat(), "overdue": False}
    file.write_text(starter(date.today() - timedelta(days=200)))
    assert client.get("/api/v1/overview").json()["baseline_review"]["overdue"] is True
