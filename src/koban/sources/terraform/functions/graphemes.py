"""What a person sees as one character: Terraform counts, cuts and turns texts by these."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

ZWJ = "\u200d"

# The start and end of blocks of pictographs (emoji), which a joiner glues together.
_PICTOGRAPHS = [
    (0xA9, 0xA9), (0xAE, 0xAE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139),
    (0x2194, 0x2199), (0x21A9, 0x21AA), (0x231A, 0x231B), (0x2328, 0x2328), (0x2388, 0x2388), (0x23CF, 0x23CF),
    (0x23E9, 0x23F3), (0x23F8, 0x23FA), (0x24C2, 0x24C2), (0x25AA, 0x25AB), (0x25B6, 0x25B6), (0x25C0, 0x25C0),
    (0x25FB, 0x25FE), (0x2600, 0x2605), (0x2607, 0x2612), (0x2614, 0x2685), (0x2690, 0x2705), (0x2708, 0x2712),
    (0x2714, 0x2714), (0x2716, 0x2716), (0x271D, 0x271D), (0x2721, 0x2721), (0x2728, 0x2728), (0x2733, 0x2734),
    (0x2744, 0x2744), (0x2747, 0x2747), (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757),
    (0x2763, 0x2767), (0x2795, 0x2797), (0x27A1, 0x27A1), (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2934, 0x2935),
    (0x2B05, 0x2B07), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55), (0x3030, 0x3030), (0x303D, 0x303D),
    (0x3297, 0x3297), (0x3299, 0x3299), (0x1F000, 0x1F0FF), (0x1F10D, 0x1F10F), (0x1F12F, 0x1F12F),
    (0x1F16C, 0x1F171), (0x1F17E, 0x1F17F), (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A), (0x1F1AD, 0x1F1E5),
    (0x1F201, 0x1F20F), (0x1F21A, 0x1F21A), (0x1F22F, 0x1F22F), (0x1F232, 0x1F23A), (0x1F23C, 0x1F23F),
    (0x1F249, 0x1F3FA), (0x1F400, 0x1F53D), (0x1F546, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F774, 0x1F77F),
    (0x1F7D5, 0x1F7FF), (0x1F80C, 0x1F80F), (0x1F848, 0x1F84F), (0x1F85A, 0x1F85F), (0x1F888, 0x1F88F),
    (0x1F8AE, 0x1F8FF), (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1FAFF), (0x1FC00, 0x1FFFD),
]  # fmt: skip
_STARTS = [start for start, _ in _PICTOGRAPHS]
_PREPENDED = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0xD4E, 0x110BD, 0x110CD, 0x111C2, 0x111C3}
_EXTENDING = {0x9BE, 0x9D7, 0xB3E, 0xB57, 0xBBE, 0xBD7, 0xCC2, 0xCD5, 0xCD6, 0xD3E, 0xD57, 0xDCF, 0xDDF, 0x1B35,
              0x200C, 0x302E, 0x302F, 0xFF9E, 0xFF9F}  # fmt: skip


def graphemes(text: str) -> list[str]:
    """The characters that a person sees, each as the code points it is made of."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    found: list[str] = []
    start = flags = 0
    picture = glued = False  # a pictograph and its marks end here; and then a joiner
    before = ""
    for position, character in enumerate(text):
        kind = _kind(character)
        if position and _breaks(before, kind, flags, glued):
            found.append(text[start:position])
            start = position
        flags = flags + 1 if kind == "flag" else 0
        glued = kind == "joiner" and picture
        picture = kind == "pictograph" or (kind == "extend" and picture)
        before = kind
    if text:
        found.append(text[start:])
    return found


def _breaks(before: str, kind: str, flags: int, glued: bool) -> bool:
    """Whether a new character starts between two code points."""
    if before == "cr":
        return kind != "lf"
    if before in ("lf", "control") or kind in ("cr", "lf", "control"):
        return True
    if kind in ("extend", "joiner", "spacing") or before == "prepend":
        return False
    if kind == "pictograph":
        return not glued
    if kind == "flag":
        return before != "flag" or flags % 2 == 0
    follows = {"L": ("L", "V", "LV", "LVT"), "LV": ("V", "T"), "V": ("V", "T"), "LVT": ("T",), "T": ("T",)}
    return kind not in follows.get(before, ())


def _kind(character: str) -> str:
    code = ord(character)
    if code < 0x80:
        if character in "\r\n":
            return "cr" if character == "\r" else "lf"
        return "" if 0x20 <= code < 0x7F else "control"
    if character == ZWJ:
        return "joiner"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return "flag"
    if 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F or code in _EXTENDING:
        return "extend"
    if code in _PREPENDED:
        return "prepend"
    if 0x1100 <= code <= 0x11FF or 0xA960 <= code <= 0xA97C or 0xD7B0 <= code <= 0xD7FB:
        if code <= 0x115F or 0xA960 <= code <= 0xA97C:
            return "L"
        return "V" if code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6 else "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    category = unicodedata.category(character)
    if category in ("Mn", "Me"):
        return "extend"
    if category == "Mc" or code in (0xE33, 0xEB3):
        return "spacing"
    if category in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        return "control"
    found = bisect_right(_STARTS, code) - 1
    return "pictograph" if found >= 0 and code <= _PICTOGRAPHS[found][1] else ""
