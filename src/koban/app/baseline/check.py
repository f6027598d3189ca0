"""What about a baseline needs somebody's attention."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from koban.model.baseline import REVIEW_DAYS_MAX, Baseline, Place


@dataclass(frozen=True, slots=True)
class Advice:
    """One line of advice; `line` is in the baseline file, 0 where it is about the whole."""

    line: int
    text: str


def check(baseline: Baseline, today: date, results: Iterable[str] | None = None) -> list[Advice]:
    """Everything that needs attention.  `results` are the lines of ``--format jsonl`` of a scan under this baseline;
    with them, exceptions that match nothing and accounts that no environment covers are found too.

    Raises ValueError for a line that is no result, naming its number.
    """
    found = list(_own(baseline, today))
    if results is not None:
        found.extend(_against(baseline, today, results))
    return found


def _own(baseline: Baseline, today: date) -> Iterator[Advice]:
    if baseline.reviewed is None:
        yield Advice(0, "no review is on record; go through the file together and set review.last")
    elif baseline.reviewed > today:
        yield Advice(0, f"review.last is {baseline.reviewed}, which is still to come")
    elif (today - baseline.reviewed).days > REVIEW_DAYS_MAX:
        days = (today - baseline.reviewed).days
        yield Advice(0, f"the last review was {days} days ago; it is due every 6 months")
    for one in baseline.exceptions:
        if one.expires < today:
            yield Advice(
                one.line, f"exception {one.id} expired on {one.expires} and no longer applies; owner {one.owner}"
            )
    if not baseline.frameworks:
        for environment in baseline.environments:
            if not environment.frameworks:
                yield Advice(0, f"environment {environment.name} is covered by no framework, its own or common")
    if not baseline.environments:
        yield Advice(0, "no environment is declared; production, staging and test may need different demands")
    if not baseline.contacts:
        yield Advice(0, "no incident-response contact is named")
    if not baseline.plan:
        yield Advice(0, "no link to the incident-response plan is given")


def _against(baseline: Baseline, today: date, results: Iterable[str]) -> Iterator[Advice]:
    served: set[str] = set()
    uncovered: dict[str, None] = {}
    for number, line in enumerate(results, 1):
        if not line.strip():
            continue
        try:
            result: dict[str, Any] = json.loads(line)
            because, resource = result["because"], result["resource"]
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"line {number} is no result; give a file written with --format jsonl") from None
        served.update(one.split(" until ", maxsplit=1)[0] for one in because if one.startswith("exception "))
        if baseline.environments and not _by_tag_alone(baseline):
            place = Place(
                account=resource["account"] or "",
                region=resource["region"] or "",
                uid=resource["uid"],
                type=resource["type"],
                path=resource["file"] or "",
            )
            if baseline.environment_of(place) is None:
                uncovered[resource["account"] or resource["file"] or resource["uid"]] = None
    for one in baseline.exceptions:
        if one.expires >= today and f"exception {one.id}" not in served:
            yield Advice(one.line, f"exception {one.id} matches nothing in these results; owner {one.owner}")
    for where in uncovered:
        yield Advice(0, f"{where} belongs to no environment")


def _by_tag_alone(baseline: Baseline) -> bool:
    """Whether tags or units, which results do not carry, decide about environments."""

    def mentions(condition: Any) -> bool:
        if isinstance(condition, dict):
            return "tag" in condition or "ou" in condition or any(mentions(one) for one in condition.values())
        return isinstance(condition, list) and any(mentions(one) for one in condition)

    return all(mentions(one.match.condition) for one in baseline.environments)
