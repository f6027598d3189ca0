"""Expressions of HCL to try: operators, conditionals, iterations, splats and templates over known values."""

from collections.abc import Iterator

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

NUMBERS = st.sampled_from("0 1 2 3 7 10 -1 -7 1.5 0.1 -2.25 1e3 2.5e-3 123456789012345678901 0.3 100".split())
TEXTS = st.sampled_from(
    ['""', '"a"', '"b"', '"ab"', '"true"', '"false"', '"1"', '"-2"', '"1.50"', '"A b"', '"é"', '"a\\nb"', '"\\u00e9"', '"$${x}"',
     '"%%{x}"', '"x\\"y"']
)  # fmt: skip
BOOLS = st.sampled_from(["true", "false"])
ANY = st.one_of(NUMBERS, TEXTS, BOOLS, st.just("null"))
LISTS = st.one_of(
    st.lists(NUMBERS, max_size=3).map(lambda every: f"[{', '.join(every)}]"),
    st.lists(TEXTS, max_size=3).map(lambda every: f"[{', '.join(every)}]"),
    st.lists(ANY, max_size=3).map(lambda every: f"[{', '.join(every)}]"),
    st.sampled_from(['toset(["b", "a", "b"])', 'tolist(["x", "y"])', "tolist([1, 2])", "toset([2, 10, 1])", "[[1], [2, 3], []]"]),
    st.sampled_from(['[{ n = 1, t = "x" }, { n = 2, t = "y" }]', '[{ n = [1, 2] }, { n = [] }]']),
)  # fmt: skip
OBJECTS = st.one_of(
    st.dictionaries(st.sampled_from(["a", "b", "c", '"d e"', '("f")', "1", "true"]), ANY, max_size=3).map(
        lambda every: "{ " + ", ".join(f"{key} = {value}" for key, value in every.items()) + " }"
    ),
    st.sampled_from(['tomap({ a = "x", b = "y" })', "tomap({ z = 1, y = 2 })", '{ b = { c = [1, { d = "e" }] } }']),
)
COLLECTIONS = st.one_of(LISTS, OBJECTS)
VALUES = st.one_of(ANY, COLLECTIONS)


def _arithmetic(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "<", ">", "<=", ">=", "==", "!=", "&&", "||"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, operators, inner, operators, inner).map(lambda t: f"{t[0]} {t[1]} {t[2]} {t[3]} {t[4]}"),
        inner.map(lambda one: f"(-{one})"),
        inner.map(lambda one: f"(!{one})"),
        st.tuples(BOOLS, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} == {t[1]} ? {t[1]} : {t[2]})"),
    )


