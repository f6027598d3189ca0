"""Proves edits: the finding is gone, and nothing else is worse than before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from koban.app.iac import UNREADABLE
from koban.model.result import Gap, Result

RANK = {"pass": 0, "excepted": 0, "unknown": 1, "fail": 2}
STILL = {
    "fail": "the finding is still there after it",
    "unknown": "the verdict is open after it",
    "excepted": "after it the finding would only be accepted, not gone",
}
ROUNDS_MAX = 60  # scans for one proof


@dataclass
class Judged:
    """What a scan says: the worst result of each fingerprint, and what could not be read."""

    results: dict[str, Result] = field(default_factory=dict)
    gaps: frozenset[Gap] = frozenset()

    def add(self, result: Result) -> None:
        before = self.results.get(result.fingerprint)
        if before is None or RANK[before.verdict] < RANK[result.verdict]:
            self.results[result.fingerprint] = result

    @property
    def read_something(self) -> bool:
        """Whether anything but files that could not be read was judged."""
        return any(one.rule != UNREADABLE for one in self.results.values())

    def rank(self, fingerprint: str) -> int:
        found = self.results.get(fingerprint)
        return 0 if found is None else RANK[found.verdict]


@dataclass(frozen=True)
class Claim:
    """What an edit says of itself: the finding that it makes go away, and the files that it touches."""

    fingerprint: str
    uid: str
    files: frozenset[str]


def refused(before: Judged, after: Judged, claims: Sequence[Claim]) -> dict[int, str]:
    """The claims that do not hold, by position, and why: their finding is there still, or something else is worse."""
    found: dict[int, str] = {}
    for position, claim in enumerate(claims):
        result = after.results.get(claim.fingerprint)
        if result is not None and result.verdict != "pass":
            hangs = f": {result.because[0]}" if result.verdict == "unknown" and result.because else ""
            found[position] = STILL[result.verdict] + hangs
    for result, why in _worse(before, after):
        for position in _blamed(result, claims):
            found.setdefault(position, why)
    if after.gaps - before.gaps:
        for position in range(len(claims)):
            found.setdefault(position, "a file could not be read after it")
    return found


def _worse(before: Judged, after: Judged) -> list[tuple[Result, str]]:
    worse = [
        (one, f"{one.rule} would {'fail' if one.verdict == 'fail' else 'be unknown'} after it")
        for fingerprint, one in after.results.items()
        if RANK[one.verdict] > before.rank(fingerprint)
    ]
    there = {one.resource.uid for one in after.results.values()}
    lost = {one.resource.uid: one for one in before.results.values() if one.resource.uid not in there}
    return worse + [(one, f"{one.resource.address or one.resource.uid} would be gone") for one in lost.values()]


def _blamed(result: Result, claims: Sequence[Claim]) -> list[int]:
    """The claims that may have made a result worse: of the same resource, else of the same file, else all."""
    same = [position for position, one in enumerate(claims) if one.uid == result.resource.uid]
    file = result.resource.file or ""
    return same or [p for p, one in enumerate(claims) if file in one.files] or list(range(len(claims)))


def proven(
    claims: Sequence[Claim], before: Judged, scan: Callable[[Sequence[int]], Judged]
) -> tuple[list[int], Mapping[int, str]]:
    """The claims that hold together, by position, and why the others do not.

    `scan` judges again with the edits of some claims made.  Those that fail in company are tried by themselves.
    """
    rounds = 0
    why: dict[int, str] = {}

    def attempt(chosen: Sequence[int]) -> dict[int, str]:
        nonlocal rounds
        rounds += 1
        wrong = refused(before, scan(chosen), [claims[one] for one in chosen])
        return {chosen[position]: reason for position, reason in wrong.items()}

    good: list[int] = []
    waiting: list[list[int]] = [list(range(len(claims)))] if claims else []
    while waiting:
        group = waiting.pop(0)
        if rounds >= ROUNDS_MAX:
            why.update(dict.fromkeys(group, "too many edits go wrong together; fix some and run it again"))
            continue
        wrong = attempt([*good, *group])
        if not wrong:
            good += group
        elif len(group) == 1:
            why[group[0]] = wrong.get(group[0]) or next(iter(wrong.values()))
        else:
            bad = [one for one in group if one in wrong]
            fine = [one for one in group if one not in wrong]
            if not fine or not bad:
                half = len(group) // 2
                waiting[:0] = [group[:half], group[half:]]
            else:
                waiting[:0] = [fine, bad]
    return sorted(good), why
