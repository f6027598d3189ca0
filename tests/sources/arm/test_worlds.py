"""What is said of a value that is not known holds for every value that it may turn out to be."""

import json
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koban.model.unknown import ANY_SHAPE, Maybe, Unknown
from koban.sources.arm.files import ARM
from koban.sources.arm.reader import read_found
from koban.sources.arm.values import first_unknown
from koban.sources.files import Found

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
PARAMETERS = {
    "open": {"type": "string"},
    "choice": {"type": "string", "allowedValues": ["Allow", "Deny"]},
    "flag": {"type": "bool"},
    "number": {"type": "int"},
    "list": {"type": "array"},
    "any": {"type": "object"},
}
GIVEN = st.fixed_dictionaries(
    {
        "open": st.sampled_from(["", "a", "Allow", "a/b", "x,y", "10.0.0.0/16", "1", "A.B/c"]),
        "choice": st.sampled_from(["Allow", "Deny"]),
        "flag": st.booleans(),
        "number": st.integers(-1, 3),
        "list": st.sampled_from([[], ["a"], ["a", "b"], [1, {"a": 1}]]),
        "any": st.sampled_from([{}, {"a": 1}, {"a": {"b": "x"}, "b": ["a"]}]),
    }
)
LEAVES = st.one_of(
    st.sampled_from([f"parameters('{one}')" for one in PARAMETERS]),
    st.sampled_from(["'a'", "'Allow'", "'allow'", "''", "'{0}-{1}'", "0", "1", "2", "true()", "false()", "null()"]),
    st.sampled_from(
        [
            *("createArray('a', parameters('open'))", "createArray()", "createObject('a', parameters('open'), 'B', 1)"),
            *("variables('by')", "concat('a', parameters('open'))", "concat(parameters('choice'), '/a')"),
            *("if(parameters('flag'), createArray('a'), createArray())", "equals(parameters('choice'), 'Allow')"),
        ]
    ),
)
ONE = (
    "empty length first last not toLower toUpper string array items objectKeys flatten distinct json int bool trim"
).split()
TWO = (
    "equals concat contains startsWith endsWith union take skip coalesce createArray and or join split less greater "
    "add intersection indexOf tryGet min format createObject indexFromEnd"
).split()


def grown(inner):
    return st.one_of(
        st.builds(lambda name, a: f"{name}({a})", st.sampled_from(ONE), inner),
        st.builds(lambda name, a, b: f"{name}({a}, {b})", st.sampled_from(TWO), inner, inner),
        st.builds(lambda a, b, c: f"if({a}, {b}, {c})", inner, inner, inner),
        st.builds(lambda a, b: f"{a}[{b}]", inner, inner),
        st.builds(lambda a: f"{a}.a", inner),
        st.builds(lambda a, b, c: f"replace({a}, {b}, {c})", inner, inner, inner),
        st.builds(lambda a, b: f"map({a}, lambda('x', concat(lambdaVariables('x'), {b})))", inner, inner),
        st.builds(lambda a, b: f"filter({a}, lambda('x', equals(lambdaVariables('x'), {b})))", inner, inner),
        st.builds(lambda a, b: f"toObject({a}, lambda('x', {b}))", inner, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, grown, max_leaves=7)


def value(expression, given):
    template = {
        "$schema": SCHEMA,
        "parameters": PARAMETERS,
        "variables": {"by": {"Allow": {"a": 1, "b": True}, "Deny": {"a": 1, "b": False}}},
        "resources": [{"type": "A.B/c", "name": "x", "properties": {"v": f"[{expression}]"}}],
    }
    data = json.dumps(template).encode()
    (made,) = read_found([Found("t.json", "t.json", data, named=True, dialect=ARM.name)], given, None)
    return made.resources[0].document["properties"]["v"]


def covers(said, found):
    """Whether what is `said` of a value leaves room for what it was found to be."""
    if isinstance(said, Unknown):
        return said._shape == ANY_SHAPE or (isinstance(found, str) and re.fullmatch(said._shape, found) is not None)
    if isinstance(said, list):
        return isinstance(found, list) and elements(said, found)
    if isinstance(said, dict):
        if not isinstance(found, dict) or not found.keys() <= said.keys():
            return False
        return all(covers(one, found[key]) if key in found else isinstance(one, Unknown) for key, one in said.items())
    return type(said) is type(found) and said == found


def elements(said, found):
    if not said:
        return not found
    if isinstance(said[0], Maybe):
        some = said[0]._values
        there = len(found) >= len(some) and all(map(covers, some, found))
        return (there and elements(said[1:], found[len(some) :])) or elements(said[1:], found)
    return bool(found) and covers(said[0], found[0]) and elements(said[1:], found[1:])


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(EXPRESSIONS, GIVEN, st.sets(st.sampled_from(sorted(PARAMETERS)), min_size=1))
def test_whatever_the_parameters_are_what_was_said_without_them_holds(expression, given, left_out):
    found = value(expression, given)
    if first_unknown(found) is None:  # else that use of the template fails, and says nothing
        said = value(expression, {name: one for name, one in given.items() if name not in left_out})
        assert covers(said, found), f"{expression}: {said!r} was said, {found!r} was found"


def test_covering_can_fail():
    assert not covers("a", "b")
    assert not covers([Maybe("m", "", ("a",))], ["b"])
    assert covers([Maybe("m", "", ("a",)), "b"], ["b"])
    assert not covers(Unknown("x", "", shape="[0-9]+"), "b")
