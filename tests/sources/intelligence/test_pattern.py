from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koban.sources.intelligence.pattern import BadPattern, parts

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def found(pattern: str) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in parts(pattern) if one.kind]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ipv4-addr:value = '1.2.3.4']", [("ip", "1.2.3.4")]),
        ("[ipv4-addr:value = '1.2.3.0/24']", [("cidr", "1.2.3.0/24")]),
        ("[ipv6-addr:value ISSUBSET '2001:db8::/32']", [("cidr", "2001:db8::/32")]),
        ("[domain-name:value IN ('a.example', 'b.example')]", [("domain", "a.example"), ("domain", "b.example")]),
        ("[domain-name:value = 'a.example' OR ipv4-addr:value = '1.2.3.4']", [("domain", "a.example"), ("ip", "1.2.3.4")]),
        ("[url:value = 'http://a.example/it\\'s']", [("url", "http://a.example/it's")]),
        ("[url:value = 'http://a.example/'] OR [ipv4-addr:value = '1.2.3.4']",
         [("url", "http://a.example/"), ("ip", "1.2.3.4")]),
        (f"[file:hashes.MD5 = '{MD5}' AND file:hashes.'SHA-256' = '{SHA256}' AND file:name = 'x']",
         [("hash", MD5), ("hash", SHA256)]),
        (f"[process:image_ref.hashes.MD5 = '{MD5}']", [("hash", MD5)]),
        ("[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '1.2.3.4']", [("ip", "1.2.3.4")]),
        (f"[network-traffic:extensions.'tls-ext'.ja3_hash = '{MD5}']", [("ja3", MD5)]),
        (f"[x-ja3-fingerprint:value = '{MD5}']", [("ja3", MD5)]),
        ("[network-traffic:x_ja4 = 't13d1516h2_8daaf6152771_b186095e22b6']",
         [("ja4", "t13d1516h2_8daaf6152771_b186095e22b6")]),
        ("[domain-name:value LIKE '%.bad.example']", [("domain", "bad.example")]),
        ("([ipv4-addr:value = '1.2.3.4']) REPEATS 1 TIMES WITHIN 60 SECONDS", [("ip", "1.2.3.4")]),
    ],
)  # fmt: skip
def test_what_means_plain_indicators_becomes_them(pattern: str, expected: list[tuple[str, str]]) -> None:
    assert found(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[ipv4-addr:value = '1.2.3.4' AND network-traffic:dst_port = 443]", "several things at once"),
        (f"[file:hashes.MD5 = '{MD5}' AND file:name != 'x' AND ipv4-addr:value = '1.2.3.4']", "several things at once"),
        ("[domain-name:value NOT = 'a.example']", "what it is not"),
        ("[domain-name:value != 'a.example']", "what it is not"),
        ("[url:value MATCHES '^http']", "MATCHES"),
        ("[url:value LIKE 'http://%/a']", "wildcards"),
        ("[email-addr:value = 'a@b.example']", "email-addr:value is not matched"),
        (f"[x-tls:ja3s = '{MD5}']", "not matched"),
        (f"[x509-certificate:hashes.MD5 = '{MD5}']", "not matched"),
        ("[domain-name:resolves_to_refs[*].value = '1.2.3.4']", "not matched"),
        ("[ipv4-addr:value = '1.2.3.400']", "no address"),
        ("[EXISTS ipv4-addr:value]", "EXISTS"),
    ],
)
def test_what_means_none_is_named(pattern: str, why: str) -> None:
    assert found(pattern) == []
    assert why in parts(pattern)[0].why


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[a:b = 'x'] FOLLOWEDBY [c:d = 'y']", "FOLLOWEDBY"),
        ("[ipv4-addr:value = '1.2.3.4'] AND [c:d = 'y']", "several observations"),
        ("[ipv4-addr:value = '1.2.3.4'] REPEATS 5 TIMES", "5 observations"),
        ("[ipv4-addr:value = '1.2.3.4'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'", "bound to a time"),
        ("[ipv4-addr:value = '1.2.3.4'", "its end"),
        ("[ipv4-addr:value = '1.2.3.4]", "cannot be read"),
        ("", "its end"),
        ("(" * 100 + "[a:b = 'x']" + ")" * 100, "nested"),
        ("[" + " AND ".join(["(a:b = 'x' OR a:c = 'y')"] * 30) + "]", "alternatives"),
    ],
)
def test_what_cannot_be_read_says_why(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why):
        parts(pattern)


@given(st.lists(st.sampled_from(
    ["[", "]", "(", ")", "ipv4-addr:value", "=", "'1.2.3.4'", "AND", "OR", "NOT", "IN", ",", "LIKE", "REPEATS", "5", "TIMES", "x"]
)))  # fmt: skip
def test_no_pattern_ends_in_another_error(tokens: list[str]) -> None:
    with contextlib.suppress(BadPattern):
        parts(" ".join(tokens))
