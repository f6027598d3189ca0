"""Scans templates: what `koban scan iac` does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any

from koban.app.iac_scope import Scope, changed_since
from koban.app.scan import Scan, Watcher
from koban.engines.posture import assess, subject_of
from koban.model.estate import MemoryEstate
from koban.model.resource import Resource, Spot
from koban.model.result import Gap, Result, Subject
from koban.model.rule import Rule, Severity, declared_rules
from koban.sources.arm.files import ARM
from koban.sources.arm.parameters import read_parameters as read_arm_parameters
from koban.sources.arm.reader import read_found as read_arm
from koban.sources.cloudformation.files import CLOUDFORMATION
from koban.sources.cloudformation.parameters import read_parameters
from koban.sources.cloudformation.reader import declared, read_found
from koban.sources.files import STDIN, Found, search, starts, without
from koban.sources.inputs import Inputs
from koban.sources.reading import Problem, Read
from koban.sources.suppression import Suppression
from koban.sources.terraform.configuration import is_configuration
from koban.sources.terraform.library import Library
from koban.sources.terraform.library import Options as Variables
from koban.sources.terraform.plan import kind_of_json, read_json
from koban.sources.terraform.reader import read as read_terraform

__all__ = ["Variables", "scan_iac"]

FILE_TYPE = "Koban::IaC::File"
UNREADABLE = "template-unreadable"
WITHOUT_REASON = "ignore-without-reason"
UNKNOWN_RULE = "ignore-unknown-rule"
OWN_RULES: dict[str, tuple[Severity, str, str]] = {
    UNREADABLE: (
        "medium",
        "Part of this file could not be read, so it is not judged.",
        "Mend the file; until then nobody knows what is in it.",
    ),
    WITHOUT_REASON: (
        "medium",
        "A finding is ignored here without a reason.",
        "Write why after the rule: koban:ignore rule-id until 2027-01-31 the reason.",
    ),
    UNKNOWN_RULE: (
        "low",
        "A koban:ignore here is not written as one, so it ignores nothing.",
        "Write it so: koban:ignore rule-id until 2027-01-31 the reason.  `koban rules list` shows the rules.",
    ),
}


def scan_iac(
    paths: Sequence[str | os.PathLike[str]],
    rules: Sequence[Rule],
    parameters: Sequence[str | os.PathLike[str]] = (),
    amend: Callable[[Result, Resource], Result] | None = None,
    now: datetime | None = None,
    progress: Callable[[str], None] | None = None,
    terraform: Variables | None = None,
    source: str | os.PathLike[str] | None = None,
    edited: Mapping[str, bytes] | None = None,
    since: str | None = None,
    watcher: Watcher | None = None,
) -> Scan:
    """Judge every template under `paths` (directories, globs, files, ``-``) by `rules`.

    `parameters` are files with values for the templates' parameters.  `amend` may change each result, after the
    suppressions in the file.  `terraform` are the values of Terraform's variables, and `source` the directory that
    plans and states were made of.  `edited` are the bytes that files are read as, by real path.  `progress` hears the
    name of each file as it is judged.  `since` is a revision of git: only what depends on changes since then is
    judged.  A `watcher` hears of every resource.  Raises PathError, ParametersError or ScopeError before any result.
    """
    started = now or datetime.now(UTC)
    arm_values, others = read_arm_parameters(parameters)
    values = read_parameters(others)
    places = starts(paths)
    wanted = declared if rules else None
    if edited:
        terraform = replace(terraform or Variables(), edited=edited)
    library = Library((one for one in places if one[0] != STDIN), terraform)
    files = search((one for one in places if not is_configuration(os.path.basename(one[0]))), (CLOUDFORMATION, ARM))
    scope = changed_since(since, (path for path, _ in places)) if since is not None else None
    if scope is not None and terraform is not None:
        scope.vendored = tuple(terraform.vendored)
    scan = Scan(_title(paths), started, (), scoped=scope is not None)
    plans: list[Found] = []
    azure: list[Found] = []
    templates: list[str] = []
    others_than_azure = without(_apart(files, plans, templates), ARM.name, azure)
    reads = chain(
        (_given(one, parameters) for one in read_found(others_than_azure, values, declared, edited)),
        (_given(one, parameters) for one in _read_arm(azure, arm_values, scan)),
        (_read_plan(one, wanted, source, terraform) for one in plans),
        read_terraform(library, wanted),
    )
    covers = (lambda one: scope.covers(one.inputs, templates)) if scope is not None else None
    results = _results(reads, tuple(rules), amend, progress, scan, covers, watcher)
    scan.results = results if scope is None else _with_notes(results, scan, scope)
    return scan


class Reach:
    """What a scan of code read: says of a file (and type, account, region, which count for nothing) why not all of it.

    None where all of it was read, or where it is no longer there.
    """

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.broken: dict[str, str] = {}  # files, and directories of Terraform, of which something may be missing

    def add(self, made: Read) -> None:
        whys = [*(one.why for one in made.problems), *(one.why for one in made.gaps)]
        files = {made.file, *(one.file for one in made.resources)}
        self.read |= files
        if whys:
            for name in {*files, *(one.file for one in made.problems)}:
                self.broken.setdefault(name, whys[0])

    def __call__(self, type_name: str, account: str, region: str, file: str) -> str | None:
        if file in self.broken:
            return self.broken[file]
        path = os.path.normpath(file)
        for place, why in self.broken.items():
            root = os.path.normpath(place)
            if (root == "." and not os.path.isabs(path)) or path.startswith(f"{root}{os.sep}"):
                return why
        return "the file was not read" if file and file not in self.read and os.path.exists(file) else None


def _with_notes(results: Iterator[Result], scan: Scan, scope: Scope) -> Iterator[Result]:
    yield from results
    scan.notes += scope.notes()


def _given(made: Read, parameters: Sequence[str | os.PathLike[str]]) -> Read:
    """A template, which depends on the files of parameters too."""
    if made.inputs is not None:
        made.inputs.files.update(map(os.path.abspath, parameters))
    return made


def _apart(files: Iterable[Found], plans: list[Found], templates: list[str]) -> Iterator[Found]:
    """The files that are no plan or state of Terraform, their paths in `templates`; the others go to `plans`.

    In a directory they are left alone: what they are made of lies beside them.
    """
    for one in files:
        if one.named and one.data and kind_of_json(one.data):
            plans.append(one)
        else:
            templates.append(one.path)
            yield one


def _read_arm(files: list[Found], values: Mapping[str, Any], scan: Scan) -> Iterator[Read]:
    """Azure's templates, which the walk has put into `files` by the time that this is asked."""
    count = 0
    for made in read_arm(files, values, None):
        count += bool(made.resources)
        yield made
    if count:
        templates = f"{count} ARM templates were" if count > 1 else "1 ARM template was"
        scan.notes.append(f"{templates} read; there are no rules for Azure yet")


