"""No verdict on a template contradicts the verdict on it with its parameters filled in."""

import json

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from koban.engines.posture import judge
from koban.model.estate import MemoryEstate
from koban.model.resource import Resource, field, matches, size
from koban.model.rule import _registry, rule
from koban.sources.cloudformation.library import Library
from koban.sources.cloudformation.template import Stack
from koban.sources.files import Found


class Thing(Resource, type="Koban::Test::TemplateThing", ids="Name"):
    """A resource to ask."""

    text: str = field("X", "", "A text")
    texts: tuple[str, ...] = field("X", (), "The same as a list")
    flag: bool = field("X", False, "The same as yes or no")
    inner: str = field("X.A", "", "What is inside it")


QUESTIONS = [
    lambda t: t.text == "a",
    lambda t: t.text != "b",
    lambda t: not t.text,
    lambda t: t.text.startswith("a"),
    lambda t: t.text.endswith(("b", "*")),
    lambda t: "a" in t.text,
    lambda t: t.text in ("", "ab", "*"),
    lambda t: t.text.lower() == "ab",
    lambda t: matches("^a", t.text),
    lambda t: matches("a.?b", t.text),
    lambda t: any(one == "a" for one in t.texts),
    lambda t: all(one.startswith("a") for one in t.texts),
    lambda t: "*" in t.texts,
    lambda t: size(t.texts) > 1,
    lambda t: t.flag,
    lambda t: t.inner == "b" or t.text == "a",
]


@pytest.fixture(scope="module")
def rules():
    made = []
    for number, question in enumerate(QUESTIONS):

        def asked(thing, question=question):
            return question(thing)

        asked.__name__ = f"template_question_{number}"
        asked.__doc__ = "Asked.\n\nWhy: so.\nFix: so."
        asked.__signature__ = __import__("inspect").Signature()
        made.append(rule("low", Thing)(asked))
    yield made
    for one in made:
        _registry.pop(one.id)


WORDS = st.sampled_from(["a", "b", "ab", "", "*", "A", "true", "1", "a,b"])
TERMS = st.one_of(
    WORDS,
    st.sampled_from(["P", "Q", "L"]).map(lambda name: {"Ref": name}),
    st.sampled_from(["${P}", "a${P}", "${P}b", "a${Q}b", "${P}${Q}", "${P}a${P}"]).map(lambda text: {"Fn::Sub": text}),
)


def compound(inner):
    return st.one_of(
        st.lists(inner, max_size=3),
        st.builds(lambda a: {"A": a, "B": "b"}, inner),
        st.builds(lambda d, v: {"Fn::Join": [d, v]}, st.sampled_from(["", "a", ","]), st.lists(inner, max_size=3)),
        st.builds(lambda c, a, b: {"Fn::If": [c, a, b]}, st.sampled_from(["C", "D", "E"]), inner, inner),
        st.builds(lambda c, a: {"Fn::If": [c, a, {"Ref": "AWS::NoValue"}]}, st.sampled_from(["C", "D"]), inner),
        st.builds(lambda i, v: {"Fn::Select": [i, v]}, st.integers(0, 1), st.lists(inner, min_size=2, max_size=2)),
        st.builds(lambda d, v: {"Fn::Split": [d, v]}, st.sampled_from(["a", ","]), inner),
        st.builds(lambda a: {"Fn::FindInMap": ["M", a, "k"]}, inner),
        st.builds(lambda a, b: {"Fn::FindInMap": ["M", a, "k", {"DefaultValue": b}]}, inner, inner),
    )


VALUES = st.recursive(TERMS, compound, max_leaves=8)
SIDES = st.one_of(TERMS, VALUES)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(VALUES, SIDES, SIDES, SIDES, SIDES, WORDS, st.sampled_from(["a", "b"]), st.sampled_from(["a", "a,b", "b,*"]))
def test_filling_in_the_parameters_contradicts_no_verdict(rules, value, one, two, three, four, p, q, many):
    template = {
        "Parameters": {
            "P": {"Type": "String"},
            "Q": {"Type": "String", "AllowedValues": ["a", "b"]},
            "L": {"Type": "CommaDelimitedList"},
        },
        "Mappings": {"M": {"a": {"k": "a"}, "b": {"k": "ab"}, "ab": {"k": ["a", "b"]}}},
        "Conditions": {
            "C": {"Fn::Equals": [one, two]},
            "D": {"Fn::Not": [{"Fn::Equals": [three, four]}]},
            "E": {"Fn::Or": [{"Condition": "C"}, {"Fn::And": [{"Condition": "D"}, {"Fn::Equals": [one, four]}]}]},
        },
        "Resources": {"T": {"Type": "Koban::Test::TemplateThing", "Properties": {"X": value}}},
    }
    data = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **template}).encode()

    def thing(parameters):
        library = Library()
        (made,) = Stack(library.template(Found("t", "t", data, named=True)), library, parameters).resources()
        MemoryEstate([made])
        return made

    open_thing, filled = thing({}), thing({"P": p, "Q": q, "L": many})
    for asked in rules:
        on_open, on_filled = judge(asked, open_thing), judge(asked, filled)
        event(f"{on_open.verdict} without parameters")
        if on_open.verdict != "unknown" and on_filled.verdict != "unknown":
            assert on_open.verdict == on_filled.verdict, (asked.id, open_thing.document, filled.document)
