"""Where a template of CloudFormation says which findings its author has accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from koban.sources.cloudformation.template import Template
from koban.sources.suppression import MARK, Suppression, in_comments, read_suppression


def suppressions(template: Template, data: bytes) -> Iterator[Suppression]:
    """Every suppression in a template: in comments (of YAML), and in the Metadata of its resources."""
    if MARK.encode() not in data:
        return
    text = data.decode("utf-8", "replace")
    resources = template.section("Resources")
    if text.lstrip()[:1] != "{":
        heads = _heads(template, resources)
        for one in in_comments(template.name, text.splitlines(), "#"):
            yield replace(one, about=heads.get(one.about, one.about))
    for logical_id, body in resources.items():
        metadata = body.get("Metadata") if isinstance(body, dict) else None
        if isinstance(metadata, dict) and MARK in metadata:
            first = template.line(resources, logical_id) or 1
            line = template.line(metadata, MARK) or first
            given = metadata[MARK]
            for position, one in enumerate(given if isinstance(given, list) else [given]):
                at = template.line(given, position) or line
                yield read_suppression(template.name, at, one if isinstance(one, str) else "", first)


def _heads(template: Template, resources: Any) -> dict[int, int]:
    """The lines of ``Type:``, ``Properties:`` and the like, each with the first line of its resource.

    What stands beside them is about the whole resource.
    """
    found: dict[int, int] = {}
    for logical_id, body in resources.items():
        first = template.line(resources, logical_id)
        for key in body if first and isinstance(body, dict) else ():
            line = template.line(body, key)
            if line:
                found[line] = first or line
    return found
