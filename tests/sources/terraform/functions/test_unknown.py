"""What functions say of values that are not known, or known in part."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from koban.model.unknown import Maybe, OpenList, Partial, Unknown, because
from koban.sources.terraform.functions import Context, call, conditional, convert, equal
from koban.sources.terraform.functions.conversion import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    list_type,
    map_type,
    object_type,
    optional,
    set_type,
    tuple_type,
)
from koban.sources.terraform.functions.sensitivity import SENSITIVE
from koban.sources.terraform.values import EvaluationError, JsonText, List, Map, Set, joined, set_of

CONTEXT = Context(Path("."), Path("."))
X = Unknown("var.x", "no default")
Y = Unknown("var.y", "no default either")
SOME = Maybe("var.x", "", (X._child("[0]"), X._child("[1]")), more=True)
NAMED = joined(["logs-", X, "-eu"], "name")


def run(name: str, *args: Any) -> Any:
    return call(name, list(args), CONTEXT)


def alike(found: Any, wanted: Any) -> bool:
    """Whether two values are the same; unknown ones by what they are called."""
    if isinstance(wanted, Maybe):
        return (
            isinstance(found, Maybe)
            and (found._path, found._more) == (wanted._path, wanted._more)
            and alike(list(found._values), list(wanted._values))
        )
    if isinstance(wanted, Partial):
        return isinstance(found, Partial) and alike(list(found._pieces), list(wanted._pieces))
    if isinstance(wanted, Unknown):
        return isinstance(found, Unknown) and found._path == wanted._path
    if isinstance(wanted, list):
        return type(found) is type(wanted) and len(found) == len(wanted) and all(map(alike, found, wanted))
    if isinstance(wanted, dict):
        return (
            type(found) is type(wanted)
            and found.keys() == wanted.keys()
            and all(alike(found[k], wanted[k]) for k in wanted)
        )
    return type(found) is type(wanted) and found == wanted


SURE = [
    ("length", [[X, Y]], 2),
    ("length", [{"a": X}], 1),
    ("length", [set_of([X])], 1),
    ("merge", [{"a": X}, {"b": 1}], {"a": X, "b": 1}),
    ("merge", [{"a": X}, {"a": 1}], {"a": 1}),
    ("keys", [{"b": X, "a": Y}], ["a", "b"]),
    ("values", [{"b": X, "a": 1}], [1, X]),
    ("lookup", [{"a": X}, "a", "d"], X),
    ("lookup", [{"a": X}, "b", "d"], "d"),
    ("coalesce", ["a", X], "a"),
    ("coalesce", [None, "", "a", X], "a"),
    ("coalesce", [NAMED, "a"], NAMED),
    ("coalescelist", [[], [X]], [X]),
    ("concat", [[1], [X]], [1, X]),
    ("concat", [[1], X, [2]], OpenList([1, SOME, 2])),
    ("flatten", [[[1], [NAMED]]], [1, NAMED]),
    ("flatten", [[[1], X]], OpenList([1, SOME])),
    ("element", [[1, X], 1], X),
    ("element", [[1, X], 2], 1),
    ("slice", [[1, X, 2], 1, 3], [X, 2]),
    ("zipmap", [["a", "b"], [1, X]], {"a": 1, "b": X}),
    ("zipmap", [["a", "b"], X], {"a": X._child("[0]"), "b": X._child("[1]")}),
    ("compact", [["a", "", NAMED]], List(["a", NAMED])),
    ("compact", [["a", X]], OpenList(["a", Maybe("var.x", "", (X,))])),
    ("distinct", [["a", "a", X]], OpenList(["a", Maybe("var.x", "", (X,))])),
    ("distinct", [[X]], List([X])),
    ("tolist", [["a", X]], List(["a", X])),
    ("toset", [["a", "a", X]], Set(["a", X])),
    ("tomap", [{"a": X}], Map({"a": X})),
    ("tolist", [X], X),
    ("tostring", [NAMED], NAMED),
    ("tostring", [X], X),
    ("contains", [["a", X], "a"], True),
    ("contains", [[NAMED], "a"], False),
    ("one", [[X]], X),
    ("one", [[]], None),
    ("alltrue", [[False, X]], False),
    ("anytrue", [[True, X]], True),
    ("reverse", [[1, X]], [X, 1]),
    ("index", [["a", X], "a"], 0),
    ("chunklist", [[1, X, 2], 2], List([List([1, X]), List([2])])),
    ("join", ["-", ["a", X, "b"]], joined(["a-", X, "-b"], "")),
    ("join", ["-", ["a", 1]], "a-1"),
    ("format", ["%s-%d-%v", "a", 1, X], joined(["a-1-", X], "")),
    ("formatlist", ["%s/%s", ["a", X], "z"], List(["a/z", joined([X, "/z"], "")])),
    ("startswith", [NAMED, "logs"], True),
    ("startswith", [NAMED, "prod"], False),
    ("endswith", [NAMED, "-eu"], True),
    ("strcontains", [NAMED, "ogs"], True),
    ("trimprefix", [NAMED, "logs"], joined(["-", X, "-eu"], "")),
    ("trimprefix", [NAMED, "prod"], NAMED),
    ("trimsuffix", [NAMED, "-eu"], joined(["logs-", X], "")),
    ("upper", [NAMED], joined(["LOGS-", Unknown("upper(var.x)", ""), "-EU"], "")),
    ("lower", [joined(["A", X], "")], joined(["a", Unknown("lower(var.x)", "")], "")),
    ("substr", [NAMED, 0, 4], "logs"),
    ("jsondecode", [joined(['{"a": "', X, '"}'], "")], {"a": X}),
    ("setproduct", [["a"], [X]], List([["a", X]])),
    ("matchkeys", [["a", X], ["k", "l"], ["l"]], List([X])),
    ("setunion", [["a"], [X]], Set(["a", X])),
]


@pytest.mark.parametrize(("name", "args", "wanted"), SURE, ids=lambda one: one if isinstance(one, str) else "")
def test_what_is_sure_is_said(name: str, args: list[Any], wanted: Any) -> None:
    found = run(name, *args)
    assert alike(found, wanted), found


OPEN = [
    ("upper", [X]),
    ("length", [X]),
    ("length", [set_of([X, "a"])]),
    ("length", [OpenList([1, Maybe("p", "w", (X,), X)])]),
    ("merge", [{"a": 1}, X]),
    ("lookup", [{"a": 1}, X, "d"]),
    ("coalesce", [X, "a"]),
    ("contains", [["a", X], "b"]),
    ("alltrue", [[True, X]]),
    ("anytrue", [[False, X]]),
    ("max", [1, X]),
    ("min", [1, X]),
    ("sum", [[1, X]]),
    ("element", [[1, 2], X]),
    ("element", [OpenList([Maybe("p", "w", (X,), X), 1]), 0]),
    ("one", [OpenList([Maybe("p", "w", (X,), X)])]),
    ("index", [[X, "a"], "a"]),
    ("keys", [X]),
    ("sort", [["b", X]]),
    ("join", ["-", X]),
    ("join", [X, ["a", "b"]]),
    ("replace", [NAMED, "logs", "x"]),
    ("split", ["-", NAMED]),
    ("format", [X, "a"]),
    ("format", ["%d", X]),
    ("startswith", [NAMED, "logs-prod"]),
    ("strcontains", [NAMED, "prod"]),
    ("base64encode", [X]),
    ("yamlencode", [{"a": X}]),
    ("jsondecode", [X]),
    ("md5", [X]),
    ("file", [X]),
    ("templatefile", [X, {}]),
    ("cidrsubnet", [X, 8, 1]),
    ("setsubtract", [["a", X], ["a"]]),
    ("setintersection", [["a"], [X]]),
    ("transpose", [{"a": [X]}]),
    ("range", [X]),
    ("issensitive", [X]),
    ("reverse", [set_of(["a", X])]),
]


@pytest.mark.parametrize(("name", "args"), OPEN, ids=lambda one: one if isinstance(one, str) else "")
def test_the_rest_hangs_on_the_unknown_by_name(name: str, args: list[Any]) -> None:
    found = run(name, *args)
    assert isinstance(found, Unknown)
    assert because(found) == "var.x: no default"


def test_calls_that_differ_are_different_unknowns() -> None:
    found = [
        run("upper", X),
        run("base64encode", X),
        run("base64encode", Y),
        run("merge", {"a": 1}, X),
        run("merge", {"a": 2}, X),
        run("substr", X, 0, 1),
        run("substr", X, 0, 2),
        run("replace", X, "a" * 300, "b"),
        run("replace", X, "a" * 301, "b"),
    ]
    assert len({one._path for one in found}) == len(found)
    assert run("merge", {"a": 1}, X)._path == run("merge", {"a": 1}, X)._path


def test_an_open_question_stays_the_question() -> None:
    found = run("contains", ["a", X], "b")
    assert found._path == "var.x == 'b'"


def test_json_with_unknowns_inside_is_read_back() -> None:
    text = run("jsonencode", {"a": [1, X], "b": NAMED})
    assert isinstance(text, JsonText)
    assert because(text) == "var.x: no default"
    assert alike(run("jsondecode", text), {"a": [1, X], "b": NAMED})
    assert alike(run("jsondecode", run("jsonencode", List([Map({"a": X})]))), [{"a": X}])


def test_json_inside_json_is_what_it_stands_for() -> None:
    inner = run("jsonencode", [X, 1])
    assert alike(run("jsondecode", joined(['{"a": ', inner, ', "b": "', X, '"}'], "p")), {"a": [X, 1], "b": X})


@pytest.mark.parametrize("name", ["timestamp", "plantimestamp", "uuid"])
def test_what_differs_each_time_is_not_known(name: str) -> None:
    assert isinstance(run(name), Unknown)


@pytest.mark.parametrize(
    ("name", "args"), [("bcrypt", ["a"]), ("abspath", ["a"]), ("pathexpand", ["~/a"]), ("rsadecrypt", ["a", "b"])]
)
def test_what_differs_from_machine_to_machine_is_not_known(name: str, args: list[Any]) -> None:
    assert isinstance(run(name, *args), Unknown)


def test_a_secret_is_never_shown() -> None:
    secret = run("sensitive", "hunter2")
    assert because(secret) == f"sensitive(..): {SENSITIVE}"
    text = run("format", "p=%s", secret)
    assert "hunter2" not in repr([secret, text, run("jsonencode", {"a": secret}), run("upper", secret)])
    assert run("issensitive", secret) is True
    assert run("issensitive", "a") is False
    assert run("nonsensitive", "a") == "a"
    assert run("nonsensitive", secret) is secret


def test_provider_functions_are_not_run() -> None:
    found = run("provider::aws::arn_parse", "arn:aws:s3:::b")
    assert because(found) == "provider::aws::arn_parse: provider functions are not run"


def test_equality() -> None:
    assert equal("a", "a") is True
    assert equal(1, "1") is False
    assert equal(List(["a"]), ["a"]) is False
    assert equal(Set(["a"]), List(["a"])) is False
    assert equal(Map({"a": 1}), {"a": 1}) is False
    assert equal(None, None) is True
    assert equal(Decimal("0.5"), Decimal("0.5")) is True
    assert equal(True, 1) is False
    assert equal([X, 1], [X, 2]) is False
    assert equal([X, 1], [X, 1]) is True
    assert equal([X], ["a", "b"]) is False
    assert equal({"a": X}, {"a": "b"})._path == "var.x == 'b'"
    assert equal("b", X)._path == "var.x == 'b'"
    assert equal(NAMED, "other") is False
    assert equal(NAMED, None) is False
    assert equal(5, NAMED) is False
    assert isinstance(equal(X, None), Unknown)
    assert isinstance(equal([X, Y], [1, 2]), Unknown)


def test_conditionals_with_unknowns() -> None:
    assert alike(conditional(X, "a", True), X)
    assert conditional(X, "a", False) == "a"
    assert alike(conditional([X], ["a", "b"], True), List([X]))
    assert conditional(None, 1, True) is None
    with pytest.raises(EvaluationError, match="one type"):
        conditional([1], {"a": 1}, True)


SETTINGS = object_type(
    {
        "name": STRING,
        "size": optional(NUMBER, 1),
        "tags": optional(map_type(STRING), {}),
        "inner": optional(object_type({"on": optional(BOOL, True)}), {}),
        "free": optional(ANY),
    }
)


def test_variables_are_converted_to_their_type() -> None:
    found = convert({"name": 5, "size": None, "other": 1, "tags": {"a": True}}, SETTINGS, "var.s")
    assert alike(found, {"free": None, "inner": {"on": True}, "name": "5", "size": 1, "tags": Map({"a": "true"})})
    assert alike(convert(["5", X], list_type(NUMBER)), List([5, X]))
    assert alike(convert(["b", "a", "b"], set_type(STRING)), Set(["a", "b"]))
    assert alike(convert([1, "a"], tuple_type([STRING, ANY])), ["1", "a"])
    assert alike(convert([{"a": 1}, {"a": "x"}], list_type(ANY)), List([{"a": "1"}, {"a": "x"}]))
    assert convert(X, SETTINGS) is X
    assert convert(None, STRING) is None
    opened = convert(OpenList([1, Maybe("p", "w", (2, X), X)]), list_type(STRING))
    assert alike(opened, OpenList(["1", Maybe("p", "w", ("2", X), X)]))


@pytest.mark.parametrize(
    ("value", "type_", "message"),
    [
        ({"size": 1}, SETTINGS, 'var.s: attribute "name" is required'),
        ({"name": "a", "size": "x"}, SETTINGS, "var.s.size: a number is needed, and this text is none"),
        ({"name": "a", "tags": {"k": []}}, SETTINGS, 'var.s.tags["k"]: a string is needed, and this is a tuple'),
        (["a"], map_type(ANY), "var.s: a map is needed, and this is a tuple"),
        ([1, [2]], list_type(ANY), "var.s: all elements must have one type"),
        ([1], tuple_type([STRING, ANY]), "var.s: a tuple of 2 elements is needed"),
        ("yes", BOOL, "var.s: a bool (true or false) is needed, and this is a string"),
    ],
)
def test_a_value_of_another_type_is_refused(value: Any, type_: Any, message: str) -> None:
    with pytest.raises(EvaluationError) as refused:
        convert(value, type_, "var.s")
    assert str(refused.value) == message


def test_types_are_written_as_terraform_writes_them() -> None:
    assert str(list_type(object_type({"a": STRING}))) == "list(object({a = string}))"
    assert str(tuple_type([NUMBER, set_type(BOOL)])) == "tuple([number, set(bool)])"
