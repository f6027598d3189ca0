"""Lines of text whose fields stand in an order: their values, and the JSON of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from koban.sources.logs.format import as_json

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_CSV = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?:,|$)|([^,]*)(?:,|$)')


class Layout:
    """The names of a format's fields in their order, and how many of them a line must have at the least.

    Values beyond the last name are kept together as `_more`: a format may grow at its end.
    """

    def __init__(self, names: Sequence[str], least: int | None = None) -> None:
        self.names = tuple(names)
        self.least = len(self.names) if least is None else least
        self._keys = tuple(json.dumps(name) + ':"' for name in names)
        self._whole = "{" + ",".join(key.replace("%", "%%") + '%s"' for key in self._keys) + "}"

    def record(self, values: Sequence[str], plain: bool = False) -> str:
        """The JSON of a line's values; what is said to be nothing (`-`, or an empty value) is left out.

        `plain` says that no value holds a character that JSON escapes.
        """
        if len(values) <= len(self.names):
            if len(values) == len(self.names) and "-" not in values and "" not in values:
                count, text = len(values), self._whole % tuple(values)
            else:
                pieces = [key + value for key, value in zip(self._keys, values, strict=False) if value != "-" and value]
                count, text = len(pieces), "{" + '",'.join(pieces) + '"}'
            # every quote is one of ours, and nothing needs an escape: the text is JSON as it stands
            if plain or ("\\" not in text and text.count('"') == 4 * count and text.isprintable()):
                return text
        fields = {name: value for name, value in zip(self.names, values, strict=False) if value not in ("-", "")}
        if more := " ".join(values[len(self.names) :]):
            fields["_more"] = more
        return as_json(fields)

    def lacks(self, values: Sequence[str]) -> str:
        """Why a line is no record of this layout; '' where it is one."""
        return "" if len(values) >= self.least else f"{len(values)} fields where at least {self.least} are due"


def quoted(line: str) -> list[str]:
    """The values of a line, parted by spaces; those in double quotes may hold spaces, and lose their quotes.

    Quoted values with nothing but a comma between them are one, a list.
    """
    if "\\" in line:
        return [token[0] if token[0] is not None else token[1] for token in map(_groups, _TOKEN.finditer(line))]
    values: list[str] = []
    parts = line.split('"')
    listed = False
    for at, part in enumerate(parts):
        if not at % 2:
            listed = part == "," and 0 < at < len(parts) - 1
            if not listed:
                values += part.split()
        elif listed:
            values[-1] += "," + part
        else:
            values.append(part)
    return values


def _groups(match: re.Match[str]) -> tuple[str | None, str]:
    return match[1], match[2]


def csv_values(line: str) -> list[str]:
    """The values of a line of CSV; double quotes inside a quoted value are doubled."""
    values, at = [], 0
    while at <= len(line):
        match = _CSV.match(line, at)
        if match is None:  # pragma: no cover - the second branch takes anything
            break
        values.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        if not match[0].endswith(","):
            break
        at = match.end()
    return values


def csv_rows(lines: Iterable[tuple[int, str]], characters_max: int = 16 << 20) -> Iterable[tuple[int, str]]:
    """The rows of CSV with the number of their first line: a quoted value may go on over several lines."""
    held: list[str] = []
    number = quotes = size = 0
    for at, line in lines:
        if not held:
            number, quotes, size = at, 0, 0
        held.append(line)
        quotes += line.count('"')
        size += len(line)
        if quotes % 2 == 0 or size > characters_max:
            yield number, "\n".join(held)
            held = []
    if held:
        yield number, "\n".join(held)
