"""What the user asked of a scan, made whole: which rules run, under which baseline, and how to report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from koban.app.baseline import BaselineError, Use, load
from koban.app.earlier import Earlier, is_earlier, known, read_earlier
from koban.model.resource import Resource
from koban.model.result import Result
from koban.model.rule import SEVERITIES, Rule
from koban.rules.catalog import RuleFileError, catalog
from koban.rules.framework import Framework, framework, frameworks, with_controls
from koban.rules.iac import CODE_RULES

BASELINE = Path("koban.yaml")


@dataclass
class Plan:
    """`failed` counts the findings at or above the threshold of their place, where a baseline sets one by place.

    `earlier` are scans whose findings are known, and count for nothing; `not_run` are the ids of rules left out.
    `watcher` hears what the scan reads.
    """

    rules: list[Rule]
    frameworks: list[Framework] = field(default_factory=list)
    use: Use | None = None
    fail_on: str = "high"
    fails_by_place: bool = False
    failed: int = 0
    earlier: list[Earlier] = field(default_factory=list)
    not_run: frozenset[str] = frozenset()
    watcher: Any = None

    def amend(self, result: Result, resource: Resource) -> Result:
        """The result under the baseline."""
        if self.use is None:
            return result
        amended = self.use.amend(result, resource)
        if self.fails_by_place and self.use.fails(amended, resource, "high"):
            self.failed += not known(self.earlier, amended)
        return amended

    @property
    def known(self) -> dict[str, Framework]:
        return frameworks()


def plan(
    *,
    framework_ids: Sequence[str] = (),
    rule_directories: Sequence[Path] = (),
    rule_patterns: Sequence[str] = (),
    severities: Sequence[str] = (),
    baseline_files: Sequence[Path] = (),
    no_baseline: bool = False,
    fail_on: str | None = None,
    with_code: bool = False,
) -> Plan:
    """What was asked for; `with_code` says that live resources are scanned beside the code that made them.

    Raises click.UsageError for what does not exist, click.ClickException for files that cannot be used."""
    every = every_rule(rule_directories)
    of_code = {one.id for one in CODE_RULES}
    earlier = [read_earlier(one) for one in baseline_files if is_earlier(one)]
    baseline_file = _only_baseline([one for one in baseline_files if not is_earlier(one)])
    baseline = None
    if not no_baseline and (baseline_file is not None or os.path.lexists(BASELINE)):
        try:
            baseline = load(baseline_file or BASELINE, every)
        except BaselineError as error:
            raise BaselineProblems(error.problems) from error
    chosen_frameworks = [_framework(one) for one in framework_ids]
    rules = chosen(every, rule_patterns, severities)
    if chosen_frameworks:
        # No framework asks that resources are as their code says; who gives the code does.
        rules = [*with_controls(rules, chosen_frameworks), *(one for one in rules if one.id in of_code)]
    elif baseline is not None:
        # The baseline's frameworks are reported on; what they do not ask for is still judged.
        chosen_frameworks = [framework(one) for one in baseline.all_frameworks]
        cited = {one.id: one for one in with_controls(rules, chosen_frameworks)}
        rules = [cited.get(one.id, one) for one in rules]
    if not with_code:
        if rules and all(one.id in of_code for one in rules) and rule_patterns:
            raise click.UsageError(f"{rules[0].id} needs the code: koban scan aws with --iac or --state")
        rules = [one for one in rules if one.id not in of_code]
    if not rules:
        raise click.UsageError("no rule is left: --framework, --rule and --severity together leave none")
    use = Use(baseline, rules, datetime.now(UTC).date()) if baseline is not None else None
    by_place = baseline is not None and fail_on is None and any(one.fail_on for one in baseline.environments)
    run = rules if use is None else use.rules
    not_run = frozenset(one.id for one in every) - {one.id for one in run}
    for one_earlier in earlier:
        one_earlier.not_run = not_run
    return Plan(
        run,
        chosen_frameworks,
        use,
        fail_on or (baseline.fail_on if baseline is not None else "") or "high",
        by_place,
        earlier=earlier,
        not_run=not_run,
    )


def _only_baseline(files: Sequence[Path]) -> Path | None:
    if len(files) > 1:
        raise click.UsageError(
            f"{files[1]}: there is one baseline already ({files[0]}); give earlier results beside it"
        )
    return files[0] if files else None


class BaselineProblems(click.ClickException):
    """A baseline with mistakes: one line each."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))


def known_rules(directories: Sequence[Path] = ()) -> list[Rule]:
    """Every rule.  Raises click.ClickException for a rule file that cannot be used."""
    try:
        return catalog(directories)
    except RuleFileError as error:
        raise click.ClickException(str(error)) from error
    except TypeError as error:  # two rules of one name
        raise click.ClickException(str(error)) from error


def every_rule(directories: Sequence[Path] = ()) -> list[Rule]:
    """Every rule, with those about live resources beside their code.  Raises as `known_rules` does."""
    return [*known_rules(directories), *CODE_RULES]


def chosen(rules: Sequence[Rule], patterns: Sequence[str], severities: Sequence[str] = ()) -> list[Rule]:
    """The rules that `patterns` include and do not exclude.  Raises click.UsageError for one that matches nothing."""
    for pattern in patterns:
        if not any(fnmatchcase(one.id, pattern.removeprefix("!")) for one in rules):
            raise click.UsageError(_no_rule(pattern.removeprefix("!"), rules))
    include = [one for one in patterns if not one.startswith("!")]
    exclude = [one[1:] for one in patterns if one.startswith("!")]
    return [
        one
        for one in rules
        if (not include or any(fnmatchcase(one.id, pattern) for pattern in include))
        and not any(fnmatchcase(one.id, pattern) for pattern in exclude)
        and (not severities or one.severity in severities)
    ]


def _no_rule(wanted: str, rules: Sequence[Rule]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(wanted, [one.id for one in rules], n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`koban rules list` shows them all"
    return f"no rule {wanted!r}; {hint}"


def one_rule(rule_id: str, rules: Sequence[Rule]) -> Rule:
    """The rule of that id.  Raises click.UsageError, naming those that are near."""
    for one in rules:
        if one.id == rule_id:
            return one
    raise click.UsageError(_no_rule(rule_id, rules))


def _framework(framework_id: str) -> Framework:
    try:
        return framework(framework_id)
    except KeyError as error:
        raise click.UsageError(str(error.args[0])) from error


def worst_first(rule: Rule) -> tuple[Any, ...]:
    return SEVERITIES.index(rule.severity), rule.id
