"""A fix: what to write in a template so that a finding goes away, as data, in the terms of the document.

The path of a property and its value say it for CloudFormation, and through the tables for Terraform too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from koban.model.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Element:
    """The element of a list whose property `key` is `value`: ``Settings[Name=containerInsights]``."""

    key: str
    value: str


class _Every:
    """Each element of a list: ``Rules[]``."""

    def __repr__(self) -> str:
        return "[]"


EVERY = _Every()


@dataclass(frozen=True, slots=True)
class There:
    """A property that is not made where it is missing: ``Ebs?``."""

    name: str


Step = str | int | Element | There | _Every
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """The value of a rule's threshold, which a baseline may set."""

    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What a companion names of the resource that it stands beside: `attribute` is empty for its name, or ``Arn``."""

    attribute: str = ""
    suffix: str = ""


THIS = Reference()
ARN = Reference("Arn")


@dataclass(frozen=True, slots=True)
class Put:
    """Set the property at `path` to `value`.

    `was` are the values that are replaced (None among them: nothing is set there); empty: whatever is there.
    """

    path: Steps
    value: Any
    was: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """Add a resource of `type` beside the one that was found bad; `suffix` is added to its name."""

    type: str
    suffix: str
    document: Mapping[str, Any]


Edit = Put | Beside


@dataclass(frozen=True)
class Fix:
    """What makes a finding of `rule` go away.

    `replaces` says that the resource is made anew when this is applied, with what is in it lost or to be moved.
    `note` is what else changes, for whoever reads the diff; `when` is false for resources that it must not be used on.
    """

    rule: str
    edits: tuple[Edit, ...]
    replaces: bool = False
    note: str = ""
    when: Callable[[Any], Any] | None = field(default=None, compare=False)

    @property
    def remark(self) -> str:
        """What else it does, in brackets; empty where it does nothing else."""
        said = (["replaces the resource"] if self.replaces else []) + ([self.note] if self.note else [])
        return f" ({'; '.join(said)})" if said else ""


_STEP = re.compile(r"([^.\[\]?]+)(\??)(?:\[(?:([^\]=]+)=([^\]]*))?(\]))?(?:\.|\Z)")
_registry: dict[str, Fix] = {}


def steps_of(path: str) -> Steps:
    """The steps of a written path: ``A.B``, ``A[].B?.C``, ``A[Key=a.b].Value``.  Raises ValueError."""
    made: list[Step] = []
    position = 0
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None:
            raise ValueError(f"{path} is no path of a property")
        made.append(There(found[1]) if found[2] else found[1])
        if found[3] is not None:
            made.append(Element(found[3], found[4]))
        elif found[5] is not None:
            made.append(EVERY)
        position = found.end()
    return tuple(made)


def put(path: str, value: Any, *, was: tuple[Any, ...] = ()) -> Put:
    """Set the property at `path`: with ``[]`` in it in each element, with ``?`` behind a name where that is there."""
    return Put(steps_of(path), value, was)


def default(path: str, value: Any) -> Put:
    """Set the property at `path` where nothing is set there."""
    return Put(steps_of(path), value, (None,))


def beside(type_name: str, suffix: str, **document: Any) -> Beside:
    """Add a resource beside the one that was found bad."""
    return Beside(type_name, suffix, document)


def fixes(
    rule: str, *edits: Edit, replaces: bool = False, note: str = "", when: Callable[[Any], Any] | None = None
) -> None:
    """Declare how findings of `rule` are mended in a template.  Raises TypeError for a rule that has a fix already."""
    made = Fix(rule, edits, replaces, note, when)
    before = _registry.get(rule)
    if before is not None and before != made:
        raise TypeError(f"rule {rule} has two fixes")
    _registry[rule] = made


def declared_fixes() -> dict[str, Fix]:
    """Every fix imported so far, by rule."""
    return {rule: _registry[rule] for rule in sorted(_registry)}


_NOTHING: Any = object()


def spelled_out(document: Any, edit: Put) -> Iterator[tuple[tuple[str | int | Element, ...], Any]]:
    """(path, value) of each property of a document that `edit` is about, with elements counted out.

    What is there already as it should be is left out.
    """
    for path, before in _places(document, edit.path, ()):
        value = None if before is _NOTHING else before
        if isinstance(value, Unknown):
            yield path, edit.value
            continue
        if value == edit.value and before is not _NOTHING:
            continue
        if edit.was and not any(value is one or (value is not None and value == one) for one in edit.was):
            continue
        yield path, edit.value


def _places(
    node: Any, steps: Steps, here: tuple[str | int | Element, ...]
) -> Iterator[tuple[tuple[str | int | Element, ...], Any]]:
    if not steps:
        yield here, node
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, _Every):
        for position, one in enumerate(node if isinstance(node, list) else ()):
            yield from _places(one, rest, (*here, position))
    elif isinstance(step, There):
        inner = node.get(step.name) if isinstance(node, dict) else None
        if inner is not None:
            yield from _places(inner, rest, (*here, step.name))
    elif isinstance(step, Element):
        listed = node if isinstance(node, list) else []
        found = [one for one in listed if isinstance(one, dict) and str(one.get(step.key)) == step.value]
        yield from _places(found[0] if found else _NOTHING, rest, (*here, step))
    else:
        inner = node.get(step, _NOTHING) if isinstance(node, dict) else _NOTHING
        yield from _places(inner, rest, (*here, step))
