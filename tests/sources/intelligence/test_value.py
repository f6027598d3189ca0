from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koban.sources.intelligence.value import NotAnIndicator, indicators


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1.2.3.4", "ip", "1.2.3.4"),
        ("1[.]2.3(.)4", "ip", "1.2.3.4"),
        ("1.2.3.4:443", "ip", "1.2.3.4"),
        ("2001:DB8:0::1", "ip", "2001:db8::1"),
        ("[2001:db8::1]:443", "ip", "2001:db8::1"),
        ("::ffff:1.2.3.4", "ip", "1.2.3.4"),
        ("1.2.3.4/32", "ip", "1.2.3.4"),
        ("1.2.3.4/24", "cidr", "1.2.3.0/24"),
        ("2001:db8::5/32", "cidr", "2001:db8::/32"),
        ("Bad[.]Example.", "domain", "bad.example"),
        ("bad[dot]example", "domain", "bad.example"),
        ("*.bad.example", "domain", "bad.example"),
        ("bad.example:8080", "domain", "bad.example"),
        ("Bücher.example", "domain", "xn--bcher-kva.example"),
        ("straße.example", "domain", "xn--strae-oqa.example"),
        ("hxxps[://]Bad[.]Example:443/Path?q#f", "url", "https://bad.example/Path?q"),
        ("http://user:pw@h.example", "url", "http://h.example/"),
        ("http://h.example:8080/ä b", "url", "http://h.example:8080/%C3%A4%20b"),
        ("bad.example/x", "url", "bad.example/x"),
        ("D41D8CD98F00B204E9800998ECF8427E", "hash", "d41d8cd98f00b204e9800998ecf8427e"),
        ("t13d1516h2_8daaf6152771_b186095e22b6", "ja4", "t13d1516h2_8daaf6152771_b186095e22b6"),
    ],
)
def test_a_value_gets_its_normal_form_and_kind(text: str, kind: str, value: str) -> None:
    assert indicators(text) == ((kind, value, False),)


def test_a_star_at_the_end_of_a_url_is_a_prefix() -> None:
    assert indicators("http://bad.example/a/*") == (("url", "http://bad.example/a/", True),)


def test_a_range_is_several_networks() -> None:
    assert [value for _, value, _ in indicators("1.2.3.0-1.2.3.9")] == ["1.2.3.0/29", "1.2.3.8/31"]


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("", "", "empty"),
        ("localhost", "", "no dot"),
        ("0.0.0.0/0", "", "every address"),
        ("999.1.1.1", "", "no address, network"),
        ("a@b.example", "", "e-mail"),
        ("x" * 5000, "", "longer"),
        ("http:///x", "", "without a host"),
        ("bad.example", "ip", "no address"),
        ("a" * 128, "", "SHA-512"),
        ("1.2.3.4", "ja3", "JA3"),
        ("d41d8cd9", "hash", "no MD5"),
        ("-bad-.example", "", "no address"),
    ],
)
def test_what_is_none_says_why(text: str, kind: str, why: str) -> None:
    with pytest.raises(NotAnIndicator, match=why):
        indicators(text, kind)


def test_a_fingerprint_is_only_read_as_one_when_said() -> None:
    assert indicators("e7d705a3286e19ea42f587b344ee6865")[0][0] == "hash"
    assert indicators("e7d705a3286e19ea42f587b344ee6865", "ja3")[0][0] == "ja3"


@given(st.text())
def test_any_text_is_an_indicator_or_says_why(text: str) -> None:
    try:
        found = indicators(text)
    except NotAnIndicator:
        pass
    else:
        # the normal form of a normal form is itself
        for kind, value, _ in found:
            assert value.isascii()
            assert indicators(value, kind)[0][:2] == (kind, value)


@given(st.ip_addresses())
def test_addresses_are_as_ipaddress_writes_them(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = getattr(address, "ipv4_mapped", None)
    assert indicators(address.exploded) == (("ip", str(mapped or address), False),)
