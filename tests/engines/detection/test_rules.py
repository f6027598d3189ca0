"""What cannot be loaded is named; the others go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from koban.engines.detection.rules import load, load_texts

GOOD = """title: Good
id: 11111111-1111-4111-8111-111111111111
logsource: {product: test}
detection: {s: {f: 1}, condition: s}
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title: [", "not YAML"),
        ("- a\n- b", "no mapping"),
        ("name: a\nvalues: [1]", "not a rule: it has none of title, logsource, detection, correlation, filter"),
        ("title: x", "must have a log source"),
        ("title: x\nlogsource: {product: test}", "must have a detection"),
        ("title: x\nlogsource: {product: test}\ndetection: {s: {f|nope: 1}, condition: s}", "Unknown modifier 'nope'"),
        ("title: x\nlogsource: {product: test}\ndetection: {s: {f|re: 'a(?=b)'}, condition: s}", "is invalid"),
        ("title: x\nlogsource: {product: test}\ndetection: {s: {f|cidr: '10.0.0.1/8'}, condition: s}", "host bits"),
        ("title: x\nlogsource: {product: test}\ndetection: {s: {f: 1}}", "condition"),
        (GOOD, "11111111-1111-4111-8111-111111111111 is already in good.yml"),
    ],
)
def test_what_cannot_be_loaded_is_named(text: str, reason: str) -> None:
    rules = load_texts([("good.yml", GOOD), ("bad.yml", text)])
    assert [one.title for one in rules.detections] == ["Good"]
    (problem,) = rules.problems
    assert problem.file == "bad.yml"
    assert problem.kind == "cannot be loaded"
    assert reason in problem.reason


def test_one_bad_document_does_not_take_the_others_along() -> None:
    rules = load_texts([("both.yml", f"title: x\n---\n{GOOD}---\n")])
    assert [one.title for one in rules.detections] == ["Good"]
    assert len(rules.problems) == 1


def test_parts_that_several_documents_share() -> None:
    shared = "action: global\nlogsource: {product: test}\n---\n"
    rules = load_texts([("g.yml", shared + "title: A\ndetection: {s: {f: 1}, condition: s}")])
    assert [one.title for one in rules.detections] == ["A"]


def test_correlations_that_go_in_circles() -> None:
    text = """title: A
name: a
correlation: {type: temporal, rules: [b], timespan: 1m}
---
title: B
name: b
correlation: {type: temporal, rules: [a], timespan: 1m}
"""
    rules = load_texts([("circle.yml", text)])
    assert rules.detections == []
    assert all("itself" in one.reason or "cannot be used" in one.reason for one in rules.problems)


def test_folders_are_read_in_order_and_through(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two_words.yml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "a.yaml").write_text(GOOD.replace("1111", "2222"), encoding="utf-8")
    (tmp_path / "a.txt").write_text("no rule", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.yml").write_text("no: rule", encoding="utf-8")
    rules = load([tmp_path])
    assert [one.name for one in rules.detections] == ["a", "two-words"]
    assert rules.problems == []


def test_what_a_rule_says_of_itself() -> None:
    text = (
        GOOD
        + """level: critical
tags: [attack.t1078.004]
falsepositives: [a drill]
response: [ask, "then act"]
description: |
  Two
  lines
"""
    )
    (rule,) = load_texts([("x_y.yml", text)]).detections
    assert (rule.name, rule.severity, rule.tags) == ("x-y", "critical", ["attack.t1078.004"])
    assert (rule.false_positives, rule.response, rule.description) == (["a drill"], ["ask", "then act"], "Two lines")
    assert rule.logsource == "product: test"


@pytest.mark.parametrize(
    ("line", "reason"),
    [("date: 2026-13-45", "not YAML: month must be in 1..12"), ("level: [high", "not YAML: ")],
)
def test_a_text_that_cannot_be_made_into_values_is_named_and_the_others_go_on(line: str, reason: str) -> None:
    good = "title: T\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n"
    found = load_texts([("bad.yml", good + line), ("good.yml", good)])
    assert [d.file for d in found.detections] == ["good.yml"]
    (problem,) = found.problems
    assert (problem.file, problem.reason[: len(reason)]) == ("bad.yml", reason)


def test_tests_are_made_when_they_are_asked_for() -> None:
    good = "title: T\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n"
    bad = good.replace("title: T", "title: U") + "tests: [{fires: true, event: {on: 2026-13-45}}]\n"
    found = load_texts([("a.yml", good + "tests: [{fires: true, event: {on: off}}]\n"), ("b.yml", bad)])
    assert found.problems == []
    assert [d.tests for d in found.detections] == [
        [{"fires": True, "event": {"on": "off"}}],
        [{"wrong": "tests cannot be read: month must be in 1..12"}],
    ]
