"""STIX patterns: what of them is a plain indicator.

A pattern may ask for one thing out of several (`OR`, `IN`): each is an indicator.  It may ask for several things at
once (`AND`, `FOLLOWEDBY`, `REPEATS 5 TIMES`): to look for one of them alone would find what was not meant, so it is
left out and named.  Only hashes stand alone in company, for each of them is the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from koban.sources.intelligence.value import NotAnIndicator, indicators

ALTERNATIVES_MAX = 10_000
DEPTH_MAX = 64

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>[thb]?'(?:[^'\\]|\\.)*')
    | (?P<number>[+-]?\d+(?:\.\d+)?(?![\w-]))
    | (?P<operator>!=|==|<>|<=|>=|=|<|>|\[(?!\*|\d)|[\](),])
    | (?P<path>[A-Za-z][\w-]*:(?:[\w-]+|'(?:[^'\\]|\\.)*')(?:\.(?:[\w-]+|'(?:[^'\\]|\\.)*')|\[(?:\*|\d+)\])*)
    | (?P<word>[A-Za-z]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_KEYS = re.compile(r"'((?:[^'\\]|\\.)*)'|([\w-]+)|\[[^\]]*\]")


class BadPattern(ValueError):
    """A pattern that cannot be read, or that means no plain indicator; `broken` says which."""

    def __init__(self, message: str, *, broken: bool = False) -> None:
        super().__init__(message)
        self.broken = broken


@dataclass(frozen=True)
class Test:
    """`path operator value` of a pattern."""

    path: str
    operator: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        said = f"{'NOT ' if self.negated else ''}{self.operator}"
        return f"{self.path} {said} {', '.join(self.values[:3])}"


Alternatives = list[tuple[Test, ...]]


@dataclass(frozen=True)
class Part:
    """An indicator of a pattern, or what of the pattern is none and why."""

    kind: str = ""
    value: str = ""
    prefix: bool = False
    what: str = ""
    why: str = ""
    broken: bool = False


def parts(pattern: str) -> list[Part]:
    """The indicators of a pattern, and the alternatives of it that are none.  Raises BadPattern."""
    found: dict[Part, None] = {}
    for alternative in _Parser(pattern).observations():
        for part in _convert(alternative):
            found[part] = None
    return list(found)


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0

    def peek(self) -> str:
        """The next operator or keyword, in capitals; the kind of token in small letters otherwise."""
        if self.at >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return text.upper() if kind in ("operator", "word") else kind

    def take(self, *wanted: str) -> str:
        found = self.peek()
        if found not in wanted:
            there = self.tokens[self.at][1] if found else "its end"
            raise BadPattern(f"has {there} where {' or '.join(wanted)} should be", broken=True)
        self.at += 1
        return self.tokens[self.at - 1][1]

    def observations(self) -> Alternatives:
        found = self.either()
        if self.peek():
            raise BadPattern(f"goes on after its end: {self.tokens[self.at][1]}", broken=True)
        return found

    def either(self) -> Alternatives:
        """Observations joined by OR; several that must all be seen are no single indicator."""
        found = self.observation()
        while (word := self.peek()) in ("OR", "AND", "FOLLOWEDBY"):
            self.at += 1
            other = self.observation()
            if word != "OR":
                raise BadPattern(f"needs several observations ({word})")
            found = found + other
        return found

    def observation(self) -> Alternatives:
        self._deeper()
        if self.peek() == "(":
            self.take("(")
            found = self.either()
            self.take(")")
        else:
            self.take("[")
            found = self.any_of()
            self.take("]")
        self.depth -= 1
        while (word := self.peek()) in ("REPEATS", "WITHIN", "START"):
            self.at += 1
            if word == "START":
                raise BadPattern("is bound to a time (START, STOP)")
            count = float(self.take("number"))
            self.take(*(("TIMES",) if word == "REPEATS" else ("SECONDS",)))
            if word == "REPEATS" and count > 1:
                raise BadPattern(f"needs {count:g} observations (REPEATS)")
        return found

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise BadPattern(f"is nested deeper than {DEPTH_MAX}", broken=True)

    def any_of(self) -> Alternatives:
        found = self.all_of()
        while self.peek() == "OR":
            self.at += 1
            found = found + self.all_of()
            _bounded(len(found))
        return found

    def all_of(self) -> Alternatives:
        found = self.test()
        while self.peek() == "AND":
            self.at += 1
            other = self.test()
            _bounded(len(found) * len(other))
            found = [one + two for one in found for two in other]
        return found

    def test(self) -> Alternatives:
        if self.peek() == "(":
            self._deeper()
            self.take("(")
            found = self.any_of()
            self.take(")")
            self.depth -= 1
            return found
        negated = self.peek() == "NOT"
        if negated:
            self.at += 1
        if self.peek() == "EXISTS":
            self.at += 1
            return [(Test(self.take("path"), "EXISTS", (), negated),)]
        path = self.take("path")
        if self.peek() == "NOT":
            self.at += 1
            negated = not negated
        operator = self.take(
            "=", "==", "!=", "<>", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"
        ).upper()
        if operator != "IN":
            return [(Test(path, operator, (self.literal(),), negated),)]
        self.take("(")
        values = [self.literal()]
        while self.peek() == ",":
            self.take(",")
            values.append(self.literal())
        self.take(")")
        if negated:
            return [(Test(path, "IN", tuple(values), True),)]
        return [(Test(path, "=", (one,)),) for one in values]

    def literal(self) -> str:
        if self.peek() in ("TRUE", "FALSE"):
            self.at += 1
            return self.tokens[self.at - 1][1]
        text = self.take("text", "number")
        if text.endswith("'"):
            return re.sub(r"\\(.)", r"\1", text[text.index("'") + 1 : -1], flags=re.DOTALL)
        return text


def _bounded(count: int) -> None:
    if count > ALTERNATIVES_MAX:
        raise BadPattern(f"has more than {ALTERNATIVES_MAX:,} alternatives")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadPattern(f"cannot be read at {text[at : at + 20].strip()!r}", broken=True)
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


def _convert(tests: tuple[Test, ...]) -> list[Part]:
    """One alternative: a single test that is an indicator, or hashes of one file."""
    what = " AND ".join(map(str, tests))
    telling = [one for one in dict.fromkeys(tests) if not _implied(one)]
    hashes = [one for one in telling if _kind(one.path) == "hash" and one.operator in ("=", "==") and not one.negated]
    if hashes and all(one.path.startswith("file:") for one in telling) and not any(one.negated for one in telling):
        telling = hashes  # a hash is the whole file: its name and size say no more
    elif len(telling) > 1:
        return [Part(what=what, why="needs several things at once (AND)")]
    elif not telling:
        return [Part(what=what, why="says no value")]
    found = []
    for one in telling:
        try:
            found += _indicators(one)
        except BadPattern as error:
            found.append(Part(what=str(one), why=str(error), broken=error.broken))
    if len(telling) > 1 and any(one.kind for one in found):
        return [one for one in found if one.kind]  # of one file's hashes, those that can be matched
    return found


def _implied(test: Test) -> bool:
    """Whether a test only says what type of address its neighbour is."""
    return test.path.endswith("_ref.type") and test.operator in ("=", "==") and not test.negated


def _indicators(test: Test) -> list[Part]:
    if test.negated or test.operator in ("!=", "<>"):
        raise BadPattern("says what it is not")
    kind = _kind(test.path)
    if not kind:
        raise BadPattern(f"{test.path} is not matched")
    value = test.values[0] if test.values else ""
    prefix = False
    if test.operator == "LIKE":
        value, prefix = _like(kind, value)
    elif test.operator == "ISSUBSET":
        if kind not in ("ip", "host"):
            raise BadPattern("ISSUBSET is for addresses")
    elif test.operator not in ("=", "=="):
        raise BadPattern(f"{test.operator} is no comparison of one value")
    try:
        found = indicators(value, "domain" if kind == "host" else kind)
    except NotAnIndicator as error:
        raise BadPattern(f"{value[:100]!r} {error}", broken=True) from None
    return [Part(a, b, c or prefix) for a, b, c in found]


def _like(kind: str, value: str) -> tuple[str, bool]:
    """LIKE where it is a prefix of a URL, or all names below a domain."""
    plain = value.strip("%")
    if ("%" not in plain and "_" not in plain.replace("\\_", "")) or (kind == "url" and "%" not in plain):
        if value == plain:
            return value, False
        if kind == "url" and value == f"{plain}%" and plain.count("/") >= 3:
            return plain, True
        if kind in ("domain", "host") and value == f"%{plain}" and plain.startswith("."):
            return plain, False
    raise BadPattern("LIKE with wildcards that are no prefix of a URL and no parent of a domain")


def _kind(path: str) -> str:
    """The kind of indicator that an object path holds; `host` is an address or a name; '' where none is matched."""
    thing, _, rest = path.partition(":")
    keys = [(quoted or plain).lower() for quoted, plain in _KEYS.findall(rest) if quoted or plain]
    last = keys[-1]
    fingerprint = _fingerprint(thing.lower(), keys)
    if fingerprint:
        return fingerprint
    if thing in ("ipv4-addr", "ipv6-addr") and keys == ["value"]:
        return "ip"
    if thing == "domain-name" and keys == ["value"]:
        return "domain"
    if thing == "url" and keys == ["value"]:
        return "url"
    if "hashes" in keys[:-1] and last.replace("-", "") in ("md5", "sha1", "sha256"):
        of_file = thing in ("file", "artifact") or keys[0] in ("binary_ref", "image_ref")
        return "hash" if of_file and len(keys) <= 3 and "extensions" not in keys else ""
    if thing == "network-traffic":
        if keys in (["dst_ref", "value"], ["src_ref", "value"]):
            return "host"
        if last == "request_value" and "http-request-ext" in keys:
            return "url"
        if "request_header" in keys and last == "host":
            return "host"
        if last in ("sni", "server_name", "x_sni"):
            return "domain"
    return ""


def _fingerprint(thing: str, keys: list[str]) -> str:
    """JA3 and JA4 of the client; those of servers (JA3S), HTTP (JA4H) and certificates are not matched."""
    words = {word for key in [thing, *keys] for word in re.split(r"[^a-z0-9]+", key)}
    if words & {"ja3s", "ja4s", "ja4h", "ja4x", "ja4l", "ja4t", "ja4ssh", "full", "raw", "string"}:
        return ""
    return "ja3" if words & {"ja3", "ja3hash"} else "ja4" if words & {"ja4", "ja4hash"} else ""
