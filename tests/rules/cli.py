"""Enough of the AWS CLI to tell what a command asks of the API: argument names, shorthand, JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator

SERVICES = {"s3api": "s3"}
_SESSION = botocore.session.Session()
_MODELS: dict[str, Any] = {}


def dashed(name: str) -> str:
    """``DBInstanceIdentifier``: ``db-instance-identifier``, as the CLI spells it."""
    from botocore import xform_name

    return xform_name(name, "-")


def read(words: list[str]) -> tuple[str, str, dict[str, Any], str]:
    """(service, operation, parameters, region) of a command.  Raises AssertionError for what the API does not know."""
    assert words[0] == "aws"
    service = SERVICES.get(words[1], words[1])
    if service not in _MODELS:
        _MODELS[service] = _SESSION.get_service_model(service)
    model = _MODELS[service]
    names = {dashed(one): one for one in model.operation_names}
    assert words[2] in names, f"{words[1]} has no {words[2]}"
    operation = model.operation_model(names[words[2]])
    members = {dashed(name): (name, shape) for name, shape in operation.input_shape.members.items()}
    given: dict[str, Any] = {}
    region, rest = "", words[3:]
    while rest:
        option = rest.pop(0)
        assert option.startswith("--"), f"{option} is no option"
        name = option[2:]
        values: list[str] = []
        while rest and not rest[0].startswith("--"):
            values.append(rest.pop(0))
        if name == "region":
            (region,) = values
        elif name in members and members[name][1].type_name != "boolean":
            given[members[name][0]] = value(members[name][1], values)
        else:
            assert values == [], f"{option} takes no value"
            is_on = not name.startswith("no-") or name in members
            member = name if is_on else name.removeprefix("no-")
            assert member in members, f"{words[2]} has no {option}"
            given[members[member][0]] = is_on
    report = ParamValidator().validate(_unwrapped(given, operation.input_shape), operation.input_shape)
    assert not report.has_errors(), report.generate_report()
    return service, operation.name, given, region


def _unwrapped(given: dict[str, Any], shape: Any) -> dict[str, Any]:
    """EC2 has switches as structures of one value."""
    for name, said in given.items():
        member = shape.members[name]
        if isinstance(said, bool) and isinstance(member, StructureShape) and "Value" in member.members:
            given[name] = {"Value": said}
    return given


def value(shape: Shape, words: list[str]) -> Any:
    if isinstance(shape, ListShape) and not (len(words) == 1 and words[0].startswith("[")):
        if len(words) == 1 and re.fullmatch(r"\w+=\[.*\]", words[0]):
            return _shorthand(shape, words[0])
        return [value(shape.member, [word]) for word in words]
    (word,) = words
    if word[:1] in "[{" and '"' in word:
        return json.loads(word)
    if isinstance(shape, StructureShape | MapShape | ListShape):
        return _shorthand(shape, word)
    return _scalar(shape, word)


def _scalar(shape: Shape, word: str) -> Any:
    if shape.type_name in ("integer", "long"):
        return int(word)
    if shape.type_name == "boolean":
        assert word in ("true", "false"), word
        return word == "true"
    return word


def _shorthand(shape: Any, text: str) -> Any:
    made, rest = _parse(shape, text, top=True)
    assert rest == "", f"{rest!r} is left of {text!r}"
    return made


def _parse(shape: Any, text: str, *, top: bool = False) -> tuple[Any, str]:
    if isinstance(shape, ListShape):
        assert text.startswith("["), text
        text, found = text[1:], []
        while not text.startswith("]"):
            one, text = _parse(shape.member, text)
            found.append(one)
            text = text.removeprefix(",")
        return found, text[1:]
    if isinstance(shape, StructureShape | MapShape):
        if not top:
            assert text.startswith("{"), text
            text = text[1:]
        made: dict[str, Any] = {}
        while text and not text.startswith("}"):
            key, _, text = text.partition("=")
            inner = shape.value if isinstance(shape, MapShape) else shape.members.get(key)
            assert inner is not None, f"{shape.name} has no {key}"
            made[key], text = _parse(inner, text)
            text = text.removeprefix(",")
        return made, text if top else text[1:]
    word = re.match(r"[^,}\]]*", text)
    assert word is not None
    return _scalar(shape, word[0]), text[word.end() :]
