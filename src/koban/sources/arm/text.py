"""Reads JSON as Azure's tools accept it into plain values, and remembers the line of each.

That is JSON with ``//`` and ``/* */`` comments, texts that go over several lines, and commas too many.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

DEPTH_MAX = 100  # how deep values may nest

# No pattern goes back into a comment: comments are skipped by themselves.  (Atomic groups would do it as well, but are
# not right in all of Python 3.11.)
_SPACE = r"[ \t\r\n\ufeff\u00a0]*"
_SKIPPED = re.compile(_SPACE + r"(?:(?://[^\n]*(?:\n|\Z)|/\*(?s:.*?)\*/)" + _SPACE + ")*")
_NEXT = re.compile(_SPACE + r"""(?:"([^"\\]*)"|(.)|)""")
_KEY = re.compile(_SPACE + r'"([^"\\]*)"[ ]?:[ ]?')
_AFTER = re.compile(_SPACE + r"([,}\]]?)")
_LITERAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?|true\b|false\b|null\b|True\b|False\b")
_ESCAPED = re.compile(r'[^"\\]*(?:\\(?s:.)[^"\\]*)*"')
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(?s:(.)))")
_COMMENT = re.compile(r'"[^"\\]*(?:\\(?s:.)[^"\\]*)*"|//([^\n]*)|/\*((?s:.*?))\*/')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS: dict[str, Any] = {"true": True, "True": True, "false": False, "False": False, "null": None}
NUMBER_CHARACTERS_MAX = 100


class TextError(Exception):
    """A text that cannot be read: `line` (from 1, or None) and `why`, one line for people."""

    def __init__(self, line: int | None, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


@dataclass(slots=True)
class Text:
    """What a text says.

    `value` is all of it.  `places` has, by `id()` of each mapping and list, that container (so that its id stays its
    own) and where in the text its keys or elements stand.  `dynamic` holds the ids of the containers with an
    expression or a copy loop anywhere inside: all others stand for themselves.
    """

    source: str = ""
    value: Any = None
    places: dict[int, tuple[Any, dict[str, int] | list[int]]] = field(default_factory=dict)
    dynamic: set[int] = field(default_factory=set)
    problems: list[tuple[int, str]] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)

    def line(self, container: Any, key: Any) -> int | None:
        """The line of a key of a mapping, or of an element of a list."""
        found = self.places.get(id(container))
        if found is None or found[0] is not container:
            return None
        try:
            return self.line_at(found[1][key])
        except (KeyError, IndexError, TypeError):
            return None

    def line_at(self, offset: int) -> int:
        return bisect_right(self.breaks, offset) + 1


def read_text(source: str) -> Text:
    """What `source` says.  Raises TextError."""
    text = Text(source, breaks=[found.end() for found in re.finditer("\n", source)])
    reader = _Reader(source, text)
    try:
        text.value, end, _ = reader.value(0, 0)
    except RecursionError:
        raise TextError(None, f"values nest deeper than {DEPTH_MAX} levels") from None
    found = reader.next(end)
    if found.end() < len(source) or found[2]:
        raise reader.error(found.end() - 1, "something follows the end of the template")
    return text


def comments(source: str) -> list[tuple[int, str]]:
    """Every comment: where it starts, and what it says."""
    found = _COMMENT.finditer(source)
    return [(one.start(), one[1] if one[1] is not None else one[2]) for one in found if one[0][0] == "/"]


def is_expression(text: str) -> bool:
    """Whether a text is evaluated, or has a bracket that only says that it is not."""
    return len(text) > 1 and text[0] == "[" and text[-1] == "]"


