"""The SAM transform: what AWS::Serverless resources stand for."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from koban.sources.cloudformation.template import Template
from koban.sources.cloudformation.text import Text, TextError, _mark
from koban.sources.reading import Problem

# Where SAM wants an upload and templates name a local path; what is uploaded is no concern of the rules.
_UPLOADS = {
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
}
_UPLOADED = "s3://uploaded/at-deployment"


class _AnyPolicy(dict[str, str]):
    """Stands for the list of AWS managed policies: each name leads to its ARN."""

    def get(self, key: str, default: Any = None) -> Any:
        return f"arn:aws:iam::aws:policy/{key}" if isinstance(key, str) and key[:3] in ("AWS", "Ama") else default

    def __contains__(self, key: object) -> bool:
        return self.get(str(key)) is not None

    def __getitem__(self, key: str) -> str:
        return str(self.get(key))


def transform(template: Template, parameters: Mapping[str, Any]) -> None:
    """Replace the template's serverless resources by what SAM makes of them; a problem is noted where SAM refuses.

    A resource that SAM made has the line of the serverless resource that it came from.
    """
    original: dict[str, Any] = template.text.value
    resources = original.get("Resources")
    resources = resources if isinstance(resources, dict) else {}
    try:
        from samtranslator.model.exceptions import InvalidDocumentException
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator
    except ImportError:
        line = template.line(original, "Transform")
        why = "aws-sam-translator is not installed: its serverless resources are not judged (pip install koban[sam])"
        template.problems.append(Problem(template.name, line, why))
        return
    given: dict[str, Any] = copy.deepcopy(original)
    values = {
        name: body["Default"]
        for name, body in template.section("Parameters").items()
        if isinstance(body, dict) and "Default" in body
    } | dict(parameters)
    for body in given["Resources"].values():
        properties = body.get("Properties") if isinstance(body, dict) else None
        if not isinstance(properties, dict):
            continue
        for key in _UPLOADS.get(str(body.get("Type")), ()):
            if isinstance(properties.get(key), str) and not properties[key].startswith("s3://"):
                properties[key] = _UPLOADED
    globals_ = given.get("Globals")
    function = globals_.get("Function") if isinstance(globals_, dict) else None
    if isinstance(function, dict) and isinstance(function.get("CodeUri"), str):
        function["CodeUri"] = _UPLOADED
    log = logging.getLogger("samtranslator")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        session: Any = SimpleNamespace(region_name="us-east-1")
        made = Translator(_AnyPolicy(), Parser(), boto_session=session).translate(given, values)
    except InvalidDocumentException as error:
        for cause in getattr(error, "causes", None) or [error]:
            logical_id = getattr(cause, "_logical_id", "")
            line = template.line(resources, logical_id) or template.line(original, "Transform")
            message = str(getattr(cause, "message", cause)).strip().splitlines()
            template.problems.append(Problem(template.name, line, f"SAM: {message[0] if message else 'it refuses'}"))
        return
    except Exception as error:  # the translator trusts its input more than it should
        line = template.line(original, "Transform")
        why = f"SAM cannot transform it: {type(error).__name__}: {error}".splitlines()[0][:300]
        template.problems.append(Problem(template.name, line, why))
        return
    finally:
        log.setLevel(level)
    _adopt(template, resources, made)


def _adopt(template: Template, before: dict[str, Any], made: dict[str, Any]) -> None:
    """Put SAM's resources into the template, with lines."""
    text = template.text
    made_resources = made.get("Resources") or {}
    resources: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for logical_id, body in made_resources.items():
        source = _source(logical_id, before)
        line = text.line(before, source) or 1
        lines[logical_id] = line
        old = before.get(logical_id)
        if old == body:
            resources[logical_id] = old
            continue
        resources[logical_id] = body
        _place(text, body, before.get(source), line)
    text.lines[id(resources)] = resources, lines
    text.dynamic.add(id(resources))
    conditions = made.get("Conditions")
    value = {**text.value, "Resources": resources, "Outputs": text.value.get("Outputs") or {}}
    if isinstance(conditions, dict):
        _revive(text, conditions)
        value["Conditions"] = conditions
    if id(text.value) in text.lines:
        text.lines[id(value)] = value, text.lines[id(text.value)][1]
    text.value = value


def _place(text: Text, body: Any, old: Any, line: int) -> None:
    """Lines for a resource that SAM made: of the same property of the serverless resource, else of that itself."""
    _revive(text, body)
    properties = body.get("Properties") if isinstance(body, dict) else None
    old_properties = old.get("Properties") if isinstance(old, dict) else None
    if isinstance(properties, dict):
        table = {}
        for key in properties:
            at = text.line(old_properties, key) if isinstance(old_properties, dict) else None
            if at is not None:
                table[key] = at
        text.lines[id(properties)] = properties, table


def _revive(text: Text, value: Any) -> None:
    try:
        _mark(value, text, 0)
    except TextError:
        return
    text.lines.setdefault(id(value), (value, {}))


def _source(logical_id: str, before: dict[str, Any]) -> str:
    """The logical id in the template that SAM made `logical_id` for: the longest that it starts with."""
    if logical_id in before:
        return logical_id
    return max((one for one in before if logical_id.startswith(one)), key=len, default="")
