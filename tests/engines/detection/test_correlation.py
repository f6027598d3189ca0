"""Tables: events as (second, event), and the alerts as (group..., first second, last second)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlglot
from tests.engines.detection.rules_of import START, alerts, compiled, connect

from koban.engines.detection.correlation import CompiledCorrelation
from koban.engines.detection.dialect import DIALECTS
from koban.engines.detection.evaluate import evaluate

BASES = """
---
title: A
name: a
logsource: {product: test, service: plain}
detection: {s: {kind: a}, condition: s}
---
title: B
name: b
logsource: {product: test, service: plain}
detection: {s: {kind: b}, condition: s}
---
title: C
name: c
logsource: {product: test, service: plain}
detection: {s: {kind: c}, condition: s}
"""


def check(correlation: str, events: list[tuple[float, Any]], expect: list[tuple[Any, ...]]) -> None:
    text = f"title: T\ncorrelation: {correlation}{BASES}"
    assert alerts(text, events) == expect
    made = compiled(text)
    connection = connect([event for _, event in events], seconds=[second for second, _ in events])
    found = evaluate(connection, "events", made).correlated
    told = [
        (
            *(value for _, value in one.group),
            (one.time_first - START).total_seconds(),
            (one.time_last - START).total_seconds(),
        )
        for one in found
    ]
    assert told == expect, "judging many rules together says otherwise"


def a(who: str = "u", **more: Any) -> dict[str, Any]:
    return {"kind": "a", "user": {"name": who}, **more}


def b(who: str = "u", **more: Any) -> dict[str, Any]:
    return {"kind": "b", "user": {"name": who}, **more}


def c(who: str = "u", **more: Any) -> dict[str, Any]:
    return {"kind": "c", "user": {"name": who}, **more}


COUNT = "{type: event_count, rules: [a], group-by: [user.name], timespan: 10s, condition: {%s}}"
VALUES = "{type: %s, rules: [a], group-by: [user.name], timespan: 10s, condition: {field: n, %s}}"
TEMPORAL = "{type: temporal, rules: [a, b], group-by: [user.name], timespan: 10s}"
ORDERED = "{type: temporal_ordered, rules: [a, b, c], group-by: [user.name], timespan: 10s}"


@pytest.mark.parametrize(
    ("correlation", "events", "expect"),
    [
        # the window slides: it does not start on the tens
        (COUNT % "gte: 3", [(8, a()), (9, a()), (12, a())], [("u", 8, 12)]),
        (COUNT % "gte: 3", [(0, a()), (1, a()), (12, a())], []),
        # both ends are in it
        (COUNT % "gte: 2", [(0, a()), (10, a())], [("u", 0, 10)]),
        (COUNT % "gte: 2", [(0, a()), (10.001, a())], []),
        # each group by itself; without the field none
        (COUNT % "gte: 2", [(0, a("x")), (1, a("y")), (2, a("x"))], [("x", 0, 2)]),
        (COUNT % "gte: 2", [(0, {"kind": "a"}), (1, {"kind": "a"})], []),
        # one alert for windows that overlap, two for those that do not
        (COUNT % "gte: 2", [(n, a()) for n in range(0, 40, 5)], [("u", 0, 35)]),
        (COUNT % "gte: 2", [(0, a()), (1, a()), (50, a()), (51, a())], [("u", 0, 1), ("u", 50, 51)]),
        # same second
        (COUNT % "gte: 3", [(5, a()), (5, a()), (5, a())], [("u", 5, 5)]),
        # other comparisons
        (COUNT % "gt: 2", [(0, a()), (1, a())], []),
        (COUNT % "eq: 2", [(0, a()), (1, a())], [("u", 0, 1)]),
        (COUNT % "eq: 3", [(0, a()), (1, a())], []),
        (COUNT % "lt: 2", [(0, a())], [("u", 0, 0)]),
        (COUNT % "gt: 1, lte: 2", [(0, a("x")), (1, a("x")), (0, a("y"))], [("x", 0, 1)]),
        # other events do not count
        (COUNT % "gte: 2", [(0, a()), (1, b())], []),
        # several rules count together
        (
            "{type: event_count, rules: [a, b], group-by: [user.name], timespan: 10s, condition: {gte: 2}}",
            [(0, a()), (1, b())],
            [("u", 0, 1)],
        ),
        # no group: all together
        ("{type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}}", [(0, a("x")), (1, a("y"))], [(0, 1)]),
        # a group of a field in the record, with several values
        (
            "{type: event_count, rules: [a], group-by: [t], timespan: 10s, condition: {gte: 2}}",
            [(0, a(t=["p", "q"])), (1, a(t="p")), (2, a(t="r"))],
            [("p", 0, 1)],
        ),
        (
            "{type: event_count, rules: [a], group-by: [user.name, x.y], timespan: 10s, condition: {gte: 2}}",
            [(0, a(x={"y": 1})), (1, a(x={"y": 2})), (2, a(x={"y": 1}))],
            [("u", "1", 0, 2)],
        ),
        # values
        (VALUES % ("value_count", "gte: 2"), [(0, a(n=1)), (1, a(n=1)), (2, a(n=2))], [("u", 0, 2)]),
        (VALUES % ("value_count", "gte: 2"), [(0, a(n=1)), (1, a(n=1))], []),
        (VALUES % ("value_count", "gte: 2"), [(0, a(n=[1, 2]))], [("u", 0, 0)]),
        (VALUES % ("value_sum", "gt: 10"), [(0, a(n=6)), (1, a(n="5"))], [("u", 0, 1)]),
        (VALUES % ("value_sum", "gt: 10"), [(0, a(n=6)), (11, a(n=5))], []),
        (VALUES % ("value_avg", "gte: 5"), [(0, a(n=4)), (1, a(n=6))], [("u", 0, 1)]),
        (VALUES % ("value_median", "gte: 5"), [(0, a(n=5)), (1, a(n=1))], [("u", 0, 0)]),
        (VALUES % ("value_percentile", "percentile: 50, gte: 5"), [(0, a(n=5)), (1, a(n=1))], [("u", 0, 0)]),
        (
            "{type: value_count, rules: [a], timespan: 10s, condition: {field: [n, m], gte: 2}}",
            [(0, a(n=1, m=1)), (1, a(n=1, m=2)), (2, a(n=3))],
            [(0, 1)],
        ),
        # temporal: any order, within the span
        (TEMPORAL, [(0, b()), (5, a())], [("u", 0, 5)]),
        (TEMPORAL, [(0, b()), (11, a())], []),
        (TEMPORAL, [(0, b("x")), (5, a("y"))], []),
        ("{type: temporal, rules: [a, b, c], timespan: 10s, condition: {gte: 2}}", [(0, b()), (5, a())], [(0, 5)]),
        (
            "{type: temporal, rules: [a, b, c], timespan: 10s, condition: a and (b or c)}",
            [(0, a()), (5, c())],
            [(0, 5)],
        ),
        (
            "{type: temporal, rules: [a, b, c], timespan: 10s, condition: a and not b and not c}",
            [(0, b()), (5, a())],
            [],
        ),
        ("{type: temporal, rules: [a, b], timespan: 10s, condition: a and not b}", [(0, b()), (11, a())], [(11, 11)]),
        # in order
        (ORDERED, [(0, a()), (1, b()), (2, c())], [("u", 0, 2)]),
        (ORDERED, [(0, a()), (1, c()), (2, b())], []),
        (ORDERED, [(0, a()), (6, a()), (7, b()), (15, c())], [("u", 6, 15)]),
        (ORDERED, [(0, a()), (5, b()), (11, c())], []),
        (ORDERED, [(0, a()), (5, b()), (6, b()), (10, c())], [("u", 0, 10)]),
        (ORDERED, [(0, a("x")), (1, b("y")), (2, c("x"))], []),
        (ORDERED, [(3, a()), (3, b()), (3, c())], [("u", 3, 3)]),
        ("{type: temporal_ordered, rules: [a, b], timespan: 10s, condition: a and b}", [(0, a()), (5, b())], [(0, 5)]),
        # one thing under several names
        (
            "{type: temporal, rules: [a, b], group-by: [ip], timespan: 10s, aliases: {ip: {a: src.ip, b: dst.ip}}}",
            [(0, a(src={"ip": "1"})), (1, b(dst={"ip": "1"})), (2, b(dst={"ip": "2"}))],
            [("1", 0, 1)],
        ),
    ],
)
def test_a_correlation(correlation: str, events: list[tuple[float, Any]], expect: list[tuple[Any, ...]]) -> None:
    check(correlation, events, expect)


CHAINED = """title: Many failures, then a success
correlation: {type: temporal_ordered, rules: [many, b], group-by: [user.name], timespan: 20s}
---
title: Many
name: many
correlation: {type: event_count, rules: [a], group-by: [host], timespan: 10s, condition: {gte: 3}}
"""


def test_a_correlation_of_a_correlation() -> None:
    text = CHAINED + BASES.lstrip("\n")
    many = [(n, a("ana", host="h")) for n in range(3)]
    assert alerts(text, [*many, (9, b("ana"))]) == [("ana", 2, 9)]
    assert alerts(text, [*many, (9, b("bo"))]) == []
    assert alerts(text, [(9, b("ana")), *[(n + 10, event) for n, event in many]]) == []
    assert [one.detection.title for one in compiled(text).rules] == ["Many failures, then a success", "C"]


def test_rules_that_correlations_name_alert_when_told_to() -> None:
    text = f"title: T\ncorrelation: {(COUNT % 'gte: 2').replace('timespan', 'generate: true, timespan')}{BASES}"
    assert {one.detection.name for one in compiled(text).rules} >= {"a"}
    assert "a" not in {one.detection.name for one in compiled(text.replace("generate: true, ", "")).rules}


@pytest.mark.parametrize(
    ("correlation", "reason"),
    [
        ("{type: event_count, rules: [zz], timespan: 10s, condition: {gte: 2}}", "'zz' not found"),
        ("{type: event_count, rules: [a], timespan: 10x, condition: {gte: 2}}", "Timespan '10x' is invalid"),
        ("{type: event_count, rules: [a], timespan: 10s}", "without condition"),
        ("{type: value_percentile, rules: [a], timespan: 10s, condition: {field: n, gte: 2}}", "without percentile"),
        (
            "{type: temporal_ordered, rules: [a, b], timespan: 10s, condition: a or b}",
            "temporal_ordered with a condition",
        ),
        ("{type: temporal, rules: [a, b], group-by: [i], timespan: 10s, aliases: {i: {a: x}}}", "says nothing about b"),
    ],
)
def test_what_cannot_be_is_named(correlation: str, reason: str) -> None:
    problems = compiled(f"title: T\ncorrelation: {correlation}{BASES}").problems
    assert len(problems) == 1
    assert problems[0].rule == "T"
    assert reason in problems[0].reason


def test_every_dialect_reads_its_sql() -> None:
    kinds = [COUNT % "gte: 3", VALUES % ("value_count", "gte: 2"), VALUES % ("value_sum", "gt: 10"), TEMPORAL, ORDERED]
    for kind in kinds:
        made = compiled(f"title: T\ncorrelation: {kind}{BASES}")
        (one,) = [found for found in made.rules if isinstance(found, CompiledCorrelation)]
        for dialect in DIALECTS.values():
            assert sqlglot.parse(one.sql(dialect), read=dialect.name)


FILTER = """
---
title: Not the robot
logsource: {product: test}
filter: {rules: [a], robot: {user.name: robot}, condition: not robot}
"""


def test_a_filter_narrows_the_rules_it_names() -> None:
    text = f"title: T\ncorrelation: {COUNT % 'gte: 2'}{BASES}{FILTER.lstrip()}"
    assert alerts(text, [(0, a("robot")), (1, a("robot")), (0, a("u")), (1, a("u"))]) == [("u", 0, 1)]
    anybody = text.replace("rules: [a], robot", "rules: any, robot").replace(
        "product: test}\nfilter", "product: other}\nfilter"
    )
    assert alerts(anybody, [(0, a("robot")), (1, a("robot"))]) == [("robot", 0, 1)]
