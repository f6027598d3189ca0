"""Many machines in one process: what is sent between them is pickled, and each piece is worked on by itself."""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from koban.engines.detection import testing
from koban.engines.detection.rules import load
from koban.engines.detection.ruleset import compile_set
from koban.lake import spread
from koban.lake.lake import Lake
from koban.lake.spread import Gathered, Given, Piece, Task
from koban.sources.logs.mapping import MACROS, mappings, select


class Here:
    """An engine of no machines but this one."""

    def __init__(self, lake: Lake, piece_rows: int) -> None:
        self.lake, self.piece_rows = lake, piece_rows
        self.pieces = 0

    @contextmanager
    def spread(self, task: Task, relations: Sequence[str]) -> Iterator[Gathered]:
        folder = f"{spread.PLACE}/{uuid.uuid4().hex}"
        sent = pickle.dumps(Piece(self.lake, task, folder))
        given: list[Given] = []
        for relation in reversed(relations):
            given += pickle.loads(sent).run(relation)
            self.pieces += 1
        yield Gathered(self.lake, folder, given)


def lake_of_rules(root: Path, rules: Path) -> Lake:
    """The test events of rules, as the events of a lake."""
    made = Lake(str(root))
    loaded = load([rules])
    compiled = compile_set(loaded, mappings())
    records = []
    for number, detection in enumerate(loaded.detections):
        rule = compiled.of(detection)
        for at, test in enumerate(detection.tests if rule else [], 1):
            assert rule is not None
            for source in testing._sources(test, rule):
                records += testing._records(test, source, f"{number}/{at}/{source}", rule)
    ingestion = testing.Ingestion(MACROS, select)
    connection = testing._connection(records, {m.source: m for m in mappings()}, ingestion)
    made.events.append(connection, "SELECT * REPLACE (CAST(time AT TIME ZONE 'UTC' AS DATE) AS day) FROM events")
    return made
