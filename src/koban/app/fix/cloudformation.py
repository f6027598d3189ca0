"""What a fix comes to in a CloudFormation template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from koban.app.fix.operation import NotOffered, Operation, SetValue, counted
from koban.model.fix import Beside, Fix, Put, Reference, spelled_out
from koban.model.resource import Resource
from koban.sources.cloudformation.text import TextError, is_function_key, read_text


def operations(resource: Resource, fix: Fix, path: str, text: str) -> list[Operation]:
    """The edits of the file at `path`, whose text is `text`.  Raises NotOffered."""
    try:
        template = read_text(text).value
    except TextError as error:
        raise NotOffered(error.why) from None
    origin = resource.uid.partition("#")[0]
    prefix, _, logical_id = resource.address.rpartition(".")
    resources = template.get("Resources") if isinstance(template, dict) else None
    resources = resources if isinstance(resources, dict) else {}
    body = resources.get(logical_id)
    if (prefix and origin == resource.file) or not isinstance(body, dict) or body.get("Type") != resource.type_name:
        raise NotOffered("the resource is not written out: a loop, a macro, an include or SAM makes it")
    made: list[Operation] = []
    for edit in fix.edits:
        if isinstance(edit, Beside):
            made.append(_beside(edit, path, logical_id, body, resources))
        else:
            made += _puts(edit, resource, path, text, logical_id, template)
    return made


def _puts(
    edit: Put, resource: Resource, path: str, text: str, logical_id: str, template: dict[str, Any]
) -> list[Operation]:
    made: list[Operation] = []
    body = template["Resources"][logical_id]
    for place, value in spelled_out(resource.document, edit):
        steps, whole = counted(resource.document, place, value)
        there = _look(body, ("Properties", *steps))
        if isinstance(there, dict) and len(there) == 1 and is_function_key(next(iter(there))):
            made.append(_default(there, path, text, template, whole))
        else:
            made.append(SetValue(path, ("Resources", logical_id, "Properties", *place), value))
    return made


def _look(node: Any, steps: tuple[str | int, ...]) -> Any:
    """What the template says at a path; None where nothing is there.  Raises NotOffered where a function is above."""
    for position, step in enumerate(steps):
        if isinstance(node, dict) and any(is_function_key(one) for one in node):
            raise NotOffered(f"{steps[position - 1]} is made by a function")
        if isinstance(node, list):
            if any(isinstance(one, dict) and any(is_function_key(key) for key in one) for one in node):
                raise NotOffered(f"{steps[position - 1]} has elements made by a function")
            if not isinstance(step, int) or step >= len(node):
                return None
            node = node[step]
        elif isinstance(node, dict):
            node = node.get(step)
        else:
            return None
    return node


def _default(function: dict[str, Any], path: str, text: str, template: dict[str, Any], value: Any) -> Operation:
    """The edit of the default of the parameter that alone decides.  Raises NotOffered."""
    ((key, name),) = function.items()
    parameters = template.get("Parameters")
    declared = parameters.get(name) if isinstance(parameters, dict) and key == "Ref" and isinstance(name, str) else None
    if not isinstance(declared, dict):
        raise NotOffered("its value is made by a function")
    if "Default" not in declared:
        raise NotOffered("its value is a parameter without a default")
    if len(re.findall(rf"(?<![\w:]){re.escape(str(name))}(?![\w:])", text)) > 2 or len(_uses(template, str(name))) != 1:
        raise NotOffered("its value is a parameter that is used elsewhere too")
    if isinstance(value, dict | list):
        raise NotOffered("its value is a parameter")
    allowed = declared.get("AllowedValues")
    said = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(allowed, list):
        fitting = [one for one in allowed if str(one).lower() == said.lower()]
        if not fitting:
            raise NotOffered("its value is a parameter that does not allow it")
        value = fitting[0]
    return SetValue(path, ("Parameters", str(name), "Default"), value)


def _uses(node: Any, name: str) -> list[Any]:
    """Every Ref to a name."""
    if isinstance(node, dict):
        found = [node] if node.get("Ref") == name else []
        return found + [use for one in node.values() for use in _uses(one, name)]
    if isinstance(node, list):
        return [use for one in node for use in _uses(one, name)]
    return []


def _beside(
    edit: Beside, path: str, logical_id: str, body: Mapping[str, Any], resources: Mapping[str, Any]
) -> Operation:
    name = logical_id + edit.suffix
    if name in resources:
        raise NotOffered(f"there is a resource {name} already")
    made: dict[str, Any] = {"Type": edit.type}
    if isinstance(body.get("Condition"), str):
        made["Condition"] = body["Condition"]
    made["Properties"] = _bound(dict(edit.document), logical_id)
    return SetValue(path, ("Resources", name), made, logical_id)


def _bound(value: Any, logical_id: str) -> Any:
    """A document with its references as CloudFormation writes them."""
    if isinstance(value, Reference):
        if value.suffix:
            whole = f"{logical_id}.{value.attribute}" if value.attribute else logical_id
            return {"Fn::Sub": f"${{{whole}}}{value.suffix}"}
        return {"Fn::GetAtt": [logical_id, value.attribute]} if value.attribute else {"Ref": logical_id}
    if isinstance(value, dict):
        return {key: _bound(one, logical_id) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_bound(one, logical_id) for one in value]
    return value
