"""Judging many rules together gives what each gives alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.detection.interpreter import matches
from tests.engines.detection.rules_of import compiled, connect, matched, rule
from tests.engines.detection.test_property import detections, events

from koban.engines.detection import passes as module
from koban.engines.detection.evaluate import Evaluation, Judge, evaluate


def together(sections: list[dict[str, Any]], records: list[Any]) -> list[list[int]]:
    text = "\n---\n".join(rule(one).replace("title: t", f"title: t\nname: r{at}") for at, one in enumerate(sections))
    made = compiled(text)
    assert not made.problems
    found: dict[str, list[int]] = {f"r{at}": [] for at in range(len(sections))}
    for match in evaluate(connect(records), "events", made).matches():
        found[match.detection.name].append(match.origin_line)
    return [sorted(one) for one in found.values()]


@settings(max_examples=60)
@given(
    st.lists(detections, min_size=1, max_size=6),
    st.lists(events, min_size=1, max_size=12),
    st.sampled_from([0, 3, 1000]),
)
def test_together_is_as_each_alone(sections: list[dict[str, Any]], records: list[Any], rare: int) -> None:
    module.RARE_ROWS, before = rare, module.RARE_ROWS
    try:
        found = together(sections, records)
    finally:
        module.RARE_ROWS = before
    assert found == [[at for at, event in enumerate(records) if matches(event, one)] for one in sections]


def test_counts_and_the_first_matches() -> None:
    made = compiled(rule("{s: {op: a}, condition: s}"))
    result = evaluate(connect([{"op": "a"}, {"op": "A"}, {"op": "b"}, {"op": "a"}]), "events", made)
    assert list(result.counts().values()) == [3]
    assert [one.origin_line for one in result.matches(per_rule_max=2)] == [0, 1]


RULES = """
title: t
name: many
correlation: {type: event_count, rules: [a], group-by: [user.name], timespan: 10s, condition: {gte: 3}}
---
title: t
name: both
correlation: {type: temporal, rules: [a, b], group-by: [user.name], timespan: 10s}
---
title: t
name: a
logsource: {product: test, service: plain}
detection: {s: {f: x}, condition: s}
---
title: t
name: b
logsource: {product: test, service: plain}
detection: {s: {op: b}, condition: s}
"""


def seen(evaluation: Evaluation) -> list[Any]:
    found = [(one.detection.name, one.group, one.time_first, one.time_last) for one in evaluation.correlated]
    return sorted(found)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from("ab"), st.sampled_from("uv")), min_size=1, max_size=14),
    st.integers(1, 5),
)
def test_pieces_are_judged_as_the_whole(events: list[tuple[str, str, str]], size: int) -> None:
    records = [{"f": f, "op": op, "user": {"name": user}} for f, op, user in events]
    made = compiled(RULES)
    connection = connect(records, seconds=[3 * at for at in range(len(records))])
    pieces = [
        f"(SELECT * FROM events WHERE origin_line >= {at} AND origin_line < {at + size})"
        for at in range(0, len(records), size)
    ]
    whole = evaluate(connection, "events", made)
    expected = seen(whole), whole.counts()
    pieced = evaluate(connection, pieces[::-1], made)
    assert (seen(pieced), pieced.counts()) == expected


def test_only_groups_with_something_new_are_said_again() -> None:
    made = compiled(RULES)
    connection = connect([{"f": "x", "op": "c", "user": {"name": user}} for user in "uuuvvv"])
    judge = Judge(connection, made)
    judge.take("(SELECT * FROM events WHERE origin_line < 5)")
    assert [one.group[0][1] for one in judge.evaluation().correlated] == ["u"]
    before = judge.batch
    judge.take("(SELECT * FROM events WHERE origin_line >= 5)")
    assert [one.group[0][1] for one in judge.evaluation(since=before).correlated] == ["v"]
    judge.forget("2026-01-02T00:00:00+00:00")
    judge.take("(SELECT * FROM events WHERE origin_line >= 5)")
    assert judge.evaluation(since=before).correlated == []
    judge.close()


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [("ab?c", ["ac", "abc", "b"]), ("ab|cd", ["xcd", "ab"]), ("/i-[0-9]+$", ["x/i-12", "/i-x"]),
     ("a.b", ["axb", "a.b"]), (r"a\.b", ["axb", "a.b"]), ("ab{0}c", ["ac"]), ("ab+", ["abb", "a"]),
     ("AB", ["ab", "AB"])],
)  # fmt: skip
def test_patterns_with_a_plain_beginning(pattern: str, texts: list[str]) -> None:
    found = matched({"s": {"f|re": pattern}, "condition": "s"}, [{"f": text} for text in texts])
    assert found == [at for at, text in enumerate(texts) if re.search(pattern, text)]