class _Reader:
    def __init__(self, source: str, text: Text) -> None:
        self.source = source
        self.text = text

    def error(self, offset: int, why: str) -> TextError:
        return TextError(self.text.line_at(max(0, min(offset, len(self.source) - 1))), f"not JSON: {why}")

    def next(self, position: int) -> re.Match[str]:
        """What comes next: a text without escapes (1), another sign (2), or the end; comments are passed over."""
        found = _NEXT.match(self.source, position)
        assert found is not None
        if found[2] == "/":
            skipped = _SKIPPED.match(self.source, position)
            assert skipped is not None
            found = _NEXT.match(self.source, skipped.end())
            assert found is not None
        return found

    def _after(self, position: int) -> re.Match[str]:
        """A comma or what closes a mapping or list, or nothing of the kind (1)."""
        found = _AFTER.match(self.source, position)
        assert found is not None
        if not found[1] and self.source.startswith("/", found.end()):
            skipped = _SKIPPED.match(self.source, position)
            assert skipped is not None
            found = _AFTER.match(self.source, skipped.end())
            assert found is not None
        return found

    def value(self, position: int, depth: int) -> tuple[Any, int, bool]:
        """The value that stands at a position or after it, where it ends, and whether it is dynamic."""
        found = self.next(position)
        text = found[1]
        if text is not None:
            return text, found.end(), len(text) > 1 and text[0] == "[" and text[-1] == "]"
        sign = found[2]
        start = found.end() - 1
        if sign == "{":
            return self._mapping(start + 1, depth + 1)
        if sign == "[":
            return self._list(start + 1, depth + 1)
        if sign == '"':
            text, end = self._escaped(start)
            return text, end, is_expression(text)
        if not sign:
            raise self.error(len(self.source), "the text ends too early")
        literal = _LITERAL.match(self.source, start)
        if literal is None:
            if sign == "/" and self.source.startswith("/*", start):
                raise self.error(start, "a comment has no end")
            raise self.error(start, f"a value is expected, and not {sign!r}")
        word = literal[0]
        if word in _WORDS:
            return _WORDS[word], literal.end(), False
        if len(word) > NUMBER_CHARACTERS_MAX:
            raise self.error(start, f"a number has more than {NUMBER_CHARACTERS_MAX} digits")
        return (float(word) if literal[1] or literal[2] else int(word)), literal.end(), False

    def _escaped(self, start: int) -> tuple[str, int]:
        """A text with escapes, from its opening quote."""
        found = _ESCAPED.match(self.source, start + 1)
        if found is None:
            raise self.error(start, "a text has no end")
        raw = found[0][:-1]
        try:
            return json.loads(f'"{raw}"', strict=False), found.end()
        except ValueError:
            made = _ESCAPE.sub(lambda one: chr(int(one[1], 16)) if one[1] else _ESCAPES.get(one[2], one[2]), raw)
            return made, found.end()

    def _mapping(self, position: int, depth: int) -> tuple[dict[str, Any], int, bool]:
        if depth > DEPTH_MAX:
            raise TextError(self.text.line_at(position), f"values nest deeper than {DEPTH_MAX} levels")
        source = self.source
        values: dict[str, Any] = {}
        places: dict[str, int] = {}
        lively = False
        while True:
            found = _KEY.match(source, position)
            if found is not None:
                key, place, position = found[1], found.start(1), found.end()
            else:
                sign = self.next(position)
                if sign[2] == "}":
                    position = sign.end()
                    break
                if sign[1] is not None:
                    key, position = sign[1], sign.end()
                elif sign[2] == '"':
                    key, position = self._escaped(sign.end() - 1)
                elif sign[2]:
                    raise self.error(sign.end() - 1, f"a key in quotes is expected, and not {sign[2]!r}")
                else:
                    raise self.error(len(source), "the text ends too early")
                place = sign.end() - 1
                colon = self.next(position)
                if colon[2] != ":":
                    raise self.error(position, "a key is followed by a colon")
                position = colon.end()
            value, position, alive = self.value(position, depth)
            if key in values:
                first = self.text.line_at(places[key])
                self.text.problems.append(
                    (self.text.line_at(place), f"{key} is written twice (first on line {first}); the last holds")
                )
            values[key] = value
            places[key] = place
            lively = lively or alive or key == "copy" or is_expression(key)
            after = self._after(position)
            position = after.end()
            if after[1] == "}":
                break
            if after[1] != ",":
                raise self.error(position if not after[1] else position - 1, "a comma or a brace is missing")
        self._keep(values, places, lively)
        return values, position, lively

    def _list(self, position: int, depth: int) -> tuple[list[Any], int, bool]:
        if depth > DEPTH_MAX:
            raise TextError(self.text.line_at(position), f"values nest deeper than {DEPTH_MAX} levels")
        values: list[Any] = []
        places: list[int] = []
        lively = False
        while True:
            sign = self.next(position)
            if sign[2] == "]":
                position = sign.end()
                break
            place = sign.end() - 1 if sign[1] is None else sign.start(1)
            value, position, alive = self.value(position, depth)
            values.append(value)
            places.append(place)
            lively = lively or alive
            after = self._after(position)
            position = after.end()
            if after[1] == "]":
                break
            if after[1] != ",":
                raise self.error(position if not after[1] else position - 1, "a comma or a bracket is missing")
        self._keep(values, places, lively)
        return values, position, lively

    def _keep(self, value: Any, places: dict[str, int] | list[int], lively: bool) -> None:
        self.text.places[id(value)] = value, places
        if lively:
            self.text.dynamic.add(id(value))
