"""What changed between two baselines, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from koban.model.baseline import Baseline


def compare(old: Baseline, new: Baseline) -> list[str]:
    """One line for each difference: ``+`` added, ``-`` removed, ``~`` changed.  Empty where nothing differs."""
    return list(_lines(old, new))


def _lines(old: Baseline, new: Baseline) -> Iterator[str]:
    for one in old.frameworks:
        if one not in new.frameworks:
            yield f"- framework {one}"
    for one in new.frameworks:
        if one not in old.frameworks:
            yield f"+ framework {one}"
    if old.fail_on != new.fail_on:
        yield f"~ fail_on: {old.fail_on or 'default'} -> {new.fail_on or 'default'}"
    yield from _mapping("threshold", _flat(old.thresholds), _flat(new.thresholds))
    yield from _mapping(
        "environment",
        {one.name: _show(one) for one in old.environments},
        {one.name: _show(one) for one in new.environments},
    )
    yield from _mapping(
        "rule off",
        {one.rule: _show((one.reason, one.environments)) for one in old.rules_off},
        {one.rule: _show((one.reason, one.environments)) for one in new.rules_off},
    )
    yield from _mapping(
        "exception",
        {
            one.id: _show((one.rules, one.match.condition, one.owner, one.reason, str(one.expires)))
            for one in old.exceptions
        },
        {
            one.id: _show((one.rules, one.match.condition, one.owner, one.reason, str(one.expires)))
            for one in new.exceptions
        },
    )
    if old.contacts != new.contacts:
        yield "~ incident contacts"
    if old.plan != new.plan:
        yield f"~ incident plan: {old.plan or 'none'} -> {new.plan or 'none'}"
    if old.reviewed != new.reviewed:
        yield f"~ last review: {old.reviewed or 'none'} -> {new.reviewed or 'none'}"


def _mapping(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in old:
        if name not in new:
            yield f"- {kind} {name}: {old[name]}"
    for name in new:
        if name not in old:
            yield f"+ {kind} {name}: {new[name]}"
        elif old[name] != new[name]:
            yield f"~ {kind} {name}: {old[name]} -> {new[name]}"


def _flat(thresholds: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {f"{rule}.{name}": str(value) for rule, limits in thresholds.items() for name, value in limits.items()}


def _show(value: Any) -> str:
    return str(value)