ARITHMETIC = st.recursive(ANY, _arithmetic, max_leaves=5)
CONDITIONALS = st.one_of(
    st.tuples(BOOLS, VALUES, VALUES).map(lambda t: f"{t[0]} ? {t[1]} : {t[2]}"),
    st.tuples(COLLECTIONS, COLLECTIONS).map(lambda t: f"{t[0]} == {t[1]}"),
    st.tuples(BOOLS, LISTS, LISTS, LISTS).map(lambda t: f"[{t[0]} ? {t[1]} : {t[2]}, {t[3]}]"),
)
BODIES = st.sampled_from(
    ["v", "k", "[k, v]", '"${k}!"', "{ v = v }", "v == null", "try(v + 1, v)", "try(v.n, k)", "try(v[0], 0)"]
)
WHEN = st.sampled_from(
    ["", "", ' if try(v != "a", true)', " if v != null", ' if "${k}" != "a"', " if true", " if try(v > 1, false)"]
)
KEYS = st.sampled_from(["k", '"${k}x"', "try(tostring(v), k)", 'try(v ? "t" : "f", "n")'])
ITERATIONS = st.one_of(
    st.tuples(COLLECTIONS, BODIES, WHEN).map(lambda t: f"[for k, v in {t[0]} : {t[1]}{t[2]}]"),
    st.tuples(COLLECTIONS, WHEN.filter(lambda when: "k" not in when)).map(lambda t: f"[for v in {t[0]} : v{t[1]}]"),
    st.tuples(COLLECTIONS, KEYS, BODIES, WHEN).map(lambda t: f"{{ for k, v in {t[0]} : {t[1]} => {t[2]}{t[3]} }}"),
    st.tuples(COLLECTIONS, KEYS, WHEN).map(lambda t: f"{{ for k, v in {t[0]} : {t[1]} => v...{t[2]} }}"),
)  # fmt: skip
SPLATS = st.one_of(
    st.tuples(VALUES, st.sampled_from(["[*]", ".*", "[*].n", ".*.n", "[*].n[0]", "[*].t", ".*.t[0]"])).map("".join),
    st.tuples(COLLECTIONS, st.sampled_from(["[0]", "[1]", '["a"]', '["1"]', ".a", ".0", ".b.c[1].d", ".b.c.1.d", "[1.5]", "[null]", "[-1]"])).map("".join),
    ANY.map(lambda one: f"[{one}, {one}][1]"),
)  # fmt: skip
PIECES = st.one_of(
    st.sampled_from(["a", " b ", "$${x}", "%%{y}", "\\n", "é", "$", "%", "$$", "{", "}"]),
    ANY.map(lambda one: f"${{{one}}}"),
    ANY.map(lambda one: f"${{~ {one} ~}}"),
    st.tuples(BOOLS, st.sampled_from(["x", " x ", "${1 + 1}"]), st.sampled_from(["", "%{ else }y", "%{~ else ~} y "])).map(
        lambda t: f"%{{ if {t[0]} }}{t[1]}{t[2]}%{{ endif }}"
    ),
    st.tuples(LISTS, st.sampled_from(["${v},", " ${k} ", "-"])).map(
        lambda t: f"%{{ for k, v in {t[0]} ~}} {t[1]} %{{~ endfor }}"
    ),
)  # fmt: skip
TEMPLATES = st.one_of(
    st.lists(PIECES, max_size=4).map(lambda every: '"' + "".join(every) + '"'),
    st.lists(PIECES, min_size=1, max_size=2).map(lambda every: 'upper("' + "".join(every) + '")'),
)
KINDS = {
    "arithmetic": (ARITHMETIC, 500),
    "conditional": (CONDITIONALS, 350),
    "iteration": (ITERATIONS, 400),
    "splat": (SPLATS, 200),
    "template": (TEMPLATES, 400),
}
HEREDOCS = [
    "<<EOT\nhello\nEOT\n",
    "<<EOT\n  a ${1 + 1}\n b\nEOT\n",
    "<<-EOT\n    a\n      b ${true}\n    c\n    EOT\n",
    "<<-EOT\n  a\n\n    b\n  EOT\n",
    "<<-EOT\n  ${1}\n    b\n  EOT\n",
    "<<EOT\n%{ for x in [1, 2] ~}\n  - ${x}\n%{ endfor ~}\nend\nEOT\n",
    "<<EOT\n%{ if true }\nyes\n%{ else }\nno\n%{ endif }\nEOT\n",
    "<<-EOT\n    %{ if true ~}\n      yes\n    %{ endif ~}\n    x\n    EOT\n",
    "<<EOT\nno \\n escape $${x} %%{y}\nEOT\n",
    "<<EOT\nEOT\n",
]


def every() -> Iterator[tuple[str, str]]:
    """(kind, expression): the same ones each time."""
    for kind, (strategy, count) in KINDS.items():
        found: dict[str, None] = {}

        @settings(max_examples=count * 3, derandomize=True, database=None, phases=[Phase.generate], deadline=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(strategy)
        def collect(expression: str) -> None:
            found[expression] = None  # noqa: B023  it is called before the next one

        collect()
        for expression in list(found)[:count]:
            yield kind, expression
