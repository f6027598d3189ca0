"""The functions agree with Terraform: with what it said once (kept), and with the command itself where it is there."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.sources.terraform.functions import corpus, make_golden, oracle
from tests.sources.terraform.functions import expressions as ex

from koban.sources.terraform.functions import Context, conditional, equal, functions, type_of
from koban.sources.terraform.functions.conversion import ANY, Attribute, Type
from koban.sources.terraform.values import EvaluationError, Map

LIVE_CALLS = 400

# Where the result is knowingly another one, each with the reason.
EMPTY = "the type of the elements of an empty or null map is not kept"
SCRIPT = "the characters of a script are not told apart, so the result is not known"
DIFFERENT: dict[str, str] = {
    'tolist([null, {"a" = 1}])': "Terraform refuses null beside objects, and takes it beside simple values",
    'merge(tomap({"a" = 1}), null)': EMPTY,
    'merge(tomap({}), tomap({"\\u00e9" = "A", "a b" = "1.5", "1" = "\\\\"}), tomap({}))': EMPTY,
    'regex("\\\\p{Greek}+", "ab\\u03b3\\u03b4")': SCRIPT,
    'regex("\\\\p{Nope}", "a")': SCRIPT,
    'cidrhost("::ffff:10.0.0.0/104", 1)': "IPv4 written as IPv6 is not known; Terraform's answer is outside the range",
}
INEXACT = {"pow", "log"}  # computed with 64 bits: the last digits differ between libraries
DIGITS = 14


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("files")
    corpus.lay_out(folder)
    return Context(folder, folder, corpus.render)


def golden(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def differences(rows: list[dict[str, Any]], context: Context) -> Iterator[str]:
    """Each call whose result is not Terraform's, with both."""
    for row in rows:
        text = row["expression"]
        if text in DIFFERENT:
            continue
        kind, found = corpus.result(row["function"], ex.from_json(row["args"]), context)
        if kind == "not known" and row["function"] in corpus.NOT_COMPUTED | {"textencodebase64"}:
            continue
        there = row.get("value")
        if row["function"] in INEXACT and kind == row["result"] == "value" and _close(found, ex.from_json(there)):
            continue
        if (kind, ex.to_json(plain(found))) != (row["result"], plainly(there)):
            yield f"{text}: {row['result']} {row.get('value')!r} there, {kind} {found!r} here"
        elif kind == "value" and not fits(type_of(found), parsed(row["type"])):
            yield f"{text}: {row['type']} there, {type_of(found)} here ({found!r})"


def _close(here: Any, there: Any) -> bool:
    return abs(here - there) <= abs(Decimal(there)) * Decimal(10) ** -DIGITS


