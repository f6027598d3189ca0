from __future__ import annotations

from koban.model.indicator import Indicator, LeftOut
from koban.sources.intelligence.lines import entries


def values(text: str, kind: str = "") -> list[str]:
    return [one.value for one in entries(enumerate(text.splitlines(), 1), kind) if isinstance(one, Indicator)]


def test_comments_hosts_and_filters_are_understood() -> None:
    text = """\
# a comment
; another
! a third
1.2.3.4 # an aside
0.0.0.0 bad.example worse.example
127.0.0.1 localhost
||ads.example^
evil.example

"""
    assert values(text) == ["1.2.3.4", "bad.example", "worse.example", "ads.example", "evil.example"]


def test_what_is_no_indicator_names_its_line() -> None:
    found = list(entries([(1, "1.2.3.4"), (2, "several words here")]))
    assert isinstance(found[1], LeftOut)
    assert (found[1].where, found[1].broken) == ("line 2", True)


def test_a_kind_that_is_given_is_kept_to() -> None:
    assert values("1.2.3.4\nbad.example\n", "domain") == ["1.2.3.4", "bad.example"]
    assert values("1.2.3.4\nbad.example\n", "ip") == ["1.2.3.4"]
