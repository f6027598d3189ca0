"""The filter patterns of CloudWatch Logs: whether an event passes one.

Written after the syntax that the CloudWatch Logs user guide describes: ``{ ($.eventName = "A*") || ... }`` for events
in JSON, and terms (``ERROR``, ``?one ?other``, ``-not``) for any text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import translate
from functools import lru_cache
from typing import Any

DEPTH_MAX = 50  # parentheses inside each other; CloudWatch takes patterns of 1,024 characters
TOKEN = re.compile(r'\s*(\(|\)|&&|\|\||!=|<=|>=|=|<|>|"(?:[^"\\]|\\.)*"|%[^%]*%|[^\s()=!<>&|"]+)')
TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')
MISSING: Any = object()

Test = Callable[[dict[str, Any]], bool]


def passes(pattern: str, event: dict[str, Any]) -> bool:
    """Whether `event` passes the filter `pattern`.  Raises ValueError for a pattern that cannot be understood."""
    return compiled(pattern)(event)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Test:
    """The pattern as a function of an event.  Raises ValueError for one that cannot be understood."""
    text = pattern.strip()
    if not text.startswith("{"):
        return _terms(text)
    if not text.endswith("}"):
        raise ValueError("the pattern has no closing brace")
    parser = _Parser(text[1:-1])
    test = parser.either(0)
    if parser.peek():
        raise ValueError(f"the pattern goes on with {parser.peek()!r}")
    return test


def _terms(text: str) -> Test:
    if text.startswith("["):
        raise ValueError("a pattern of columns says nothing about JSON")
    wanted: dict[str, list[str]] = {"": [], "?": [], "-": []}
    for sign, quoted, bare in TERM.findall(text):
        wanted[sign].append(quoted or bare)
    if not any(wanted.values()):
        return lambda event: True

    def test(event: dict[str, Any]) -> bool:
        line = json.dumps(event, separators=(",", ":"))
        if any(term in line for term in wanted["-"]):
            return False
        if wanted[""]:
            return all(term in line for term in wanted[""])
        return any(term in line for term in wanted["?"]) if wanted["?"] else True

    return test


class _Parser:
    """Recursive descent: either = both {|| both}; both = one {&& one}; one = ( either ) or a comparison."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        position = 0
        while text[position:].strip():
            found = TOKEN.match(text, position)
            if not found:
                raise ValueError(f"the pattern cannot be read at {text[position : position + 20]!r}")
            self.tokens.append(found.group(1))
            position = found.end()
        self.position = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token.upper() != wanted):
            raise ValueError(f"the pattern has {token or 'its end'!r} where {wanted or 'something more'!r} should be")
        self.position += 1
        return token

    def either(self, depth: int) -> Test:
        if depth > DEPTH_MAX:
            raise ValueError("the pattern has too many parentheses inside each other")
        tests = [self.both(depth)]
        while self.peek() == "||":
            self.take()
            tests.append(self.both(depth))
        return _any(tests)

    def both(self, depth: int) -> Test:
        tests = [self.one(depth)]
        while self.peek() == "&&":
            self.take()
            tests.append(self.one(depth))
        return tests[0] if len(tests) == 1 else lambda event: all(test(event) for test in tests)

    def one(self, depth: int) -> Test:
        if self.peek() == "(":
            self.take()
            test = self.either(depth + 1)
            self.take(")")
            return test
        path = self.take()
        if not path.startswith("$"):
            raise ValueError(f"the pattern compares {path!r}, which is no selector")
        operator = self.take().upper()
        if operator == "NOT":
            self.take("EXISTS")
            steps = _steps(path)
            return lambda event: _at(event, steps) is MISSING
        if operator == "IS":
            kind = self.take().upper()
            if kind not in ("NULL", "TRUE", "FALSE"):
                raise ValueError(f"the pattern asks whether something is {kind!r}")
            value = {"NULL": None, "TRUE": True, "FALSE": False}[kind]
            steps = _steps(path)
            return lambda event: _at(event, steps) is value
        if operator not in ("=", "!=", "<", "<=", ">", ">="):
            raise ValueError(f"the pattern has {operator!r} where a comparison should be")
        return _comparison(path, operator, self.take())


class _OneOf:
    """Whether the text at a path is one of some words: most comparisons, and all of many patterns."""

    def __init__(self, steps: tuple[str, ...], words: frozenset[str]) -> None:
        self.steps = steps
        self.words = words

    def __call__(self, event: dict[str, Any]) -> bool:
        found = _at(event, self.steps)
        return found is not MISSING and _text(found) in self.words


def _any(tests: list[Test]) -> Test:
    """Whether one of `tests` says yes; comparisons of one path with words are one look into a set."""
    words: dict[tuple[str, ...], frozenset[str]] = {}
    for test in tests:
        if isinstance(test, _OneOf):
            words[test.steps] = words.get(test.steps, frozenset()) | test.words
    few = [_OneOf(*one) for one in words.items()] + [test for test in tests if not isinstance(test, _OneOf)]
    return few[0] if len(few) == 1 else lambda event: any(test(event) for test in few)


def _comparison(path: str, operator: str, literal: str) -> Test:
    steps = _steps(path)
    if literal[0] == "%":
        try:
            regex = re.compile(literal.strip("%"))
        except re.error as error:
            raise ValueError(f"the pattern has a regular expression that is none: {error}") from None
        return lambda event: (regex.search(_text(_at(event, steps))) is not None) == (operator == "=")
    wanted = literal[1:-1].replace('\\"', '"') if literal[0] == '"' else literal
    if operator == "=" and not any(wildcard in wanted for wildcard in "*?"):
        return _OneOf(steps, frozenset({wanted}))
    like = re.compile(translate(wanted.replace("[", "[[]"))).match

    def test(event: dict[str, Any]) -> bool:
        found = _at(event, steps)
        if found is MISSING:
            return False  # what is not there is neither equal nor unequal to anything
        if operator in ("=", "!="):
            return (like(_text(found)) is not None) == (operator == "=")
        try:
            number, limit = float(found), float(wanted)
        except (TypeError, ValueError):
            return False
        return {"<": number < limit, "<=": number <= limit, ">": number > limit, ">=": number >= limit}[operator]

    return test


def _steps(path: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^.\[\]$'\"]+", path))


def _at(event: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if isinstance(event, dict) and step in event:
            event = event[step]
        elif isinstance(event, list) and step.isdigit() and int(step) < len(event):
            event = event[int(step)]
        else:
            return MISSING
    return event


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is MISSING else str(value)