def plain(value: Any) -> Any:
    """The value as JSON shows it: without the kinds of its collections."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def plainly(kept: Any) -> Any:
    return ex.to_json(ex.from_json(kept))


def parsed(text: str) -> Type | None:
    """A type as the console writes it; None where odd names of attributes, written as they are, hide it."""
    try:
        found, rest = _parsed(text)
    except ValueError:
        return None
    return found if not rest else None


def _parsed(text: str) -> tuple[Type, str]:
    found = re.match(r"\s*(string|number|bool|dynamic|list\(|set\(|map\(|tuple\(\[|object\(\{)\s*", text)
    if found is None:
        raise ValueError(text)
    kind, rest = found[1].rstrip("([{"), text[found.end() :]
    if kind in ("list", "set", "map"):
        inner, rest = _parsed(rest)
        return Type(kind, inner), _taken(r",?\s*\)", rest)
    if kind == "tuple":
        elements = []
        while not rest.startswith("]"):
            inner, rest = _parsed(rest)
            elements.append(inner)
            rest = _taken(r",?\s*", rest)
        return Type("tuple", elements=tuple(elements)), _taken(r"\]\)", rest)
    if kind == "object":
        attributes = {}
        while not rest.startswith("}"):
            name, _, rest = rest.partition(": ")
            attributes[name.strip('"')], rest = _parsed(rest)
            rest = _taken(r",?\s*", rest)
        return Type("object", attributes={one: Attribute(of) for one, of in attributes.items()}), rest[2:]
    return (ANY if kind == "dynamic" else Type(kind)), rest


def _taken(pattern: str, text: str) -> str:
    found = re.match(pattern, text)
    if found is None:
        raise ValueError(text)
    return text[found.end() :]


def fits(ours: Type, theirs: Type | None) -> bool:
    """Whether two types are one; what is empty or null here has no type of its own."""
    if ours is ANY or theirs is None:
        return True
    if ours.kind != theirs.kind:
        return False
    if ours.of is not None and theirs.of is not None:
        return fits(ours.of, theirs.of)
    if len(ours.elements) != len(theirs.elements):
        return False
    mine = {" ".join(name.split()): one.type for name, one in ours.attributes.items()}
    other = {" ".join(name.split()): one.type for name, one in theirs.attributes.items()}
    return all(map(fits, ours.elements, theirs.elements)) and (
        mine.keys() == other.keys() and all(fits(one, other[name]) for name, one in mine.items())
    )


def test_every_function_gives_what_terraform_gives(context: Context) -> None:
    rows = golden(corpus.GOLDEN)
    assert len(rows) >= 1500
    assert {row["function"] for row in rows} >= {name for name in functions if "::" not in name} - corpus.NOT_COMPARED
    assert list(differences(rows, context)) == []


def test_conditionals_and_equality_are_terraforms() -> None:
    wrong = []
    for row in golden(corpus.PAIRS):
        left, right = ex.from_json(row["left"]), ex.from_json(row["right"])
        try:
            found: Any = ("value", conditional(left, right, True))
        except EvaluationError:
            found = ("refused", None)
        there = row["conditional"]
        if left == {} and type(left) is Map and there["result"] == "refused" and isinstance(right, dict):
            continue  # the type of the values of an empty map is not kept, so nothing speaks against the other's
        if (found[0], ex.to_json(plain(found[1]))) != (there["result"], plainly(there.get("value"))) or (
            found[0] == "value" and not fits(type_of(found[1]), parsed(there["type"]))
        ):
            wrong.append(f"true ? {ex.written(left)} : {ex.written(right)}: {there} there, {found} here")
        if equal(left, right) is not row["equal"]:
            wrong.append(f"{ex.written(left)} == {ex.written(right)}: {row['equal']} there")
    assert wrong == []


@pytest.mark.skipif(oracle.TERRAFORM is None, reason="there is no terraform to ask")
def test_terraform_says_the_same_today(context: Context) -> None:
    kept = {row["expression"]: row for row in golden(corpus.GOLDEN)}
    sample = random.Random(7).sample(sorted(kept), LIVE_CALLS)
    asked = make_golden.answers(sample)
    for text, answer in zip(sample, asked, strict=True):
        assert {name: kept[text].get(name) for name in answer} == answer


@pytest.mark.skipif(oracle.TERRAFORM is None, reason="there is no terraform to ask")
def test_terraform_has_the_same_functions_today() -> None:
    assert json.loads(corpus.SIGNATURES.read_text(encoding="utf-8")) == make_golden.signatures()


def test_the_functions_are_those_that_terraform_has() -> None:
    here = {
        name: [[one.null for one in found.parameters], None if found.rest is None else found.rest.null]
        for name, found in functions.items()
        if "::" not in name
    }
    there = json.loads(corpus.SIGNATURES.read_text(encoding="utf-8"))
    assert here.keys() == there.keys()
    lazy = {name for name, found in functions.items() if found.lazy}  # they take expressions, whatever those give
    assert [name for name in here if here[name] != there[name] and name not in lazy] == []
    assert len(here) == 118
    assert set(functions) == {*here, *(f"core::{name}" for name in here)}
