"""Frameworks: what each control asks for, in our words, whose duty it is, and which rules answer it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

from koban.model.rule import Rule

Responsibility = Literal["customer", "shared", "provider"]

FUNCTIONS = {
    "GV": "Govern",
    "ID": "Identify",
    "PR": "Protect",
    "DE": "Detect",
    "RS": "Respond",
    "RC": "Recover",
}


@dataclass(frozen=True, slots=True)
class Control:
    """One control.  `patterns` are rule ids, with wildcards, that answer it beside the rules that cite it.

    `csf` is the NIST CSF 2.0 subcategory that it serves and `function` the name of that subcategory's function.
    `manual` says that no API can answer it: it stays for people to judge.  `responsibility` says whose duty it is in
    the cloud: the customer's, the provider's, or shared.
    """

    id: str
    title: str
    responsibility: Responsibility
    csf: str
    manual: bool
    patterns: tuple[str, ...]

    @property
    def function(self) -> str:
        return FUNCTIONS.get(self.csf.split(".", maxsplit=1)[0], "")


@dataclass(frozen=True, slots=True)
class Framework:
    """A published set of controls, in the order in which it was published."""

    id: str
    title: str
    version: str
    publisher: str
    controls: dict[str, Control]

    def rules_by_control(self, rules: Iterable[Rule]) -> dict[str, tuple[str, ...]]:
        """For every control the ids of the rules that answer it; empty where people must judge."""
        cited: dict[str, list[str]] = {control: [] for control in self.controls}
        prefix = f"{self.id}:"
        for one in rules:
            for control in self._cited(one, prefix):
                cited[control].append(one.id)
        return {control: tuple(sorted(found)) for control, found in cited.items()}

    def _cited(self, rule: Rule, prefix: str) -> list[str]:
        own = {one.removeprefix(prefix) for one in rule.controls if one.startswith(prefix)}
        return [
            control.id
            for control in self.controls.values()
            if control.id in own or any(_matches(rule, pattern) for pattern in control.patterns)
        ]


def frameworks() -> dict[str, Framework]:
    """Every framework that Koban knows, by id."""
    names = sorted(file.name for file in resources.files("koban.rules").joinpath("frameworks").iterdir())
    found = (framework(name.removesuffix(".yaml")) for name in names if name.endswith(".yaml"))
    return {one.id: one for one in found}


@cache
def framework(framework_id: str) -> Framework:
    """The framework of that id; raises KeyError, naming those there are."""
    import yaml

    directory = resources.files("koban.rules").joinpath("frameworks")
    file = directory.joinpath(f"{framework_id}.yaml")
    if "/" in framework_id or not file.is_file():
        known = sorted(one.name.removesuffix(".yaml") for one in directory.iterdir() if one.name.endswith(".yaml"))
        raise KeyError(f"no framework {framework_id!r}; there are: {', '.join(known)}")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return _framework(yaml.load(file.read_text(encoding="utf-8"), loader))  # noqa: S506  a safe loader, in C


def with_controls(rules: Iterable[Rule], chosen: Iterable[Framework]) -> list[Rule]:
    """The rules that answer a control of the chosen frameworks, each citing all of those controls."""
    chosen = list(chosen)
    found = []
    for one in rules:
        added = [f"{each.id}:{control}" for each in chosen for control in each._cited(one, f"{each.id}:")]
        if added:
            found.append(replace(one, controls=tuple(dict.fromkeys((*one.controls, *added)))))
    return found


def _framework(raw: dict[str, Any]) -> Framework:
    default = raw.get("responsibility", "customer")
    controls = {}
    for control_id, one in raw["controls"].items():
        controls[control_id] = Control(
            control_id,
            one["title"],
            cast(Responsibility, one.get("responsibility", default)),
            control_id if raw["id"] == "nist-csf-2.0" else one.get("csf", ""),
            bool(one.get("manual", False)),
            tuple(one.get("rules", ())),
        )
    return Framework(raw["id"], raw["title"], str(raw["version"]), raw["publisher"], controls)


def _matches(rule: Rule, pattern: str) -> bool:
    """Whether a rule's id, or a control that it cites (pattern with a colon), matches."""
    if ":" in pattern:
        return any(fnmatchcase(control, pattern) for control in rule.controls)
    return fnmatchcase(rule.id, pattern)
