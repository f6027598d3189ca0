"""A baseline at work in one scan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from koban.engines.posture import assess
from koban.model.baseline import Baseline, place_of
from koban.model.resource import Resource
from koban.model.result import Result
from koban.model.rule import SEVERITIES, Rule, Severity


class Use:
    """Applies a baseline to the rules and results of a scan, and remembers which exceptions served.

    `amend` is what :func:`koban.engines.posture.evaluate` takes.
    """

    def __init__(self, baseline: Baseline, rules: Iterable[Rule], today: date) -> None:
        self.baseline = baseline
        self.today = today
        self.served: Counter[str] = Counter()
        self.notes: list[str] = []
        self.rules: list[Rule] = []
        self._by_environment: dict[tuple[str, str], Rule] = {}
        for one in rules:
            off = baseline.off_everywhere(one.id)
            if off:
                self.notes.append(f"rule {one.id} is turned off: {off.reason}")
                continue
            limits = dict(baseline.thresholds.get(one.id, {}))
            self.rules.append(one.with_limits(limits) if limits else one)
            for environment in baseline.environments:
                own = environment.thresholds.get(one.id)
                if own:
                    self._by_environment[environment.name, one.id] = one.with_limits({**limits, **own})

    def amend(self, result: Result, resource: Resource) -> Result:
        """The result under the thresholds, switched-off rules and exceptions of the resource's environment."""
        place = place_of(resource)
        if self._by_environment:
            environment = self.baseline.environment_of(place)
            stricter = self._by_environment.get((environment.name, result.rule)) if environment else None
            if stricter is not None:
                result = assess(stricter, resource) or result
        amended = self.baseline.amend(result, place, self.today)
        if amended.verdict == "excepted" and amended is not result:
            self.served[amended.because[0].split(" until ", maxsplit=1)[0]] += 1
        return amended

    def fails(self, result: Result, resource: Resource | None, default: Severity) -> bool:
        """Whether the result makes the scan fail, by the threshold of its environment."""
        limit = self.baseline.fail_on or default
        if resource is not None:
            environment = self.baseline.environment_of(place_of(resource))
            limit = (environment.fail_on if environment else None) or limit
        return result.verdict == "fail" and SEVERITIES.index(result.severity) <= SEVERITIES.index(limit)

    def unused(self) -> list[str]:
        """The exceptions that are in force and matched nothing in this scan."""
        return [
            one.id
            for one in self.baseline.exceptions
            if one.expires >= self.today and not self.served[f"exception {one.id}"]
        ]
