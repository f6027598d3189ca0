"""The posture engine: honest verdicts, whatever a rule asks of what is not known."""

from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koban.engines.posture import assess, evaluate, judge
from koban.model.estate import MemoryEstate
from koban.model.resource import Part, Resource, field, link, parts, referring, size
from koban.model.result import Gap
from koban.model.rule import Rule
from koban.model.unknown import Partial, Unknown, matches


class Hole(Part):
    port: int = field("Port", 0, "A port")
    who: str = field("Who", "", "A source")


class Thing(Resource, type="Koban::Test::Thing", ids="Name"):
    """A thing to judge."""

    on: bool = field("On", False, "Whether it is on")
    off: bool = field("Off", False, "Whether it is off")
    kind: str = field("Kind", "", "Its kind")
    days: int = field("Days", 0, "Days")
    words: tuple[str, ...] = field("Names", (), "Names")
    holes: tuple[Hole, ...] = parts("Holes", Hole, "Holes")
    friend = link("Friend", "Koban::Test::Thing", "Another thing")
    admirers = referring("Koban::Test::Thing", "friend", "Things that name this one")


def made(judge_, when=None) -> Rule:
    return Rule("test-rule", "high", Thing, (), "It is bad.", "why", "fix", judge_, when, {}, "", __name__)


def verdict(judge_, document, *others, when=None):
    subject = Thing(document)
    MemoryEstate([subject, *others])
    return judge(made(judge_, when), subject)


X = Unknown("X", "AccessDenied x:GetX")


@pytest.mark.parametrize(
    ("judge_", "document", "expected"),
    [
        (lambda t: not t.on, {}, ["On counts as False, absent"]),
        (lambda t: not t.on, {"On": False}, ["On counts as False"]),
        (lambda t: not t.on, {"On": "false"}, ["On counts as false"]),
        (lambda t: not t.on or not t.off, {}, ["On counts as False, absent", "Off counts as False, absent"]),
        (lambda t: not t.on or not t.off, {"Off": True}, ["On counts as False, absent"]),
        (lambda t: not t.on and not t.off, {}, ["On counts as False, absent", "Off counts as False, absent"]),
        (lambda t: not t.on and t.days == 0, {"Days": 0}, ["On counts as False, absent", "Days counts as 0"]),
        (lambda t: not any([t.on, t.on and t.off]), {}, ["On counts as False, absent"]),
        (lambda t: t.kind == "bad" and not t.on, {"Kind": "bad"}, ["On counts as False, absent", "Kind counts as bad"]),
        (
            lambda t: any(not one.port for one in t.holes),
            {"Holes": [{"Who": "a"}]},
            ["Holes.0.Port counts as 0, absent"],
        ),
        (lambda t: not t.holes, {}, []),  # nothing there is no value that somebody filled in
        (lambda t: not t.friend, {}, []),
        (lambda t: not t.on or t.on, {}, []),  # bad either way
        (lambda t: not t.on, {"On": X}, None),
        (lambda t: t.on, {}, None),
    ],
)
def test_a_failure_says_which_defaults_it_hangs_on(judge_, document, expected):
    thing = Thing(document, uid="t", file="a")
    thing.left_out = lambda path, counts, absent: (
        f"{'.'.join(map(str, path))} counts as {counts}{', absent' if absent else ''}"
    )
    MemoryEstate([thing])
    result = assess(made(judge_), thing)
    assert (sorted(result.because) if result.verdict == "fail" else None) == (expected and sorted(expected))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"Kind": "", "On": True}, ("Kind",)),
        ({"Kind": "", "On": False}, ()),  # what the code does set decides, and the text only in company
    ],
)
def test_a_text_that_is_not_there_is_told_where_nothing_else_decides(document, expected):
    thing = Thing(document, uid="t", file="a")
    thing.left_out = lambda path, counts, absent: "Kind" if path == ("Kind",) else ""
    MemoryEstate([thing])
    rule = made(lambda t: t.kind == "" and (t.on or not t.on) if document["On"] else t.kind == "" and not t.on)
    assert assess(rule, thing).because == expected


def test_what_many_defaults_decide_together_is_told_of_all():
    thing = Thing({}, uid="t", file="a")
    thing.left_out = lambda path, counts, absent: path[0]
    MemoryEstate([thing])
    assert assess(made(lambda t: not (t.on and t.off) and not (t.off and t.on)), thing).because == ("On", "Off")


