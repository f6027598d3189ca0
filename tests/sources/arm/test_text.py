"""JSON as Azure's tools accept it."""

import json

import pytest

from koban.sources.arm.text import TextError, read_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, -2.5, 1e3, true, null, "x"]}', {"a": [1, -2.5, 1000.0, True, None, "x"]}),
        ('// first\n{"a": /* in between */ 1, // after\n "b": 2}', {"a": 1, "b": 2}),
        ('{"a": "// no comment", "b": "/* nor this */"}', {"a": "// no comment", "b": "/* nor this */"}),
        ('{"a": "one\n two"}', {"a": "one\n two"}),
        ('{"a": "one\\n\\u0041\\"\\\\\n two"}', {"a": 'one\nA"\\\n two'}),
        ('{"a\\"b": 1}', {'a"b': 1}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ("\ufeff [ ] ", []),
        ('{"smile": "\\ud83d\\ude00"}', {"smile": "\U0001f600"}),
        ('{"path": "C:\\windows"}', {"path": "C:windows"}),
        ("{}", {}),
        ("true", True),
    ],
)
def test_what_a_text_says(text, value):
    assert read_text(text).value == value


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 1, "not JSON: the text ends too early"),
        ('{"a": 1\n "b": 2}', 2, "not JSON: a comma or a brace is missing"),
        ('{"a": [1\n 2]}', 2, "not JSON: a comma or a bracket is missing"),
        ('{"a"\n 1}', 1, "not JSON: a key is followed by a colon"),
        ("{\na: 1}", 2, "not JSON: a key in quotes is expected, and not 'a'"),
        ('{"a": wrong}', 1, "not JSON: a value is expected, and not 'w'"),
        ('{"a": 1} x', 1, "not JSON: something follows the end of the template"),
        ('{"a": "b', 1, "not JSON: a text has no end"),
        ('{\n"a": /* b', 2, "not JSON: a comment has no end"),
        ('{"a": ' + "1" * 200 + "}", 1, "not JSON: a number has more than 100 digits"),
        ("[" * 101, 1, "values nest deeper than 100 levels"),
        ("[" * 100_000, 1, "values nest deeper than 100 levels"),
        ('{"a":' * 5_000, 1, "values nest deeper than 100 levels"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text, line, why):
    with pytest.raises(TextError) as caught:
        read_text(text)
    assert (caught.value.line, caught.value.why) == (line, why)


def test_lines_of_keys_and_elements():
    text = read_text('{ // one\n "a": {\n  "b": 1},\n "c": [\n\n  1,\n  {"d": "x\ny"}, 3]}')
    root = text.value
    assert [text.line(root, "a"), text.line(root["a"], "b"), text.line(root, "c")] == [2, 3, 4]
    assert [text.line(root["c"], i) for i in range(3)] == [6, 7, 8]
    assert text.line(root, "gone") is None
    assert text.line({"a": 1}, "a") is None


def test_a_key_that_is_written_twice_is_said():
    text = read_text('{"a": 1,\n"a": 2}')
    assert (text.value, text.problems) == ({"a": 2}, [(2, "a is written twice (first on line 1); the last holds")])


def test_only_what_has_an_expression_or_a_loop_in_it_is_dynamic():
    text = read_text('{"a": {"b": "[x()]"}, "c": {"d": "[x"}, "e": {"copy": []}, "f": {"[k()]": 1}, "g": [["[y]"]]}')
    root = text.value
    lively = {key for key, one in root.items() if id(one) in text.dynamic}
    assert (lively, id(root) in text.dynamic) == ({"a", "e", "f", "g"}, True)


def test_long_runs_of_space_and_quotes_are_read_in_a_moment():
    assert read_text('{"a":' + " " * 200_000 + "1}").value == {"a": 1}
    with pytest.raises(TextError):
        read_text('{"a":1' + " /**/ \n" * 50_000 + "x}")
    assert read_text(json.dumps({"a": '\\"' * 100_000})).value == {"a": '\\"' * 100_000}
