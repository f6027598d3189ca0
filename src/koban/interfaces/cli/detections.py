"""Detections in the lists of `koban rules`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from koban.engines.detection.rules import Detection, Problem, RuleSet, name_of
from koban.interfaces.cli.listing import PAGE_WIDTH, SEVERITY_COLOURS, labelled
from koban.interfaces.cli.output import say


@dataclass
class Chosen:
    """The detections that patterns pick, files of such names that cannot be loaded, and which patterns those were."""

    rules: RuleSet
    picked: list[Detection]
    unloaded: list[Problem]
    names: set[str]


def chosen_detections(patterns: Sequence[str], directories: Sequence[Path]) -> Chosen:
    from koban.app.detections import detections

    rules = detections(directories)
    if not patterns:
        return Chosen(rules, rules.detections, rules.problems, set())
    picked = [one for one in rules.detections if any(_is(one, pattern) for pattern in patterns)]
    unloaded = [one for one in rules.problems if any(_is_file(one.file, pattern) for pattern in patterns)]
    names = {pattern for pattern in patterns if any(_is(one, pattern) for one in picked)}
    names |= {pattern for pattern in patterns if any(_is_file(one.file, pattern) for one in unloaded)}
    if any(pattern not in names for pattern in patterns):
        for one in rules.problems:  # what is asked for may be in one of these
            say(f"koban: {one}")
    return Chosen(rules, picked, unloaded, names)


def _is(detection: Detection, pattern: str) -> bool:
    return (
        fnmatchcase(detection.name, pattern) or detection.id == pattern or _is_file(detection.file, pattern, exact=True)
    )


def _is_file(file: str, pattern: str, *, exact: bool = False) -> bool:
    """Whether a pattern picks the rules of a file by the file's name."""
    name, wanted = name_of(file), pattern.replace("_", "-")
    return name == wanted if exact else fnmatchcase(name, wanted)


def failures_in(chosen: Chosen) -> list[dict[str, Any]]:
    """What the tests of the chosen detections say against them."""
    from koban.app.detections import failures_of

    found = [{"rule": one.name, "failure": str(one)} for one in chosen.unloaded]
    if chosen.picked:
        found += [{"rule": one.rule, "failure": one.text} for one in failures_of(chosen.rules, chosen.picked)]
    return found


def detection_of(rule_id: str, directories: Sequence[Path]) -> Detection | None:
    """The detection of that name or UUID."""
    from koban.app.detections import detections

    return next((one for one in detections(directories).detections if _is(one, rule_id)), None)


def rows_of(severities: Sequence[str], directories: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """A row of each detection; those that cannot be loaded are said."""
    from koban.app.detections import detections

    rules = detections(directories)
    for problem in rules.problems:
        say(f"koban: {problem}")
    for one in rules.listed:
        if not severities or one.severity in severities:
            yield row(one)


def row(detection: Detection) -> dict[str, Any]:
    return {
        "rule": detection.name,
        "kind": "detection",
        "severity": detection.severity,
        "uid": detection.id,
        "logsource": detection.logsource,
        "summary": detection.title,
        "tags": detection.tags,
    }


def whole_row(detection: Detection) -> dict[str, Any]:
    return {
        **row(detection),
        "description": detection.description,
        "falsepositives": detection.false_positives,
        "response": detection.response,
        "references": detection.references,
        "tests": len(detection.tests),
    }


def page(detection: Detection, paint: Any) -> Iterator[str]:
    yield f"{paint('1', detection.name)}   {paint(SEVERITY_COLOURS[detection.severity], detection.severity)}"
    yield ""
    yield from textwrap.wrap(f"{detection.title}.", PAGE_WIDTH)
    if detection.description:
        yield ""
        yield from labelled("What", [detection.description], paint)
    for heading, texts in (("Also when", detection.false_positives), ("Response", detection.response)):
        if texts:
            yield ""
            yield from labelled(heading, texts, paint)
    yield ""
    yield from labelled("Kind", ["correlation of events" if detection.is_correlation else "detection"], paint)
    yield from labelled("Log source", [detection.logsource or "that of its rules"], paint)
    yield from labelled("ATT&CK", [", ".join(detection.tags) or "none"], paint)
    yield from labelled("UUID", [detection.id], paint)
    yield from labelled("Tests", [f"{len(detection.tests)} (`koban rules test {detection.name}` runs them)"], paint)
