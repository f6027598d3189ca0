"""All rules that Koban comes with, at hand: what each says, what it reads, and which controls it answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from koban.model.document import Part, fields_of
from koban.model.rule import Rule
from koban.rules.catalog import catalog
from koban.rules.framework import frameworks
from koban.rules.iac import CODE_RULES

CSF = "nist-csf-2.0"
PLAIN = ("builtins", "koban.model.document", "koban.model.resource")  # what every resource has
DEEP = 4  # how far a rule's functions are followed


@cache
def rules() -> dict[str, Rule]:
    """Every rule by id."""
    return {one.id: one for one in [*catalog(), *CODE_RULES]}


def title(rule_id: str, message: str = "") -> str:
    """What is wrong where the rule finds a fault.  Of a rule that is not here `message` is what a result said."""
    known = rules().get(rule_id)
    if known is not None:
        return known.summary
    return message.removeprefix("Not so: ").removeprefix("Cannot tell: ") or rule_id


@cache
def answers(framework_id: str) -> dict[str, tuple[str, ...]]:
    """The rules that answer each control of a framework."""
    return frameworks()[framework_id].rules_by_control(list(rules().values()))


@cache
def by_control() -> dict[str, tuple[str, ...]]:
    """The rules that answer each control (``framework:control``)."""
    return {f"{id}:{control}": found for id in frameworks() for control, found in answers(id).items()}


def answering(
    framework_ids: Collection[str], controls: Collection[str], cited: Mapping[str, Iterable[str]] | None = None
) -> set[str]:
    """The rules that answer one of the controls, or any control of one of the frameworks.

    `cited` are rules by control that results named, for rules that are not here.
    """
    found: set[str] = set()
    for table in (by_control(), cited or {}):
        for control, its in table.items():
            if control in controls or control.partition(":")[0] in framework_ids:
                found.update(its)
    return found


@cache
def of_function(key: str) -> tuple[str, ...]:
    """The controls of one function of NIST CSF 2.0, by its two letters."""
    return tuple(f"{CSF}:{one}" for one in frameworks()[CSF].controls if one.partition(".")[0] == key)


@cache
def controls_of(rule_id: str) -> tuple[str, ...]:
    """The controls that a rule answers."""
    return tuple(control for control, its in by_control().items() if rule_id in its)


@cache
def reads(rule_id: str) -> tuple[str, ...]:
    """The paths of a resource's document that a rule looks at, as far as its source shows."""
    rule = rules().get(rule_id)
    if rule is None:
        return ()
    names: set[str] = set()
    for judge in (_inner(rule.judge), _inner(rule.when)):
        if judge is not None:
            names |= _names(judge, DEEP)
    found: dict[str, None] = {}
    for cls in rule.types:
        found.update(dict.fromkeys(_paths(cls, names, "", DEEP)))
    return tuple(sorted(found))


def _inner(judge: Callable[..., Any] | None) -> FunctionType | None:
    return judge if isinstance(judge, FunctionType) else None


def _names(function: FunctionType, deep: int) -> set[str]:
    """The names of attributes that a function uses, and the functions of its module that it calls."""
    found: set[str] = set()
    for code in _codes(function.__code__):
        for name in code.co_names:
            found.add(name)
            other = function.__globals__.get(name)
            if deep and isinstance(other, FunctionType) and other.__module__.startswith("koban."):
                found |= _names(other, deep - 1)
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _codes(one)


def _paths(cls: type[Part], names: set[str], before: str, deep: int) -> Iterator[str]:
    """The paths of the fields with these names, and of those that what is computed for such a name reads."""
    wanted = _all_names(cls, names)
    for field in fields_of(cls):
        if field.name in wanted and field.path:
            yield f"{before}{field.path}"
            if deep and field.of_part is not None:
                yield from _paths(field.of_part, wanted, f"{before}{field.path}.", deep - 1)


def _all_names(cls: type[Part], names: set[str]) -> set[str]:
    found, waiting = set(names), list(names)
    while waiting:
        declared = _declared(cls, waiting.pop())
        compute = getattr(declared, "compute", None) or getattr(declared, "fget", None) or declared
        if isinstance(compute, FunctionType):
            more = _names(compute, DEEP) - found
            found |= more
            waiting += more
    return found


def _declared(cls: type[Part], name: str) -> Any:
    for base in cls.__mro__:
        if base.__module__ not in PLAIN and name in base.__dict__:
            return base.__dict__[name]
    return None


def excerpt(document: Any, paths: Iterable[str]) -> Any:
    """What of a document the paths lead to: its properties at the top that are named.  All of it without a path."""
    tops = {one.split(".", maxsplit=1)[0].removesuffix("[]") for one in paths}
    if not tops or not isinstance(document, dict):
        return document
    return {name: value for name, value in document.items() if name in tops}
