"""Plain lists: an indicator a line, with the habits of hosts files and of filters of advertisements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from koban.model.indicator import Entry, Indicator, LeftOut
from koban.sources.intelligence.value import NotAnIndicator, indicators

COMMENTS = ("#", ";", "//", "!", "%%")
SINKS = ("0.0.0.0", "127.0.0.1", "::", "::1")  # noqa: S104  what hosts files send bad names to
_ASIDE = re.compile(r"\s+(?:#|;|//).*\Z")
_FILTER = re.compile(r"\|\|([^/^$*]+)\^(?:\$.*)?")
_LOCAL = ("localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "0.0.0.0")  # noqa: S104


def entries(lines: Iterable[tuple[int, str]], kind: str = "") -> Iterator[Entry]:
    """What a list says, of `kind` or of what each line looks like."""
    for number, line in lines:
        text = line.strip()
        if not text or text.startswith(COMMENTS):
            continue
        if " " in text or "\t" in text:
            text = _ASIDE.sub("", text)
        for value in _values(text):
            try:
                found = indicators(value, kind)
            except NotAnIndicator as error:
                yield LeftOut(f"line {number}", value[:100], str(error))
                continue
            for of_kind, normal, prefix in found:
                yield Indicator(of_kind, normal, prefix=prefix)


def _values(text: str) -> list[str]:
    if text.startswith("||") and (match := _FILTER.fullmatch(text)):
        return [match[1]]
    if text.startswith(SINKS):
        words = text.split()
        if len(words) > 1 and words[0] in SINKS:
            return [one for one in words[1:] if one not in _LOCAL]
    return [text]
