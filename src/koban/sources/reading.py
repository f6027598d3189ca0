"""What readers of code hand over, whatever the code is written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from koban.model.document import Path
from koban.model.resource import Resource
from koban.model.result import Gap
from koban.sources.inputs import Inputs

if TYPE_CHECKING:
    from koban.sources.suppression import Suppression


class TooLarge(Exception):
    """A template that stands for more than anybody could have meant; the message says which limit it met."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that could not be read, and is therefore not judged."""

    file: str
    line: int | None
    why: str


@dataclass(slots=True)
class Read:
    """One file, or one root of Terraform, read: its resources with those nested in it, and what could not be read.

    `beside` are resources that nobody asked about and that others refer to; `gaps` are what may be missing of it;
    `inputs` is what it comes from (None: nobody knows).
    """

    file: str
    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    beside: list[Resource] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    inputs: Inputs | None = None


class Lines(dict[Path, int]):
    """The line of each path of a document, found when first asked for: most resources are never asked."""

    def __init__(self, line: int | None, document: Any, line_of: Callable[[Any, Any], int | None]) -> None:
        super().__init__()
        self._document = document
        self._line_of = line_of
        self._full = False
        if line is not None:
            self[()] = line

    def _fill(self) -> None:
        self._full = True
        if isinstance(self._document, dict):
            self._walk((), self._document)

    def _walk(self, path: Path, node: Any) -> None:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            here = (*path, key)
            line = self._line_of(node, key)
            if line is not None:
                self[here] = line
            if isinstance(value, dict | list):
                self._walk(here, value)

    def __contains__(self, path: object) -> bool:
        if path and not self._full:
            self._fill()
        return super().__contains__(path)

    def __missing__(self, path: Path) -> int:
        if not self._full:
            self._fill()
            if path in self:
                return self[path]
        raise KeyError(path)

    def paths(self) -> dict[Path, int]:
        """Every path and its line."""
        if not self._full:
            self._fill()
        return self
