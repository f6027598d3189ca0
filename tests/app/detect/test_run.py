from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.app.logs.test_ingest import record, trail
from tests.ocsf import breaches

from koban.app.detect.output import BadWebhook, as_ocsf, call, check_webhook
from koban.app.detect.run import Detector, Outcome, detected, replay, suppress, suppressions_of
from koban.app.detect.watching import watch
from koban.app.logs.ingest import Ingestion
from koban.engines.alerting.stories import stories
from koban.interfaces.cli.root import koban
from koban.lake.alerts import kept
from koban.lake.lake import Lake
from koban.sources.logs.inputs import inputs

RULES = """
title: A trail was stopped
id: 5f2f1f0e-5f5b-4b38-8e0a-5b7a0b9a1c01
level: high
tags: [attack.defense-evasion, attack.t1562.008]
logsource: {product: aws, service: cloudtrail}
detection:
  stop: {eventName: StopLogging}
  condition: stop
---
title: Many calls were denied
id: 5f2f1f0e-5f5b-4b38-8e0a-5b7a0b9a1c02
level: medium
correlation:
  type: event_count
  rules: [denied]
  group-by: [userIdentity.arn]
  timespan: 5m
  condition: {gte: 10}
---
title: A call was denied
name: denied
id: 5f2f1f0e-5f5b-4b38-8e0a-5b7a0b9a1c03
logsource: {product: aws, service: cloudtrail}
detection:
  denied: {errorCode: AccessDenied}
  condition: denied
"""


def day() -> list[dict[str, Any]]:
    quiet = [record(60 * n) for n in range(40)]
    stops = [record(n, eventName="StopLogging", eventSource="cloudtrail.amazonaws.com") for n in (30, 90, 150)]
    denied = [record(600 + 10 * n, errorCode="AccessDenied") for n in range(12)]
    whole = sorted([*quiet, *stops, *denied], key=lambda r: str(r["eventTime"]))
    return [{**r, "eventID": f"e{n}"} for n, r in enumerate(whole)]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "two.yml").write_text(RULES)
    return tmp_path / "rules"


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setenv("KOBAN_DATA_DIR", str(tmp_path / "data"))
    return Lake(str(tmp_path / "lake"))


def take(lake: Lake, directory: Path, records: list[dict[str, Any]], name: str = "a") -> None:
    trail(directory / f"{name}.json.gz", *records)
    Ingestion(lake).take(inputs(str(directory)))


def told(outcome: Outcome) -> list[tuple[str, int]]:
    return [(a.title, a.count) for a in outcome.alerts]


def test_what_rules_find_is_told_once(lake: Lake, rules: Path, tmp_path: Path) -> None:
    take(lake, tmp_path / "logs", day())
    detector = Detector(lake, [rules], own=False)
    assert (detector.rules, detector.problems) == (2, [])
    first = detected(detector, detector.of_time())
    assert told(first) == [("A trail was stopped", 3), ("Many calls were denied", 12)]
    stopped, denied = first.alerts
    assert [f"{e.kind}:{e.name}" for e in stopped.entities] == [
        "user:arn:aws:iam::111122223333:user/ana",
        "ip:198.51.100.7",
    ]
    assert [e.uid for e in stopped.evidence] == sorted((e.uid for e in stopped.evidence), key=lambda u: int(u[1:]))
    assert denied.tags == ()
    assert [(e.time[11:19], e.source, e.summary) for e in denied.evidence] == [
        (f"00:{600 // 60 + 10 * n // 60:02d}:{10 * n % 60:02d}", "aws-cloudtrail", "A call was denied")
        for n in range(12)
    ]
    assert len({e.uid for e in denied.evidence}) == 12
    assert {e.origin for e in denied.evidence} == {e.origin for e in stopped.evidence}
    assert denied.entities[0].name == "arn:aws:iam::111122223333:user/ana"
    assert told(detected(detector, detector.of_time())) == []
    assert [a.count for a in kept(lake)] == [3, 12]


@pytest.mark.parametrize("pieces", [2, 5, 13])
def test_commit_by_commit_gives_what_all_at_once_gives(lake: Lake, rules: Path, tmp_path: Path, pieces: int) -> None:
    whole = day()
    for piece in range(pieces):
        take(lake, tmp_path / "logs", whole[piece::pieces], f"{piece:02d}")
        watch(Detector(lake, [rules], own=False), lambda outcome: None, lambda seconds: True)
    pieced = kept(lake)
    other = Lake(str(tmp_path / "other"))
    take(other, tmp_path / "once", whole)
    detector = Detector(other, [rules], own=False)
    detected(detector, detector.of_time())
    once = kept(other)
    assert [(a.title, a.count, a.time_first, a.time_last, a.fingerprint) for a in pieced] == [
        (a.title, a.count, a.time_first, a.time_last, a.fingerprint) for a in once
    ]
    assert [[(e.time, e.uid, e.summary.partition(" from")[0]) for e in a.evidence] for a in pieced] == [
        [(e.time, e.uid, e.summary.partition(" from")[0]) for e in a.evidence] for a in once
    ]
    assert [[a.rule for a in s.alerts] for s in stories(pieced)] == [[a.rule for a in s.alerts] for s in stories(once)]


