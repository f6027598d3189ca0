"""The calls that are compared with Terraform: written by hand (`cases.txt`), and made up, the same in every run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.sources.terraform.functions import expressions as ex

from koban.model.unknown import Unknown
from koban.sources.terraform.functions import Context, call, functions
from koban.sources.terraform.functions.conversion import Type
from koban.sources.terraform.functions.function import normal
from koban.sources.terraform.values import EvaluationError

HERE = Path(__file__).parent
CASES, GOLDEN, PAIRS = HERE / "cases.txt", HERE / "golden.jsonl", HERE / "golden_pairs.jsonl"
SIGNATURES = HERE / "golden_signatures.json"
FILES: dict[str, str | bytes] = {
    "a.txt": "héllo\n",
    "bin": b"\xff\x00",
    "sub/b.txt": "b",
    "sub/deep/e.txt": "e",
    "z.txt": "",
    ".hidden": "h",
    "t.tpl": "x=${x}",
}
OWN_FILES = re.compile(r"(?:.*/)?(?:main\.tf|\.?terraform\.tfstate.*)")  # what the command puts beside them

# What stays unknown although Terraform computes it: it differs from run to run or from machine to machine.
NOT_COMPUTED = frozenset("abspath bcrypt pathexpand plantimestamp rsadecrypt sensitive timestamp uuid".split())
# Compared by hand: they take references, not values, or what they give is compared otherwise.
NOT_COMPARED = NOT_COMPUTED | {"templatestring", "base64gzip", "can", "try"}


def by_hand() -> list[tuple[str, list[Any]]]:
    """The calls of `cases.txt`."""
    lines = CASES.read_text(encoding="utf-8").split("\n")
    return [ex.read(line) for line in lines if line and not line.startswith("#")]


def arguments(name: str) -> st.SearchStrategy[list[Any]]:
    """Arguments for a function: most of a kind that its parameters take, a few of any."""
    function = functions[name]
    fixed = [_argument(name, n, one.type) for n, one in enumerate(function.parameters)]
    rest = st.just([])
    if function.rest is not None:
        rest = st.lists(_argument(name, -1, function.rest.type), min_size=1, max_size=3)
    good = st.tuples(st.tuples(*fixed), rest).map(lambda both: [*both[0], *both[1]])
    count = len(fixed)
    wild = st.lists(ex.values(), min_size=max(count - 1, 0), max_size=count + 1)
    return st.integers(0, 9).flatmap(lambda n: wild if n == 0 else good).map(normal)


def _argument(name: str, position: int, type_: Type) -> st.SearchStrategy[Any]:
    found = SPECIAL.get((name, position))
    return of_type(type_) if found is None else found


def of_type(type_: Type) -> st.SearchStrategy[Any]:
    if type_.kind == "string":
        return ex.TEXTS
    if type_.kind == "number":
        return ex.NUMBERS
    if type_.kind == "bool":
        return st.booleans()
    if type_.kind == "any":
        return ex.values()
    inner = of_type(type_.of) if type_.of is not None else ex.SIMPLE
    if type_.kind == "map":
        return st.one_of(ex.objects(inner), ex.maps())
    return st.one_of(ex.tuples(inner), ex.lists(), ex.sets())


_SEQUENCES = st.one_of(ex.tuples(ex.values(1)), ex.tuples(ex.SIMPLE), ex.lists(), ex.sets())
_MAPPINGS = st.one_of(ex.objects(ex.values(1)), ex.maps())
_CIDR = st.builds(
    "{}/{}".format,
    st.sampled_from(["10.0.0.0", "192.168.255.17", "172.16.0.1", "fd00::", "2001:db8:1:2::3", "0.0.0.0", "::"]),
    st.integers(0, 130),
)
_TIMES = st.builds(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}".format,
    st.integers(0, 9999),
    st.integers(1, 12),
    st.integers(1, 31),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.sampled_from(["Z", "+00:00", "-08:00", "+05:30", ".25Z", ".999999999-23:59"]),
)
_DATE_FORMATS = st.lists(
    st.sampled_from(
        "YYYY YY MMMM MMM MM M DD D EEEE EEE hh h HH H AA aa mm m ss s ZZZZZ ZZZZ ZZZ Z - / ' '' 'x' Q".split()
    ),
    max_size=6,
).map(" ".join)
_DURATIONS = st.lists(
    st.builds(
        "{}{}".format, st.sampled_from(["1", "0.5", "-2", "30", "1000"]), st.sampled_from("h m s ms us ns d".split())
    ),
    max_size=3,
).map("".join)
_VERBS = st.builds(
    "%{}{}{}{}".format,
    st.sampled_from(["", "", "", "-", "+", "0", " ", "#"]),
    st.sampled_from(["", "", "", "1", "5", "12"]),
    st.sampled_from(["", "", "", ".0", ".1", ".3"]),
    st.sampled_from([*"vtbdoxXeEfgGsqz%"]),
)
_FORMATS = st.lists(
    st.one_of(_VERBS, st.sampled_from(["a", " ", "é", "%%", "%[1]s", "%[2]v", "%s", "%v", "%d"])), max_size=4
).map("".join)
_PATTERNS = st.lists(
    st.sampled_from(
        ["a", "b", "ab", ".", "[a-c]", "[^a]", "\\d", "\\w+", "\\s", "(a|b)", "(?:ab)?", "(?P<x>a)", "(?P<y>.)", "^",
         "$", "\\b", "a*", "a+?", "b{1,2}", ".*", ".*?", "|", "(", ")", "[", "*", "(?i)A", "é", "[[:alpha:]]", "\\pL",
         "-", "\\.", "(b)?"]
    ),
    min_size=1,
    max_size=5,
).map("".join)  # fmt: skip
_HAYSTACKS = st.text(alphabet="aabbcAé1 -.\n", max_size=12)
_YAML = st.sampled_from(
    ["a: 1", "- x\n- y", "{a: [1, 2], b: ~}", "'x'", "a: |\n  t\n", "yes", "0x1F", "1e3", "",
     "a: &b 1\nc: *b", "[", "a:\n- b: 1\n  c: 2\n",
     "{1: a}", "{true: b}", "{1.5: b}", "{a: b, <<: {a: c, d: e}}", "\"<<\": {a: 1}",
     "!!str true", "2020-01-02", "k: >-\n  a\n  b\n"]
)  # fmt: skip
_JSON = ex.values().map(lambda one: call("jsonencode", [one], CONTEXT)).filter(lambda one: isinstance(one, str))
_BASE64 = st.binary(max_size=6).map(lambda one: __import__("base64").b64encode(one).decode())
_PATHS = st.sampled_from(["a.txt", "sub/b.txt", "bin", "none", "sub", "./a.txt", "sub/../z.txt", "", "t.tpl"])
_SETS = st.lists(st.one_of(st.sampled_from(["a", "b", "c", "1"]), st.integers(1, 2)), max_size=4)

CONTEXT = Context(Path("."), Path("."))
SPECIAL: dict[tuple[str, int], st.SearchStrategy[Any]] = {
    **{(name, 0): _SEQUENCES for name in "element flatten index length one reverse slice sum contains".split()},
    **{(name, 0): _MAPPINGS for name in "keys values lookup".split()},
    **{(name, -1): _SEQUENCES for name in "concat coalescelist setproduct".split()},
    **{(name, 0): _CIDR for name in "cidrhost cidrnetmask cidrsubnet cidrsubnets".split()},
    **{(name, 0): st.one_of(_PATTERNS, ex.TEXTS) for name in "regex regexall".split()},
    **{(name, 1): _HAYSTACKS for name in "regex regexall".split()},
    **{(name, 0): _FORMATS for name in "format formatlist".split()},
    **{(name, -1): _SETS for name in "setunion setintersection".split()},
    **{(name, n): _SETS for name in "setunion setintersection setsubtract matchkeys".split() for n in (0, 1, 2)},
    **{(name, 0): _PATHS for name in functions if name.startswith("file") and name != "fileset"},
    ("merge", -1): _MAPPINGS,
    ("replace", 0): _HAYSTACKS,
    ("replace", 1): st.one_of(_PATTERNS.map("/{}/".format), st.sampled_from(["a", "b", "", "ab", "-"])),
    ("replace", 2): st.sampled_from(["", "x", "$1", "${x}", "$$", "[$0]", "$x-", "a"]),
    ("cidrhost", 1): st.integers(-5, 300),
    ("cidrsubnet", 1): st.integers(-1, 40),
    ("cidrsubnet", 2): st.integers(0, 20),
    ("cidrsubnets", -1): st.integers(0, 10),
    ("formatdate", 0): _DATE_FORMATS,
    ("formatdate", 1): _TIMES,
    ("timeadd", 0): _TIMES,
    ("timeadd", 1): _DURATIONS,
    ("timecmp", 0): _TIMES,
    ("timecmp", 1): _TIMES,
    ("yamldecode", 0): _YAML,
    ("jsondecode", 0): st.one_of(_JSON, ex.TEXTS),
    ("base64decode", 0): st.one_of(_BASE64, ex.TEXTS),
    ("textdecodebase64", 0): _BASE64,
    ("textdecodebase64", 1): st.sampled_from(["UTF-8", "UTF-16LE", "UTF-16", "ISO-8859-1", "windows-1252"]),
    ("textencodebase64", 1): st.sampled_from(["UTF-8", "UTF-16LE", "UTF-16", "ISO-8859-1", "windows-1252"]),
    ("parseint", 0): st.sampled_from(["10", "ff", "-7", "zz", "", "1.5", "+3", "Zz"]),
    ("parseint", 1): st.integers(1, 63),
    ("chunklist", 1): st.integers(-1, 4),
    ("indent", 0): st.integers(-1, 4),
    ("element", 1): st.integers(-1, 6),
    ("slice", 1): st.integers(-1, 3),
    ("slice", 2): st.integers(-1, 4),
    ("lookup", 1): ex.NAMES,
    ("uuidv5", 0): st.sampled_from(["dns", "url", "oid", "x500", "no", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"]),
    ("fileset", 0): st.sampled_from([".", "sub", "", "none", "./sub", "sub/.."]),
    ("fileset", 1): st.lists(
        st.sampled_from(["*", "**", ".txt", "/", "sub", "a", "{a,z}", "[a-z]", "?", "deep"]), max_size=4
    ).map("".join),
    ("templatefile", 0): st.sampled_from(["t.tpl", "none", "a.txt"]),
    ("templatefile", 1): st.one_of(st.just({"x": "1"}), st.just({"x": 2, "y": []}), st.just({})),
}


def made_up(each: int) -> list[tuple[str, list[Any]]]:
    """So many different calls of each function, the same in every run."""
    found: list[tuple[str, list[Any]]] = []
    for name in sorted(functions):
        if "::" not in name and name not in NOT_COMPARED:
            seen = {}
            for args in _examples(name, arguments(name), 3 * each):
                seen.setdefault(ex.call_of(name, args), (name, args))
            found += list(seen.values())[:each]
    return found


def _examples(name: str, strategy: st.SearchStrategy[list[Any]], count: int) -> list[list[Any]]:
    found: list[list[Any]] = []

    @seed(sum(name.encode()))
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(args: list[Any]) -> None:
        found.append(args)

    collect()
    return found


def pairs() -> list[tuple[Any, Any]]:
    """Values to be compared, and to be the two results of a conditional, each with each."""
    texts = """
        1 2 "1" "a" true "true" null [] [1] [2] ["a"] ["1"] [1,"a"] [true] [1,[2]] [[]] [["a"]] [null] {} {a=1} {a="x"}
        {b=2} {a=null} {a=[1]} {a=1,b="x"} {a=1,b=true} {a={b=1}} [{a=1}] [{}] tolist([]) tolist([1]) tolist(["a"])
        tolist(["1","2"]) toset([]) toset([1]) toset(["a","b"]) tomap({}) tomap({a=1}) tomap({a="x"}) tomap({b=[1]})
        tolist([[1]]) toset([["a"]]) tolist([{a=1}]) {a=tolist([1])}
    """.split()
    pool = [ex.read(f"f({one})")[1][0] for one in texts]
    return [(left, right) for left in pool for right in pool]


def render(text: str, variables: dict[str, Any], filename: str) -> Any:
    """Templates of names alone."""

    def one(found: re.Match[str]) -> str:
        if found[1] not in variables:
            raise EvaluationError(f"there is no variable {found[1]}")
        return str(variables[found[1]])

    return re.sub(r"\$\{(\w+)\}", one, text)


def result(name: str, args: list[Any], context: Context) -> tuple[str, Any]:
    """What a call gives here: ("value", it), ("refused", None) or ("not known", it)."""
    try:
        found = call(name, args, context)
    except EvaluationError:
        return "refused", None
    return ("not known", found) if isinstance(found, Unknown) else ("value", found)


def lay_out(folder: Path, files: dict[str, str | bytes] = FILES) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
