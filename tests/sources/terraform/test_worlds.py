"""No verdict on a configuration contradicts the verdict on it with its variables filled in."""

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from koban.engines.posture import judge
from koban.model.estate import MemoryEstate
from koban.model.resource import Resource, field, matches, size
from koban.model.rule import _registry, rule
from koban.sources.terraform.configuration import Configuration, File, declare, read_bytes
from koban.sources.terraform.module import Module, Tree
from koban.sources.terraform.values import plain


class Made(Resource, type="Koban::Test::TerraformThing", ids="Name"):
    """A resource to ask."""

    text: str = field("X", "", "A text")
    texts: tuple[str, ...] = field("X", (), "The same as a list")
    flag: bool = field("X", False, "The same as yes or no")
    inner: str = field("X.A", "", "What is inside it")
    blocks: tuple[str, ...] = field("B[].T", (), "What blocks say")


QUESTIONS = [
    lambda t: t.text == "a",
    lambda t: t.text != "b",
    lambda t: not t.text,
    lambda t: t.text.startswith("a"),
    lambda t: t.text.endswith(("b", "*")),
    lambda t: "a" in t.text,
    lambda t: t.text in ("", "ab", "*"),
    lambda t: t.text.lower() == "ab",
    lambda t: matches("^a", t.text),
    lambda t: matches("a.?b", t.text),
    lambda t: any(one == "a" for one in t.texts),
    lambda t: all(one.startswith("a") for one in t.texts),
    lambda t: "*" in t.texts,
    lambda t: size(t.texts) > 1,
    lambda t: t.flag,
    lambda t: t.inner == "b" or t.text == "a",
    lambda t: any(one == "a" for one in t.blocks),
    lambda t: size(t.blocks) > 0,
]


@pytest.fixture(scope="module")
def rules():
    made = []
    for number, question in enumerate(QUESTIONS):

        def asked(thing, question=question):
            return question(thing)

        asked.__name__ = f"terraform_question_{number}"
        asked.__doc__ = "Asked.\n\nWhy: so.\nFix: so."
        asked.__signature__ = __import__("inspect").Signature()
        made.append(rule("low", Made)(asked))
    yield made
    for one in made:
        _registry.pop(one.id)


WORDS = st.sampled_from(["a", "b", "ab", "", "*", "A", "true", "1", "a,b"])
TERMS = st.one_of(
    WORDS.map(lambda word: f'"{word}"'),
    st.sampled_from(["var.p", "var.q", "var.l", "var.l[0]", "null", "true", "false"]),
    st.sampled_from(["${var.p}", "a${var.p}", "${var.p}b", "a${var.q}b", "${var.p}${var.q}", "${var.p}a${var.p}"]).map(
        lambda text: f'"{text}"'
    ),
)


def compound(inner):
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.lists(inner, max_size=3).map(lambda every: f"[{', '.join(every)}]"),
        inner.map(lambda one: f'{{ A = {one}, B = "b" }}'),
        st.tuples(inner, inner, inner, inner).map(lambda t: f"({t[0]} == {t[1]} ? {t[2]} : {t[3]})"),
        pair.map(lambda t: f"({t[0]} == {t[1]})"),
        pair.map(lambda t: f"(var.p == {t[0]} || var.q == {t[1]})"),
        pair.map(lambda t: f"(!(var.p == {t[0]}) && {t[1]} != var.q)"),
        pair.map(lambda t: f"[for x in [{t[0]}, {t[1]}] : x if x != var.p]"),
        inner.map(lambda one: f'[for x in var.l : "${{x}}b" if x != {one}]'),
        inner.map(lambda one: f"{{ for x in [{one}] : var.q => x }}"),
        inner.map(lambda one: f'"%{{ if var.p == {one} }}a%{{ else }}b%{{ endif }}"'),
        pair.map(lambda t: f'try({t[0]}.A, {t[1]}, "a")'),
        st.tuples(st.sampled_from(["", "a", ","]), inner).map(lambda t: f'join("{t[0]}", [{t[1]}, var.q])'),
        pair.map(lambda t: f"concat([{t[0]}], var.l, [{t[1]}])"),
        pair.map(lambda t: f'merge({{ A = {t[0]} }}, {{ (var.q) = {t[1]} }})'),
        pair.map(lambda t: f'lookup({{ a = {t[0]} }}, var.q, {t[1]})'),
        inner.map(lambda one: f"coalesce({one}, var.p)"),
        inner.map(lambda one: f"contains([{one}, var.q], var.p)"),
        inner.map(lambda one: f"flatten([[{one}], var.l])"),
        inner.map(lambda one: f"compact([{one}, var.p])"),
        inner.map(lambda one: f"distinct([{one}, var.p])"),
        inner.map(lambda one: f"toset([{one}, var.p])"),
        inner.map(lambda one: f"upper({one})"),
        inner.map(lambda one: f'replace({one}, "a", var.q)'),
        inner.map(lambda one: f'split(",", {one})'),
        inner.map(lambda one: f"element([{one}, var.p], 1)"),
        inner.map(lambda one: f"(length({one}) > 1)"),
        inner.map(lambda one: f"(length(var.l) > 1 ? [{one}] : [])"),
    )  # fmt: skip


VALUES = st.recursive(TERMS, compound, max_leaves=8)


def thing(text: str, given: dict) -> Made:
    configuration = Configuration("/nowhere", ".")
    file = read_bytes(text.encode(), "main.tf", "main.tf")
    assert isinstance(file, File), file
    declare(configuration, file)
    tree = Tree("/nowhere", "/nowhere", given, lambda *_: "")
    (instance,) = Module(tree, configuration).instances(lambda _: True)
    body = instance.body()
    made = Made(plain({"X": body.get("x"), "B": [{"T": one} for one in ()]}))
    blocks = body.get("b")
    if blocks is not None:
        made.document["B"] = plain(blocks)
        made.document["B"] = type(blocks)(_renamed(one) for one in blocks)
    MemoryEstate([made])
    return made


def _renamed(one):
    from koban.model.unknown import Maybe

    if isinstance(one, Maybe):
        return Maybe(one._path, one._why, tuple(_renamed(value) for value in one._values), one._root)
    return {"T": plain(one.get("t"))} if isinstance(one, dict) else one


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # what fails here shrinks too slowly to wait for
)
@given(VALUES, VALUES, VALUES, WORDS, st.sampled_from(["a", "b"]), st.sampled_from([["a"], ["a", "b"], ["b", "*"], []]))
def test_filling_in_the_variables_contradicts_no_verdict(rules, value, each, kept, p, q, many):
    text = f"""
variable "p" {{ type = string }}
variable "q" {{
  type = string
}}
variable "l" {{ type = list(string) }}
resource "some_thing" "t" {{
  x = {value}
  dynamic "b" {{
    for_each = [for y in [{each}, {kept}] : y if y != var.p]
    content {{
      t = b.value
    }}
  }}
}}
"""
    filled = thing(text, {"p": p, "q": q, "l": many})
    open_thing = thing(text, {})
    for asked in rules:
        on_open, on_filled = judge(asked, open_thing), judge(asked, filled)
        event(f"{on_open.verdict} without variables")
        if on_open.verdict != "unknown" and on_filled.verdict != "unknown":
            assert on_open.verdict == on_filled.verdict, (asked.id, open_thing.document, filled.document)
