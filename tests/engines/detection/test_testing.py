"""The tests that a rule carries: what they say is what is told."""

from __future__ import annotations

import pytest
from tests.engines.detection.rules_of import MAPPING

from koban.engines.detection.rules import load_texts
from koban.engines.detection.testing import Ingestion, failures
from koban.sources.logs.mapping import MACROS, select

RULE = """title: T
logsource: {product: test, service: plain}
detection: {s: {f: 1}, condition: s}
tests:
"""
FIRES, DOES_NOT = "  - {fires: true, event: {f: 1}}\n", "  - {fires: false, event: {f: 2}}\n"
BURST = """title: B
correlation: {type: event_count, rules: [base], timespan: 1m, condition: {gte: 3}}
tests:
  - {fires: true, events: [{repeat: 3, every: 20s, event: {f: 1}}]}
  - {fires: false, events: [{repeat: 3, every: 40s, event: {f: 1}}]}
  - {fires: true, events: [{event: {f: 1}}, {at: 10s, event: {f: 1}}, {at: 1m, event: {f: 1}}]}
---
name: base
"""


def said(text: str) -> list[str]:
    return [one.text for one in failures(load_texts([("t.yml", text)]), [MAPPING], Ingestion(MACROS, select))]


@pytest.mark.parametrize(
    ("tests", "expect"),
    [
        (FIRES + DOES_NOT, []),
        (FIRES + DOES_NOT + "  - {fires: true, name: odd, event: {f: 2}}", ["t: test 3 (odd) does not fire"]),
        (FIRES + DOES_NOT + "  - {fires: false, event: {f: 1}}", ["t: test 3 fires"]),
        (FIRES, ["t: no test in which it does not fire"]),
        ("  []", ["t: no test in which it fires", "t: no test in which it does not fire"]),
        (FIRES + DOES_NOT + "  - {event: {f: 1}}", ["t: test 3: it must say fires: true or fires: false"]),
        (FIRES + DOES_NOT + "  - {fires: true}", ["t: test 3: it must have either an event or events"]),
        (FIRES + DOES_NOT + "  - {fires: true, evnt: {}}", ["t: test 3: unknown entry evnt"]),
        (
            FIRES + DOES_NOT + "  - {fires: true, source: other, event: {f: 1}}",
            ["t: test 3: source other does not serve it; these do: test"],
        ),
        (
            FIRES + DOES_NOT + "  - {fires: true, events: [{at: soon, event: {f: 1}}]}",
            ["t: test 3: 'soon' is no span of time: write 90s, 5m, 2h, 1d"],
        ),
        (FIRES + DOES_NOT + "  - {fires: false, event: {f: 2026-01-01T00:00:00Z}}", []),
    ],
)
def test_a_rule_of_events(tests: str, expect: list[str]) -> None:
    assert said(RULE + tests) == expect


def test_a_correlation() -> None:
    base = RULE.removesuffix("tests:\n")
    assert said(BURST + base) == []
    worse = said(BURST.replace("gte: 3", "gte: 4") + base)
    assert worse == ["t: test 1 does not fire", "t: test 3 does not fire"]


def test_what_does_not_run_is_told() -> None:
    text = RULE.replace("service: plain", "service: none") + FIRES + DOES_NOT
    assert said(text) == ["t.yml: T: no mapping for logsource product: test, service: none"]


def test_words_that_yaml_takes_for_booleans_stay_words() -> None:
    text = """
title: Audit was told no
id: 8ad1600d-e9dc-4251-b0ee-a65268f29a11
level: low
logsource: {product: test, service: plain}
detection:
  on: {userAgent: no, sourceIPAddress: [off, yes]}
  condition: on
tests:
  - {fires: true, event: {userAgent: no, sourceIPAddress: yes}}
  - {fires: false, name: off, event: {userAgent: on, sourceIPAddress: yes}}
"""
    assert said(text) == []
