"""The templates of one scan, and what they take from one another: nested stacks, includes and exports."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from koban.model.unknown import Unknown
from koban.sources.cloudformation.files import look
from koban.sources.cloudformation.suppression import suppressions
from koban.sources.cloudformation.template import NESTED_TYPES, Stack, Template
from koban.sources.cloudformation.text import Text, TextError, read_text
from koban.sources.files import STDIN, Found, decoded
from koban.sources.reading import Problem, TooLarge

CACHED_FILES_MAX = 256  # nested and included files kept parsed
SAM = "AWS::Serverless-2016-10-31"
KNOWN_TRANSFORMS = frozenset((SAM, "AWS::LanguageExtensions", "AWS::Include", "AWS::CodeDeployBlueGreen"))


class Library:
    """Loads templates, and answers what one asks of another.

    `parameters` are the user's values for outermost templates.  `wanted` says of which types resources are needed
    (None: of all).
    """

    def __init__(
        self, parameters: Mapping[str, Any] | None = None, wanted: Callable[[str], bool] | None = None
    ) -> None:
        self.parameters = dict(parameters or {})
        self.wants: Callable[[str], bool] = wanted or (lambda type_name: True)
        self.used: dict[str, Template] = {}  # nested templates used since the caller last emptied it, by real path
        self.imported = False  # whether an export was asked for since the caller last said that none was
        self._files: OrderedDict[str, Template | Problem] = OrderedDict()
        self._includes: OrderedDict[str, Text | Unknown] = OrderedDict()
        self._exporting: list[Found] = []
        self._exports: dict[str, tuple[Stack, str]] | None = None
        self._exported: dict[str, Any] = {}

    # Files

    def template(self, found: Found) -> Template | Problem | None:
        """The template in a file; a Problem where it cannot be read; None where it is for another tool."""
        if found.why:
            return Problem(found.name, None, found.why)
        try:
            text = read_text(decoded(found.data))
        except TextError as error:
            return Problem(found.name, error.line, error.why)
        except ValueError as error:
            return Problem(found.name, None, str(error))
        if not is_template(text.value):
            if isinstance(text.value, dict) and "AWSTemplateFormatVersion" in text.value:
                return Problem(found.name, 1, "the template has no Resources")
            return Problem(found.name, None, "it is not a CloudFormation template") if found.named else None
        template = Template(found.name, "" if found.path == STDIN else os.path.realpath(found.path), text)
        template.suppressions = list(suppressions(template, found.data))
        return self._prepared(template)

    def _prepared(self, template: Template) -> Template:
        for line, why in template.text.problems:
            template.problems.append(Problem(template.name, line + template.line_offset, why))
        template.text.problems = []
        transforms = template.transforms
        if transforms:
            self._include_whole(template)
            for name in transforms:
                if name not in KNOWN_TRANSFORMS:
                    template.notes.append(
                        f"{template.name}: the macro {name} may change what is made; judged as it is written"
                    )
            if SAM in transforms:
                from koban.sources.cloudformation.sam import transform

                transform(template, self.parameters)
        return template

    def _include_whole(self, template: Template) -> None:
        """``Transform: {Name: AWS::Include}`` at the top of a template adds whole sections."""
        value = template.text.value
        given = value.get("Transform")
        for one in given if isinstance(given, list) else [given]:
            if not isinstance(one, dict) or one.get("Name") != "AWS::Include":
                continue
            parameters = one.get("Parameters")
            included = self.included(parameters.get("Location") if isinstance(parameters, dict) else None, template)
            line = template.line(value, "Transform")
            if isinstance(included, Unknown) or not isinstance(included.value, dict):
                why = included._root._why if isinstance(included, Unknown) else "it is not a mapping"
                template.problems.append(Problem(template.name, line, f"AWS::Include: {why}"))
                continue
            template.text.dynamic.update(included.dynamic)
            template.text.lines[id(included)] = included, {}
            for section, more in included.value.items():
                if isinstance(more, dict) and isinstance(value.get(section), dict):
                    for name, body in more.items():
                        value[section].setdefault(name, body)
                        table = template.text.lines.get(id(value[section]))
                        if table is not None and isinstance(table[1], dict) and line is not None:
                            table[1].setdefault(name, line)
                else:
                    value.setdefault(section, more)

    def _beside(self, location: Any, within: Template) -> tuple[str, str] | str:
        """The path and shown name of a file that a template names, or why there is none."""
        if isinstance(location, Unknown):
            return str(location._root._why)
        if not isinstance(location, str) or not location:
            return "it names no file"
        if "://" in location or location.startswith("arn:"):
            return f"{location} is not a file of this repository"
        if location.startswith(("/", "~")) or not within.path or "\0" in location:
            return f"{location} is not a path relative to a template"
        path = os.path.join(os.path.dirname(within.path), location)
        within.named.add(path)
        if not os.path.exists(path):
            return f"{location} does not exist"
        name = os.path.normpath(os.path.join(os.path.dirname(within.name), location)).replace(os.sep, "/")
        return os.path.realpath(path), name

    def nested(self, location: Any, within: Template) -> Template | Problem | str:
        """The template of a nested stack: a Problem where it cannot be read, a reason where it is not here."""
        beside = self._beside(location, within)
        if isinstance(beside, str):
            return beside
        path, name = beside
        if path in self._files:
            self._files.move_to_end(path)
            return self._use(path, self._files[path])
        found = look(path, name, named=True)
        made = self.template(found) if found is not None else None
        result: Template | Problem = made or Problem(name, None, "it is not a CloudFormation template")
        if isinstance(result, Problem) and found is not None:
            result = Problem(name, result.line, f"{name}: {result.why}")
        self._files[path] = result
        if len(self._files) > CACHED_FILES_MAX:
            self._files.popitem(last=False)
        return self._use(path, result)

    def _use(self, path: str, made: Template | Problem) -> Template | Problem:
        if isinstance(made, Template):
            self.used[path] = made
        return made

    def inline(self, body: str, within: Template, line: int) -> Template | Problem | str:
        """A template written as a text inside another one, whose text starts after `line`."""
        try:
            text = read_text(body)
        except TextError as error:
            return Problem(within.name, line + (error.line or 0), f"TemplateBody: {error.why}")
        if not is_template(text.value):
            return "its TemplateBody is not a template"
        return self._prepared(Template(within.name, "", text, line_offset=line))

    def included(self, location: Any, within: Template) -> Text | Unknown:
        """The values of a file that AWS::Include names."""
        beside = self._beside(location, within)
        if isinstance(beside, str):
            return Unknown("AWS::Include", beside)
        path, name = beside
        if path not in self._includes:
            found = look(path, name, named=True)
            made: Text | Unknown
            try:
                if found is None or found.why:
                    made = Unknown("AWS::Include", found.why if found else f"{name} does not exist")
                else:
                    made = read_text(decoded(found.data))
            except TextError as error:
                made = Unknown("AWS::Include", f"{name} line {error.line or 1}: {error.why}")
            except ValueError as error:
                made = Unknown("AWS::Include", f"{name}: {error}")
            self._includes[path] = made
            if len(self._includes) > CACHED_FILES_MAX:
                self._includes.popitem(last=False)
        return self._includes[path]

    def local_files(self, template: Template) -> Iterable[str]:
        """The real paths of the templates that a template nests, where their names are written out."""
        for body in template.section("Resources").values():
            key = NESTED_TYPES.get(str(body.get("Type"))) if isinstance(body, dict) else None
            properties = body.get("Properties") if key else None
            if isinstance(properties, dict):
                beside = self._beside(properties.get(str(key)), template)
                if not isinstance(beside, str):
                    yield beside[0]

    # Exports

    def export_from(self, files: Iterable[Found]) -> None:
        """The files whose exports templates of this scan may import."""
        self._exporting = list(files)
        self._exports = None
        self._exported.clear()

    def exported(self, name: str) -> Any:
        """The value that a template of this scan exports under `name`; None where none does."""
        self.imported = True
        if name in self._exported:
            return self._exported[name]
        if self._exports is None:
            self._exports = {}
            for found in self._exporting:
                self._collect_exports(found, self._exports)
        if name not in self._exports:
            return None
        self._exported[name] = Unknown(f"import {name}", f"the export {name} depends on itself")
        stack, output = self._exports[name]
        try:
            value = _outside(name, stack.output(output))
        except (TooLarge, RecursionError):
            value = Unknown(f"import {name}", f"the template that exports {name} is too large")
        self._exported[name] = value
        return value

    def _collect_exports(self, found: Found, exports: dict[str, tuple[Stack, str]]) -> None:
        template = self.template(found)
        if not isinstance(template, Template):
            return
        try:
            stack = Stack(template, self, self.parameters)
            for name, output in stack.exports():
                exports.setdefault(name, (stack, output))
        except (TooLarge, RecursionError):
            return


def _outside(name: str, value: Any) -> Any:
    """A value as another template sees it: it refers to nothing in there."""
    if isinstance(value, Unknown):
        return Unknown(f"import {name}", value._root._why, shape=value._shape)
    if isinstance(value, list):
        return [_outside(f"{name}.{position}", one) for position, one in enumerate(value)]
    return value


def is_template(value: Any) -> bool:
    """Whether a text's value has the shape of a template."""
    if not isinstance(value, dict):
        return False
    resources = value.get("Resources")
    if not isinstance(resources, dict):
        return False
    if "AWSTemplateFormatVersion" in value or "Transform" in value:
        return True
    return any(
        isinstance(body, dict)
        and isinstance(body.get("Type"), str)
        and body["Type"].startswith(("AWS::", "Custom::", "Alexa::"))
        for body in resources.values()
    )
