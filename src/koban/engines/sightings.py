"""Events that hold values of indicators, found by many machines, each by the very code that matches them here.

What a machine gives back is matched once more where all of it comes together: it is little, and only there allow-lists
count and alerts are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koban.engines.intelligence import match
from koban.model.event import COLUMNS

EVENTS = "events"
UNSEEN = ("record", "raw_data")
"""Columns that no alert shows."""


class Sightings:
    """The task of a piece: its events that hold what indicators (the SQL of a relation) name."""

    def __init__(self, indicators: str, *, reserved: bool = False) -> None:
        self.indicators, self.reserved = indicators, reserved

    def run(self, connection: Any, relation: str) -> Mapping[str, str]:
        match(connection, relation, self.indicators, reserved=self.reserved)
        if not connection.execute("SELECT count(*) FROM intel_pairs").fetchone()[0]:
            return {}
        columns = ", ".join(f"NULL::{COLUMNS[c].sql_type} AS {c}" if c in UNSEEN else f"e.{c}" for c in COLUMNS)
        same = " AND ".join(f"e.{c} IS NOT DISTINCT FROM k.{c}" for c in ("origin", "origin_line", "metadata_uid"))
        held = f"EXISTS (FROM intel_events k WHERE e.time = k.time AND {same})"
        return {EVENTS: f"SELECT {columns} FROM {relation} e WHERE {held}"}
