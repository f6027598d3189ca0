from __future__ import annotations

from typing import Any

from koban.model.indicator import Indicator, LeftOut, Revoked
from koban.sources.intelligence.stix import entries


def indicator(pattern: str, **more: Any) -> dict[str, Any]:
    return {"type": "indicator", "id": "indicator--1", "pattern": pattern, "pattern_type": "stix", **more}


def test_an_indicator_keeps_what_its_feed_says() -> None:
    given = indicator(
        "[ipv4-addr:value = '1.2.3.4']",
        name="C2",
        description="seen in March",
        confidence=85,
        indicator_types=["malicious-activity"],
        labels=["botnet"],
        valid_from="2026-03-01T00:00:00.000Z",
        valid_until="2026-04-01T00:00:00+02:00",
    )
    assert list(entries([given])) == [
        Indicator(
            "ip",
            "1.2.3.4",
            "indicator--1",
            False,
            85,
            ("malicious-activity", "botnet"),
            "C2 - seen in March",
            "2026-03-01T00:00:00Z",
            "2026-03-31T22:00:00Z",
        )
    ]


def test_of_several_versions_the_latest_counts() -> None:
    old = indicator("[ipv4-addr:value = '1.2.3.4']", modified="2026-01-01T00:00:00Z")
    new = indicator("[ipv4-addr:value = '1.2.3.4']", modified="2026-02-01T00:00:00Z", revoked=True)
    found = list(entries([new, old]))
    assert found[0] == Revoked("indicator--1")
    assert not any(isinstance(one, Indicator) for one in found)


def test_what_is_no_plain_indicator_is_named() -> None:
    found = list(
        entries(
            [
                indicator("rule x {}", pattern_type="yara", id="indicator--2"),
                indicator("[ipv4-addr:value = '1", id="indicator--3"),
                {"type": "indicator", "id": "indicator--4"},
                {"type": "ipv4-addr", "value": "1.2.3.4"},
                "text",
                indicator("[ipv4-addr:value = '1.2.3.4']", valid_until="soon"),
            ]
        )
    )
    left = {one.where: (one.why, one.broken) for one in found if isinstance(one, LeftOut)}
    assert left["indicator--2"] == ("is a pattern of yara, not of STIX", False)
    assert left["indicator--3"][1]
    assert left["indicator--4"][0] == "has no pattern"
    assert "observed" in left["bundle"][0]
    assert "no object" in left["object 5"][0]
    assert "no time" in left["indicator--1"][0]
    assert sum(isinstance(one, Indicator) for one in found) == 1
