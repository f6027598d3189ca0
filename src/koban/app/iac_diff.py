"""Compares two scans: what the second finds that the first does not, and what is gone."""

from __future__ import annotations

import os
from collections.abc import Callable

from koban.app.earlier import FINDINGS, Earlier, found
from koban.app.scan import Scan
from koban.model.result import Result
from koban.sources.files import STDIN, PathError, starts
from koban.sources.terraform.configuration import is_configuration


def earlier_of(path: str, scan: Callable[[str], Scan], after: str) -> tuple[Earlier, Scan]:
    """The findings at `path`, to be compared with those at `after`, and the scan that found them.

    `path` and `after` are plans, states, templates or directories.  Findings are the same where rule and address are,
    and in directories the place below them.  Raises PathError.
    """
    place, other = _name_of(path), _name_of(after)
    made = Earlier(f"{path} and {after}", key=lambda result: _key(result, other), listed=True)
    was = scan(path)
    for result in was.results:
        if result.verdict in FINDINGS:
            made.add(_key(result, place), found(result))
    return made, was


def _name_of(path: str) -> str:
    """What the names of everything at a path begin with, as a scan of it shows them."""
    if path != STDIN and not os.path.lexists(path):
        raise PathError(f"{path}: no such file or directory")
    ((_, base),) = starts([path])
    if path == STDIN:
        return "stdin"
    full = os.path.abspath(path)
    if is_configuration(os.path.basename(full)) and not os.path.isdir(full):
        full = os.path.dirname(full)
    return os.path.relpath(full, base).replace(os.sep, "/")


def _key(result: Result, start: str) -> str:
    return f"{result.rule}\0{_below(result.resource.uid, start)}"


def _below(uid: str, start: str) -> str:
    origin, mark, address = uid.partition("#")
    if origin == start:
        origin = ""
    elif start == ".":
        origin = f"/{origin}"
    elif origin.startswith(f"{start}/"):
        origin = origin[len(start) :]
    return f"{origin}{mark}{address}"
