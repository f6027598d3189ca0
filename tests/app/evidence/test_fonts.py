from __future__ import annotations

from pathlib import Path

import pytest

from koban.app.evidence.fonts import Fonts, found, has_no_spaces


@pytest.fixture(scope="module")
def bare() -> Fonts:
    """A machine without fonts."""
    return Fonts({})


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("plain", [("Vera", "plain")]),
        ("Grüße, señor", [("Vera", "Grüße, señor")]),
        ("公開バケット", [("HeiseiKakuGo-W5", "公開バケット")]),
        ("the 公開 one", [("Vera", "the "), ("HeiseiKakuGo-W5", "公開 "), ("Vera", "one")]),
        ("한국어", [("HYSMyeongJo-Medium", "한국어")]),
        ("们这", [("STSong-Light", "们这")]),
        ("a\0b\u202ec", [("Vera", "a<U+0000>b<U+202E>c")]),
        ("e\u0301", [("Vera", "é")]),
        ("😀", [("Vera", "<U+1F600>")]),
        ("سلام", [("Vera", "<U+0633><U+0644><U+0627><U+0645>")]),
        ("\udcff", [("Vera", "<U+DCFF>")]),
    ],
)
def test_each_letter_is_in_a_font_that_has_it_or_is_spelled_out(
    bare: Fonts, text: str, pieces: list[tuple[str, str]]
) -> None:
    assert list(bare.pieces(text)) == pieces


def test_what_is_markup_in_a_text_is_not(bare: Fonts) -> None:
    assert bare.text("<b>&\n", bold=True) == '<font name="VeraBd">&lt;b&gt;&amp;<br/></font>'


def test_fonts_of_the_users_own_come_first(tmp_path: Path) -> None:
    for name in ("system/DejaVuSans.ttf", "own/Corporate.ttf"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"")
    assert list(found((str(tmp_path / "system"),), str(tmp_path / "own"))) == ["Corporate.ttf", "DejaVuSans.ttf"]


def test_a_broken_font_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.ttf").write_bytes(b"no font")
    assert list(Fonts({"x.ttf": tmp_path / "x.ttf"}).pieces("a")) == [("Vera", "a")]


def test_scripts_that_break_lines_anywhere() -> None:
    assert has_no_spaces("これは")
    assert not has_no_spaces("this is")
