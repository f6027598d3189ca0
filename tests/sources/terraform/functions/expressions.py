"""Terraform expressions as text and as the values they stand for: reads and writes literals, and makes up values.

Values are what `koban.sources.terraform.values` says; `tolist`, `toset` and `tomap` write the typed collections.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from koban.sources.terraform.functions.conversion import ANY, convert, list_type, map_type, parse_number, set_type
from koban.sources.terraform.values import List, Map, Set

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
WRAPPERS = {"tolist": list_type(ANY), "toset": set_type(ANY), "tomap": map_type(ANY)}
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|-?\d[\d.]*(?:[eE][-+]?\d+)?|[A-Za-z_][\w:]*|[][{}(),=:]|\.\.\.)')


def read(text: str) -> tuple[str, list[Any]]:
    """The name and the arguments of a call whose arguments are literals.  Raises ValueError for anything else."""
    reader = _Reader(text)
    name = reader.take()
    if reader.take() != "(":
        raise ValueError(text)
    arguments = reader.until(")")
    if reader.peek():
        raise ValueError(text)
    return name, arguments


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            if self.text[self.at :].strip():
                raise ValueError(self.text)
            return ""
        return found[1]

    def take(self) -> str:
        token = self.peek()
        found = _TOKEN.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return token

    def until(self, end: str) -> list[Any]:
        found: list[Any] = []
        while self.peek() != end:
            found.append(self.value())
            if self.peek() == ",":
                self.take()
            elif self.peek() != end:
                raise ValueError(self.text)
        self.take()
        return found

    def value(self) -> Any:
        token = self.take()
        if token.startswith('"'):
            return unquoted(token)
        if token == "[":
            return self.until("]")
        if token == "{":
            made: dict[str, Any] = {}
            while (key := self.take()) != "}":
                if self.take() not in ("=", ":"):
                    raise ValueError(self.text)
                made[unquoted(key) if key.startswith('"') else key] = self.value()
                if self.peek() == ",":
                    self.take()
            return made
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        if token in WRAPPERS and self.take() == "(":
            (inner,) = self.until(")")
            return convert(inner, WRAPPERS[token])
        found = parse_number(token)
        if found is None:
            raise ValueError(self.text)
        return found


def unquoted(token: str) -> str:
    """The text that a quoted string stands for."""

    def escape(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1] or found[2], 16))
        return chr(int(found[2], 16)) if found[2] else ESCAPES[found[3]]

    text = re.sub(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", escape, token[1:-1])
    return text.replace("$${", "${").replace("%%{", "%{")


def quoted(text: str) -> str:
    """A text as a string of the language."""
    made = ['"']
    for one in text:
        code = ord(one)
        if one in '"\\':
            made.append("\\" + one)
        elif one in "\n\r\t":
            made.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}[one])
        elif code < 0x20 or 0x7F <= code < 0x10000:
            made.append(f"\\u{code:04x}")
        else:
            made.append(one if code < 0x7F else f"\\U{code:08x}")
    made.append('"')
    return "".join(made).replace("${", "$${").replace("%{", "%%{")


def written(value: Any) -> str:
    """A value as an expression."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        inner = "{" + ", ".join(f"{quoted(name)} = {written(one)}" for name, one in value.items()) + "}"
        return f"tomap({inner})" if isinstance(value, Map) else inner
    inner = "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, Set):
        return f"toset({inner})"
    return f"tolist({inner})" if isinstance(value, List) else inner


def call_of(name: str, arguments: list[Any]) -> str:
    """A call as an expression."""
    return f"{name}({', '.join(map(written, arguments))})"


def to_json(value: Any) -> Any:
    """A value as JSON that :func:`from_json` reads back, kinds and exact numbers kept."""
    if isinstance(value, Decimal):
        return {"!number": format(value, "f")}
    if isinstance(value, dict):
        made = {name: to_json(one) for name, one in value.items()}
        return {"!map": made} if isinstance(value, Map) else made
    if isinstance(value, list):
        items = [to_json(one) for one in value]
        kind = "!set" if isinstance(value, Set) else "!list" if isinstance(value, List) else ""
        return {kind: items} if kind else items
    return value


def from_json(value: Any) -> Any:
    if isinstance(value, list):
        return [from_json(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, inner),) = value.items()
        if name == "!number":
            return Decimal(inner)
        if name == "!map":
            return Map({key: from_json(one) for key, one in inner.items()})
        if name in ("!set", "!list"):
            return (Set if name == "!set" else List)(from_json(one) for one in inner)
    return {name: from_json(one) for name, one in value.items()}


# --- values made up ---------------------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(-3, 12),
    st.sampled_from(
        [0, 1, 2, 10, 255, 1000000, 10**20, Decimal("0.5"), Decimal("-1.5"), Decimal("2.25"), Decimal("0.1")]
    ),
    st.decimals("-1000", "1000", places=2).map(
        lambda one: int(one) if one == one.to_integral_value() else one.normalize()
    ),
)
WORDS = st.sampled_from(
    ["", "a", "b", "c", "ab", "A", "x", "1", "10", "0", "true", "false", "null", "1.5", "-1", "hello world", "Héllo",
     "e\u0301", "日本", "a,b,c", "a-b_c", "/a/", " pad ", "line\nline\n", "x\r\n", "a\tb", "${x}", "%{x}", "\"q\"",
     "\\",
     "10.0.0.0/8", "10.1.2.3/24", "fd00::/48", "2020-01-02T03:04:05Z", "1h30m", "%s", "%d", "%v-%s", "YQ==", "[1]",
     "{\"a\":1}", "a: 1", "a,b\n1,2\n", "👨‍👩‍👧", "😀", "ß", "😀e\u0301"]
)  # fmt: skip
TEXTS = st.one_of(WORDS, st.text(alphabet='ab1 ,-/.$%{}"\\\né😀:=', max_size=8))
NAMES = st.sampled_from(["a", "b", "c", "x", "key", "1", "a b", "é"])
SIMPLE = st.one_of(NUMBERS, TEXTS, st.booleans(), st.none())


def values(depth: int = 2) -> st.SearchStrategy[Any]:
    """Values of every kind, none of them null on the outside more often than not."""
    if depth == 0:
        return SIMPLE
    inner = values(depth - 1)
    return st.one_of(SIMPLE, tuples(inner), objects(inner), lists(), sets(), maps())


def tuples(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(inner, max_size=4)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES, inner, max_size=3)


def _alike() -> st.SearchStrategy[list[Any]]:
    return st.one_of(st.lists(TEXTS, max_size=4), st.lists(NUMBERS, max_size=4), st.lists(st.booleans(), max_size=3))


def lists() -> st.SearchStrategy[List]:
    return _alike().map(lambda one: convert(one, list_type(ANY)))


def sets() -> st.SearchStrategy[Set]:
    return _alike().map(lambda one: convert(one, set_type(ANY)))


def maps() -> st.SearchStrategy[Map]:
    return st.one_of(st.dictionaries(NAMES, TEXTS, max_size=3), st.dictionaries(NAMES, NUMBERS, max_size=3)).map(
        lambda one: convert(one, map_type(ANY))
    )
