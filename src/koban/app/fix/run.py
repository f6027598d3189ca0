"""From findings to proven edits, and to the files."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from koban.app.fix import cloudformation, terraform
from koban.app.fix.edit import CannotEdit, Ends
from koban.app.fix.operation import NotOffered, Operation
from koban.app.fix.prove import Claim, Judged, proven
from koban.app.iac import Variables, scan_iac
from koban.model.fix import Fix, Limit, Put
from koban.model.resource import Resource
from koban.model.result import Gap, Result
from koban.model.rule import SEVERITIES, Rule
from koban.model.unknown import Undecided, WorldsNeeded
from koban.sources.cloudformation.files import CLOUDFORMATION
from koban.sources.files import STDIN, search, starts

Amend = Callable[[Result, Resource], Result]


@dataclass(frozen=True)
class Offer:
    """A finding, and the edits that make it go away; `files` are the files' names as results give them, and
    `paths` where those lie that it edits."""

    result: Result
    fix: Fix
    operations: tuple[Operation, ...]
    files: frozenset[str]
    paths: frozenset[str]


@dataclass
class Change:
    """One file before and after: `path` where it lies, `name` as people call it."""

    path: str
    name: str
    before: bytes
    after: bytes

    def diff(self) -> str:
        """The unified diff."""
        made = []
        for line in difflib.unified_diff(
            _lines(self.before), _lines(self.after), f"a/{self.name}", f"b/{self.name}", lineterm="\n"
        ):
            made.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
        return "".join(made)


def _lines(data: bytes) -> list[str]:
    text = data.decode("utf-8")
    return [one + "\n" for one in text.split("\n")[:-1]] + ([text.rsplit("\n", 1)[-1]] if text[-1:] != "\n" else [])


@dataclass
class Proposal:
    """What can be mended and what cannot, after a scan.

    `refused` are findings with a fix that is not offered, and why; `without` counts the findings that have no fix.
    """

    offers: list[Offer] = field(default_factory=list)
    refused: list[tuple[Result, str]] = field(default_factory=list)
    without: int = 0
    changes: list[Change] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    judged: Judged = field(default_factory=Judged)


@dataclass
class Asked:
    """What to mend: `paths` as a scan takes them, all `rules` to prove with, and the `fixes` that may be used.

    `picked` are the rules whose findings count, where not all do.
    """

    paths: Sequence[str]
    rules: Sequence[Rule]
    fixes: Mapping[str, Fix]
    parameters: Sequence[str] = ()
    amend: Amend | None = None
    variables: Variables | None = None
    replacing: bool = True
    picked: frozenset[str] = frozenset()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    progress: Callable[[str], None] | None = None

    def judged(self, edited: Mapping[str, bytes], heard: Callable[[Result, Resource], None] | None = None) -> _Scan:
        """A whole scan, with some files read as other bytes."""

        def amend(result: Result, resource: Resource) -> Result:
            made = result if self.amend is None else self.amend(result, resource)
            if heard is not None:
                heard(made, resource)
            return made

        scan = scan_iac(
            self.paths,
            self.rules,
            self.parameters,
            amend,
            now=self.now,
            progress=self.progress,
            terraform=self.variables,
            edited=edited,
        )
        made = Judged()
        for result in scan.results:
            made.add(result)
        made.gaps = frozenset(scan.gaps)
        return _Scan(made, scan.gaps, scan.notes)


@dataclass
class _Scan:
    judged: Judged
    gaps: list[Gap]
    notes: list[str]


class Files:
    """The files as they were read first, and their texts."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.ends: dict[str, Ends] = {}
        self.before: dict[str, bytes] = {}
        places = starts(paths)
        self.tops = [os.path.realpath(path) for path, _ in places]
        self.paths = {one.name: one.path for one in search(places, (CLOUDFORMATION,)) if one.path != STDIN}
        self.names: dict[str, str] = {}

    def holds(self, path: str) -> bool:
        """Whether a file lies in what was given, and so may be edited."""
        real = os.path.realpath(path)
        return any(real == top or real.startswith(top.rstrip(os.sep) + os.sep) for top in self.tops)

    def text(self, path: str) -> str:
        """The text of a file.  Raises NotOffered."""
        real = os.path.realpath(path)
        if real not in self.ends:
            try:
                with open(real, "rb") as stream:
                    data = stream.read()
                self.ends[real] = Ends(data)
            except OSError as error:
                raise NotOffered(f"the file cannot be read: {error.strerror}") from None
            except CannotEdit as error:
                raise NotOffered(str(error)) from None
            self.before[real] = data
        return self.ends[real].text


