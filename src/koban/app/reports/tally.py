"""Counts over a scan: as large as the number of rules, however many results there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from koban.model.result import MADE_BY, Result, Subject
from koban.model.rule import SEVERITIES, Severity
from koban.rules.framework import FUNCTIONS, Control, Framework

if TYPE_CHECKING:
    from koban.app.reports.report import Context

SAMPLES_MAX = 3
SAMPLES_DETAILED_MAX = 20
REASONS_MAX = 500

# What a reason begins with before it says what stood in the way: the property, the parameter, the rule.
WHERE = re.compile(r"(?:(?:parameter|Ref) )?[^\s:]+: |rule \S+ crashed: ")

Standing = Literal["fail", "unknown", "excepted", "pass", "manual", "none"]
STANDINGS: tuple[Standing, ...] = ("fail", "unknown", "excepted", "pass", "manual", "none")


@dataclass
class RuleTally:
    """What one rule said, and the first few resources of which it said so."""

    rule: str
    severity: Severity
    summary: str
    fix: str
    controls: tuple[str, ...]
    counts: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)  # of those, what an earlier scan had found already
    failed: list[Subject] = field(default_factory=list)

    @property
    def judged(self) -> int:
        return self.counts.total()

    @property
    def failures(self) -> int:
        """How many failures there are that nobody knew of."""
        return self.counts["fail"] - self.known["fail"]


@dataclass
class Reason:
    """What unknown verdicts hung on, how many of them, and which rules they came from."""

    text: str
    count: int = 0
    rules: set[str] = field(default_factory=set)
    first: Subject | None = None


@dataclass(frozen=True, slots=True)
class ControlTally:
    """Where a control stands: the worst that any of its rules said.

    ``manual`` is for people to judge; ``none`` has rules, but nothing in this scan that they are for.
    """

    control: Control
    standing: Standing
    rules: tuple[str, ...]
    counts: Counter[str]


class Tally:
    """Counts by verdict, severity, rule and reason; from them, where each control stands.

    What an earlier scan knew counts as what it is, for a control with known failures is not met; it is no failure to
    show, though, nor to end with.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.rules: dict[str, RuleTally] = {}
        self.verdicts: Counter[str] = Counter()
        self.known: Counter[str] = Counter()  # of those, what an earlier scan had found already
        self.failed: Counter[str] = Counter()  # by severity
        self.reasons: dict[str, Reason] = {}
        self.reasons_left_out = 0
        self._samples = SAMPLES_DETAILED_MAX if context.detail > 0 else SAMPLES_MAX

    def add(self, result: Result, known: bool = False) -> None:
        one = self.rules.get(result.rule)
        if one is None:
            one = self._start(result)
        verdict = result.verdict
        one.counts[verdict] += 1
        self.verdicts[verdict] += 1
        if known:
            one.known[verdict] += 1
            self.known[verdict] += 1
        elif verdict == "fail":
            self.failed[result.severity] += 1
            if len(one.failed) < self._samples:
                one.failed.append(result.resource)
            one.fix = one.fix or result.fix or ""
        elif verdict == "unknown":
            for reason in result.because:
                if not reason.startswith(MADE_BY):
                    self._add_reason(reason, result)

    def _start(self, result: Result) -> RuleTally:
        known = self.context.rules.get(result.rule)
        one = RuleTally(
            result.rule,
            result.severity,
            self.context.summary(result),
            (known.fix if known is not None else result.fix) or "",
            known.controls if known is not None else result.controls,
        )
        self.rules[result.rule] = one
        return one

    def _add_reason(self, because: str, result: Result) -> None:
        found = WHERE.match(because)
        text = because[found.end() :] if found else because
        reason = self.reasons.get(text)
        if reason is None:
            if len(self.reasons) >= REASONS_MAX:
                self.reasons_left_out += 1
                return
            reason = self.reasons[text] = Reason(text, first=result.resource)
        reason.count += 1
        reason.rules.add(result.rule)

    @property
    def total(self) -> int:
        return self.verdicts.total()

    def failing(self) -> list[RuleTally]:
        """The rules with failures that the user wants to see, worst first, then the most frequent, then by id."""
        wanted = self.context.severities
        found = [one for one in self.rules.values() if one.failures and (not wanted or one.severity in wanted)]
        return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), -one.failures, one.rule))

    def ranked_reasons(self) -> list[Reason]:
        return sorted(self.reasons.values(), key=lambda one: (-one.count, one.text))

    def fails(self, at_or_above: str) -> int:
        """How many failures are of severity `at_or_above` or worse."""
        worst = SEVERITIES[: SEVERITIES.index(at_or_above) + 1]
        return sum(self.failed[one] for one in worst)

    def controls(self, framework: Framework) -> list[ControlTally]:
        """Every control of the framework in its published order."""
        return [
            self._control(control, rules)
            for control, rules in zip(
                framework.controls.values(), self._rules_by_control(framework).values(), strict=True
            )
        ]

    def _rules_by_control(self, framework: Framework) -> dict[str, tuple[str, ...]]:
        found = framework.rules_by_control(self.context.rules.values())
        prefix = f"{framework.id}:"
        for one in self.rules.values():
            if one.rule not in self.context.rules:
                for control in one.controls:
                    own = control.removeprefix(prefix)
                    if own != control and own in found:
                        found[own] = (*found[own], one.rule)
        return found

    def _control(self, control: Control, rules: tuple[str, ...]) -> ControlTally:
        counts: Counter[str] = Counter()
        for rule in rules:
            if rule in self.rules:
                counts.update(self.rules[rule].counts)
        verdicts: Sequence[Standing] = ("fail", "unknown", "excepted", "pass")
        standing: Standing = next((verdict for verdict in verdicts if counts[verdict]), "none")
        if standing == "none" and (control.manual or not rules):
            standing = "manual"
        return ControlTally(control, standing, rules, counts)

    def functions(self, framework: Framework) -> dict[str, Counter[str]]:
        """How many controls stand how, by function of NIST CSF 2.0, in the order of that framework."""
        found: dict[str, Counter[str]] = {name: Counter() for name in FUNCTIONS.values()}
        for one in self.controls(framework):
            if one.control.function in found:
                found[one.control.function][one.standing] += 1
        return {name: counts for name, counts in found.items() if counts}
