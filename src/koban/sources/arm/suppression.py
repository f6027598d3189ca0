"""Where an Azure Resource Manager template says which findings its author has accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.sources.arm.template import Template
from koban.sources.arm.text import comments
from koban.sources.arm.values import get
from koban.sources.suppression import MARK, Suppression, read_suppression

HEADS = ("type", "name", "apiversion", "properties", "comments")


def suppressions(template: Template) -> Iterator[Suppression]:
    """Every suppression in a template: in comments, and in the metadata and the tags of its resources."""
    source = template.text.source
    if MARK not in source:
        return
    bodies = list(_bodies(template.text.value, template))
    heads = _heads(template, bodies)
    lines = source.splitlines()
    for offset, said in comments(source):
        for number, text in enumerate(said.splitlines()):
            mark = text.strip(" \t*/")
            if mark.startswith(MARK):
                line = template.text.line_at(offset) + number
                about = _about(source, lines, offset, said, line)
                yield read_suppression(template.name, line, mark[len(MARK) :].lstrip(":"), heads.get(about, about))
    for body, first in bodies:
        for part in ("metadata", "tags"):
            container = get(body, part)
            if isinstance(container, dict) and MARK in container:
                given = container[MARK]
                line = template.text.line(container, MARK) or first
                for position, one in enumerate(given if isinstance(given, list) else [given]):
                    at = template.text.line(given, position) or line
                    yield read_suppression(template.name, at, one if isinstance(one, str) else "", first)


def _about(source: str, lines: list[str], offset: int, said: str, line: int) -> int:
    """The line that a comment is about: its own, or the next one with something where it stands alone."""
    start = source.rfind("\n", 0, offset) + 1
    if source[start:offset].strip():
        return line
    end = line + (said.count("\n") - (line - source.count("\n", 0, offset) - 1))
    about = end + 1
    while about <= len(lines) and (not lines[about - 1].strip() or lines[about - 1].lstrip().startswith(("//", "/*"))):
        about += 1
    return about


def _heads(template: Template, bodies: list[tuple[dict[str, Any], int]]) -> dict[int, int]:
    """The lines of ``type``, ``name``, ``properties`` and the like, each with the first line of its resource."""
    found: dict[int, int] = {}
    for body, first in bodies:
        for key in body:
            line = template.text.line(body, key) if key.lower() in HEADS else None
            if line:
                found.setdefault(line, first)
    return found


def _bodies(root: Any, template: Template) -> Iterator[tuple[dict[str, Any], int]]:
    """Every resource of a template and of those nested in it, and its first line."""
    waiting = [get(root, "resources")]
    while waiting:
        section = waiting.pop(0)
        if not isinstance(section, dict | list):
            continue
        for key, body in section.items() if isinstance(section, dict) else enumerate(section):
            if isinstance(body, dict):
                yield body, template.text.line(section, key) or 1
                waiting += [get(body, "resources"), get(get(get(body, "properties"), "template"), "resources")]
