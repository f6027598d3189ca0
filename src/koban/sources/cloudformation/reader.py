"""Reads templates into resources: what `koban scan iac` knows of its input."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from koban.model.resource import Resource, resource_class
from koban.sources.cloudformation.files import find, look
from koban.sources.cloudformation.library import Library
from koban.sources.cloudformation.template import Stack, Template
from koban.sources.files import HELD_BYTES_MAX, STDIN, Found
from koban.sources.inputs import Inputs
from koban.sources.reading import Problem, Read, TooLarge


def declared(type_name: str) -> bool:
    """Whether anything is known of a type: resources of all others need no reading."""
    return resource_class(type_name) is not Resource


def read(
    paths: Sequence[str | os.PathLike[str]],
    parameters: Mapping[str, Any] | None = None,
    wanted: Callable[[str], bool] | None = None,
) -> Iterator[Read]:
    """Every template under `paths`, in order; what another one nests is read with that one alone.

    `wanted` says of which types resources are needed (None: of all).  Raises PathError before the first.
    """
    return read_found(find(paths), parameters, wanted)


def read_found(
    files: Iterator[Found], parameters: Mapping[str, Any] | None, wanted: Callable[[str], bool] | None
) -> Iterator[Read]:
    library = Library(parameters, wanted)
    held: list[Found] = []
    bytes_held = 0
    nested: set[str] = set()
    exporting: list[Found] = []
    imports = False
    parsed: dict[str, Template | Problem | None] = {}
    for found in files:
        data = found.data
        imports = imports or b"ImportValue" in data
        if b"Export" in data:
            exporting.append(found)
        if b"TemplateURL" in data or b"AWS::Serverless::Application" in data:
            template = library.template(found)
            parsed[found.path] = template
            if isinstance(template, Template):
                nested.update(library.local_files(template))
        bytes_held += len(data)
        keep = bytes_held <= HELD_BYTES_MAX or found.path == STDIN or not data
        held.append(found if keep else Found(found.path, found.name, b"", found.why, found.named))
    if imports:
        library.export_from(exporting)
    roots = [one for one in held if one.named or os.path.realpath(one.path) not in nested]
    reached = nested - {os.path.realpath(one.path) for one in roots}
    for found in roots:
        again = found
        if not found.data and not found.why:
            again = look(found.path, found.name, named=found.named) or found
        template = parsed.pop(found.path) if found.path in parsed else library.template(again)
        if template is not None:
            made = _evaluated(template, library, found.path)
            reached -= set(library.used)
            yield made
    # Templates that nest only one another have no outermost one: each is read by itself.
    for found in held:
        if found not in roots and os.path.realpath(found.path) in reached:
            template = parsed.pop(found.path) if found.path in parsed else library.template(found)
            if template is not None:
                made = _evaluated(template, library, found.path)
                reached -= {os.path.realpath(found.path), *library.used}
                yield made


def _evaluated(template: Template | Problem, library: Library, path: str) -> Read:
    inputs = Inputs(path, {path}) if path != STDIN else None
    if isinstance(template, Problem):
        return Read(template.file, problems=[template], inputs=inputs)
    made = Read(template.name, inputs=inputs)
    used: list[Template] = [template]
    library.used = {}
    library.imported = False
    stack = None
    try:
        stack = Stack(template, library, library.parameters)
        made.resources.extend(stack.resources())
    except TooLarge as error:
        made.problems.append(Problem(template.name, None, str(error)))
    except RecursionError:
        made.problems.append(Problem(template.name, None, "its values nest too deeply"))
    used += library.used.values()
    if stack is not None:
        made.problems += stack.problems
    for one in used:
        made.problems += one.problems
        made.suppressions += one.suppressions
        made.notes += one.notes
        if inputs is not None:
            inputs.files |= {one.path, *one.named} if one.path else one.named
    if inputs is not None:
        inputs.imports = library.imported
    made.problems = list(dict.fromkeys(made.problems))
    made.notes = list(dict.fromkeys(made.notes))
    return made
