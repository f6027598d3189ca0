"""The files that something which was read comes from, so that one can tell what a change of files reaches."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Inputs:
    """Paths that what is read depends on, there or not.

    `start` is the outermost file or directory.  `files` count as they are; `directories` by the endings of the names
    in them that count; of `trees` everything below counts.
    """

    start: str = ""
    files: set[str] = field(default_factory=set)
    directories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    trees: set[str] = field(default_factory=set)
    imports: bool = False  # whether it takes values that other templates export
