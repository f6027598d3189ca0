"""Where each control of a framework stands, from how many findings each rule has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from koban.model.rule import Rule
from koban.rules.framework import FUNCTIONS, Control, Framework

State = Literal["failed", "unknown", "excepted", "passed", "manual", "not_judged"]
STATES: tuple[State, ...] = ("failed", "unknown", "excepted", "passed", "manual", "not_judged")
CSF = "nist-csf-2.0"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings there are: `open` failed, `passed` hold."""

    open: int = 0
    unknown: int = 0
    excepted: int = 0
    passed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.open + other.open,
            self.unknown + other.unknown,
            self.excepted + other.excepted,
            self.passed + other.passed,
        )

    @property
    def judged(self) -> int:
        return self.open + self.unknown + self.excepted + self.passed


@dataclass(frozen=True, slots=True)
class Standing:
    """A control, the rules that answer it, and the worst that any of them said.

    ``manual`` is for people to judge; ``not_judged`` has rules, but nothing that they are for was read.
    """

    control: Control
    section: str
    rules: tuple[str, ...]
    tally: Tally
    state: State


def standings(
    framework: Framework,
    rules: Iterable[Rule],
    tallies: Mapping[str, Tally],
    cited: Mapping[str, Collection[str]] | None = None,
) -> list[Standing]:
    """Every control in its published order.  `tallies` are by rule; `cited` are rules by control that the findings
    name, for rules of the user's own."""
    rules = list(rules)
    known = {one.id for one in rules}
    found = []
    for id, own in framework.rules_by_control(rules).items():
        others = (one for one in (cited or {}).get(f"{framework.id}:{id}", ()) if one not in known)
        answering = tuple(sorted({*own, *others}))
        tally = sum((tallies[one] for one in answering if one in tallies), Tally())
        control = framework.controls[id]
        found.append(Standing(control, section_of(id), answering, tally, _state(control, answering, tally)))
    return found


def _state(control: Control, rules: Sequence[str], tally: Tally) -> State:
    if tally.open:
        return "failed"
    if tally.unknown:
        return "unknown"
    if tally.excepted:
        return "excepted"
    if tally.passed:
        return "passed"
    return "manual" if control.manual or not rules else "not_judged"


def section_of(control: str) -> str:
    """The part that a control is in: ``3`` of ``3.1.4``, ``AC`` of ``AC-2(1)``, ``GV`` of ``GV.OC-01``."""
    return re.split(r"[.\-(]", control, maxsplit=1)[0]


def counts(found: Iterable[Standing]) -> Counter[State]:
    return Counter(one.state for one in found)


def score(number: Mapping[State, int]) -> float | None:
    """The share of the controls that were judged which hold, in percent; None where none was judged.

    One under exceptions does not hold, and one that hangs on what is unknown does not either.
    """
    judged = sum(number.get(one, 0) for one in ("failed", "unknown", "excepted", "passed"))
    return round(100 * number.get("passed", 0) / judged, 1) if judged else None


def functions(found: Iterable[Standing]) -> dict[str, list[Standing]]:
    """The controls by function of NIST CSF 2.0, by its two letters, in that framework's order."""
    made: dict[str, list[Standing]] = {one: [] for one in FUNCTIONS}
    for one in found:
        key = one.control.csf.split(".", maxsplit=1)[0]
        if key in made:
            made[key].append(one)
    return made
