"""Rules as SQL, for engines that read the lake's tables by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koban.engines.detection.dialect import DIALECTS
from koban.engines.detection.rules import load, own_folder
from koban.engines.detection.ruleset import compile_set
from koban.sources.logs.mapping import mappings


@dataclass(frozen=True)
class Statement:
    """A rule as one query."""

    id: str
    title: str
    sql: str


def statements(
    dialect: str, table: str = "events", directories: Sequence[Path] = (), *, own: bool = True, only: Sequence[str] = ()
) -> Iterator[Statement]:
    """Each rule that can be compiled, of those ids or names (all when empty), in a dialect's SQL."""
    places: list[Any] = [*([own_folder()] if own else []), *directories]
    wanted = set(only)
    for rule in compile_set(load(places), mappings()).rules:
        detection = rule.detection
        if not wanted or {detection.id, detection.name} & wanted:
            yield Statement(detection.id, detection.title, rule.sql(DIALECTS[dialect], table))
