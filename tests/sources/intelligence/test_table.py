from __future__ import annotations

import pytest

from koban.model.indicator import Indicator, LeftOut
from koban.sources.intelligence.table import entries, kind_of, looks_like_table

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def read(text: str, kind: str = "", names: tuple[str, ...] = ()) -> list[Indicator | LeftOut]:
    lines = text.splitlines()
    found = entries(enumerate(lines, 1), looks_like_table(lines), kind, names)
    return [one for one in found if isinstance(one, Indicator | LeftOut)]


def values(text: str, kind: str = "", names: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in read(text, kind, names) if isinstance(one, Indicator)]


def test_columns_are_known_by_their_names() -> None:
    (found,) = read('Type,Indicator,Confidence,Tags,Expires,Comment\ndomain,bad.example,80,"a,b",2026-05-01,why\n')
    assert found == Indicator(
        "domain", "bad.example", "", False, 80, ("a", "b"), "why", "", "2026-05-01T00:00:00Z"
    )  # fmt: skip


def test_a_header_may_be_a_comment() -> None:
    text = '# feed\n# "first_seen","ioc_value","ioc_type"\n"2026-01-01","1.2.3.4:80","ip:port"\n'
    assert values(text) == [("ip", "1.2.3.4")]


def test_without_names_the_column_is_known_by_its_content() -> None:
    assert values("a;1.2.3.4\nb;5.6.7.8\n") == [("ip", "1.2.3.4"), ("ip", "5.6.7.8")]
    assert values(f"x,{MD5}\ny,{MD5}\n", "ja3") == [("ja3", MD5), ("ja3", MD5)]
    assert values("a,1.2.3.4\nb,5.6.7.8\n", names=("who", "value")) == [("ip", "1.2.3.4"), ("ip", "5.6.7.8")]


def test_several_typed_columns_are_several_indicators() -> None:
    assert values(f"domain,ip,md5\nbad.example,1.2.3.4,{MD5}\n") == [
        ("domain", "bad.example"),
        ("ip", "1.2.3.4"),
        ("hash", MD5),
    ]


def test_a_prefix_is_one_where_the_table_says_so() -> None:
    found = read("url,match\nhttp://bad.example/a,prefix\nhttp://bad.example/b,exact\n")
    assert [one.prefix for one in found if isinstance(one, Indicator)] == [True, False]


def test_bad_rows_are_left_out_and_the_rest_is_kept() -> None:
    found = read('ip,expires\n1.2.3.4,\n"5.6.7.8,\nnowhere,\n9.9.9.9,soon\n,\n')
    assert [one.value for one in found if isinstance(one, Indicator)] == ["1.2.3.4", "9.9.9.9"]
    assert [one.where for one in found if isinstance(one, LeftOut)] == ["line 3", "line 4", "line 5", "line 6"]


def test_a_table_without_indicators_says_so() -> None:
    (found,) = read("a,b\nc,d\n")
    assert isinstance(found, LeftOut)
    assert "no column" in found.why


@pytest.mark.parametrize(
    ("said", "kind"),
    [("IPv4", "ip"), ("ip:port", "ip"), ("ipv4-addr", "ip"), ("CIDR", "cidr"), ("FileHash-SHA256", "hash"),
     ("sha1_hash", "hash"), ("hostname", "domain"), ("URL", "url"), ("ja3-fingerprint-md5", "ja3"), ("ja3s", None),
     ("email", None), ("sha512", None), ("", "")],
)  # fmt: skip
def test_words_for_types(said: str, kind: str | None) -> None:
    assert kind_of(said) == kind
