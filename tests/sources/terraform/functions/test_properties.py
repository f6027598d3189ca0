"""Whatever the arguments: a value, a refusal or what is not known, and soon."""

from __future__ import annotations

import json
import re
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.terraform.functions import corpus
from tests.sources.terraform.functions import expressions as ex

from koban.model.unknown import Maybe, OpenList, Unknown
from koban.sources.terraform.functions import Context, call, conditional, convert, equal, functions, type_of
from koban.sources.terraform.functions.conversion import ANY, list_type
from koban.sources.terraform.values import (
    EvaluationError,
    JsonText,
    List,
    Map,
    Set,
    TooLarge,
    first_unknown,
    joined,
    set_of,
    text_of,
)

NAMES = sorted(name for name in functions if "::" not in name)
SECONDS_MAX = 60  # of the processor: each takes less than one, what backtracks would take hours
QUICK = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))

X = Unknown("var.x", "no default")
_HOLES = [X, Unknown("var.y", "no default"), joined(["a-", X], "p"), Maybe("m", "an open condition", (X, "a"), X)]
HOLES = st.integers(0, len(_HOLES) - 1).map(_HOLES.__getitem__)


def with_holes(value: Any, holes: list[Any]) -> Any:
    """The value, some of what it holds replaced by what is not known."""
    if isinstance(value, Set):
        return set_of([*value, *(one for one in holes[:1] if not isinstance(one, Maybe))])
    if isinstance(value, dict):
        return type(value)(
            {**value, **dict(zip(["a", "h"], [one for one in holes if not isinstance(one, Maybe)], strict=False))}
        )
    if isinstance(value, list):
        found = [*value, *holes]
        return OpenList(found) if any(isinstance(one, Maybe) for one in holes) else type(value)(found)
    return next((one for one in holes if not isinstance(one, Maybe)), value)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("files")
    corpus.lay_out(folder)
    return Context(folder, folder, corpus.render)


def outcome(name: str, args: list[Any], context: Context) -> Any:
    try:
        return call(name, args, context)
    except (EvaluationError, TooLarge) as refused:
        message = str(refused)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    return None


@QUICK
@given(st.data())
def test_no_other_exception_escapes(context: Context, data: Any) -> None:
    name = data.draw(st.sampled_from(NAMES))
    outcome(name, data.draw(corpus.arguments(name)), context)


@QUICK
@given(st.data())
def test_a_result_is_a_value_of_the_language(context: Context, data: Any) -> None:
    name = data.draw(st.sampled_from(NAMES))
    found = outcome(name, data.draw(corpus.arguments(name)), context)
    assert isinstance(found, str | bool | int | Decimal | None | list | dict | Unknown)
    assert not isinstance(found, tuple | float | set)
    assert first_unknown(found) is None or isinstance(found, Unknown)


@QUICK
@given(st.data())
def test_unknowns_inside_are_no_accident(context: Context, data: Any) -> None:
    name = data.draw(st.sampled_from(NAMES))
    args = data.draw(corpus.arguments(name))
    holes = data.draw(st.lists(HOLES, min_size=1, max_size=2))
    place = data.draw(st.integers(0, max(len(args) - 1, 0)))
    outcome(name, [with_holes(one, holes) if n == place else one for n, one in enumerate(args)], context)


@QUICK
@given(ex.values(), ex.values(), st.booleans(), st.lists(HOLES, max_size=1))
def test_types_are_found_for_all_values(left: Any, right: Any, chosen: bool, holes: list[Any]) -> None:
    left = with_holes(left, holes)
    type_of(left)
    assert isinstance(equal(left, right), bool | Unknown)
    try:
        conditional(left, right, chosen)
        convert([left, right], list_type(ANY))
    except EvaluationError:
        pass