@pytest.mark.parametrize(
    ("judge_", "document", "expected"),
    [
        (lambda t: t.on, {"On": True}, "fail"),
        (lambda t: t.on, {}, "pass"),
        (lambda t: t.on, {"On": X}, "unknown"),
        (lambda t: t.on and t.off, {"On": X, "Off": False}, "pass"),
        (lambda t: t.on or t.off, {"On": X, "Off": True}, "fail"),
        (lambda t: t.on or not t.on, {"On": X}, "fail"),
        (lambda t: t.kind == "a" and t.kind == "b", {"Kind": X}, "pass"),
        (lambda t: t.kind in ("a", "b"), {"Kind": X}, "unknown"),
        (lambda t: t.kind != "a" or t.kind == "a", {"Kind": X}, "fail"),
        (lambda t: t.days < 90 or t.days >= 90, {"Days": X}, "fail"),
        (lambda t: t.days <= 90 and t.days > 90, {"Days": X}, "pass"),
        (lambda t: any(n == "z" for n in t.words), {"Names": X}, "unknown"),
        (lambda t: any(n == "z" for n in t.words), {"Names": ["z", X]}, "fail"),
        (lambda t: size(t.words) >= 2, {"Names": X}, "unknown"),
        (lambda t: size(t.words) >= 2, {"Names": [X, X]}, "fail"),
        (lambda t: any(h.port == 22 and h.who == "*" for h in t.holes), {"Holes": X}, "unknown"),
        (lambda t: any(h.port == 22 and h.who == "*" for h in t.holes), {"Holes": [{"Port": 22, "Who": X}]}, "unknown"),
        (lambda t: any(h.port == 22 and h.who == "*" for h in t.holes), {"Holes": [{"Port": 23, "Who": X}]}, "pass"),
        (lambda t: t.kind.startswith("aws"), {"Kind": X}, "unknown"),
        (lambda t: t.kind.startswith("aws"), {"Kind": Partial("Kind", ("aws-", X))}, "fail"),
        (lambda t: t.kind.endswith("logs"), {"Kind": Partial("Kind", ("aws-", X))}, "unknown"),
        (lambda t: t.kind == "*", {"Kind": Partial("Kind", ("aws-", X))}, "pass"),
        (lambda t: matches("^a", t.kind), {"Kind": X}, "unknown"),
        (lambda t: {t.kind: 1}, {"Kind": X}, "unknown"),
        (lambda t: len(t.words) > 1, {"Names": X}, "unknown"),
        (lambda t: 1 / 0, {}, "unknown"),
        (lambda t: t.on, {"On": "maybe"}, "unknown"),
        (lambda t: t.on, {"On": "true"}, "fail"),
        (lambda t: t.friend and t.friend.on, {}, "pass"),
        (lambda t: t.friend and t.friend.on, {"Friend": "stranger"}, "unknown"),
    ],
)
def test_verdicts(judge_, document, expected):
    assert verdict(judge_, document).verdict == expected


def test_an_unknown_verdict_names_just_what_it_hung_on():
    document = {"On": X, "Off": Unknown("Y", "Throttling"), "Kind": "a"}
    judged = verdict(lambda t: t.off and t.on and t.kind == "a", document)
    assert judged.because == ("Off: Throttling", "On: AccessDenied x:GetX") or set(judged.because) == {
        "Y: Throttling",
        "X: AccessDenied x:GetX",
    }
    judged = verdict(lambda t: (t.off or not t.off) and t.on, document)
    assert judged.because == ("X: AccessDenied x:GetX",)


def test_a_crash_is_an_unknown_with_the_rules_name_and_the_exception():
    assert verdict(lambda t: t.nothing, {}).because == (
        "rule test-rule crashed: AttributeError: 'Thing' object has no attribute 'nothing'",
    )


def test_too_many_worlds_is_said():
    document = {"Names": [Unknown(f"N{i}", "w") for i in range(9)]}
    judged = verdict(lambda t: sum(bool(n) for n in t.words) == 9, document)
    assert judged.verdict == "unknown"
    assert judged.because[-1] == "more than 64 ways to fill in what is not known"


def test_when_decides_for_whom_the_rule_is():
    assert verdict(lambda t: True, {}, when=lambda t: t.on).verdict is None
    assert verdict(lambda t: False, {"On": X}, when=lambda t: t.on).verdict == "pass"
    assert verdict(lambda t: True, {"On": X}, when=lambda t: t.on).verdict == "unknown"


