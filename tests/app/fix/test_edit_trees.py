"""Edits of YAML and JSON: what is asked for changes, and nothing else."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from koban.app.fix import edit_json, edit_yaml
from koban.app.fix.edit import CannotEdit, Ends
from koban.app.fix.operation import SetValue, counted
from koban.model.fix import Element


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a: false\n", ("a",), True, "a: true\n"),
        ("a: false  # why\nb: 1\n", ("a",), True, "a: true  # why\nb: 1\n"),
        ("a: 'false'\n", ("a",), True, "a: 'true'\n"),
        ('a: "x"\n', ("a",), "y", 'a: "y"\n'),
        ("a: x\n", ("a",), "true", 'a: "true"\n'),
        ("a:\n  b: 1\n  # last\nc: 2\n", ("a", "d"), 3, "a:\n  b: 1\n  d: 3\n  # last\nc: 2\n"),
        ("a:\n  b: |\n    x\n\n\nc: 2\n", ("a", "d"), 3, "a:\n  b: |\n    x\n  d: 3\n\n\nc: 2\n"),
        ("a:\n  b: |+\n    x\n\nc: 2\n", ("a", "d"), 3, "a:\n  b: |+\n    x\n\n  d: 3\nc: 2\n"),
        ("a:\nc: 2\n", ("a", "d", "e"), 3, "a:\n  d:\n    e: 3\nc: 2\n"),
        ("a: {b: 1}\n", ("a", "d"), 3, "a: {b: 1, d: 3}\n"),
        ("a: {}\n", ("a", "d", "e"), 3, "a: {d: {e: 3}}\n"),
        ("a: {b: 1,\n    c: 2}\n", ("a", "d"), 3, "a: {b: 1,\n    c: 2,\n    d: 3}\n"),
        ('a: {"b": "x"}\n', ("a", "d"), "y", 'a: {"b": "x", "d": "y"}\n'),
        ("a:\n- b: 1\nc: 2\n", ("a", 1), {"b": 2}, "a:\n- b: 1\n- b: 2\nc: 2\n"),
        ("a:\n    - b: 1\n", ("a", 0, "d"), [1, "x"], "a:\n    - b: 1\n      d:\n          - 1\n          - x\n"),
        ("a: [1]\n", ("a", 1), 2, "a: [1, 2]\n"),
        ("a: [x]\n", ("a",), ["yy"], "a: [yy]\n"),
        ("a:\n- x\n- z\nb: 1\n", ("a",), ["yy"], "a:\n- yy\nb: 1\n"),
        ("a:\n  b: 1", ("a", "c"), 2, "a:\n  b: 1\n  c: 2"),
        ("a:\n  b: 1\n", ("a", "c"), {"Ref": "X"}, "a:\n  b: 1\n  c: !Ref X\n"),
        ("a: &x\n  b: 1\n", ("a", "c"), 2, "a: &x\n  b: 1\n  c: 2\n"),
    ],
)
def test_a_value_of_yaml_is_set(before: str, path: tuple[Any, ...], value: Any, after: str) -> None:
    made = edit_yaml.set_value(before, path, value)
    assert made == after
    if not isinstance(value, dict):
        assert edit_yaml.set_value(made, path, value) == made


@pytest.mark.parametrize(
    ("before", "path", "why"),
    [
        ("a: &x {b: 1}\nc: *x\n", ("a", "d"), "anchor"),
        ("a: &x 1\nc: 1\n", ("a",), "anchor"),
        ("a: !If [x, 1, 2]\n", ("a",), "a is the function !If"),
        ("a: !If [x, {b: 1}, {b: 2}]\n", ("a", "b"), "a is the function !If"),
        ("x: &y {b: 1}\na:\n  <<: *y\n", ("a", "c"), "a is made by <<"),
        ("a:\n  Fn::If: [x, y, z]\n", ("a", "b"), "a is made by Fn::If"),
        ("a: |\n  x\n", ("a",), "several lines"),
        ("a: 1\n---\nb: 2\n", ("a",), "not one YAML document"),
        ("a: 1\na: 2\n", ("a",), "a is written twice"),
        ("a: [\n", ("a",), "not YAML"),
        ("a: {b: 1, # one\n    c: 2}\n", ("a", "d"), "comments"),
        ("a: x\n", ("a", "b"), "a is not a mapping"),
        ("a: {b: 1}\n", ("a",), "a is written as a mapping"),
    ],
)
def test_what_cannot_be_edited_exactly_in_yaml_is_refused(before: str, path: tuple[Any, ...], why: str) -> None:
    with pytest.raises(CannotEdit, match=why):
        edit_yaml.set_value(before, path, True)


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ('{"a": false}', ("a",), True, '{"a": true}'),
        ('{"a":1}', ("b",), {"c": 1}, '{"a":1,"b":{"c":1}}'),
        ('{\n  "a": "false"\n}\n', ("a",), True, '{\n  "a": "true"\n}\n'),
        ('{\n  "a": {}\n}\n', ("a", "b"), 1, '{\n  "a": {\n    "b": 1\n  }\n}\n'),
        (
            '{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n',
            ("a", "c"),
            {"d": [1]},
            '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": {\n\t\t\t"d": [\n\t\t\t\t1\n\t\t\t]\n\t\t}\n\t}\n}\n',
        ),
        ('{"a": ["\\ud83d\\ude00"]}', ("a", 1), 2, '{"a": ["\\ud83d\\ude00", 2]}'),
    ],
)
def test_a_value_of_json_is_set(before: str, path: tuple[Any, ...], value: Any, after: str) -> None:
    assert edit_json.set_value(before, path, value) == after


@pytest.mark.parametrize(
    "text", ['{"a": 1,}', '{"a" 1}', "{a: 1}", '{"a": 1} x', '{"a": 1, "a": 2}', "[" * 300, '{"a": [1,]}']
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(CannotEdit):
        edit_json.set_value(text, ("a",), 2)


def test_an_element_is_told_by_a_key_and_added_where_there_is_none() -> None:
    path = ("l", Element("Key", "b"), "Value")
    assert counted({"l": [{"Key": "a"}, {"Key": "b"}]}, path, 1) == (("l", 1, "Value"), 1)
    assert counted({}, path, 1) == (("l", 0), {"Key": "b", "Value": 1})
    assert SetValue("", path, 1).apply("l:\n- Key: a\n") == "l:\n- Key: a\n- Key: b\n  Value: 1\n"


@pytest.mark.parametrize("data", [b"a\r\nb\n", b"a\rb\n", b"\xff\xfe", b"caf\xe9\n"])
def test_bytes_that_would_not_come_back_the_same_are_refused(data: bytes) -> None:
    with pytest.raises(CannotEdit):
        Ends(data)


@given(st.text(alphabet="ab \n\u00e9\u2028", max_size=20), st.booleans(), st.booleans())
def test_bytes_come_back_the_same(text: str, crlf: bool, mark: bool) -> None:
    data = (b"\xef\xbb\xbf" if mark else b"") + (text.replace("\n", "\r\n") if crlf else text).encode()
    ends = Ends(data)
    assert ends.text == text
    assert ends.bytes_of(ends.text) == data


KEYS = st.sampled_from(["A", "Bb", "C-c", "Dd"])
SCALARS = st.sampled_from([True, 1, "x", "eu-west-1a", "true", "a: b", "# x", ""])
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
    ),
    min_size=1,
)
PATHS = st.lists(KEYS, min_size=1, max_size=3).map(tuple)


def _with(tree: Any, path: tuple[str, ...], value: Any) -> Any:
    made = copy.deepcopy(tree)
    node = made
    for step in path[:-1]:
        assume(isinstance(node, dict))
        node = node.setdefault(step, {})
    assume(isinstance(node, dict) and not isinstance(node.get(path[-1]), dict | list))
    node[path[-1]] = value
    return made


@given(TREES, PATHS, st.integers(2, 4), st.booleans())
def test_nothing_else_of_yaml_changes(tree: Any, path: tuple[str, ...], indent: int, flow: bool) -> None:
    wanted = _with(tree, path, "new")
    text = "# top\n" + yaml.safe_dump(tree, indent=indent, default_flow_style=None if flow else False, sort_keys=False)
    text += "# end\n"
    try:
        made = edit_yaml.set_value(text, path, "new")
    except CannotEdit as error:
        why = str(error)
    else:
        why = ""
    if why:
        assert any(one in why for one in ("is not a mapping", "is empty", "is written as", "stands in a line"))
        return
    assert yaml.safe_load(made) == wanted
    assert made[:6] + made[-6:] == "# top\n# end\n"
    lines, after = text.split("\n"), made.split("\n")
    assert len([one for one in lines if one not in after]) <= 1


@given(TREES, PATHS, st.sampled_from([None, 2, 4, "\t"]))
def test_nothing_else_of_json_changes(tree: Any, path: tuple[str, ...], indent: Any) -> None:
    wanted = _with(tree, path, "new")
    made = edit_json.set_value(json.dumps(tree, indent=indent), path, "new")
    assert json.loads(made) == wanted
    assert list(json.loads(made)) == list(wanted)
    if indent is not None and isinstance(tree.get(path[0]), dict):
        assert made == json.dumps(wanted, indent=indent)
