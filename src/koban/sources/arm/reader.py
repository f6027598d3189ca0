"""Reads Azure Resource Manager's templates, and the JSON that Bicep makes, into resources."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from koban.sources.arm.files import ARM, kind_of
from koban.sources.arm.suppression import suppressions
from koban.sources.arm.template import Template, deployed
from koban.sources.arm.text import TextError, read_text
from koban.sources.arm.values import get
from koban.sources.files import STDIN, Found, again, decoded, find
from koban.sources.inputs import Inputs
from koban.sources.reading import Problem, Read


def read(
    paths: Sequence[str | os.PathLike[str]],
    parameters: Mapping[str, Any] | None = None,
    wanted: Callable[[str], bool] | None = None,
) -> Iterator[Read]:
    """Every template under `paths`, in order.

    `parameters` are values for those of each.  `wanted` says of which types resources are needed (None: of all).
    Raises PathError before the first.
    """
    return read_found(find(paths, (ARM,)), parameters, wanted)


def read_found(
    files: Iterable[Found], parameters: Mapping[str, Any] | None, wanted: Callable[[str], bool] | None
) -> Iterator[Read]:
    for found in files:
        template = _template(again(found, (ARM,)))
        inputs = Inputs(found.path, {found.path}) if found.path != STDIN else None
        if isinstance(template, Problem):
            yield Read(template.file, problems=[template], inputs=inputs)
        elif template is not None:
            made = Read(template.name, suppressions=template.suppressions, inputs=inputs)
            made.resources, session = deployed(template, parameters or {}, wanted or (lambda type_name: True))
            made.problems = list(dict.fromkeys([*template.problems, *session.problems]))
            made.notes = list(session.notes)
            yield made


def _template(found: Found) -> Template | Problem | None:
    """The template in a file; a Problem where it cannot be read; None where it is something else."""
    if found.why:
        return Problem(found.name, None, found.why)
    try:
        text = read_text(decoded(found.data))
    except TextError as error:
        return Problem(found.name, error.line, error.why)
    except ValueError as error:
        return Problem(found.name, None, str(error))
    kind = kind_of(get(text.value, "$schema"))
    if kind in ("", "parameters"):
        why = "it is no Azure Resource Manager template"
        if kind:
            why = "it has values of parameters, and no template: give it with --parameters"
        return Problem(found.name, None, why) if found.named else None
    template = Template(found.name, "" if found.path == STDIN else os.path.realpath(found.path), text)
    template.problems = [Problem(found.name, line, why) for line, why in text.problems]
    template.suppressions = list(suppressions(template))
    return template
