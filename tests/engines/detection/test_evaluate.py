"""Judging many rules together gives what each gives alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.detection.interpreter import matches
from tests.engines.detection.rules_of import compiled, connect, rule
from tests.engines.detection.test_property import detections, events

from koban.engines.detection import passes as module
from koban.engines.detection.evaluate import evaluate


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
