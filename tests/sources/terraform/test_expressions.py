"""Expressions come to what Terraform says that they come to: its answers are kept in golden.jsonl."""

import json
import random
import shutil
from pathlib import Path

import pytest
from tests.sources.terraform.expressions_of import HEREDOCS
from tests.sources.terraform.make_golden import GOLDEN, ask

from koban.model.unknown import Maybe, OpenList, Partial, Unknown, because
from koban.sources.terraform.expressions import references
from koban.sources.terraform.functions import call
from koban.sources.terraform.module import Names, Tree
from koban.sources.terraform.syntax import SyntaxProblem, parse_expression
from koban.sources.terraform.values import EvaluationError, JsonText

ROWS = [json.loads(line) for line in Path(GOLDEN).read_text().splitlines()]
DIGITS = 60  # of a number that neither side writes exactly


def names(given=None):
    return Names(Tree("/nowhere", "/nowhere", {}, lambda *_: ""), given or {})


def evaluated(expression: str, given=None):
    return parse_expression(expression).value(names(given))


def as_json(expression: str) -> str | None:
    """What an expression comes to as JSON; None where it is refused."""
    try:
        value = evaluated(expression)
        return call("jsonencode", [value], names().context)
    except (EvaluationError, SyntaxProblem):
        return None


def lenient(expression: str, theirs: str | None) -> bool:
    """Whether Terraform 1.11 refuses it for the side of && || ?: that does not count.

    Later versions do not look at that side, nor do we.
    """
    return theirs is None and any(operator in expression for operator in ("&&", "||", "?"))


def same(ours: str | None, theirs: str | None) -> bool:
    if ours == theirs or ours is None or theirs is None:
        return ours == theirs
    cut = [json.loads(one, parse_float=lambda text: text[:DIGITS], parse_int=_whole) for one in (ours, theirs)]
    return cut[0] == cut[1] and json.dumps(cut[0]) == json.dumps(cut[1])


def _whole(text: str) -> str:
    return "0" if text == "-0" else text


@pytest.mark.parametrize("kind", sorted({row["kind"] for row in ROWS}))
def test_terraforms_own_answers(kind):
    rows = [row for row in ROWS if row["kind"] == kind]
    wrong = [
        (row["expression"], row["json"], found)
        for row in rows
        if not same(found := as_json(row["expression"]), row["json"]) and not lenient(row["expression"], row["json"])
    ]
    assert len(rows) > 150
    assert wrong == []


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform to ask")
def test_terraform_itself_still_says_so():
    rows = random.Random(7).sample([row for row in ROWS if row["json"] is not None], 150)
    assert ask([row["expression"] for row in rows]) == [row["json"] for row in rows]


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform to ask")
def test_heredocs_are_terraforms(tmp_path):
    import subprocess

    locals_ = "".join(f"  h{position} = {text}" for position, text in enumerate(HEREDOCS))
    (tmp_path / "main.tf").write_text(f"locals {{\n{locals_}}}\n")
    listed = ", ".join(f"local.h{position}" for position in range(len(HEREDOCS)))
    done = subprocess.run(
        ["terraform", "console"],
        input=f"base64encode(jsonencode([{listed}]))\n",
        text=True,
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    import base64

    theirs = json.loads(base64.b64decode(done.stdout.strip().strip('"')))
    assert [evaluated(text) for text in HEREDOCS] == theirs


VAR = Unknown("var.x", "variable x has no default")
OTHER = Unknown("var.y", "variable y has no default", shape="(?:a|b)")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x ? 1 : 1", 1),
        ("x && false", False),
        ("true || x", True),
        ('y == "c"', False),
        ('"a-${y}" == "b"', False),
        ("[x, 1][1]", 1),
        ("length([x, 1])", 2),
        ("{ a = x, b = 2 }.b", 2),
        ("[for i in [1, x] : i if true][0]", 1),
        ('lookup({ a = 1 }, "a", x)', 1),
        ("try(null.a, 3)", 3),
        ("merge({ a = x }, { a = 1 }).a", 1),
        ('contains(["a", x], "a")', True),
        ('x == "a" ? [] : []', []),
    ],
)
def test_what_is_certain_although_something_is_not_known(expression, expected):
    assert evaluated(expression, {"x": VAR, "y": OTHER}) == expected


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("x", "var.x"),
        ("x.a[0].b", "var.x"),
        ("!x", "var.x"),
        ("x + 1", "var.x"),
        ("x ? 1 : 2", "var.x"),
        ("upper(x)", "var.x"),
        ("y == x", "var.y"),
        ("try(x.a, 1)", "var.x"),
        ("{ (x) = 1 }", "var.x"),
        ("x[*].id", "var.x"),
        ('"%{ if x }a%{ endif }"', "var.x"),
    ],
)
def test_what_is_not_known_says_on_what_it_hangs(expression, path):
    value = evaluated(expression, {"x": VAR, "y": OTHER})
    assert isinstance(value, Unknown)
    assert because(value) == f"{path}: variable {path[-1]} has no default"


def test_texts_keep_what_is_known_of_them():
    text = evaluated('"arn:${x}/*"', {"x": VAR})
    assert isinstance(text, Partial)
    assert text.startswith("arn:") is True
    policy = evaluated('jsonencode({ Resource = "${x}/*", Effect = "Allow" })', {"x": VAR})
    assert isinstance(policy, JsonText)
    assert policy._value["Effect"] == "Allow"


def test_elements_that_may_not_be_there_stay_as_such():
    listed = evaluated('[for a in ["k", "l"] : a if a != x]', {"x": VAR})
    assert isinstance(listed, OpenList)
    assert [one._values for one in listed if isinstance(one, Maybe)] == [("k",), ("l",)]
    chosen = evaluated("x ? [1] : []", {"x": VAR})
    assert [one._values for one in chosen] == [(1,)]
    joined = evaluated("concat([1], x ? [2] : [])", {"x": VAR})
    assert isinstance(joined, OpenList)
    assert joined[0] == 1


def test_a_comparison_with_many_pieces_that_are_not_known_ends():
    expression = '"${x}a${x}a${x}a${x}a${x}a${x}b" == join("", [for i in range(1000) : "aaaaaaaaaa"])'
    assert isinstance(evaluated(expression, {"x": VAR}), Unknown)


def test_references():
    expression = parse_expression('[for k, v in var.m : "${aws_x.y[k].id}-${local.a.b}" if data.t.n.z]')
    found = set(references(expression))
    assert {("var", "m"), ("aws_x", "y"), ("local", "a", "b"), ("data", "t", "n", "z")} <= found
