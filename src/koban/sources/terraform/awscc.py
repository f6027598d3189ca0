"""Resources of the AWS Cloud Control provider, ``awscc_*``: the properties of CloudFormation under names of Terraform.

Its names follow from CloudFormation's by rule (``SSEAlgorithm`` is ``sse_algorithm``), but not the other way round.  So
the way back is looked up among the paths that the resource classes declare; of what they do not declare, the name is
put together from the words, which nobody reads but to see whether it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import koban.model.aws
from koban.model.document import Field, Path, fields_of
from koban.model.resource import Link, Resource, known_classes
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import Body, Note, Table, over
from koban.sources.terraform.values import json_with_holes

PREFIX = "awscc_"
# What the provider counts as one word, whatever capitals are in it.
ONE_WORD = re.compile("CloudFormation|CloudFront|CloudWatch|CNAMEs|FSx|OTel")
BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[A-Z][a-z])")


def attribute_name(name: str) -> str:
    """What the provider calls CloudFormation's property `name`."""
    name = ONE_WORD.sub(lambda found: found[0].capitalize(), name)
    return re.sub("[^a-z0-9]", "_", BOUNDARY.sub("_", name).lower())


def resource_name(type_name: str) -> str:
    """What the provider calls CloudFormation's type `type_name`."""
    _, service, resource = type_name.split("::")
    return f"{PREFIX}{service.lower()}_{attribute_name(resource)}"


def awscc_document(type_name: str, body: dict[str, Any]) -> tuple[type[Resource], dict[str, Any]] | None:
    """The class and the document of a resource of the Terraform type `type_name`; None where no class is declared.

    The arguments of `body` are objects, lists and sets, and JSON texts where CloudFormation has a policy.
    """
    cls = _classes().get(type_name)
    if cls is None:
        return None
    arguments = {name: value for name, value in body.items() if name != "id"}
    document: dict[str, Any] = _mapping(arguments, _names_of(type_name))
    return cls, document


class Identity(Table):
    """The table of a resource whose arguments are the document's own properties, written otherwise."""

    def document(self, body: Body, note: Note | None = None) -> dict[str, Any]:
        found = awscc_document(self.source, body)
        assert found is not None
        if note is not None:
            node = _names_of(self.source)
            for called in body:
                inner = node.inner.get(called)
                note((inner.name if inner is not None else _put_together(called),), (called,), True)
        return found[1]

    def called(self, path: Path) -> str:
        node: _Node | None = _names_of(self.source)
        names: list[str] = []
        for step in path:
            if node is not None and isinstance(step, str):
                name = node.renamed.get(step) or attribute_name(step)
                node = node.inner.get(name)
                names.append(name)
        return ".".join(names) if node is not None else ""


def tables() -> dict[str, list[Table]]:
    """A table for each class that the provider has a resource for, by Terraform type."""
    return {name: [Identity(name, cls, {}, None, None, {})] for name, cls in _classes().items()}


@dataclass(slots=True)
class _Node:
    """What is known of a property: its name, and the properties inside it by their names in Terraform."""

    name: str = ""
    inner: dict[str, _Node] = field(default_factory=dict)
    is_json: bool = False  # a policy: JSON, whose names stay
    is_map: bool = False  # a mapping by keys of the user's own, which stay
    renamed: dict[str, str] = field(default_factory=dict)  # what is called otherwise than by the rule

    def at(self, name: str) -> _Node:
        return self.inner.setdefault(self.renamed.get(name) or attribute_name(name), _Node(name))


NOTHING = _Node()


@cache
def _classes() -> dict[str, type[Resource]]:
    for module in iter_modules(koban.model.aws.__path__):
        import_module(f"{koban.model.aws.__name__}.{module.name}")
    return {resource_name(cls.type): cls for cls in known_classes() if cls.type.startswith("AWS::")}


@cache
def _names_of(type_name: str) -> _Node:
    """The properties that fields of the class read, or by which others refer to it."""
    cls = _classes()[type_name]
    own_id = f"{attribute_name(cls.type.rpartition('::')[2])}_id"
    top = _Node(renamed={"Id": own_id, "Provider": "provider_name"})  # Terraform has a use of its own for their names
    top.at("Tags").is_map = True
    for name in cls.ids:
        top.at(name)
    _grow(top, fields_of(cls))
    return top


def _grow(top: _Node, fields: Iterable[Field]) -> None:
    for one in fields:
        if one.is_fact:
            continue
        node = top
        for step in one.steps:
            node = node.at(step.removesuffix("[]"))
        if one.of_part is not None:
            _grow(node, fields_of(one.of_part))
        elif one.kind is dict:
            node.is_map = True
        elif one.read is not None and one.kind is type(None) and not isinstance(one, Link):
            node.is_json = True


def _mapping(body: dict[str, Any], node: _Node) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for called, value in body.items():
        inner = node.inner.get(called)
        if value is not None:
            made[inner.name if inner is not None else _put_together(called)] = _converted(value, inner or NOTHING)
    return made


def _put_together(called: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in called.split("_"))


def _converted(value: Any, node: _Node) -> Any:
    keyed = node.is_map and not node.inner
    if isinstance(value, str | Unknown) and (node.is_json or keyed or node.inner):
        # JSON in place of an object: its names are CloudFormation's own.
        return json_with_holes(value)
    if isinstance(value, list):
        return over(value, lambda one: _converted(one, NOTHING if keyed else node))
    if not isinstance(value, dict) or node.is_json:
        return value
    if keyed:
        return {key: _converted(one, NOTHING) for key, one in value.items() if one is not None}
    return _mapping(value, node)
