"""The contract of a report, and what it may look up beside the results."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from koban.app.reports.tally import Tally
from koban.app.scan import Scan
from koban.model.result import Result
from koban.model.rule import Rule
from koban.rules.framework import Framework


class Report(Protocol):
    """Takes the results one by one, and holds none of them: a scan may give millions."""

    def add(self, result: Result) -> None:
        """Take one result that the user wants to see."""
        ...

    def finish(self, scan: Scan, tally: Tally) -> None:
        """Write what is left.  `scan.gaps` and `tally` are complete now."""
        ...


@dataclass(frozen=True)
class Context:
    """What was asked for, and what results refer to.

    `frameworks` are those that the user chose to report by; `known` all there are, by id.  `only` holds the verdicts
    and `severities` the severities to show, empty for all of them.  `colour`, `width` (columns), `ascii` and `detail`
    (-1: totals alone, 0: a summary, 1: everything) are for the terminal.
    """

    title: str = ""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    rules: Mapping[str, Rule] = field(default_factory=dict)
    frameworks: Sequence[Framework] = ()
    known: Mapping[str, Framework] = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    version: str = ""
    colour: bool = False
    width: int = 100
    ascii: bool = False
    detail: int = 0

    def shows(self, result: Result) -> bool:
        return (not self.only or result.verdict in self.only) and (
            not self.severities or result.severity in self.severities
        )

    def summary(self, result: Result) -> str:
        """What is wrong where the rule finds a fault, whatever it found here."""
        rule = self.rules.get(result.rule)
        if rule is not None:
            return rule.summary
        return result.message.removeprefix("Not so: ").removeprefix("Cannot tell: ")


# What some readers take for the end of a line, though JSON does not.
LINE_ENDS = str.maketrans({one: f"\\u{ord(one):04x}" for one in "\x85\u2028\u2029"})


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def compact(value: Any) -> str:
    """One line of JSON, the same bytes for the same value."""
    text = _encode(value)
    return text if text.isascii() else text.translate(LINE_ENDS)


def moment(when: datetime) -> str:
    """A UTC time as outsiders expect it: ``2026-11-23T22:10:00Z``."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# How the sources say through which call of a module a resource came to be.
_CALLED = re.compile(r"(?P<module>.+) is called at (?P<file>.+) line (?P<line>[1-9]\d*)", re.DOTALL)


def calls(result: Result) -> list[tuple[str, str, int]]:
    """(module, file, line) of each module call through which a resource came to be, outermost first."""
    found = (_CALLED.fullmatch(one) for one in result.because)
    return [(one["module"], one["file"], int(one["line"])) for one in found if one is not None]


def printable(text: str) -> str:
    """Text that does nothing to a terminal: control and direction marks are shown, not obeyed."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one if one == " " or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else _escape(one)
        for one in text
    )


def _escape(one: str) -> str:
    return f"\\x{ord(one):02x}" if ord(one) < 0x100 else f"\\u{ord(one):04x}"
