"""Whatever is in a file, reading it ends within limits and never in a traceback."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koban.model.unknown import Maybe, Unknown
from koban.sources.arm.expression import ExpressionError, parsed
from koban.sources.arm.files import ARM
from koban.sources.arm.functions import FUNCTIONS
from koban.sources.arm.parameters import ParametersError, read_parameters
from koban.sources.arm.reader import read_found
from koban.sources.arm.template import _SPECIAL
from koban.sources.arm.text import Text, TextError, comments, read_text
from koban.sources.files import Found

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
quiet = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)

NAMES = sorted({*FUNCTIONS, *_SPECIAL, "listkeys", "own.f", "own.g", "gone"})
WORDS = [
    "A.B/c",
    "a",
    "b",
    "open",
    "any",
    "list",
    "flag",
    "number",
    "x",
    "",
    "*",
    "1",
    "P1D",
    "10.0.0.0/16",
    "{0}{1:D2}",
]
LEAVES = st.one_of(
    st.sampled_from(WORDS).map(lambda word: f"'{word}'"),
    st.integers(-3, 20).map(str),
    st.sampled_from(
        [
            *(f"parameters('{one}')" for one in ("open", "any", "list", "flag", "number", "known", "secret")),
            *("variables('a')", "variables('b')", "variables('loop')", "copyIndex()", "copyIndex('l')", "true()"),
            *("null()", "resourceGroup().id", "subscription()", "lambdaVariables('x')", "createArray('a', 1)"),
            *("if(parameters('flag'), createArray('a'), createArray())", 'json(\'{"a": [1, {"b": null}]}\')'),
            *("reference('d').outputs.o.value", "resourceId('A.B/c', 'x')", "lambda('x', lambdaVariables('x'))"),
            *("deployment().name", "uniqueString('a')", "createObject('a', parameters('any'))"),
        ]
    ),
)


def grown(inner):
    return st.one_of(
        st.builds(
            lambda name, given: f"{name}({', '.join(given)})", st.sampled_from(NAMES), st.lists(inner, max_size=4)
        ),
        st.builds(lambda of, key: f"{of}.{key}", inner, st.sampled_from(["a", "id", "b", "value"])),
        st.builds(lambda of, key: f"{of}[{key}]", inner, inner),
        st.builds(lambda of, body: f"map({of}, lambda('x', {body}))", inner, inner),
        st.builds(lambda of, body: f"filter({of}, lambda('x', {body}))", inner, inner),
        st.builds(lambda of, body: f"sort({of}, lambda('x', 'y', {body}))", inner, inner),
        st.builds(lambda of, to, body: f"reduce({of}, {to}, lambda('x', 'y', {body}))", inner, inner, inner),
        st.builds(lambda of, key: f"toObject({of}, lambda('x', {key}))", inner, inner),
        st.builds(lambda c, a, b: f"if({c}, {a}, {b})", inner, inner, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, grown, max_leaves=8).map(lambda text: f"[{text}]")
TEXTS = st.one_of(EXPRESSIONS, st.sampled_from([*WORDS, "[[x]", "[x", "[", "[]", "]"]))
SCALARS = st.one_of(
    TEXTS, st.integers(-2, 900), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)
)
KEYS = st.one_of(st.sampled_from(["a", "b", "copy", "name", "count", "input", "value", "properties", "type"]), TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYS, inner, max_size=3),
        st.builds(lambda n, c, i: {"copy": [{"name": n, "count": c, "input": i}]}, st.sampled_from("ab"), inner, inner),
    ),
    max_leaves=6,
)
TYPES = st.sampled_from(
    [
        "A.B/c",
        "c",
        "providers/locks",
        "A.B/c/providers/locks",
        "Microsoft.Resources/deployments",
        "[parameters('open')]",
        "/",
    ]
)


def resources(depth):
    body = {
        "type": TYPES,
        "name": TEXTS,
        "properties": VALUES
        if not depth
        else st.one_of(
            VALUES,
            st.fixed_dictionaries(
                {"template": templates(depth - 1)},
                optional={
                    "parameters": st.one_of(VALUES, st.dictionaries(st.sampled_from(["open", "known"]), VALUES)),
                    "expressionEvaluationOptions": st.sampled_from([{"scope": "inner"}, {"scope": "outer"}, {}, "x"]),
                },
            ),
        ),
    }
    optional = {
        "condition": VALUES,
        "copy": st.one_of(VALUES, st.fixed_dictionaries({"name": st.just("l"), "count": st.integers(-1, 3)})),
        "existing": st.booleans(),
        "tags": VALUES,
        "metadata": VALUES,
        "scope": VALUES,
        "resourceGroup": VALUES,
        "subscriptionId": VALUES,
    }
    if depth:
        optional["resources"] = st.lists(resources(depth - 1), max_size=2)
    return st.one_of(st.fixed_dictionaries(body, optional=optional), VALUES)


def templates(depth):
    many = resources(depth)
    return st.fixed_dictionaries(
        {"resources": st.one_of(st.lists(many, max_size=3), st.dictionaries(st.sampled_from("dxy"), many, max_size=3))},
        optional={
            "variables": st.one_of(
                VALUES,
                st.fixed_dictionaries({"a": VALUES, "b": VALUES, "loop": VALUES}),
                st.builds(lambda one: {"copy": [{"name": "loop", "count": 2, "input": one}]}, VALUES),
            ),
            "outputs": st.one_of(VALUES, st.fixed_dictionaries({"o": st.fixed_dictionaries({"value": VALUES})})),
            "functions": st.one_of(
                VALUES,
                st.builds(
                    lambda one: [
                        {
                            "namespace": "own",
                            "members": {
                                "f": {"parameters": [{"name": "x"}], "output": {"type": "string", "value": one}}
                            },
                        }
                    ],
                    VALUES,
                ),
            ),
            "definitions": VALUES,
            "languageVersion": TEXTS,
            "parameters": st.one_of(
                VALUES,
                st.fixed_dictionaries(
                    {
                        "open": st.just({"type": "string"}),
                        "any": st.just({"type": "object"}),
                        "list": st.just({"type": "array"}),
                        "flag": st.just({"type": "bool"}),
                        "number": st.just({"type": "int"}),
                        "secret": st.just({"type": "securestring", "defaultValue": "hunter2"}),
                        "known": st.fixed_dictionaries({"type": st.just("string")}, optional={"defaultValue": VALUES}),
                    }
                ),
            ),
        },
    ).map(lambda template: {"$schema": SCHEMA, "contentVersion": "1.0.0.0", **template})


def read(data):
    return list(read_found([Found("t.json", "t.json", data, named=True, dialect=ARM.name)], {}, None))


def plain(value):
    """Whether a document is made of plain values and Unknown alone."""
    if isinstance(value, Maybe):
        return all(map(plain, value._values))
    if isinstance(value, Unknown):
        return True
    if isinstance(value, dict):
        return type(value) is dict and all(type(key) is str and plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(plain, value))
    return value is None or type(value) in (str, int, float, bool)


def check(made):
    for resource in made.resources:
        assert plain(resource.document)
        assert resource.type_name
        assert resource.lines.get(()) is None or resource.lines[()] >= 1
        assert list(resource.lines.paths()) is not None
    assert len({one.uid for one in made.resources}) == len(made.resources)
    for problem in made.problems:
        assert problem.why
        assert "\n" not in problem.why
        assert "hunter2" not in problem.why


@settings(quiet, max_examples=100)
@given(templates(1))
def test_any_template_is_read_into_plain_documents(template):
    (made,) = read(json.dumps(template).encode())
    check(made)
    (again,) = read(json.dumps(template, indent=2).encode())
    assert [repr(one.document) for one in again.resources] == [repr(one.document) for one in made.resources]
    assert {one.why for one in again.problems} == {one.why for one in made.problems}


@settings(quiet, max_examples=300)
@given(st.lists(EXPRESSIONS, min_size=1, max_size=3))
def test_any_expression_is_evaluated_or_refused(expressions):
    template = {
        "$schema": SCHEMA,
        "parameters": {
            **{one: {"type": one} for one in ("open", "any", "list", "flag", "number")},
            "open": {"type": "string"},
            "known": {"type": "string", "defaultValue": "k"},
            "secret": {"type": "securestring", "defaultValue": "hunter2"},
        },
        "variables": {"a": expressions[0], "b": {"c": expressions[-1]}, "loop": [1, {"a": 2}]},
        "resources": [
            {
                "type": "Microsoft.Resources/deployments",
                "name": "d",
                "properties": {
                    "expressionEvaluationOptions": {"scope": "inner"},
                    "template": {"resources": [], "outputs": {"o": {"type": "string", "value": "o"}}},
                },
            },
            {
                "type": "A.B/c",
                "name": "x",
                "copy": {"name": "l", "count": 2},
                "properties": {"list": expressions, "a": "[variables('a')]", "b": "[variables('b').c]"},
            },
        ],
    }
    (made,) = read(json.dumps(template).encode())
    check(made)
    assert "hunter2" not in repr([one.document for one in made.resources])


@quiet
@given(st.text(max_size=200))
def test_any_text_between_brackets_is_parsed_or_refused(text):
    refused = ""
    try:
        parsed(f"[{text}]")
    except ExpressionError as error:
        refused = str(error)
    assert "\n" not in refused


@quiet
@given(st.text(alphabet="()[].,?'ab1 -\n", max_size=80))
def test_any_soup_of_signs_is_parsed_or_refused(text):
    test_any_text_between_brackets_is_parsed_or_refused.hypothesis.inner_test(text)


@quiet
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    refused = None
    try:
        assert isinstance(read_text(text), Text)
    except TextError as error:
        refused = error
    assert refused is None or (refused.why and (refused.line is None or refused.line >= 1))
    assert list(comments(text)) is not None


@quiet
@given(VALUES, st.sampled_from([None, 1]))
def test_plain_json_says_what_it_says_anywhere(value, indent):
    text = json.dumps(value, indent=indent)
    assert read_text(text).value == json.loads(text)


@quiet
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    (made,) = read(b'{"$schema": "%s", "resources": []}' % SCHEMA.encode() + data)
    assert made.resources == []


@quiet
@given(VALUES)
def test_any_parameters_are_read_or_refused(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("p") / "p.json"
    path.write_text(json.dumps({"$schema": SCHEMA.replace("Template", "Parameters"), "parameters": value}))
    try:
        assert isinstance(read_parameters([path])[0], dict)
    except ParametersError as error:
        refused = str(error)
        assert "p.json" in refused


SEED = """{
  "$schema": "%s", // koban:ignore x until 2030-01-01 because
  "parameters": {"open": {"type": "string"}, "tier": {"type": "string", "defaultValue": "Hot"}},
  "variables": {"names": ["a", "b"], "copy": [{"name": "l", "count": 2, "input": "[copyIndex('l')]"}]},
  "resources": [
    {
      "type": "Microsoft.Storage/storageAccounts",
      "name": "[concat('s', uniqueString(resourceGroup().id), copyIndex())]",
      "copy": {"name": "c", "count": "[length(variables('names'))]"},
      "properties": {
        "accessTier": "[if(equals(parameters('tier'), 'Hot'), 'Hot', parameters('open'))]",
        "networkAcls": {"ipRules": "[map(variables('names'), lambda('n', createObject('v', lambdaVariables('n'))))]"}
      },
      "resources": [{"type": "blobServices", "name": "default", "properties": {}}]
    },
    {"type": "Microsoft.Resources/deployments", "name": "d", "properties": {"template": {"resources": []}}}
  ]
}""".replace("%s", SCHEMA)  # fmt: skip


@quiet
@given(
    st.lists(
        st.tuples(st.integers(0, len(SEED)), st.integers(0, 12), st.text(" \n{}[]\"\\,:/*'()a.1", max_size=4)),
        max_size=6,
    )
)
def test_a_template_with_pieces_lost_and_changed_is_read_or_refused(edits):
    text = SEED
    for at, cut, added in edits:
        text = text[:at] + added + text[at + cut :]
    for made in read(text.encode()):
        check(made)


@pytest.mark.parametrize(
    "value",
    [
        "[reduce(range(0, 10000), '', lambda('a', 'b', concat(lambdaVariables('a'), '0123456789')))]",
        "[reduce(range(0, 10000), createArray(), lambda('a', 'b', concat(lambdaVariables('a'), range(0, 10000))))]",
        "[map(range(0, 10000), lambda('a', map(range(0, 10000), lambda('b', 1))))]",
        "[map(range(0, 10000), lambda('a', contains(range(0, 10000), -1)))]",
        "[map(range(0, 10000), lambda('a', union(range(0, 10000), range(0, 10000))))]",
        "[filter(range(0, 10000), lambda('a', contains(map(range(0, 10000), lambda('b', parameters('open'))), 'x')))]",
        "[sort(range(0, 10000), lambda('a', 'b', greater(lambdaVariables('a'), lambdaVariables('b'))))]",
        "[equals(concat(parameters('open'), 'a', parameters('open'), 'a', parameters('open'), 'a', parameters('open'), "
        "'a', parameters('open'), 'b'), join(map(range(0, 10000), lambda('x', 'a')), ''))]",
        "[distinct(map(range(0, 10000), lambda('x', concat(parameters('open'), lambdaVariables('x')))))]",
        {"copy": [{"name": "a", "count": 800, "input": {"copy": [{"name": "b", "count": 800, "input": {
            "copy": [{"name": "c", "count": 800, "input": "[copyIndex('c')]"}]}}]}}]},
    ],
)  # fmt: skip
def test_work_without_end_ends(value):
    template = {
        "$schema": SCHEMA,
        "parameters": {"open": {"type": "string"}},
        "resources": [{"type": "A.B/c", "name": "x", "properties": {"v": value}}],
    }
    start = time.process_time()
    read(json.dumps(template).encode())
    assert time.process_time() - start < 20
