"""A set of rules, compiled together: what runs, and what does not and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from koban.engines.detection.compile import Compiled, Placeholders, compile_rule
from koban.engines.detection.correlation import CompiledCorrelation, compile_correlation
from koban.engines.detection.fields import Serving
from koban.engines.detection.rules import Detection, Problem, RuleSet, undisturbed
from koban.model.event import Mapping

AnyCompiled = Compiled | CompiledCorrelation


@dataclass
class CompiledSet:
    """`rules` alert; those that only correlations ask for are inside these."""

    rules: list[AnyCompiled]
    problems: list[Problem]
    plan: Any = None
    """What the first evaluation works out, for those that follow."""

    def of(self, detection: Detection) -> AnyCompiled | None:
        return next((one for one in self.rules if one.detection is detection), None)


def compile_set(rules: RuleSet, mappings: Iterable[Mapping], placeholders: Placeholders | None = None) -> CompiledSet:
    """Every rule of a set, compiled; a rule that cannot be is a problem beside those of loading."""
    served = Serving(mappings)
    made: dict[int, AnyCompiled | Problem] = {}
    by_sigma = {id(one.sigma): one for one in rules.detections}

    def compiled(detection: Detection) -> AnyCompiled | Problem:
        key = id(detection.sigma)
        if key not in made:
            if detection.is_correlation:
                for rule in detection.referred:
                    compiled(by_sigma[id(rule)])
                made[key] = compile_correlation(detection, made)
            else:
                made[key] = compile_rule(detection, served, placeholders)
        return made[key]

    with undisturbed():
        results = [(one, compiled(one)) for one in rules.detections]
    return CompiledSet(
        rules=[found for one, found in results if one.listed and not isinstance(found, Problem)],
        problems=[*rules.problems, *(found for _, found in results if isinstance(found, Problem))],
    )
