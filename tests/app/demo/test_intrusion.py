from __future__ import annotations

from pathlib import Path

from koban.app.demo import intrusion
from koban.app.detect.run import Detector
from koban.app.logs.ingest import Ingestion
from koban.engines.alerting.stories import stories
from koban.engines.behaviour.evaluate import evaluate
from koban.lake.lake import Lake
from koban.sources.logs.inputs import inputs


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        intrusion.write(tmp_path / name, intrusion.DAY, noise=500)
    made = [{p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.gz")} for n in ("a", "b")]
    assert made[0] == made[1]
    assert len(made[0]) > 50


def test_the_intrusion_is_one_story_and_the_rest_of_the_day_none(tmp_path: Path) -> None:
    written = intrusion.write(tmp_path / "day", intrusion.DAY, noise=5000)
    lake = Lake(str(tmp_path / "lake"))
    counts = Ingestion(lake).take(inputs(str(tmp_path / "day")))
    # an execve of auditd is three lines, and one event
    assert (counts.events, counts.quarantined, counts.unreadable) == (written, 0, [])
    alerts = Detector(lake).of_time() + list(evaluate(lake))
    assert len({a.rule for a in alerts}) >= 35
    (story, *others) = stories(alerts)
    assert [[a.title for a in s.alerts] for s in others] == []
    assert story.level == "critical"
    assert set(story.tactics) >= {"initial-access", "persistence", "defense-evasion", "exfiltration", "impact"}
