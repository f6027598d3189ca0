"""Findings that the author of a template has accepted: ``koban:ignore rule-id until 2027-01-31 reason``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from koban.model.document import Path
from koban.model.resource import Spot
from koban.sources.reading import Lines

MARK = "koban:ignore"
_IGNORE = re.compile(
    r"^\s*(?P<rules>[A-Za-z0-9*-]+(?:\s*,\s*[A-Za-z0-9*-]+)*)?(?:\s+until\s+(?P<until>\S+))?(?:\s+(?P<reason>.*))?$"
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One accepted finding of the file `file`.

    `line` is where it is written and `about` the line that it is about.  `until` is the last day on which it holds
    (None: for ever).  `wrong` says what is wrong with how it is written; then it suppresses nothing.
    """

    file: str
    line: int
    rules: tuple[str, ...]
    until: date | None
    reason: str
    about: int
    wrong: str = ""

    def holds(self, today: date) -> bool:
        return bool(self.reason) and not self.wrong and (self.until is None or today <= self.until)

    def covers(self, rule: str, line: int | None, lines: dict[Path, int], own: str = "") -> bool:
        """Whether it is about what a rule found at `line` of a resource: that line, one around it, or the first.

        `own` is the file of lines that name no other; empty: the one that this stands in.
        """
        if rule not in self.rules:
            return False

        def place(at: int | None) -> tuple[str, int | None]:
            return (at.file if isinstance(at, Spot) else own or self.file), at

        about, found = (self.file, self.about), place(line)
        if about in (found, place(lines.get(()))):
            return True
        table = lines.paths() if isinstance(lines, Lines) else lines
        here = [path for path, at in table.items() if path and place(at) == found]
        return any(place(table.get(path[:end])) == about for path in here for end in range(1, len(path)))

    @property
    def because(self) -> str:
        until = f" until {self.until.isoformat()}" if self.until else ""
        return f"accepted{until} in {self.file} line {self.line}: {self.reason}"


def in_comments(file: str, lines: list[str], *signs: str) -> Iterator[Suppression]:
    """Those in comments that start with a sign: about the rest of the line, or about the next line with something."""
    comment = re.compile(rf"(?:{'|'.join(map(re.escape, signs))})\s*{MARK}\b[: \t]?(.*)$")
    for number, line in enumerate(lines, 1):
        if MARK not in line:
            continue
        found = comment.search(line)
        if found is None:
            continue
        about = number
        if line.lstrip().startswith(signs):
            about += 1
            while about <= len(lines) and (not lines[about - 1].strip() or lines[about - 1].lstrip().startswith(signs)):
                about += 1
        yield read_suppression(file, number, found[1], about)


def read_suppression(file: str, line: int, text: str, about: int) -> Suppression:
    """One suppression out of what stands after the mark."""
    found = _IGNORE.match(text.strip())
    if found is None or not found["rules"]:
        return Suppression(file, line, (), None, "", about, "it names no rule")
    rules = tuple(one.strip() for one in found["rules"].split(","))
    reason = (found["reason"] or "").strip(" :-\t")
    until = None
    if found["until"]:
        try:
            until = date.fromisoformat(found["until"].rstrip(",:;"))
        except ValueError:
            wrong = f"{found['until']!r} is not a date like 2027-01-31"
            return Suppression(file, line, rules, None, reason, about, wrong)
    return Suppression(file, line, rules, until, reason, about)
