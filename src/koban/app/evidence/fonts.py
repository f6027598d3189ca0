"""The letters of a PDF: each piece of a text in the first font that has its letters.

Latin is always in the file.  For Japanese and other scripts a font of the system is put into the file where there is
one (`KOBAN_FONTS` names directories to look in first); else Japanese, Chinese and Korean are in fonts that every reader
of PDF brings along, and what no font has is spelled out as its number: it is never a box that says nothing.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

WANTED = (  # files with outlines that can be put into a PDF, the best first
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "ipaexg.ttf",
    "NotoSansJP-Regular.ttf",
    "NotoSansJP[wght].ttf",
    "BIZUDGothic-Regular.ttf",
    "MPLUS1p-Regular.ttf",
    "TakaoGothic.ttf",
    "VL-Gothic-Regular.ttf",
    "ipag.ttf",
    "YuGothR.ttc",
    "meiryo.ttc",
    "msgothic.ttc",
    "Arial Unicode.ttf",
    "DroidSansFallbackFull.ttf",
    "wqy-microhei.ttc",
    "NotoSansSC-Regular.ttf",
    "NotoSansKR-Regular.ttf",
)
BOLD = {"DejaVuSans.ttf": "DejaVuSans-Bold.ttf", "NotoSans-Regular.ttf": "NotoSans-Bold.ttf"}
BROUGHT = (
    ("HeiseiKakuGo-W5", "cp932"),
    ("STSong-Light", "gbk"),
    ("MSung-Light", "big5"),
    ("HYSMyeongJo-Medium", "cp949"),
)
TO_SHAPE = (  # scripts whose letters change by their neighbours or run leftwards: set letter by letter they are wrong
    (0x0590, 0x08FF),
    (0x0900, 0x0DFF),
    (0x0E80, 0x109F),
    (0x1780, 0x18AF),
    (0xFB1D, 0xFDFF),
    (0xFE70, 0xFEFC),
)
DIRECTORIES = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)
FILES_MAX = 20_000


class Fonts:
    """The fonts of this machine.  `text` is markup of reportlab's paragraphs."""

    def __init__(self, files: dict[str, Path]) -> None:
        from reportlab import rl_config
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfbase.ttfonts import TTFError, TTFont

        rl_config.warnOnMissingFontGlyphs = 0
        self._fonts: list[tuple[str, str, Callable[[str], bool]]] = []
        for number, (name, path) in enumerate(files.items()):
            plain = f"koban-{number}"
            try:
                font = TTFont(plain, str(path))
                pdfmetrics.registerFont(font)
                bold = plain
                if name in BOLD and path.with_name(BOLD[name]).is_file():
                    bold = f"{plain}-bold"
                    pdfmetrics.registerFont(TTFont(bold, str(path.with_name(BOLD[name]))))
            except (TTFError, OSError, ValueError, KeyError, IndexError):
                continue  # outlines of another kind, or a broken file
            self._fonts.append((plain, bold, _in_glyphs(font)))
        for plain in ("Vera", "VeraBd"):
            pdfmetrics.registerFont(TTFont(plain, f"{plain}.ttf"))
        self._fonts.insert(0, ("Vera", "VeraBd", _in_glyphs(pdfmetrics.getFont("Vera"))))
        for name, codec in BROUGHT:
            pdfmetrics.registerFont(UnicodeCIDFont(name))
            self._fonts.append((name, name, _in_codec(codec)))

    def text(self, text: str, bold: bool = False) -> str:
        """The text as markup: what is markup in it is not."""
        made = []
        for font, piece in self.pieces(text, bold):
            lines = escape(piece).replace("\n", "<br/>")
            made.append(f'<font name="{font}">{lines}</font>')
        return "".join(made)

    def pieces(self, text: str, bold: bool = False) -> Iterator[tuple[str, str]]:
        """(font, piece) of the text in order."""
        piece, now = "", 0
        for one in unicodedata.normalize("NFC", text):
            number, letter = self._of(one, now)
            if number != now and piece:
                yield self._named(now, bold), piece
                piece = ""
            now = number
            piece += letter
        if piece:
            yield self._named(now, bold), piece

    def _named(self, number: int, bold: bool) -> str:
        plain, heavy, _ = self._fonts[number]
        return heavy if bold else plain

    def _of(self, one: str, now: int) -> tuple[int, str]:
        """The font for a letter, and how it is written."""
        if one in " \n":
            return now, one
        if one == "\t":
            return now, " "
        kind = unicodedata.category(one)
        if kind in ("Mn", "Me") and not _to_shape(one) and self._fonts[now][2](one):
            return now, one  # it sits on the letter before it
        if not (kind in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or _to_shape(one)):
            for number, (_, _, has) in enumerate(self._fonts):
                if has(one):
                    return number, one
        return 0, f"<U+{ord(one):04X}>"


def _in_glyphs(font: Any) -> Callable[[str], bool]:
    glyphs = font.face.charToGlyph
    return lambda one: ord(one) in glyphs and ord(one) <= 0xFFFF


def _in_codec(codec: str) -> Callable[[str], bool]:
    def has(one: str) -> bool:
        try:
            return len(one.encode(codec)) > 1 and ord(one) <= 0xFFFF
        except UnicodeEncodeError:
            return False

    return has


def _to_shape(one: str) -> bool:
    return any(first <= ord(one) <= last for first, last in TO_SHAPE)


def found(directories: tuple[str, ...] = DIRECTORIES, own: str = "") -> dict[str, Path]:
    """The files to use, by name: all of the user's own directories, then those that are known to be good."""
    made: dict[str, Path] = {}
    for directory in filter(None, own.split(os.pathsep)):
        for path in sorted(Path(directory).expanduser().glob("*.tt[fc]")):
            made[path.name] = path
    known: dict[str, Path] = {}
    seen = 0
    for directory in directories:
        for where, _, names in os.walk(Path(directory).expanduser()):
            for name in WANTED:
                if name in names:
                    known.setdefault(name, Path(where) / name)
            seen += len(names)
            if seen > FILES_MAX:
                break
    made.update({name: known[name] for name in WANTED if name in known and name not in made})
    return made


@cache
def fonts() -> Fonts:
    """Those of this machine, looked for once."""
    return Fonts(found(own=os.environ.get("KOBAN_FONTS", "")))


def has_no_spaces(text: str) -> bool:
    """Whether the text is of a script that breaks lines anywhere."""
    return any(
        0x2E80 <= ord(one) <= 0x9FFF or 0xAC00 <= ord(one) <= 0xD7AF or 0xFF00 <= ord(one) <= 0xFFEF for one in text
    )