class Rounds:
    """Stops after some rounds."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self, seconds: float) -> bool:
        self.left -= 1
        return not self.left


def test_a_watch_goes_on_where_it_was(lake: Lake, rules: Path, tmp_path: Path) -> None:
    heard: list[Outcome] = []
    for n in range(2):
        take(lake, tmp_path / "logs", [record(n, eventName="StopLogging")], str(n))
        watch(Detector(lake, [rules], own=False), heard.append, Rounds(2))
    assert [told(o) for o in heard] == [[("A trail was stopped", 1)], [("A trail was stopped", 2)]]


def test_suppressed_alerts_are_kept_and_not_told(lake: Lake, rules: Path, tmp_path: Path) -> None:
    take(lake, tmp_path / "logs", day())
    detector = Detector(lake, [rules], own=False)
    suppress(lake, {"rule": "A trail*", "until": "2026-04-01", "reason": "a drill"})
    outcome = detected(detector, detector.of_time(), suppressions=suppressions_of(lake))
    assert told(outcome) == [("Many calls were denied", 12)]
    assert outcome.hidden == 1
    assert len(kept(lake)) == 2


def test_a_replay_keeps_nothing(lake: Lake, rules: Path, tmp_path: Path) -> None:
    take(lake, tmp_path / "logs", day())
    found = list(replay(Detector(lake, [rules], own=False), "2026-03-01", "2026-03-02"))
    assert found == [("A trail was stopped", 1, 3), ("Many calls were denied", 1, 12)]
    assert kept(lake) == []


def test_a_time_takes_what_happened_in_it(lake: Lake, rules: Path, tmp_path: Path) -> None:
    take(lake, tmp_path / "logs", day())
    detector = Detector(lake, [rules], own=False)
    # the denied calls end after, and began before: the correlation looks back
    assert [a.title for a in detector.of_time("2026-03-01T00:11:30")] == ["Many calls were denied"]


def test_an_alert_is_a_detection_finding_of_ocsf(lake: Lake, rules: Path, tmp_path: Path) -> None:
    take(lake, tmp_path / "logs", day())
    detector = Detector(lake, [rules], own=False)
    for alert in detector.of_time():
        finding = as_ocsf(alert, "1.0.0")
        assert breaches(finding) == []
        assert len(finding["evidences"]) == alert.count


def test_the_command(lake: Lake, rules: Path, tmp_path: Path) -> None:
    take(lake, tmp_path / "logs", day())
    plain = ["detect", "--lake", lake.root, "--rules", str(rules), "--no-own", "--no-behaviour", "--no-intelligence"]
    first = CliRunner().invoke(koban, [*plain, "--format", "jsonl"], standalone_mode=False)
    assert first.return_value == 1, first.output
    assert [json.loads(line)["title"] for line in first.stdout.splitlines()] == [
        "A trail was stopped",
        "Many calls were denied",
    ]
    again = CliRunner().invoke(koban, [*plain, "--format", "table"], standalone_mode=False)
    assert (again.return_value, again.stdout) == (0, "Nothing new.\n")
    stories = CliRunner().invoke(koban, ["detect", "alerts", "--lake", lake.root, "--format", "table"])
    assert "2 alerts" in stories.output
    of_day = ["--entity", "ana", "--from", "2026-03-01", "--to", "2026-03-02", "--format", "html"]
    page = CliRunner().invoke(koban, ["detect", "timeline", "--lake", lake.root, *of_day]).output
    assert "<small class=why>Many calls were denied</small>" in page
    risk = CliRunner().invoke(koban, ["detect", "risk", "--lake", lake.root, "--since", "2026-01-01"])
    assert "arn:aws:iam::111122223333:user/ana" in risk.output


class _Hook(http.server.BaseHTTPRequestHandler):
    answers: list[int]
    got: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((dict(self.headers), body))
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return None


@pytest.fixture
def hook() -> Iterator[tuple[str, type[_Hook]]]:
    handler = type("Hook", (_Hook,), {"answers": [], "got": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", handler
    server.shutdown()


def test_a_webhook_is_signed_and_tried_again(lake: Lake, rules: Path, tmp_path: Path, hook: Any) -> None:
    import hashlib
    import hmac

    url, handler = hook
    handler.answers.append(503)
    take(lake, tmp_path / "logs", day())
    alerts = Detector(lake, [rules], own=False).of_time()
    assert call(url, alerts[:1], secret="s3cret", allow_private=True) == 1
    assert len(handler.got) == 2
    headers, body = handler.got[1]
    moment, signature = (part.split("=", 1)[1] for part in headers["X-Koban-Signature"].split(","))
    assert signature == hmac.new(b"s3cret", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert json.loads(body)["title"] == "A trail was stopped"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:1/x", "private address"),
        ("https://169.254.169.254/latest", "private address"),
        ("https://[::1]/x", "private address"),
        ("ftp://example.com", "https:// URL"),
        ("https://", "https:// URL"),
    ],
)
def test_a_webhook_never_goes_where_it_must_not(url: str, message: str) -> None:
    with pytest.raises(BadWebhook, match=message):
        check_webhook(url)


def test_what_was_compacted_before_it_was_judged_counts_once(lake: Lake, rules: Path, tmp_path: Path) -> None:
    detector = Detector(lake, [rules], own=False)
    take(lake, tmp_path / "logs", [record(0)], "a")
    watch(detector, lambda outcome: None, lambda seconds: True)
    take(lake, tmp_path / "logs", [record(n, errorCode="AccessDenied") for n in range(1, 7)], "b")
    assert lake.compact().files_before == 2
    heard: list[Outcome] = []
    watch(detector, heard.append, lambda seconds: True)
    # six, not twelve
    assert heard == []
