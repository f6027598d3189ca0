"""What holds for every behavioural detection, and for what users set."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import koban.engines.behaviour.detections as folder
from koban.engines.behaviour.detection import Detection, detections, thresholds
from koban.engines.behaviour.settings import BadSettings, documented, overridden, read

TESTS = "".join(p.read_text(encoding="utf-8") for p in Path(__file__).parent.glob("test_*.py"))
ALL = list(detections().values())


@pytest.mark.parametrize("detection", ALL, ids=lambda d: d.name)
def test_each_tells_what_a_user_needs(detection: Detection) -> None:
    assert len(detection.description) > 60
    assert detection.false_positives
    assert len(detection.response) >= 2
    assert all(re.fullmatch(r"attack\.(t\d{4}(\.\d{3})?|[a-z-]+)", t) for t in detection.tags)
    assert detection.tags
    assert len(documented(detection.thresholds)) >= 2
    assert all(meaning for _, _, meaning in documented(detection.thresholds))
    assert f'"{detection.name}"' in TESTS


def test_one_detection_a_file() -> None:
    files = {p.stem for p in Path(folder.__path__[0]).glob("*.py")} - {"__init__"}
    assert {d.name.replace("-", "_") for d in ALL} == files


def test_thresholds_are_overridden(tmp_path: Path) -> None:
    path = tmp_path / "behaviour.yaml"
    path.write_text(
        "first-seen-country: {learning_days: 30}\ndns-tunnel: {domains_ignored: [a.test], enabled: false}\n"
    )
    made = read(thresholds(), path)
    assert (made["first-seen-country"].learning_days, made["first-seen-asn"].learning_days) == (30, 14)  # type: ignore[attr-defined]
    assert (made["dns-tunnel"].domains_ignored, made["dns-tunnel"].enabled) == (("a.test",), False)  # type: ignore[attr-defined]
    path.write_text("")
    assert read(thresholds(), path) == thresholds()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"first-seen-contry": {}}, "first-seen-contry is not a behavioural detection"),
        (
            {"first-seen-country": {"learning": 1}},
            "learning is not a threshold of it; there are: enabled, learning_days",
        ),
        ({"first-seen-country": {"learning_days": "x"}}, "learning_days is a number"),
        ({"first-seen-country": {"learning_days": 1.5}}, "learning_days is a whole number"),
        ({"first-seen-country": {"learning_days": -1}}, "not less than 0"),
        ({"first-seen-country": {"enabled": 1}}, "enabled is true or false"),
        ({"dns-tunnel": {"domains_ignored": "a"}}, "domains_ignored is a list"),
        ({"dns-tunnel": 3}, "name: value"),
    ],
)
def test_settings_that_cannot_be(said: dict[str, object], message: str) -> None:
    with pytest.raises(BadSettings, match=re.escape(message)):
        overridden(thresholds(), said)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for text in ("a: [", "- x"):
        (tmp_path / "bad.yaml").write_text(text)
        with pytest.raises(BadSettings, match=r"bad\.yaml"):
            read(thresholds(), tmp_path / "bad.yaml")
    with pytest.raises(BadSettings, match=r"none\.yaml"):
        read(thresholds(), tmp_path / "none.yaml")
