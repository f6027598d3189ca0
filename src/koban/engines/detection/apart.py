"""Judging in parts, on many machines: each judges its events with all rules, by the very code that judges them here.

A part gives back which rules matched which events, those events without their records, and for correlations the few
columns that these ask for.  Windows are looked at when all parts have come together, so they do not know of parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koban.engines.detection.evaluate import Judge
from koban.engines.detection.passes import IDENTITY, MATCHES
from koban.engines.detection.ruleset import CompiledSet
from koban.model.event import COLUMNS

EVENTS = "events"
MATCHED = "matches"
KEPT = "kept"
HEAVY = ("record", "raw_data")
"""Columns that no alert shows."""


class Part:
    """The task of a part: rules over its events; `also` is SQL of other events that are wanted.

    With `only_kept`, it gives what correlations look at alone.
    """

    def __init__(self, compiled: CompiledSet, also: str = "", *, only_kept: bool = False) -> None:
        self.compiled, self.also, self.only_kept = CompiledSet(compiled.rules, []), also, only_kept

    def run(self, connection: Any, relation: str) -> Mapping[str, str]:
        """The SQL of the matches, of their events, and of what correlations look at."""
        judge = Judge(connection, self.compiled)
        judge.take(relation, only_kept=self.only_kept)
        kept = {f"{KEPT} {number} {source}": sql for (number, source), sql in judge.kept().items()}
        if self.only_kept:
            return kept
        columns = ", ".join(f"NULL::{COLUMNS[c].sql_type} AS {c}" if c in HEAVY else f"e.{c}" for c in COLUMNS)
        same = " AND ".join(f"e.{c} IS NOT DISTINCT FROM m.{c}" for c in IDENTITY[1:])
        matched = f"EXISTS (FROM {MATCHES} m WHERE e.time = m.time AND {same})"
        wanted = f"coalesce({self.also}, false) OR {matched}" if self.also else matched
        return {
            MATCHED: f"SELECT * FROM {MATCHES}",
            EVENTS: f"SELECT {columns} FROM {relation} e WHERE {wanted}",
            **kept,
        }


def gather(judge: Judge, found: Mapping[str, str]) -> None:
    """Takes over what parts found: SQL of relations by name."""
    kept = {}
    for name, relation in found.items():
        word, _, rest = name.partition(" ")
        if word == KEPT:
            number, _, source = rest.partition(" ")
            kept[int(number), source] = relation
    judge.gather(found.get(MATCHED, ""), kept)