def _read_plan(
    found: Found,
    wanted: Callable[[str], bool] | None,
    source: str | os.PathLike[str] | None,
    options: Variables | None,
) -> Read:
    library = Library(starts([source]), options) if source is not None else None
    made = read_json(found.data, found.name, wanted, library)
    made.inputs = Inputs(found.path, {found.path}) if found.path != STDIN else None
    return made


def _title(paths: Sequence[str | os.PathLike[str]]) -> str:
    names = ["standard input" if os.fspath(one) == "-" else os.fspath(one) for one in paths]
    return f"templates in {', '.join(names[:3])}{' and more' if len(names) > 3 else ''}"


def _results(
    reads: Iterable[Read],
    rules: tuple[Rule, ...],
    amend: Callable[[Result, Resource], Result] | None,
    progress: Callable[[str], None] | None,
    scan: Scan,
    covers: Callable[[Read], bool] | None = None,
    watcher: Watcher | None = None,
) -> Iterator[Result]:
    noted: set[Problem | Suppression] = set()
    reach = Reach()
    found = 0
    # Sorted by type once, not once a template: there are many of either.
    by_type: dict[str, list[Rule]] = {}
    for rule in rules:
        for cls in rule.types:
            by_type.setdefault(cls.type, []).append(rule)
    for made in reads:
        found += 1
        if progress is not None:
            progress(made.file)
        if covers is not None and not covers(made):
            continue
        scan.notes += made.notes
        MemoryEstate((*made.resources, *made.beside), made.gaps, now=scan.started)
        change = partial(_amended, made.suppressions, scan.started, amend) if made.suppressions else amend
        if watcher is not None:
            reach.add(made)
            for resource in made.resources:
                watcher.resource(resource)
        for resource in made.resources:
            mine = by_type.get(resource.type_name, ())
            subject = subject_of(resource) if mine else None
            for rule in mine:
                result = assess(rule, resource, subject)
                if result is not None:
                    if resource.chain and result.verdict in ("fail", "unknown"):
                        result = replace(result, because=(*result.because, *resource.chain))
                    yield result if change is None else change(result, resource)
        for problem in made.problems:
            if problem not in noted:
                noted.add(problem)
                where = f"{problem.file} line {problem.line}" if problem.line else problem.file
                scan.gaps.append(Gap(FILE_TYPE, "", "", f"{where}: {problem.why}"))
                yield _file_result(UNREADABLE, problem.file, problem.line, problem.why)
        for one in made.suppressions:
            if one not in noted:
                noted.add(one)
                yield from _judged(one, rules)
    if watcher is not None:
        watcher.covered(reach)
    if not found:
        scan.notes.append(f"no {scan.title}: no file there looks like one of CloudFormation, SAM, Terraform or Azure")


def _amended(
    suppressions: list[Suppression],
    started: datetime,
    amend: Callable[[Result, Resource], Result] | None,
    result: Result,
    resource: Resource,
) -> Result:
    if result.verdict in ("fail", "unknown"):
        today = started.date()
        for one in suppressions:
            if one.file in (resource.file, result.resource.file) and one.holds(today):
                line = result.resource.line
                if line is not None and result.resource.file and result.resource.file != resource.file:
                    line = Spot(line, result.resource.file)
                if one.covers(result.rule, line, resource.lines, resource.file):
                    return result.excepted(one.because)
    return result if amend is None else amend(result, resource)


def _judged(suppression: Suppression, rules: tuple[Rule, ...]) -> Iterator[Result]:
    """What is wrong with a suppression itself."""
    if suppression.wrong:
        yield _file_result(UNKNOWN_RULE, suppression.file, suppression.line, suppression.wrong)
        return
    if not suppression.reason:
        yield _file_result(
            WITHOUT_REASON, suppression.file, suppression.line, "no reason is given", ",".join(suppression.rules)
        )
    known = {one.id for one in rules} | {one.id for one in declared_rules()}
    for rule_id in suppression.rules:
        if rule_id not in known:
            yield _file_result(UNKNOWN_RULE, suppression.file, suppression.line, f"there is no rule {rule_id}", rule_id)


def _file_result(rule: str, file: str, line: int | None, why: str, about: str = "") -> Result:
    severity, message, fix = OWN_RULES[rule]
    # The uid does without the line, so that a finding stays the same one when lines are added above it.
    subject = Subject(f"{file}#{about}" if about else file, FILE_TYPE, file, file=file, line=line)
    verdict = "unknown" if rule == UNREADABLE else "fail"
    return Result(rule, verdict, severity, subject, message, (why,), (), fix)  # type: ignore[arg-type]
