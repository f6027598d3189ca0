"""The expressions of templates: ``[concat('a', parameters('b').c[0])]`` and the trees that they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

CHARACTERS_MAX = 24_576  # a longer expression Azure Resource Manager refuses
DEPTH_MAX = 60  # calls within calls; what tools write reaches 30

_TOKEN = re.compile(
    r"\s*(?:'((?:[^']|'')*)'|(-?[0-9]+(?:\.[0-9]+)?)|([A-Za-z_][A-Za-z0-9_$]*(?:\.(?![0-9])[A-Za-z_][A-Za-z0-9_$]*)*)"
    r"|([()\[\],.?])|(\S))"
)


class ExpressionError(Exception):
    """An expression that Azure Resource Manager would refuse; the message says what, in one line."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a number."""

    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A function (in lower case; with its namespace where it is the template's own; as it is written) and arguments."""

    name: str
    shown: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """``of.name``, ``of[index]``; with `safe` null where there is none: ``of.?name``."""

    of: Node
    key: Node
    safe: bool = False


Node = Literal | Call | Member


@lru_cache(maxsize=4096)
def parsed(text: str) -> Node:
    """The tree of an expression, given with its brackets.  Raises ExpressionError."""
    if len(text) > CHARACTERS_MAX:
        raise ExpressionError(f"the expression has more than {CHARACTERS_MAX:,} characters")
    return _Parser(text[1:-1]).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position = 0
        stripped = text.rstrip()
        while position < len(stripped):
            found = _TOKEN.match(stripped, position)
            assert found is not None
            position = found.end()
            if found[1] is not None:
                self.tokens.append(("text", found[1].replace("''", "'")))
            elif found[2] is not None:
                self.tokens.append(("number", found[2]))
            elif found[3] is not None:
                self.tokens.append(("name", found[3]))
            elif found[4] is not None:
                self.tokens.append((found[4], found[4]))
            else:
                raise ExpressionError(
                    "a text in quotes has no end" if found[5] == "'" else f"{found[5]!r} means nothing in an expression"
                )
        self.tokens.append(("", ""))
        self.at = 0

    def whole(self) -> Node:
        node = self.node(0)
        if self.tokens[self.at][0]:
            raise ExpressionError(f"{self.tokens[self.at][1]!r} follows the end of the expression")
        return node

    def node(self, depth: int) -> Node:
        if depth > DEPTH_MAX:
            raise ExpressionError(f"its calls nest deeper than {DEPTH_MAX} levels")
        kind, text = self.tokens[self.at]
        self.at += 1
        made: Node
        if kind == "text":
            made = Literal(text)
        elif kind == "number":
            made = Literal(float(text) if "." in text else int(text))
        elif kind == "name":
            if self.tokens[self.at][0] != "(":
                raise ExpressionError(f"{text} is neither a text in quotes nor a call")
            made = Call(text.lower(), text, self.arguments(depth))
        else:
            raise ExpressionError(f"{text!r} stands where a value is expected" if text else "the expression ends early")
        return self.members(made, depth)

    def arguments(self, depth: int) -> tuple[Node, ...]:
        self.at += 1
        made: list[Node] = []
        if self.tokens[self.at][0] == ")":
            self.at += 1
            return ()
        while True:
            made.append(self.node(depth + 1))
            kind = self.tokens[self.at][0]
            self.at += 1
            if kind == ")":
                return tuple(made)
            if kind != ",":
                raise ExpressionError("a comma or a closing parenthesis is missing")

    def members(self, of: Node, depth: int) -> Node:
        steps = 0
        while True:
            kind = self.tokens[self.at][0]
            safe = False
            if kind not in (".", "["):
                return of
            self.at += 1
            steps += 1
            if depth + steps > DEPTH_MAX:
                raise ExpressionError(f"its values are reached through more than {DEPTH_MAX} levels")
            if self.tokens[self.at][0] == "?":
                safe = True
                self.at += 1
            if kind == ".":
                name_kind, name = self.tokens[self.at]
                self.at += 1
                if name_kind != "name":
                    raise ExpressionError("a dot is followed by a name")
                for one in name.split("."):
                    of = Member(of, Literal(one), safe)
                    safe = False
            else:
                key = self.node(depth + 1)
                if self.tokens[self.at][0] != "]":
                    raise ExpressionError("a closing bracket is missing")
                self.at += 1
                of = Member(of, key, safe)
