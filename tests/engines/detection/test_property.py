"""Whatever the rule and the events: DuckDB's answer is the interpreter's, and every dialect's SQL can be read."""

from __future__ import annotations

from typing import Any

import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.detection.interpreter import matches
from tests.engines.detection.rules_of import compiled, matched, rule

from koban.engines.detection.compile import Compiled
from koban.engines.detection.dialect import DIALECTS

WORDS = [
    "a",
    "A",
    "ab",
    "b",
    "",
    "a.b",
    "a*",
    "1",
    "10",
    "true",
    "10.0.0.1",
    "::1",
    "x\\y",
    "é",
    "null",
    "[]",
    "[1]",
    "a\nb",
]
NAMES = ["f", "op", "a.b", "a.b.c", "user.name", "ip", "g"]

scalars = st.one_of(st.sampled_from(WORDS), st.integers(-2, 12), st.booleans(), st.none(), st.sampled_from([0.5, 10.0]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=2)),
    max_leaves=5,
)
# what a column holds word for word is one value
single = {"op": scalars, "ip": st.sampled_from(WORDS)}
events = st.fixed_dictionaries(
    {},
    optional={
        "f": values,
        "g": scalars,
        "a": values,
        "a.b": values,
        "a.b.c": scalars,
        "user": st.fixed_dictionaries({}, optional={"name": scalars}),
        **single,
    },
)

texts = st.sampled_from([*WORDS, "*b", "a*", "?", "*", "*a*", r"a\*", r"x\\y", "%", "_b", "a?b"])
plain = st.one_of(texts, st.integers(-1, 11), st.booleans(), st.just(0.5))
wheres = st.sampled_from(["contains", "startswith", "endswith"])


@st.composite
def items(draw: st.DrawFn) -> tuple[str, Any]:
    name = draw(st.sampled_from(NAMES))
    kind = draw(st.integers(0, 9))
    negated = draw(st.sampled_from(["", "", "|neq"]))
    if kind <= 2:
        return name + negated, draw(st.one_of(plain, st.none(), st.lists(plain, min_size=1, max_size=3)))
    if kind <= 4:
        cased = draw(st.sampled_from(["", "", "|cased"]))
        some = draw(st.lists(texts, min_size=1, max_size=3))
        every = "|all" if len(some) > 1 and draw(st.booleans()) else ""
        return f"{name}|{draw(wheres)}{cased}{every}{negated}", some
    if kind == 5:
        return f"{name}|{draw(st.sampled_from(['gt', 'gte', 'lt', 'lte']))}{negated}", draw(st.integers(-1, 11))
    if kind == 6:
        return f"{name}|exists", draw(st.booleans())
    if kind == 7:
        pattern = st.sampled_from(["^a", "b$", "[a-b]", "^$", ".", "1|x", "a.b", "é"])
        return f"{name}|re{draw(st.sampled_from(['', '|i', '|m', '|s', '|i|s']))}{negated}", draw(pattern)
    if kind == 8:
        return f"{name}|cidr{negated}", draw(st.sampled_from(["10.0.0.0/8", "::/64", "::1/128", "0.0.0.0/0"]))
    return f"{name}|fieldref{draw(st.sampled_from(['', '|contains']))}{negated}", draw(st.sampled_from(NAMES))


maps = st.lists(items(), min_size=1, max_size=3).map(dict)
keywords = st.lists(st.sampled_from(["a", "10", "x\\y", "é", "true", "b*a"]), min_size=1, max_size=2)
selections = st.one_of(maps, maps, st.lists(maps, min_size=1, max_size=2), keywords)
conditions = st.recursive(
    st.sampled_from(["s1", "s2", "s3", "1 of s*", "all of s*", "1 of them"]),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda three: "({} {} {})".format(*three)),
    ),
    max_leaves=4,
)
detections = st.fixed_dictionaries({"s1": selections, "s2": selections, "s3": selections, "condition": conditions})


@settings(max_examples=60)
@given(detections, st.lists(events, min_size=1, max_size=12))
def test_the_sql_means_what_the_specification_says(detection: dict[str, Any], events: list[Any]) -> None:
    wanted = [at for at, event in enumerate(events) if matches(event, detection)]
    assert matched(detection, events) == wanted


@settings(max_examples=30)
@given(detections)
def test_every_dialect_reads_its_sql(detection: dict[str, Any]) -> None:
    (made,) = compiled(rule(detection)).rules
    assert isinstance(made, Compiled)
    for dialect in DIALECTS.values():
        assert sqlglot.parse(made.sql(dialect), read=dialect.name)