@settings(QUICK, max_examples=600)
@given(st.data())
def test_what_is_said_of_an_unknown_holds_for_every_value(context: Context, data: Any) -> None:
    """Filling in what is not known never contradicts what was said before it was known."""
    name = data.draw(st.sampled_from(NAMES))
    args = data.draw(corpus.arguments(name))
    places = [n for n, one in enumerate(args) if _texts(one)]
    if not places or name in ("sensitive", "templatefile", "templatestring"):
        return
    place = data.draw(st.sampled_from(places))
    whole = data.draw(st.booleans())
    opened = [_opened(one, whole) if n == place else one for n, one in enumerate(args)]
    said, is_so = settled(name, opened, context), settled(name, args, context)
    assert agrees(said, is_so), (said, is_so)


REFUSED = object()


def settled(name: str, args: list[Any], context: Context) -> Any:
    try:
        return call(name, args, context)
    except (EvaluationError, TooLarge):
        return REFUSED


def _texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list | dict) and any(map(_texts, _inside(value))))


def _inside(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def _opened(value: Any, whole: bool) -> Any:
    """The value, its first text not known, or only how that starts."""
    if isinstance(value, str):
        rest = Unknown("var.rest", "not told")
        return rest if whole else joined([value[: len(value) // 2], rest], "p")
    if isinstance(value, dict):
        name = next(name for name, one in value.items() if _texts(one))
        return type(value)({**value, name: _opened(value[name], whole)})
    n = next(n for n, one in enumerate(value) if _texts(one))
    found = [*value[:n], _opened(value[n], whole), *value[n + 1 :]]
    return set_of(found) if isinstance(value, Set) else type(value)(found)


def agrees(said: Any, is_so: Any) -> bool:
    """Whether what was said of a result fits what it is."""
    if isinstance(said, JsonText):
        return isinstance(is_so, str) and agrees(said._value, json.loads(is_so)) if is_so is not REFUSED else True
    if isinstance(said, Unknown):
        return is_so is REFUSED or not isinstance(is_so, str) or re.fullmatch(said._shape, is_so) is not None
    if is_so is REFUSED:
        return True  # that part of it was refused which was not known
    if said is REFUSED:
        return False
    if isinstance(said, OpenList) or (isinstance(said, Set) and first_unknown(said) is not None):
        sure = [one for one in said if not isinstance(one, Unknown)]
        return isinstance(is_so, list) and all(any(agrees(one, other) for other in is_so) for one in sure)
    if isinstance(said, list):
        return isinstance(is_so, list) and len(said) == len(is_so) and all(map(agrees, said, is_so))
    if isinstance(said, dict):
        return isinstance(is_so, dict) and said.keys() == is_so.keys() and all(agrees(said[k], is_so[k]) for k in said)
    if isinstance(said, bool | int | Decimal) and isinstance(is_so, str | float):
        return text_of(said) == text_of(is_so if isinstance(is_so, str) else Decimal(repr(is_so)))
    return type(said) is type(is_so) and bool(said == is_so)


DEEP: Any = []
for _ in range(60):
    DEEP = [DEEP, DEEP]
NESTED: Any = []
for _ in range(5000):
    NESTED = [NESTED]
LONG = "a" * 2_000_000
MANY = [str(n) for n in range(60_000)]

SLOW = [
    ("range", [10**9]),
    ("range", [0, 1, Decimal("1e-300")]),
    ("format", ["%1000000000d", 1]),
    ("format", ["%.1000000000f", 1]),
    ("format", ["%99999999999999999999d", 1]),
    ("format", ["%s" * 50_000, *["a"] * 50_000]),
    ("format", ["%9000000s%9000000s", "a", "b"]),
    ("formatlist", ["%9000000s", ["a"] * 1000]),
    ("join", [LONG, ["a"] * 1000]),
    ("replace", [LONG, "a", LONG]),
    ("replace", [LONG, "/a/", LONG]),
    ("replace", [LONG, "", "b" * 1000]),
    ("indent", [10**9, "a\nb"]),
    ("indent", [2**62, "a\nb"]),
    ("split", ["", LONG]),
    ("split", ["a", LONG]),
    ("pow", [10, 10**9]),
    ("pow", [Decimal("1e4000"), 2]),
    ("log", [Decimal("1e4000"), 10]),
    ("tonumber", ["1e999999999"]),
    ("tonumber", ["1e-999999999"]),
    ("tonumber", ["9" * 100_000]),
    ("parseint", ["9" * 1_000_000, 10]),
    ("jsondecode", ["9" * 1_000_000]),
    ("jsondecode", ["[" * 100_000]),
    ("jsondecode", ["1e999999999"]),
    ("yamldecode", ["1e999999999"]),
    ("yamldecode", ["[" * 20_000]),
    ("yamldecode", ["- " * 20_000]),
    (
        "yamldecode",
        [
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{c}: &{c} [{','.join([f'*{p}'] * 10)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
        ],
    ),
    ("setproduct", [MANY, MANY]),
    ("setproduct", [["a", "b"]] * 40),
    ("setunion", [MANY, MANY]),
    ("setsubtract", [MANY, MANY]),
    ("distinct", [[[one] for one in MANY[:20_000]]]),
    ("matchkeys", [MANY, MANY, MANY]),
    ("contains", [MANY, "x"]),
    ("transpose", [{"a": MANY, "b": MANY}]),
    ("flatten", [DEEP]),
    ("jsonencode", [DEEP]),
    ("yamlencode", [DEEP]),
    ("tolist", [DEEP]),
    ("length", [DEEP]),
    ("jsonencode", [NESTED]),
    ("flatten", [NESTED]),
    ("coalesce", [NESTED, DEEP]),
    ("cidrsubnets", ["::/0", *[32] * 20_000]),
    ("cidrsubnet", ["10.0.0.0/8", 8, 10**4000]),
    ("cidrhost", ["::/0", -(10**4000)]),
    ("regexall", ["(a+)+$", "a" * 30_000 + "b"]),
    ("regex", ["(a|a)*b", LONG[:200_000]]),
    ("regex", ["(x+x+)+y", "x" * 200_000]),
    ("regex", ["((a{0,30}){0,30}){0,1}b", LONG]),
    ("regexall", ["a*?b|a", LONG]),
    ("regexall", [".*.*.*=.*", LONG]),
    ("regex", ["(" * 10_000, "a"]),
    ("regex", ["[a-z]" * 50_000, "a"]),
    ("regex", ["(?:a{1000}){1,2}", "a"]),
    ("regex", ["x", LONG]),
    ("regex", ["(?i)x|y|z|\\d|[[:punct:]]|\\pN", LONG]),
    ("title", [LONG]),
    ("upper", ["é" * 1_000_000]),
    ("strrev", ["é" * 500_000]),
    ("substr", ["e\u0301" * 300_000, 1, 5]),
    ("csvdecode", ["a,b\n" + '"x","y"\n' * 40_000]),
    ("csvdecode", ['"' * 1_000_000]),
    ("csvdecode", ["a\n" + '"' + '""' * 500_000]),
    ("csvdecode", ["a" + "," * 500_000]),
    ("timeadd", ["2020-01-01T00:00:00Z", "1h" * 200_000]),
    ("timeadd", ["2020-01-01T00:00:00Z", "9" * 1_000_000 + "h"]),
    ("formatdate", ["'" * 100_000 + "x", "2020-01-01T00:00:00Z"]),
    ("formatdate", ["Y" * 1_000_000, "2020-01-01T00:00:00Z"]),
    ("urlencode", ["é" * 1_000_000]),
    ("base64decode", ["A" * 4_000_001]),
    ("fileset", [".", "*" * 100_000]),
    ("fileset", [".", "{" * 5_000]),
    ("fileset", [".", "**/" * 2_000]),
    ("fileset", [".", "[" * 100_000]),
    ("fileset", [".", "*a" * 200]),
    ("file", ["a" * 100_000]),
    ("file", ["a\0b"]),
    ("dirname", ["../" * 500_000]),
    ("uuidv5", ["{" * 100_000, "a"]),
    ("chunklist", [MANY, 1]),
    ("sort", [MANY]),
    ("jsondecode", ['"' + "\\ud800" * 100_000 + '"']),
    ("merge", [dict.fromkeys(MANY, 1), dict.fromkeys(MANY, 2)]),
    ("keys", [dict.fromkeys(MANY, 1)]),
]


@pytest.mark.parametrize(("name", "args"), SLOW, ids=lambda one: one if isinstance(one, str) else "")
def test_nothing_takes_long(name: str, args: list[Any], context: Context) -> None:
    started = time.process_time()
    outcome(name, args, context)
    assert time.process_time() - started < SECONDS_MAX


def test_nothing_outside_the_tree_is_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    corpus.lay_out(inside / "module")
    corpus.lay_out(outside)
    (inside / "module" / "link.txt").symlink_to(outside / "a.txt")
    (inside / "module" / "folder").symlink_to(outside)
    (inside / "module" / "loop").symlink_to(inside / "module")
    (inside / "module" / "near.txt").symlink_to(inside / "module" / "a.txt")
    context = Context(inside / "module", inside)
    for path in (
        "../../out/a.txt",
        str(outside / "a.txt"),
        "link.txt",
        "folder/a.txt",
        "/etc/passwd",
        "~/a",
        "/dev/null",
    ):
        for name in ("file", "fileexists", "filemd5", "filebase64", "templatefile"):
            found = outcome(name, [path, {}] if name == "templatefile" else [path], context)
            assert isinstance(found, Unknown), (name, path)
            assert "héllo" not in repr(found)
    for pattern in ("../../out/*", "folder/*", "../../*"):
        found = outcome("fileset", [".", pattern], context)
        assert isinstance(found, Unknown) or found == []
    assert outcome("file", ["near.txt"], context) == "héllo\n"
    everything = outcome("fileset", [".", "**"], context)
    assert not any("folder" in one or one == "link.txt" for one in everything)
    assert "near.txt" in everything


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(10_000_001)
    found = outcome("file", ["big"], Context(tmp_path, tmp_path))
    assert isinstance(found, Unknown)
    assert "larger than" in found._why


def test_templates_end(tmp_path: Path) -> None:
    (tmp_path / "t.tpl").write_text("x")

    def render(text: str, variables: dict[str, Any], filename: str) -> Any:
        context.depth += 1
        return call("templatefile", [filename, variables], context)

    context = Context(tmp_path, tmp_path, render)
    with pytest.raises(EvaluationError, match="without end"):
        call("templatefile", ["t.tpl", {}], context)


def test_names_and_numbers_of_arguments() -> None:
    context = Context(Path("."), Path("."))
    with pytest.raises(EvaluationError, match='there is no function named "nope"'):
        call("nope", [], context)
    with pytest.raises(EvaluationError, match="upper: 2 arguments are given, and 1 needed"):
        call("upper", ["a", "b"], context)
    with pytest.raises(EvaluationError, match="upper: argument 1 must not be null"):
        call("upper", [None], context)
    assert call("core::upper", ["a"], context) == "A"
    assert functions["try"].lazy
    assert functions["can"].lazy
    assert isinstance(call("tolist", [["a"]], context), List)
    assert isinstance(call("tomap", [{"a": 1}], context), Map)


def test_packed_texts_are_texts() -> None:
    import base64
    import gzip

    context = Context(Path("."), Path("."))
    for text in ("", "hello", "é" * 100_000):
        packed = call("base64gzip", [text], context)
        assert gzip.decompress(base64.b64decode(packed)).decode() == text


@pytest.mark.parametrize("value", [DEEP, NESTED])
def test_values_beyond_all_measure_are_refused_everywhere(value: Any) -> None:
    for run in (
        lambda: convert(value, list_type(ANY)),
        lambda: conditional(value, [], True),
        lambda: equal(value, value),
    ):
        with pytest.raises(TooLarge):
            run()
