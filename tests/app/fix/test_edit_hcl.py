"""Edits of HCL: what is asked for changes, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koban.app.fix.edit import CannotEdit
from koban.app.fix.edit_hcl import Raw, add_block, aligned, rendered, set_argument
from koban.sources.terraform.mapping import JsonText
from koban.sources.terraform.syntax import Body, parse

KEY = ("resource", "t", "n")


def edited(body: str, path: tuple[Any, ...], value: Any) -> str:
    text = f'resource "t" "n" {{\n{body}}}\n'
    made = set_argument(text, KEY, path, value)
    assert made[:19] + made[-2:] == 'resource "t" "n" {\n}\n'
    return made.removeprefix('resource "t" "n" {\n').removesuffix("}\n")


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("", ("a",), True, "  a = true\n"),
        ("  a = false\n", ("a",), True, "  a = true\n"),
        ("  a = false # why\n", ("a",), True, "  a = true # why\n"),
        ("  a = false /* why */\n", ("a",), True, "  a = true /* why */\n"),
        ('  a  = "x"   # p\n  bb = "yy"  # q\n', ("a",), "z", '  a  = "z"   # p\n  bb = "yy"  # q\n'),
        ("  a   = false # p\n  bcd = 1     # q\n", ("a",), True, "  a   = true # p\n  bcd = 1    # q\n"),
        ("  a = 1\n", ("long",), 2, "  a    = 1\n  long = 2\n"),
        ("  a=1\n  bb=2\n", ("long",), 2, "  a=1\n  bb=2\n  long=2\n"),
        ("  a = 1\n\n  tags = {\n    x = 1\n  }\n", ("b",), 2, "  a = 1\n  b = 2\n\n  tags = {\n    x = 1\n  }\n"),
        ("  count = 2\n", ("b",), 2, "  count = 2\n\n  b = 2\n"),
        ("  a = 1\n", ("m", 0, "x"), "y", '  a = 1\n\n  m {\n    x = "y"\n  }\n'),
        ("  m {\n    x = 1\n  }\n", ("m", 0, "yy"), 2, "  m {\n    x  = 1\n    yy = 2\n  }\n"),
        ("  m { x = 1 }\n", ("m", 0, "x"), 2, "  m { x = 2 }\n"),
        ("  m { x = 1 }\n", ("m", 0, "yy"), 2, "  m {\n    x  = 1\n    yy = 2\n  }\n"),
        ("  m {}\n", ("m", 0, "y"), 2, "  m {\n    y = 2\n  }\n"),
        (
            "  m {\n    x = 1\n  }\n  m {\n    x = 1\n  }\n",
            ("m", 1, "x"),
            2,
            "  m {\n    x = 1\n  }\n  m {\n    x = 2\n  }\n",
        ),
        ("  m {\n  }\n", ("m", 0, "n", 0, "x"), 2, "  m {\n    n {\n      x = 2\n    }\n  }\n"),
        (
            '  dynamic "m" {\n    for_each = []\n    content {\n      x = 1\n    }\n  }\n',
            ("m", 0, "x"),
            2,
            '  dynamic "m" {\n    for_each = []\n    content {\n      x = 2\n    }\n  }\n',
        ),
        ('  a = ["x"]\n', ("a",), ["y", "z"], '  a = ["y", "z"]\n'),
        ('  a = "$${x}"\n', ("a",), "${y} \\", '  a = "$${y} \\\\"\n'),
        ("  a = <<EOT\nb = 1\nEOT\n", ("c",), 1, "  a = <<EOT\nb = 1\nEOT\n  c = 1\n"),
        ("\ta = 1\n", ("b",), 1, "\ta = 1\n\tb = 1\n"),
    ],
)
def test_an_argument_is_set(before: str, path: tuple[Any, ...], value: Any, after: str) -> None:
    made = edited(before, path, value)
    if "<<EOT" in before:  # behind a text of several lines, or before it: both are right
        assert parse(f'resource "t" "n" {{\n{made}}}\n').blocks[0].body.attributes.keys() == {"a", "c"}
        assert "a = <<EOT\nb = 1\nEOT\n" in made
        return
    assert made == after
    assert edited(made, path, value) == made


@pytest.mark.parametrize(
    ("before", "path", "why"),
    [
        ("  a = var.x\n", ("a",), "a is an expression"),
        ('  a = "x-${var.x}"\n', ("a",), "a is an expression"),
        ("  a = [\n    1, # one\n  ]\n", ("a",), "a has comments in it"),
        ("  m = { x = 1 }\n", ("m", 0, "x"), "m is written as a value, not as a block"),
        ("  m {\n  }\n", ("m",), "m is written as a block, not as a value"),
        ('  m {\n  }\n  dynamic "m" {\n    content {}\n  }\n', ("m", 0, "x"), "m is written as a dynamic block"),
        ("  m {\n  }\n", ("m", 3, "x"), "m has no block 3"),
    ],
)
def test_what_cannot_be_edited_exactly_is_refused(before: str, path: tuple[Any, ...], why: str) -> None:
    with pytest.raises(CannotEdit, match=why):
        edited(before, path, True)


def test_a_block_that_is_not_there_and_a_file_that_is_not_hcl() -> None:
    with pytest.raises(CannotEdit, match="there is no resource t x"):
        set_argument("", ("resource", "t", "x"), ("a",), 1)
    with pytest.raises(CannotEdit, match="line 1"):
        set_argument("resource {", KEY, ("a",), 1)


def test_a_block_is_added_behind_another_and_no_second_time() -> None:
    text = 'resource "t" "n" {\n  a = 1\n} # that one\n\nvariable "x" {}'
    arguments = [(("bucket",), Raw("t.n.id")), (("r", 0, "p"), JsonText({"A:b": ["*"], "Cc": {"d": 1}}))]
    made = add_block(text, KEY, ("resource", "p", "n"), arguments)
    assert made == (
        'resource "t" "n" {\n  a = 1\n} # that one\n\nresource "p" "n" {\n  bucket = t.n.id\n\n  r {\n'
        '    p = jsonencode({\n      "A:b" = ["*"]\n      Cc = {\n        d = 1\n      }\n    })\n  }\n}\n\n'
        'variable "x" {}'
    )
    assert add_block(made, KEY, ("resource", "p", "n"), [(("a",), 1)]).count('resource "p" "n"') == 1


def test_values_are_written_as_terraform_writes_them() -> None:
    assert rendered({"a": 1, "bbb": "x", "c": {}}) == '{\n  a   = 1\n  bbb = "x"\n  c   = {}\n}'
    assert rendered([{"a": 1}]) == "[\n  {\n    a = 1\n  },\n]"
    assert aligned(["a = 1", "bb = {", "  c = 1", "}", "ddd = 1"]) == ["a = 1", "bb = {", "  c = 1", "}", "ddd = 1"]
    with pytest.raises(CannotEdit):
        rendered(object())


NAMES = st.sampled_from(["a", "bb", "ccc", "d_long_name", "e"])
VALUES = st.sampled_from(
    ["1", "true", '"x"', '"# no comment"', "[1, 2]", "var.x", "{\n    k = 1\n  }", "<<EOT\n  z = 9\nEOT"]
)
COMMENTS = st.sampled_from(["", "", " # why", "  // why not"])
SPACES = st.sampled_from(["", "\n", "  # a note\n", "  /* a = 1 */\n"])


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """The inside of a block, formatted somehow."""
    made = ""
    for name in draw(st.lists(NAMES, unique=True)):
        value = draw(VALUES)
        comment = "" if "EOT" in value else draw(COMMENTS)
        made += f"{draw(SPACES)}  {name}{draw(st.sampled_from([' ', '   ', '']))}= {value}{comment}\n"
    for name in draw(st.lists(st.sampled_from(["m", "n"]), unique=True)):
        made += f"{draw(SPACES)}  {name} {{\n    x = 1{draw(COMMENTS)}\n  }}\n"
    return made


def _flat(body: Body, text: str, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    found = {(*at, name): text[one.at : one.end].strip() for name, one in body.attributes.items()}
    for block in body.blocks:
        found |= _flat(block.body, text, (*at, block.type, *block.labels))
    return found


@given(
    bodies(),
    bodies(),
    st.sampled_from([("a",), ("zz",), ("d_long_name",), ("m", 0, "x"), ("m", 0, "y"), ("q", 0, "r")]),
)
def test_nothing_else_changes(own: str, other: str, path: tuple[Any, ...]) -> None:
    text = f'# top\nresource "t" "n" {{\n{own}}}\n\nresource "t" "other" {{\n{other}}}\n'
    try:
        made = set_argument(text, KEY, path, "new")
    except CannotEdit as error:
        why = str(error)
    else:
        why = ""
    if why:
        assert any(one in why for one in ("is an expression", "written as", "several lines"))
        return
    place = ("resource", "t", "n", *(one for one in path if isinstance(one, str)))
    before, after = _flat(parse(text), text), _flat(parse(made), made)
    assert after.pop(place) == '"new"'
    before.pop(place, None)
    assert after == before
    assert made.endswith(f'resource "t" "other" {{\n{other}}}\n')
    # Only spaces before = and comments move on the lines that stay.
    kept = [" ".join(one.split()) for one in text.split("\n")]
    stays = [" ".join(one.split()) for one in made.split("\n")]
    gone = [one for one in kept if one not in stays]
    assert len(gone) <= 1
