from __future__ import annotations

import json
from typing import Any

from koban.app.notify.message import as_json, slack, text, title

FINDINGS: dict[str, Any] = {
    "target": "production",
    "counts": {"critical": 1, "high": 2},
    "more": 1,
    "findings": [
        {
            "id": 7,
            "severity": "critical",
            "title": "Anyone <!channel> can reach this | bucket",
            "resource": "<img src=x onerror=alert(1)> `x`",
            "account": "111122223333",
            "url": "https://koban.example/findings/7",
        },
        {"id": 8, "severity": "high", "title": "t", "resource": "r", "url": "javascript:alert(1)"},
    ],
}


def test_a_title_counts() -> None:
    assert title("finding.opened", FINDINGS) == "Koban: 3 new findings (1 critical, 2 high) in production"
    one = {"target": "x", "counts": {"low": 1}}
    assert title("finding.reopened", one) == "Koban: 1 finding came back (1 low) in x"
    assert title("scan.failed", {"title": "the scan\nof x failed"}) == "Koban: the scan of x failed"


def test_an_e_mail_names_them() -> None:
    told = text("finding.opened", FINDINGS)
    assert "[critical] Anyone <!channel> can reach this | bucket" in told
    assert "... and 1 more" in told


def test_a_channel_is_never_called_and_nothing_else_is_markup() -> None:
    told = json.loads(slack("finding.opened", FINDINGS))["text"]
    assert "<!channel>" not in told
    assert "<img" not in told
    assert "<https://koban.example/findings/7|Anyone &lt;!channel&gt; can reach this ¦ bucket>" in told
    assert "javascript" not in told


def test_a_webhook_gets_all_of_it() -> None:
    told = json.loads(as_json("finding.opened", 5, "2026-11-24T00:00:00Z", FINDINGS))
    assert told == {
        "id": 5,
        "event": "finding.opened",
        "at": "2026-11-24T00:00:00Z",
        "title": "Koban: 3 new findings (1 critical, 2 high) in production",
        "data": FINDINGS,
    }


def test_an_odd_file_name_breaks_nothing() -> None:
    body = {"title": "a\udcffb"}
    assert b"a?b" in as_json("test", 1, "", body)
    assert slack("test", body)