def test_related_resources_are_found_both_ways():
    friend = Thing({"Name": "bob", "On": True})
    assert verdict(lambda t: t.friend.on, {"Friend": "bob"}, friend).verdict == "fail"
    admirer = Thing({"Name": "eve", "Friend": "ann"})
    assert verdict(lambda t: any(a.name == "eve" for a in t.admirers), {"Name": "ann"}, admirer).verdict == "fail"


def test_what_was_not_listed_leaves_whole_collections_open():
    subject = Thing({"Name": "ann"}, account="1", region="r")
    MemoryEstate([subject], [Gap(Thing.type, "1", "r", "AccessDenied x:ListThings")])
    judged = judge(made(lambda t: any(a.on for a in t.admirers)), subject)
    assert (judged.verdict, judged.because) == ("unknown", ("Koban::Test::Thing: AccessDenied x:ListThings",))


def test_a_gap_gives_a_result_for_each_rule_of_the_type():
    gaps = [Gap(Thing.type, "1", "r", "AccessDenied x:ListThings"), Gap("*", "2", "", "AccessDenied sts:AssumeRole")]
    results = list(evaluate([made(lambda t: t.on)], [], gaps))
    assert [(r.verdict, r.because, r.resource.account) for r in results] == [
        ("unknown", ("AccessDenied x:ListThings",), "1"),
        ("unknown", ("AccessDenied sts:AssumeRole",), "2"),
    ]
    assert len({r.fingerprint for r in results}) == 2


def test_a_finding_in_a_file_points_at_the_property():
    lines = {(): 1, ("On",): 5, ("Kind",): 7}
    thing = Thing({"On": True, "Kind": "a"}, file="t.yaml", address="T", lines=lines)
    MemoryEstate([thing])
    assert assess(made(lambda t: t.on), thing).resource.line == 5
    assert assess(made(lambda t: t.kind == "a"), thing).resource.line == 7
    assert assess(made(lambda t: not t.off), thing).resource.line == 1
    assert assess(made(lambda t: not t.off, when=lambda t: t.on), thing).resource.line == 1


# No verdict contradicts any way of filling the unknowns.

VALUES = {"On": (True, False), "Off": (True, False), "Kind": ("a", "b"), "Days": (0, 90)}
NAMES = ((), ("a",), ("b",), ("a", "b"), ("b", "b", "b"), ("b", "b", "b", "a"))

atoms = st.sampled_from(
    [
        lambda t: t.on,
        lambda t: t.off,
        lambda t: t.kind == "a",
        lambda t: t.kind in ("b", "c"),
        lambda t: t.days < 90,
        lambda t: t.days >= 1,
        lambda t: "a" in t.words,
        lambda t: any(n == "a" for n in t.words),
        lambda t: all(n == "b" for n in t.words),
        lambda t: size(t.words) > 2,
        lambda t: not t.words,
    ]
)


def combine(inner):
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: lambda t: p[0](t) and p[1](t)),
        st.tuples(inner, inner).map(lambda p: lambda t: p[0](t) or p[1](t)),
        inner.map(lambda p: lambda t: not p(t)),
        st.tuples(inner, inner, inner).map(lambda p: lambda t: p[1](t) if p[0](t) else p[2](t)),
    )


rules_ = st.recursive(atoms, combine, max_leaves=6)


@settings(max_examples=400, deadline=None)
@given(rules_, st.sets(st.sampled_from([*VALUES, "Names"])), st.data())
def test_no_verdict_contradicts_any_way_of_filling_the_unknowns(judge_, unknown, data):
    choices = {**VALUES, "Names": NAMES}
    known = {key: data.draw(st.sampled_from(values)) for key, values in choices.items() if key not in unknown}
    judged = verdict(judge_, {**known, **{key: Unknown(key, "denied") for key in unknown}})
    fillings = [
        verdict(judge_, {**known, **dict(zip(unknown, values, strict=True))}).verdict
        for values in product(*(choices[key] for key in unknown))
    ]
    if judged.verdict in ("pass", "fail"):
        assert set(fillings) == {judged.verdict}
    else:
        assert judged.because


def test_the_engine_takes_any_iterable():
    assert list(evaluate([], iter([SimpleNamespace(type_name="x")]))) == []
