from __future__ import annotations

import json
from typing import Any

import pytest

from koban.sources.intelligence.warninglist import BadAllowList, read


def listed(kind: str, *entries: str, **more: Any) -> str:
    return json.dumps({"name": "A list", "type": kind, "list": list(entries), **more})


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("string", "Good.Example.", "good.example"),
        ("hostname", ".Good.Example", "good.example"),
        ("hostname", ".gov", "gov"),
        ("cidr", "1.2.3.4/24", "1.2.3.0/24"),
        ("regex", "/^good/i", "(?i)^good"),
        ("substring", "Good", "good"),
    ],
)
def test_entries_get_the_form_of_what_they_are_compared_with(kind: str, given: str, kept: str) -> None:
    found, bad = read(listed(kind, given), "x")
    assert (found.entries, bad) == ((kept,), [])


def test_what_it_speaks_about_is_read() -> None:
    found, _ = read(listed("string", "a.example", matching_attributes=["hostname", "ip-src|port"]), "x")
    assert found.kinds == ("ip", "cidr", "domain")


def test_bad_entries_are_named() -> None:
    found, bad = read(listed("cidr", "1.2.3.0/24", "nowhere"), "x")
    assert found.entries == ("1.2.3.0/24",)
    assert bad[0].where == "entry 2"
    assert read(listed("regex", "(", "a"), "x")[1][0].where == "entry 1"


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "cidr"}', '{"type": "odd", "list": []}'])
def test_what_is_no_list_says_so(text: str) -> None:
    with pytest.raises(BadAllowList, match="x"):
        read(text, "x")
