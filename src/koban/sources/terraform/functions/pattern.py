"""Regular expressions as Terraform reads them (RE2's syntax), matched in time that grows with the text alone.

A pattern becomes a small program; all ways through it are followed side by side, one character of the text at a time
(Thompson's construction, with what groups caught kept beside each way).  No pattern makes it go back over the text, as
it would in Python's own `re`; still, the steps of one call are counted.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from koban.model.unknown import Unknown
from koban.sources.terraform.functions.function import NotKnown
from koban.sources.terraform.values import EvaluationError, TooLarge

REPEAT_MAX = 1000  # RE2's own limit
INSTRUCTIONS_MAX = 20_000
NESTING_MAX = 200
STEPS_MAX = 1_500_000  # of one call: about a second
PATTERN_CHARACTERS_MAX = 20_000

Range = tuple[int, int]
Node = tuple[
    Any, ...
]  # ("set", Characters) ("assert", kind) ("cat", nodes) ("or", nodes) ("repeat", node, ..) ("group", node, number)

ANY_CODE: Range = (0, 0x10FFFF)
DIGIT: list[Range] = [(0x30, 0x39)]
SPACE: list[Range] = [(9, 10), (12, 13), (32, 32)]
UPPER: list[Range] = [(0x41, 0x5A)]
LOWER: list[Range] = [(0x61, 0x7A)]
WORD: list[Range] = [*DIGIT, *UPPER, (0x5F, 0x5F), *LOWER]
PERL = {"d": DIGIT, "s": SPACE, "w": WORD}
POSIX: dict[str, list[Range]] = {
    "alnum": [*DIGIT, *UPPER, *LOWER],
    "alpha": [*UPPER, *LOWER],
    "ascii": [(0, 0x7F)],
    "blank": [(9, 9), (32, 32)],
    "cntrl": [(0, 0x1F), (0x7F, 0x7F)],
    "digit": DIGIT,
    "graph": [(0x21, 0x7E)],
    "lower": LOWER,
    "print": [(0x20, 0x7E)],
    "punct": [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
    "space": [(9, 13), (32, 32)],
    "upper": UPPER,
    "word": WORD,
    "xdigit": [*DIGIT, (0x41, 0x46), (0x61, 0x66)],
}
CATEGORIES = (
    "C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split()
)
ESCAPES = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}


class Characters:
    """A set of characters: ranges of codes, categories of Unicode (each taken in or left out), perhaps all others."""

    def __init__(self, fold: bool = False) -> None:
        self.ranges: list[Range] = []
        self.categories: list[tuple[str, bool]] = []
        self.others: list[list[Range]] = []  # sets of which everything else is in
        self.negated = False
        self.fold = fold
        self._seen: dict[str, bool] = {}

    def has(self, character: str) -> bool:
        found = self._seen.get(character)
        if found is None:
            forms = _forms(character) if self.fold else (character,)
            found = self._seen[character] = any(map(self._within, forms)) != self.negated
        return found

    def _within(self, character: str) -> bool:
        code = ord(character)
        if any(low <= code <= high for low, high in self.ranges):
            return True
        if any(not any(low <= code <= high for low, high in ranges) for ranges in self.others):
            return True
        return any(unicodedata.category(character).startswith(name) == wanted for name, wanted in self.categories)


def _forms(character: str) -> tuple[str, ...]:
    """A character in both cases; those of more than one character are none."""
    found = {character, character.lower(), character.upper(), character.casefold()}
    found |= {one.lower() for one in found} | {one.upper() for one in found}
    found |= {"\u212a"} if character in "kK" else {"\u017f"} if character in "sS" else set()
    return tuple(one for one in found if len(one) == 1)


@dataclass
class Flags:
    fold: bool = False
    lines: bool = False
    dot_all: bool = False
    swapped: bool = False


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.flags = Flags()
        self.names: list[str] = [""]  # of the groups, the whole match first
        self.depth = 0

    def parse(self) -> Node:
        node = self.alternatives()
        if self.at < len(self.text):
            raise self.error("unexpected )")
        return node

    def error(self, what: str) -> EvaluationError:
        return EvaluationError(f"this pattern is no regular expression: {what}")

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        if self.at >= len(self.text):
            raise self.error("it ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def took(self, text: str) -> bool:
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def alternatives(self) -> Node:
        self.depth += 1
        if self.depth > NESTING_MAX:
            raise self.error("it is nested too deep")
        flags = Flags(**vars(self.flags))
        branches = [self.sequence()]
        while self.took("|"):
            branches.append(self.sequence())
        self.flags = flags
        self.depth -= 1
        return branches[0] if len(branches) == 1 else ("or", branches)

    def sequence(self) -> Node:
        nodes: list[Node] = []
        repeated = False
        while self.at < len(self.text) and self.peek() not in "|)":
            counts = self.counts()
            if counts is not None:
                if not nodes or repeated:
                    raise self.error("a repetition of nothing, or of a repetition")
                least, most = counts
                greedy = not self.took("?")
                nodes[-1] = self.repeat(nodes[-1], least, most, greedy != self.flags.swapped)
                repeated = True
                continue
            repeated = False
            if self.took("\\Q"):
                quoted, _, _ = self.text[self.at :].partition("\\E")
                self.at = min(len(self.text), self.at + len(quoted) + 2)
                nodes += [self.literal(one) for one in quoted]
                continue
            atom = self.atom()
            if atom is not None:
                nodes.append(atom)
        return nodes[0] if len(nodes) == 1 else ("cat", nodes)

    def counts(self) -> tuple[int, int | None] | None:
        character = self.peek()
        if character in ("*", "+", "?"):
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[character]
        if character != "{":
            return None
        inner, closed, _ = self.text[self.at + 1 : self.at + 12].partition("}")
        low, comma, high = inner.partition(",")
        if not closed or not _digits(low) or (high and not _digits(high)):
            return None
        self.at += len(inner) + 2
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if least > REPEAT_MAX or (most is not None and (most > REPEAT_MAX or most < least)):
            raise self.error("a repetition of a wrong size")
        return least, most

    def repeat(self, node: Node, least: int, most: int | None, greedy: bool) -> Node:
        made = ("repeat", node, least, most, greedy)
        if max(least, most or 0) > 1 and _repeats(made) > REPEAT_MAX:
            raise self.error("a repetition of a wrong size")
        return made

    def atom(self) -> Node | None:
        character = self.take()
        if character == "(":
            return self.group()
        if character == "[":
            return ("set", self.bracket())
        if character == ".":
            found = Characters()
            found.ranges = [ANY_CODE] if self.flags.dot_all else [(0, 9), (11, ANY_CODE[1])]
            return ("set", found)
        if character == "^":
            return ("assert", "line start" if self.flags.lines else "start")
        if character == "$":
            return ("assert", "line end" if self.flags.lines else "end")
        if character != "\\":
            return self.literal(character)
        escaped = self.peek()
        if escaped in ("A", "z", "b", "B"):
            self.at += 1
            return ("assert", {"A": "start", "z": "end", "b": "word", "B": "no word"}[escaped])
        found = Characters(self.flags.fold)
        if not self.shorthand(found):
            code = self.escape()
            found.ranges = [(code, code)]
        return ("set", found)

    def literal(self, character: str) -> Node:
        found = Characters(self.flags.fold)
        found.ranges = [(ord(character), ord(character))]
        return ("set", found)

    def group(self) -> Node | None:
        if not self.took("?"):
            return self.captured("")
        if self.took("P<") or self.took("<"):
            name, closed, _ = self.text[self.at :].partition(">")
            if not closed or not name or not all(one.isascii() and (one.isalnum() or one == "_") for one in name):
                raise self.error("a group has no proper name")
            self.at += len(name) + 1
            return self.captured(name)
        on = True
        flags = Flags(**vars(self.flags))
        seen = False
        while True:
            character = self.take()
            if character in "imsU":
                name = {"i": "fold", "m": "lines", "s": "dot_all", "U": "swapped"}[character]
                setattr(flags, name, on)
                seen = True
            elif character == "-" and on:
                on = seen = False
            elif character in ":)" and (on or seen):
                break
            else:
                raise self.error("an unknown kind of group")
        if character == ")":
            self.flags = flags
            return None
        before, self.flags = self.flags, flags
        node = self.alternatives()
        self.flags = before
        self.close()
        return node

    def captured(self, name: str) -> Node:
        self.names.append(name)
        number = len(self.names) - 1
        node = self.alternatives()
        self.close()
        return ("group", node, number)

    def close(self) -> None:
        if not self.took(")"):
            raise self.error("missing )")

    def shorthand(self, found: Characters) -> bool:
        """Takes `d`, `pL`, ... behind a backslash into a set."""
        character = self.peek()
        if character and character in "dswDSW":
            self.at += 1
            ranges = PERL[character.lower()]
            if character.islower():
                found.ranges += ranges
            else:
                found.others.append(ranges)
            return True
        if character not in ("p", "P"):
            return False
        self.at += 1
        name = self.take()
        wanted = character == "p"
        if name == "{":
            name, closed, _ = self.text[self.at :].partition("}")
            if not closed:
                raise self.error("missing }")
            self.at += len(name) + 1
            if name.startswith("^"):
                name, wanted = name[1:], not wanted
        if name == "Any":
            found.ranges += [ANY_CODE] if wanted else []
        elif name in CATEGORIES:
            found.categories.append((name, wanted))
        elif len(name) > 2 and name.replace("_", "").isalpha() and name[0].isupper():
            raise NotKnown(Unknown(f"\\p{{{name}}}", "the characters of a script are not told apart"))
        else:
            raise self.error("an unknown class of characters")
        return True

    def escape(self) -> int:
        """The code that stands behind a backslash."""
        character = self.take()
        if character in ESCAPES:
            return ESCAPES[character]
        if character in "01234567":
            if character != "0" and self.peek() not in tuple("01234567"):
                raise self.error("it refers to a group")
            digits = character
            while len(digits) < 3 and self.peek() in tuple("01234567"):
                digits += self.take()
            return int(digits, 8)
        if character == "x":
            if self.took("{"):
                digits, closed, _ = self.text[self.at :].partition("}")
                self.at += len(digits) + 1
            else:
                digits, closed = self.text[self.at : self.at + 2], "}"
                self.at += 2
                if len(digits) < 2:
                    closed = ""
            if not closed or not 0 < len(digits) < 9 or any(one not in "0123456789abcdefABCDEF" for one in digits):
                raise self.error("a wrong code of a character")
            if int(digits, 16) > ANY_CODE[1]:
                raise self.error("a wrong code of a character")
            return int(digits, 16)
        if ord(character) < 0x80 and not character.isalnum():
            return ord(character)
        raise self.error("an unknown escape")

    def bracket(self) -> Characters:
        found = Characters(self.flags.fold)
        found.negated = self.took("^")
        first = True
        while first or self.peek() != "]":
            first = False
            if self.took("[:"):
                name, closed, _ = self.text[self.at :].partition(":]")
                ranges = POSIX.get(name.removeprefix("^"))
                if closed and ranges is not None:
                    self.at += len(name) + 2
                    if name.startswith("^"):
                        found.others.append(ranges)
                    else:
                        found.ranges += ranges
                    continue
                if closed:
                    raise self.error("an unknown class of characters")
                self.at -= 2
            if self.peek() == "\\":
                self.at += 1
                if self.shorthand(found):
                    continue
                self.at -= 1
            low = self.code()
            high = low
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.code()
            if high < low:
                raise self.error("a range that ends before it starts")
            found.ranges.append((low, high))
        self.at += 1
        return found

    def code(self) -> int:
        character = self.take()
        return self.escape() if character == "\\" else ord(character)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and (len(text) == 1 or text[0] != "0") and len(text) < 5


def _repeats(node: Node) -> int:
    """How often the inmost part of a node is repeated in all."""
    if node[0] == "repeat":
        times = max(node[2], node[3] or 0, 1)
        return int(times * _repeats(node[1]))
    if node[0] in ("cat", "or"):
        return max(map(_repeats, node[1]), default=1)
    return _repeats(node[1]) if node[0] == "group" else 1


def _empty(node: Node) -> bool:
    """Whether a node may match nothing at all."""
    if node[0] == "set":
        return False
    if node[0] == "cat":
        return all(map(_empty, node[1]))
    if node[0] == "or":
        return any(map(_empty, node[1]))
    if node[0] == "repeat":
        return node[2] == 0 or _empty(node[1])
    return node[0] == "assert" or _empty(node[1])


@dataclass
class Program:
    """The instructions of a pattern: (name, argument, argument)."""

    code: list[tuple[str, Any, Any]] = field(default_factory=list)

    def add(self, name: str, first: Any = None, second: Any = None) -> int:
        if len(self.code) >= INSTRUCTIONS_MAX:
            raise TooLarge("a regular expression is too large")
        self.code.append((name, first, second))
        return len(self.code) - 1

    def compile(self, node: Node) -> None:
        kind = node[0]
        if kind == "set":
            self.add("set", node[1])
        elif kind == "assert":
            self.add("assert", node[1])
        elif kind == "cat":
            for one in node[1]:
                self.compile(one)
        elif kind == "group":
            self.add("save", 2 * node[2])
            self.compile(node[1])
            self.add("save", 2 * node[2] + 1)
        elif kind == "or":
            self.branches(node[1])
        else:
            self.repeat(*node[1:])

    def branches(self, nodes: list[Node]) -> None:
        ends = []
        for one in nodes[:-1]:
            fork = self.add("fork")
            self.compile(one)
            ends.append(self.add("jump"))
            self.code[fork] = ("fork", fork + 1, len(self.code))
        self.compile(nodes[-1])
        for end in ends:
            self.code[end] = ("jump", len(self.code), None)

    def repeat(self, node: Node, least: int, most: int | None, greedy: bool) -> None:
        for _ in range(least - 1 if most is None and least else least):
            self.compile(node)
        if most is None:
            start = len(self.code)
            if least:
                self.compile(node)
                self.fork(self.add("fork"), start, len(self.code), greedy)
            elif _empty(node):  # as (x+)?, so that what caught nothing is told from what was not tried
                fork = self.add("fork")
                self.repeat(node, 1, None, greedy)
                self.fork(fork, fork + 1, len(self.code), greedy)
            else:
                fork = self.add("fork")
                self.compile(node)
                self.add("jump", fork)
                self.fork(fork, fork + 1, len(self.code), greedy)
            return
        forks = []
        for _ in range(most - least):
            forks.append(self.add("fork"))
            self.compile(node)
        for fork in forks:
            self.fork(fork, fork + 1, len(self.code), greedy)

    def fork(self, at: int, inside: int, outside: int, greedy: bool) -> None:
        self.code[at] = ("fork", inside, outside) if greedy else ("fork", outside, inside)


class Steps:
    """Counts the work of one call."""

    def __init__(self) -> None:
        self.left = STEPS_MAX

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise TooLarge("matching a regular expression takes too long")


Thread = tuple[int, tuple[int, ...]]
Match = tuple[int, ...]  # start and end of the whole and of each group, -1 where a group caught nothing


class Pattern:
    """A compiled regular expression."""

    def __init__(self, text: str) -> None:
        if len(text) > PATTERN_CHARACTERS_MAX:
            raise TooLarge("a regular expression is too long")
        parser = _Parser(text)
        node = parser.parse()
        self.names = parser.names[1:]
        program = Program()
        program.compile(node)
        program.add("match")
        self.code = program.code
        self.first = self._first()
        self._starts: dict[str, bool] = {}

    def _first(self) -> list[Characters] | None:
        """What a match can start with; None where it may start with nothing, or with a place."""
        found: list[Characters] = []
        seen: set[int] = set()
        todo = [0]
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            name, first, second = self.code[at]
            if name == "set":
                found.append(first)
            elif name in ("match", "assert"):
                return None
            elif name == "fork":
                todo += [first, second]
            else:
                todo.append(first if name == "jump" else at + 1)
        return found

    def search(self, text: str, start: int, steps: Steps) -> Match | None:
        """The first match at or behind `start`: the leftmost, and of those the one that the pattern prefers."""
        size = 2 * len(self.names) + 2
        nothing = (-1,) * size
        threads: list[Thread] = []
        best: Match | None = None
        position = start
        while True:
            if best is None:
                if not threads and self.first is not None:
                    position = self._skip(text, position, steps)
                    if position < 0:
                        return None
                seen = {at for at, _ in threads}
                caught = (position, *nothing[1:])
                self._follow(0, caught, position, text, threads, seen)
            if not threads:
                if best is not None or position >= len(text):
                    return best
                steps.take(1)
                position += 1
                continue
            steps.take(len(threads) + 1)
            character = text[position] if position < len(text) else ""
            following: list[Thread] = []
            seen = set()
            for at, caught in threads:
                name, first, _ = self.code[at]
                if name == "match":
                    best = (caught[0], position, *caught[2:])
                    break
                if character and first.has(character):
                    self._follow(at + 1, caught, position + 1, text, following, seen)
            threads = following
            steps.take(len(seen))
            position += 1
            if position > len(text):
                return best

    def _skip(self, text: str, position: int, steps: Steps) -> int:
        """The next place at which a match may start, -1 where there is none."""
        assert self.first is not None
        starts = self._starts
        for at in range(position, len(text)):
            character = text[at]
            found = starts.get(character)
            if found is None:
                found = starts[character] = any(one.has(character) for one in self.first)
            if found:
                steps.take((at - position) // 8)
                return at
        return -1

    def _follow(
        self, start: int, caught: tuple[int, ...], position: int, text: str, threads: list[Thread], seen: set[int]
    ) -> None:
        """Adds the threads that one leads to without taking a character, the preferred first."""
        todo = [(start, caught)]
        code = self.code
        while todo:
            at, held = todo.pop()
            while at not in seen:
                seen.add(at)
                name, first, second = code[at]
                if name == "jump":
                    at = first
                elif name == "fork":
                    todo.append((second, held))
                    at = first
                elif name == "save":
                    held = (*held[:first], position, *held[first + 1 :])
                    at += 1
                elif name == "assert":
                    if not _holds(first, text, position):
                        break
                    at += 1
                else:
                    threads.append((at, held))
                    break


def _holds(kind: str, text: str, position: int) -> bool:
    if kind == "start":
        return position == 0
    if kind == "end":
        return position == len(text)
    if kind == "line start":
        return position == 0 or text[position - 1] == "\n"
    if kind == "line end":
        return position == len(text) or text[position] == "\n"
    before = position > 0 and _is_word(text[position - 1])
    after = position < len(text) and _is_word(text[position])
    return (before != after) == (kind == "word")


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


@lru_cache(maxsize=256)
def pattern(text: str) -> Pattern:
    """The pattern that a text is.  Raises EvaluationError where it is none."""
    return Pattern(text)


def matches(one: Pattern, text: str, most: int) -> Iterator[Match]:
    """All matches, one behind the other; an empty one is not found right behind another."""
    steps = Steps()
    position, before, count = 0, -1, 0
    while position <= len(text):
        found = one.search(text, position, steps)
        if found is None:
            return
        if found[1] == position:
            position += 1
            accepted = found[0] != before
        else:
            position = found[1]
            accepted = True
        before = found[1]
        if accepted:
            count += 1
            if count > most:
                raise TooLarge(f"there are more than {most:,} matches")
            yield found


def replaced(one: Pattern, text: str, replacement: str, most: int) -> str:
    """The text with each match replaced; `$1`, `$name` and `${name}` stand for what groups caught."""
    template = list(_template(replacement))
    pieces: list[str] = []
    size = 0
    last = position = 0
    steps = Steps()
    while position <= len(text):
        found = one.search(text, position, steps)
        if found is None:
            break
        pieces.append(text[last : found[0]])
        if found[1] > last or found[0] == 0:
            pieces += [part if literal else _caught(one, found, text, part) for part, literal in template]
            size += sum(map(len, pieces[-len(template) - 1 :]))
            if size > most:
                raise TooLarge(f"a text has more than {most:,} characters")
        last = found[1]
        position = max(position + 1, found[1])
    return "".join([*pieces, text[last:]])


def _caught(one: Pattern, found: Match, text: str, name: str) -> str:
    if name.isascii() and name.isdigit() and len(name) < 6 and (name == "0" or name[0] != "0"):
        groups = [int(name)]
    else:
        groups = [number for number, known in enumerate(one.names, 1) if known == name]
    for group in groups:
        if 2 * group < len(found) and found[2 * group] >= 0:
            return text[found[2 * group] : found[2 * group + 1]]
    return ""


def _template(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a replacement: (text, True), or (name of a group, False)."""
    rest = text
    while rest:
        before, dollar, rest = rest.partition("$")
        if before:
            yield before, True
        if not dollar:
            return
        if rest.startswith("$"):
            yield "$", True
            rest = rest[1:]
            continue
        if rest.startswith("{"):
            name, closed, behind = rest[1:].partition("}")
            proper = bool(closed and name) and all(map(_is_name, name))
        else:
            length = next((n for n, one in enumerate(rest) if not _is_name(one)), len(rest))
            name, behind, proper = rest[:length], rest[length:], length > 0
        if proper:
            yield name, False
            rest = behind
        else:
            yield "$", True


def _is_name(character: str) -> bool:
    return character == "_" or unicodedata.category(character)[0] == "L" or unicodedata.category(character) == "Nd"
