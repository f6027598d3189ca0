"""Findings that a template's own author has accepted: ``koban:ignore rule-id until 2027-01-31 reason``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from koban.model.document import Path
from koban.sources.cloudformation.template import Lines, Template

MARK = "koban:ignore"
_IGNORE = re.compile(
    r"^\s*(?P<rules>[A-Za-z0-9*-]+(?:\s*,\s*[A-Za-z0-9*-]+)*)?(?:\s+until\s+(?P<until>\S+))?(?:\s+(?P<reason>.*))?$"
)
_TEXT = r"\s*koban:ignore\b[: \t]?(.*)$"


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

    def covers(self, rule: str, line: int | None, lines: dict[Path, int]) -> bool:
        """Whether it is about what a rule found at `line` of a resource: that line, one around it, or the first."""
        if rule not in self.rules:
            return False
        if self.about == line or self.about == lines.get(()):
            return True
        table = lines.paths() if isinstance(lines, Lines) else lines
        here = [path for path, at in table.items() if at == line and path]
        return any(table.get(path[:end]) == self.about for path in here for end in range(1, len(path)))

    @property
    def because(self) -> str:
        until = f" until {self.until.isoformat()}" if self.until else ""
        return f"accepted{until} in {self.file} line {self.line}: {self.reason}"


def suppressions(template: Template, data: bytes) -> Iterator[Suppression]:
    """Every suppression in a template: in comments (of YAML), and in the Metadata of its resources."""
    if MARK.encode() not in data:
        return
    text = data.decode("utf-8", "replace")
    resources = template.section("Resources")
    if text.lstrip()[:1] != "{":
        heads = _heads(template, resources)
        for one in in_comments(template.name, text.splitlines()):
            yield replace(one, about=heads.get(one.about, one.about))
    for logical_id, body in resources.items():
        metadata = body.get("Metadata") if isinstance(body, dict) else None
        if isinstance(metadata, dict) and MARK in metadata:
            first = template.line(resources, logical_id) or 1
            line = template.line(metadata, MARK) or first
            given = metadata[MARK]
            for position, one in enumerate(given if isinstance(given, list) else [given]):
                at = template.line(given, position) or line
                yield _read(template.name, at, one if isinstance(one, str) else "", first)


def _heads(template: Template, resources: Any) -> dict[int, int]:
    """The lines of ``Type:``, ``Properties:`` and the like, each with the first line of its resource.

    What stands beside them is about the whole resource.
    """
    found: dict[int, int] = {}
    for logical_id, body in resources.items():
        first = template.line(resources, logical_id)
        for key in body if first and isinstance(body, dict) else ():
            line = template.line(body, key)
            if line:
                found[line] = first or line
    return found


def in_comments(file: str, lines: list[str], marks: tuple[str, ...] = ("#",)) -> Iterator[Suppression]:
    """The suppressions in a text's comments, each of which begins with one of `marks` and ends with its line."""
    comment = re.compile("(?:" + "|".join(map(re.escape, marks)) + ")" + _TEXT)
    for number, line in enumerate(lines, 1):
        if MARK not in line:
            continue
        found = comment.search(line)
        if found is None:
            continue
        about = number
        if line.lstrip().startswith(marks):
            about += 1
            while about <= len(lines) and (not lines[about - 1].strip() or lines[about - 1].lstrip().startswith(marks)):
                about += 1
        yield _read(file, number, found[1], about)


def _read(file: str, line: int, text: str, about: int) -> Suppression:
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