def propose(asked: Asked) -> Proposal:
    """Scan, plan the edits of every finding that has a fix, and keep those that are proven."""
    found: list[tuple[Result, Resource]] = []
    made = Proposal()

    def heard(result: Result, resource: Resource) -> None:
        if result.verdict == "fail":
            if result.rule in asked.fixes:
                found.append((result, resource))
            elif not asked.picked or result.rule in asked.picked:
                made.without += 1

    first = asked.judged({}, heard)
    made.gaps, made.notes, made.judged = first.gaps, first.notes, first.judged
    files = Files(asked.paths)
    limits = {one.id: one.limits for one in asked.rules}
    order = sorted(enumerate(found), key=lambda one: (SEVERITIES.index(one[1][0].severity), one[0]))
    planned: list[Offer] = []
    for _, (result, resource) in order:
        fix = asked.fixes[result.rule]
        try:
            planned.append(_offer(result, resource, with_limits(fix, limits[result.rule]), files))
        except (NotOffered, CannotEdit) as why:
            made.refused.append((result, str(why)))
        except Exception as crash:  # one odd resource is one finding that is not mended, never the end of a run
            made.refused.append((result, f"Koban itself failed at it: {type(crash).__name__}: {crash}"[:200]))
    planned = _that_go_together(planned, files, made)
    if not asked.replacing:
        for one in planned:
            if one.fix.replaces:
                made.refused.append((one.result, "it replaces the resource; --replace allows that"))
        planned = [one for one in planned if not one.fix.replaces]
    claims = [claim_of(one) for one in planned]

    def scan(chosen: Sequence[int]) -> Judged:
        try:
            data = edited(files, [planned[one] for one in sorted(chosen)])
        except CannotEdit as error:
            return Judged(gaps=frozenset((Gap("*", "", "", str(error)),)))
        return asked.judged(data).judged

    good, why_not = proven(claims, first.judged, scan)
    made.offers = [planned[one] for one in good]
    made.refused += [(planned[one].result, why) for one, why in sorted(why_not.items())]
    for path, data in edited(files, made.offers).items():
        made.changes.append(Change(path, files.names.get(path, path), files.before[path], data))
    made.changes.sort(key=lambda one: one.name)
    return made


def claim_of(offer: Offer) -> Claim:
    return Claim(offer.result.fingerprint, offer.result.resource.uid, offer.files)


def with_limits(fix: Fix, limits: Mapping[str, Any]) -> Fix:
    """A fix with the thresholds of its rule filled in."""
    edits = tuple(
        replace(one, value=limits[one.value.name]) if isinstance(one, Put) and isinstance(one.value, Limit) else one
        for one in fix.edits
    )
    return replace(fix, edits=edits)


def _offer(result: Result, resource: Resource, fix: Fix, files: Files) -> Offer:
    """The edits of one finding.  Raises NotOffered."""
    try:
        if fix.when is not None and not fix.when(resource):
            raise NotOffered("the fix is not for a resource like this")
    except (WorldsNeeded, Undecided):
        raise NotOffered("whether the fix is for a resource like this is not known") from None
    if terraform.is_ours(resource):
        made = terraform.operations(resource, fix)
        for path in {one.file for one in made}:
            files.names.setdefault(os.path.realpath(path), terraform.shown_name(resource, path))
    else:
        path = files.paths.get(resource.file, "")
        if not path:
            raise NotOffered("its file is not among those given")
        files.names.setdefault(os.path.realpath(path), resource.file)
        made = cloudformation.operations(resource, fix, path, files.text(path))
    if not made:
        raise NotOffered("the fix finds nothing to set in it")
    if not all(files.holds(one.file) for one in made):
        raise NotOffered("a file that would be edited lies outside of what was given")
    names = {resource.file, result.resource.file or "", *(files.names[os.path.realpath(one.file)] for one in made)}
    return Offer(result, fix, tuple(made), frozenset(names), frozenset(os.path.realpath(one.file) for one in made))


def _that_go_together(offers: Sequence[Offer], files: Files, proposal: Proposal) -> list[Offer]:
    """The offers whose edits can be made one after another; the others are refused."""
    good: list[Offer] = []
    texts: dict[str, str] = {}
    done: dict[str, list[Operation]] = {}  # by file: there may be thousands
    for offer in offers:
        trial: dict[str, str] = {}
        fresh: list[Operation] = []
        try:
            for one in offer.operations:
                others = (*done.get(one.file, ()), *fresh)
                if one in others:
                    continue
                if any(_contradict(one, other) for other in others):
                    raise NotOffered("another fix sets the same thing otherwise")
                real = os.path.realpath(one.file)
                before = trial.get(real) or texts.get(real) or files.text(one.file)
                trial[real] = one.apply(before)
                fresh.append(one)
        except (CannotEdit, NotOffered) as error:
            proposal.refused.append((offer.result, str(error)))
        else:
            texts |= trial
            for one in fresh:
                done.setdefault(one.file, []).append(one)
            good.append(offer)
    return good


def _contradict(one: Operation, other: Operation) -> bool:
    """Whether two edits set the same thing to different values."""
    place = getattr(one, "path", None), getattr(one, "block", None), one.file
    return (
        type(one) is type(other)
        and place == (getattr(other, "path", None), getattr(other, "block", None), other.file)
        and getattr(one, "value", None) != getattr(other, "value", None)
    )


def edited(files: Files, offers: Sequence[Offer]) -> dict[str, bytes]:
    """The bytes of each file, by real path, with the edits of some offers made."""
    texts: dict[str, str] = {}
    done: dict[str, list[Operation]] = {}
    for offer in offers:
        for one in offer.operations:
            if one not in done.setdefault(one.file, []):
                done[one.file].append(one)
                real = os.path.realpath(one.file)
                texts[real] = one.apply(texts[real] if real in texts else files.text(one.file))
    return {path: files.ends[path].bytes_of(text) for path, text in texts.items()}
