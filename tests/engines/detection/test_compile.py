"""Tables: a detection, events, and which of them match (by place)."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
import yaml
from tests.engines.detection.interpreter import matches
from tests.engines.detection.rules_of import compiled, matched, rule


def check(detection: str, events: list[Any], expect: list[int], interpreted: bool = True) -> None:
    """What DuckDB says is what is expected, and what the interpreter says too, where it knows the modifier."""
    assert matched(detection, events) == expect
    if interpreted:
        section = yaml.safe_load(detection)
        assert [at for at, event in enumerate(events) if matches(event, section)] == expect


def one(item: str, values: list[Any], expect: list[int], interpreted: bool = True) -> None:
    """The same item asked of a field in the record, and of one that a column holds."""
    check(f"{{s: {{{item}}}, condition: s}}", [{"f": value} for value in values], expect, interpreted)
    if all(isinstance(value, str) for value in values):
        in_column = "op" + item.removeprefix("f")
        check(f"{{s: {{{in_column}}}, condition: s}}", [{"op": value} for value in values], expect, interpreted)


TEXTS = ["abc", "ABC", "xabcx", "ab", "", "a*c", "a\\c"]


@pytest.mark.parametrize(
    ("item", "values", "expect"),
    [
        # plain text
        ("f: abc", TEXTS, [0, 1]),
        ("f: ABC", TEXTS, [0, 1]),
        ("f: ''", TEXTS, [4]),
        ("f: [abc, ab]", TEXTS, [0, 1, 3]),
        ("f: 'äÖ'", ["äö", "ÄÖ", "ao"], [0, 1]),
        ('f: "it\'s"', ["it's", "its"], [0]),
        # wildcards and their escapes
        ("f: 'a*'", TEXTS, [0, 1, 3, 5, 6]),
        ("f: '*bc'", TEXTS, [0, 1]),
        ("f: '*b*'", TEXTS, [0, 1, 2, 3]),
        ("f: '?bc'", TEXTS, [0, 1]),
        ("f: 'a?c'", TEXTS, [0, 1, 5, 6]),
        ("f: 'a*c'", TEXTS, [0, 1, 5, 6]),
        (r"f: 'a\*c'", TEXTS, [5]),
        (r"f: 'a\\*'", [r"a\bc", "a*", "abc"], [0]),
        (r"f: 'a\\\*'", [r"a\*", "a*", r"a\b"], [0]),
        (r"f: 'a\c'", TEXTS, [6]),
        (r"f: 'a\\c'", TEXTS, [6]),
        ("f: '*'", TEXTS, [0, 1, 2, 3, 4, 5, 6]),
        ("f: '?'", ["a", "é", "", "ab"], [0, 1]),
        ("f: 'a%b_c!d*e?'", ["a%b_c!dXe1", "aXbXc!de1", "a%b_c!de"], [0]),
        ("f: 'a*b'", ["a\nb", "ab"], [0, 1]),
        # where in the text
        ("f|contains: bc", TEXTS, [0, 1, 2]),
        ("f|startswith: ab", TEXTS, [0, 1, 3]),
        ("f|endswith: bc", TEXTS, [0, 1]),
        ("f|contains: ''", TEXTS, [0, 1, 2, 3, 4, 5, 6]),
        ("f|contains: [ab, '*c']", TEXTS, [0, 1, 2, 3, 5, 6]),
        ("f|contains|all: [a, b]", TEXTS, [0, 1, 2, 3]),
        ("f|contains: 'a?c'", TEXTS, [0, 1, 2, 5, 6]),
        ("f|endswith: '%'", ["5%", "5"], [0]),
        # case
        ("f|cased: abc", TEXTS, [0]),
        ("f|contains|cased: B", TEXTS, [1]),
        ("f|startswith|cased: [A, x]", TEXTS, [1, 2]),
        ("f|cased: 'A?C'", TEXTS, [1]),
        # regular expressions
        ("f|re: b", TEXTS, [0, 2, 3]),
        ("f|re: ^ab", TEXTS, [0, 3]),
        ("f|re|i: ^abc$", TEXTS, [0, 1]),
        ("f|re: a.b", ["a\nb", "aXb"], [1]),
        ("f|re|s: a.b", ["a\nb", "aXb"], [0, 1]),
        ("f|re|m: ^b$", ["a\nb\nc", "abc", "b"], [0, 2]),
        ("f|re|i|m: ^B$", ["a\nb", "ab"], [0]),
        (r"f|re: '^\d{3}\\$'", ["123\\", "123"], [0]),
        ('f|re: "it\'s"', ["it's", "its"], [0]),
        ("f|re: ['^a', 'x$']", TEXTS, [0, 2, 3, 5, 6]),
        # numbers and booleans are text
        ("f: 80", [80, "80", 80.0, 800, "080", None], [0, 1, 2]),
        ("f: '80'", [80, "80", 800], [0, 1]),
        ("f: 0.5", [0.5, "0.5", 5], [0, 1]),
        ("f: -1", [-1, "-1", 1], [0, 1]),
        ("f: true", [True, "true", "True", False, 1, None], [0, 1, 2]),
        ("f: 'TRUE'", [True, "true", False], [0, 1]),
        ("f: false", [True, False, "false", None, 0], [1, 2]),
        ("f: [1, true, a]", [1, True, "A", "b"], [0, 1, 2]),
        ("f|gt: 5", [6, "6", 5, 4, "x", None, "5.5", "1e3", "nan", "1_0", "0x10"], [0, 1, 6, 7]),
        ("f|gte: 5", [6, 5, "5", 4, ""], [0, 1, 2]),
        ("f|lt: 5", [6, 5, 4, "-7", " 3", "x"], [2, 3]),
        ("f|lte: 5.5", [5.5, "5.5", 5.6], [0, 1]),
        # null, empty, missing
        ("f: null", [None, "", [], "x", "null", 0, [None], {}], [0, 2, 6]),
        ("f: ''", [None, "", [], [""], "x"], [1, 3]),
        ("f|exists: true", [None, "", [], "x"], [0, 1, 2, 3]),
        ("f|exists: false", [None, "x"], []),
        # not this one
        ("f|neq: abc", TEXTS, [2, 3, 4, 5, 6]),
        ("f|neq: [abc, ab]", [*TEXTS, None], [2, 4, 5, 6, 7]),
        ("f|contains|neq: b", ["abc", "xyz", None], [1, 2]),
        # lists: any element
        ("f: a", [["a", "b"], ["b"], [], [["a"]], "a"], [0, 4]),
        ("f|contains|all: [a, b]", [["xa", "xb"], ["xa"], ["ab"]], [0, 2]),
        ("f|gt: 5", [[1, 6], [1], ["7"]], [0, 2]),
        ("f|neq: a", [["a", "b"], ["b"], []], [1, 2]),
        ("f|re: ^b", [["a", "bc"], ["a"]], [0]),
        # an object is its JSON text
        ("f|contains: '\"g\":1'", [{"g": 1}, [{"g": 1}, 2], {"h": {"g": 1}}, {"g": 2}], [0, 1, 2]),
        # addresses
        (
            "f|cidr: 10.0.0.0/8",
            ["10.1.2.3", "11.1.2.3", "10.1.2", "10.1.2.300", "x10.1.2.3", "10.1.2.3:80", "010.1.2.3", None],
            [0],
        ),
        ("f|cidr: 192.168.16.0/20", ["192.168.16.0", "192.168.31.255", "192.168.32.0", "192.168.15.9"], [0, 1]),
        ("f|cidr: 1.2.3.4/32", ["1.2.3.4", "1.2.3.5"], [0]),
        ("f|cidr: 0.0.0.0/0", ["1.2.3.4", "::1", "host"], [0]),
        ("f|cidr: [10.0.0.0/8, 172.16.0.0/12]", ["10.0.0.1", "172.31.0.1", "172.32.0.1"], [0, 1]),
        (
            "f|cidr: '2001:db8::/32'",
            ["2001:db8::1", "2001:DB8:0:0::1", "2001:0db8:1:2:3:4:5:6", "2001:db9::1", "::1", "2001:db8", "10.0.0.1"],
            [0, 1, 2],
        ),
        ("f|cidr: '::1/128'", ["::1", "0:0:0:0:0:0:0:1", "::2", "1::", "::"], [0, 1]),
        ("f|cidr: 'fe80::/10'", ["fe80::1", "febf::1", "fec0::1", "fe80:::1", "fe80::1::2", "fe80::12345"], [0, 1]),
        ("f|cidr: '::ffff:0:0/96'", ["::ffff:1.2.3.4", "::ffff:102:304", "1.2.3.4", "::1.2.3.4"], [0, 1]),
    ],
)
def test_an_item(item: str, values: list[Any], expect: list[int]) -> None:
    one(item, values, expect)


def b64(text: str, encoding: str = "utf-8") -> str:
    return b64encode(text.encode(encoding)).decode()


@pytest.mark.parametrize(
    ("item", "values", "expect"),
    [
        ("f|base64: secret", [b64("secret"), "secret"], [0]),
        (
            "f|base64offset|contains: secret",
            [b64("a secret"), b64("my secret!"), b64("secret"), b64("other")],
            [0, 1, 2],
        ),
        ("f|wide|base64: cmd", [b64("cmd", "utf-16le"), b64("cmd")], [0]),
        ("f|utf16le|base64: cmd", [b64("cmd", "utf-16le"), b64("cmd")], [0]),
        ("f|utf16be|base64: cmd", [b64("cmd", "utf-16be"), b64("cmd")], [0]),
        ("f|utf16|base64: cmd", [b64("\ufeffcmd", "utf-16le"), b64("cmd")], [0]),
        ("f|wide|base64offset|contains: cmd", [b64("xcmd", "utf-16le"), b64("xcmd")], [0]),
        ("f|wide: ab", ["a\0b\0", "ab"], [0]),
        (
            "f|windash|contains: ' -nop '",
            ["x -nop y", "x /nop y", "x –nop y", "x —nop y", "x ―nop y", "x nop y"],
            [0, 1, 2, 3, 4],
        ),
        ("f|windash|contains|all: [' -a', ' -b']", ["x /a -b", "x -a"], [0]),
        ("f|minute: 30", ["2026-03-01T10:30:00Z", "2026-03-01T10:31:00Z", "x", None], [0]),
        ("f|hour: 10", ["2026-03-01T10:30:00Z", "2026-03-01 10:30:00", "2026-03-01T12:30:00+02:00", "10"], [0, 1, 2]),
        ("f|hour|gte: 22", ["2026-03-01T23:30:00Z", "2026-03-01T10:31:00Z"], [0]),
        ("f|day: 1", ["2026-03-01T10:30:00Z", "2026-03-02T10:31:00Z"], [0]),
        ("f|week: 9", ["2026-03-01T10:30:00Z", "2026-03-02T10:31:00Z"], [0]),
        ("f|month: [3, 4]", ["2026-03-01", "2026-04-01", "2026-05-01"], [0, 1]),
        ("f|year: 2026", ["2026-03-01T00:00:00.123Z", "2025-12-31T23:59:59Z"], [0]),
    ],
)
def test_an_item_of_other_kinds(item: str, values: list[Any], expect: list[int]) -> None:
    one(item, values, expect, interpreted=False)


@pytest.mark.parametrize(
    ("detection", "events", "expect"),
    [
        # conditions
        ("{a: {f: 1}, b: {g: 1}, condition: a and b}", [{"f": 1, "g": 1}, {"f": 1}, {"g": 1}], [0]),
        ("{a: {f: 1}, b: {g: 1}, condition: a or b}", [{"f": 1, "g": 1}, {"f": 1}, {"g": 1}, {}], [0, 1, 2]),
        ("{a: {f: 1}, b: {g: 1}, c: {h: 1}, condition: a or b and c}", [{"f": 1}, {"g": 1}, {"g": 1, "h": 1}], [0, 2]),
        ("{a: {f: 1}, b: {g: 1}, c: {h: 1}, condition: (a or b) and c}", [{"f": 1}, {"g": 1, "h": 1}], [1]),
        ("{s1: {f: 1}, s2: {g: 1}, t: {h: 1}, condition: 1 of s*}", [{"f": 1}, {"g": 1}, {"h": 1}], [0, 1]),
        ("{s1: {f: 1}, s2: {g: 1}, t: {h: 1}, condition: all of s*}", [{"f": 1}, {"f": 1, "g": 1}], [1]),
        ("{s1: {f: 1}, _s2: {g: 1}, condition: 1 of them}", [{"f": 1}, {"g": 1}], [0]),
        ("{s1: {f: 1}, s2: {g: 1}, condition: all of them}", [{"f": 1}, {"f": 1, "g": 1}], [1]),
        ("{s: {f: 1}, x_1: {g: 1}, x_2: {h: 1}, condition: s and not 1 of x_*}", [{"f": 1}, {"f": 1, "h": 1}], [0]),
        # lists of maps are OR, keys of a map AND
        ("{s: [{f: 1, g: 1}, {h: 1}], condition: s}", [{"f": 1, "g": 1}, {"f": 1}, {"h": 1}], [0, 2]),
        # a missing field must not make NOT vanish
        ("{s: {f: 1}, n: {g: 1}, condition: s and not n}", [{"f": 1}, {"f": 1, "g": 1}, {"f": 1, "g": 2}], [0, 2]),
        (
            "{s: {f: 1}, n: {op: a}, condition: s and not n}",
            [{"f": 1}, {"f": 1, "op": "A"}, {"f": 1, "op": "b"}],
            [0, 2],
        ),
        ("{n: {op: a, f: 1}, condition: not n}", [{}, {"op": "a"}, {"op": "a", "f": 1}, {"f": 1}], [0, 1, 3]),
        ("{n: {op|re: a}, condition: not n}", [{}, {"op": "a"}, {"op": "b"}], [0, 2]),
        ("{n: {ip|cidr: 10.0.0.0/8}, condition: not n}", [{}, {"ip": "10.0.0.1"}, {"ip": "x"}], [0, 2]),
        ("{n: {f|gt: 1}, condition: not n}", [{}, {"f": 2}, {"f": "x"}], [0, 2]),
        ("{n: {op: a}, condition: not not n}", [{}, {"op": "a"}], [1]),
        ("{a: {op: a}, b: {f: 1}, condition: not (a or b)}", [{}, {"op": "a"}, {"f": 1}, {"op": "b", "f": 2}], [0, 3]),
        ("{a: {op|neq: x}, condition: not a}", [{}, {"op": "x"}, {"op": "y"}], [1]),
        # null of a column and of a field
        ("{s: {op: null}, condition: s}", [{}, {"op": None}, {"op": ""}, {"op": "a"}], [0, 1]),
        ("{s: {op: ''}, condition: s}", [{}, {"op": None}, {"op": ""}, {"op": "a"}], [2]),
        ("{s: {op: null}, condition: not s}", [{}, {"op": None}, {"op": ""}, {"op": "a"}], [2, 3]),
        ("{s: {f: [null, a]}, condition: s}", [{}, {"f": "a"}, {"f": "b"}], [0, 1]),
        ("{s: {op|exists: true}, condition: s}", [{}, {"op": None}, {"op": ""}, {"op": "a"}], [1, 2, 3]),
        ("{s: {op|exists: false}, condition: s}", [{}, {"op": None}, {"op": "a"}], [0]),
        (
            "{s: {a.b|exists: true}, condition: s}",
            [{"a": {"b": None}}, {"a": [{"b": 1}]}, {"a.b": 1}, {"a": 1}, {}],
            [0, 1, 2],
        ),
        # paths
        (
            "{s: {a.b.c: 1}, condition: s}",
            [{"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, {"a": 1}, {"a": {"b": 1}}],
            [0],
        ),
        ("{s: {user.name: ana}, condition: s}", [{"user": {"name": "Ana"}}, {"user": {"name": "Bo"}}, {}], [0]),
        (
            "{s: {a.b: 1}, condition: s}",
            [{"a": [{"b": 2}, {"b": 1}]}, {"a": [{"b": [3, 1]}]}, {"a": [1]}, {"a": []}],
            [0, 1],
        ),
        (
            "{s: {p.items.r.items.c: x}, condition: s}",
            [
                {"p": {"items": [{"r": {"items": [{"c": "y"}, {"c": "x"}]}}]}},
                {"p": {"items": [{"r": {"items": []}}, {"r": {"items": [{"c": "x"}]}}]}},
                {"p": {"items": [{"r": {"items": [{"c": "y"}]}}]}},
            ],
            [0, 1],
        ),
        # keys with dots in them
        (
            "{s: {a.b.c: 1}, condition: s}",
            [
                {"a.b.c": 1},
                {"a": {"b.c": 1}},
                {"a.b": {"c": 1}},
                {"a.b.c": 2},
                {"a.b.c": [1, 2]},
                {"a": {"b.c": 1, "b": 5}},
                {"a": {"b.c": 1, "b": {"c": 2}}},
            ],
            [0, 1, 2, 4, 5],
        ),
        (
            "{s: {m.labels.app.k8s.io/name: x}, condition: s}",
            [{"m": {"labels": {"app.k8s.io/name": "x"}}}, {"m": {"labels": {"app": {"k8s": {"io/name": "x"}}}}}, {}],
            [0, 1],
        ),
        ("{s: {a.b: null}, condition: s}", [{"a.b": 1}, {"a": {"b": 1}}, {"a": {}}, {"a": {"b": None}}], [2, 3]),
        # names with odd characters
        ('{s: {"x-a b\'c": 1}, condition: s}', [{"x-a b'c": 1}, {"x-a b": 1}], [0]),
        ("{s: {'q\"r\\s': 1}, condition: s}", [{'q"r\\s': 1}, {"q": 1}], [0]),
        ("{s: {F: 1}, condition: s}", [{"F": 1}, {"f": 1}], [0]),
        ("{s: {'a[0]': 1, 'a*': 2}, condition: s}", [{"a[0]": 1, "a*": 2}, {"a": [1]}], [0]),
        # references to other fields
        ("{s: {f|fieldref: g}, condition: s}", [{"f": "A", "g": "a"}, {"f": "a", "g": "b"}, {"f": "a"}, {}], [0]),
        ("{s: {f|fieldref|contains: g}, condition: s}", [{"f": "xay", "g": "A"}, {"f": "b", "g": "a"}], [0]),
        ("{s: {op|fieldref: user.name}, condition: s}", [{"op": "a", "user": {"name": "A"}}, {"op": "a"}], [0]),
        ("{s: {f|fieldref: op}, condition: s}", [{"op": "a", "f": ["b", "A"]}, {"op": "a", "f": "b"}], [0]),
        ("{s: {f|fieldref|neq: g}, condition: s}", [{"f": "a", "g": "a"}, {"f": "a", "g": "b"}, {"f": "a"}], [1, 2]),
        # keywords
        (
            "{k: [evil, 'svc -n'], condition: k}",
            [{"f": "EVILservice"}, {"g": {"h": ["a svc -n b"]}}, {"f": "good"}],
            [0, 1],
        ),
        ("{k: {'|all': [a1, b2]}, condition: k}", [{"f": "a1", "g": "b2"}, {"f": "a1"}], [0]),
        (r"{k: ['C:\Windows\x'], condition: k}", [{"f": "at C:\\Windows\\x.exe"}, {"f": "C:/Windows"}], [0]),
        ("{k: ['say \"hi\"'], condition: k}", [{"f": 'they say "hi" now'}, {"f": "hi"}], [0]),
        ("{k: ['a*z'], condition: k}", [{"f": "xa--zx"}, {"f": "za"}], [0]),
        ("{k: [4711], condition: k}", [{"f": 4711}, {"f": "id 47110"}, {"f": 471}], [0, 1]),
        ("{k: [evil], condition: not k}", [{"f": "evil"}, {"f": "good"}], [1]),
        ("{k: [naïve], condition: k}", [{"f": "NAÏVE"}, {"f": "naive"}], [0]),
    ],
)
def test_a_detection(detection: str, events: list[Any], expect: list[int]) -> None:
    check(detection, events, expect)


def test_a_keyword_sees_through_escapes() -> None:
    assert matched("{k: [naïve], condition: k}", ['{"f": "na\\u00efve"}', '{"f": "x"}']) == [0]
    assert matched("{k: ['a/b'], condition: k}", ['{"f": "a\\/b"}', '{"f": "a\\\\b"}']) == [0]


def test_several_conditions_are_one_or_the_other() -> None:
    assert matched("{a: {f: 1}, b: {f: 2}, condition: [a, b]}", [{"f": 1}, {"f": 2}, {"f": 3}]) == [0, 1]


def test_a_logsource_narrows_and_renames() -> None:
    events = [{"kind": "n", "f": 1}, {"kind": "x", "f": 1}, {"f": 1}, {"deep": {"kind": "n"}, "f": 1}]
    assert matched("{s: {f: 1}, condition: s}", events, "narrow") == [0, 3]
    renamed = [{"program": "a.exe", "user": {"name": "ana"}}, {"Image": "a.exe"}, {"program": "b.exe"}]
    assert matched("{s: {Image|endswith: .exe, Who: ana}, condition: s}", renamed, "renamed") == [0]


def test_a_logsource_makes_fields_of_others() -> None:
    events = [{"kind": "n"}, {"deep": {"kind": ["narrow", "x"]}}, {"deep": {"kind": "x"}}, {}]
    assert matched("{s: {Kind: Narrow}, condition: s}", events, "derived") == [0, 1]
    assert matched("{s: {Kind: null}, condition: s}", events, "derived") == [3]
    assert matched("{s: {Kind|exists: true}, condition: s}", events, "derived") == [0, 1, 2]
    assert matched("{s: {Kind|startswith: nar}, condition: not s}", events, "derived") == [2, 3]
    assert matched("{s: {Fixed: always}, condition: s}", events, "derived") == [0, 1, 2, 3]
    lists = [{"list": [{"deep": [{"value": "a"}, {"value": "b"}]}]}, {"list": []}, {"a": {"b.c": "b"}}]
    assert matched("{s: [{Deep: b}, {Dotted: b}], condition: s}", lists, "derived") == [0, 2]


def test_a_rule_without_a_service_is_served_by_all_of_the_product() -> None:
    text = rule("{s: {program: x}, condition: s}").replace("  service: plain\n", "")
    (made,) = compiled(text).rules
    assert set(made.wheres) == {"test"}


def test_placeholders_need_values() -> None:
    detection = "{s: {op|expand: '%admins%'}, condition: s}"
    (problem,) = compiled(rule(detection)).problems
    assert (problem.kind, problem.reason) == ("cannot be compiled", "placeholder %admins% has no values")
    events = [{"op": "ana"}, {"op": "bob"}, {"op": "%admins%"}]
    assert matched(detection, events, placeholders={"admins": ["ana", "b*"]}) == [0, 1]
    assert matched("{s: {op: '%admins%'}, condition: s}", events) == [2]
