"""The lake's own work: what it holds, and quarantine read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from koban.app.logs.ingest import Counts, Ingestion
from koban.lake.lake import Lake
from koban.lake.rows import rows_relation
from koban.lake.tables import AlreadyThere, DataFile
from koban.model.event import CLASS_NAMES
from koban.sources.logs.format import NO_HINTS, Hints


def holdings(lake: Lake) -> Iterator[dict[str, Any]]:
    """A row for each class of events, and for quarantine."""
    groups: dict[tuple[str, str], list[DataFile]] = {}
    for file in lake.events.files():
        groups.setdefault(("events", CLASS_NAMES.get(int(file.partition["class_uid"]), "?")), []).append(file)
    for file in lake.quarantine.files():
        groups.setdefault(("quarantine", ""), []).append(file)
    for (table, name), files in sorted(groups.items()):
        yield {
            "table": table,
            "class": name,
            "rows": sum(f.rows for f in files),
            "files": len(files),
            "mebibytes": round(sum(f.size_bytes for f in files) / (1 << 20), 1),
            "first": min(f.time_min for f in files),
            "last": max(f.time_max for f in files),
        }


@dataclass
class Replayed:
    """What came of reading quarantine again."""

    events: int = 0
    left: int = 0


def replayed(lake: Lake, hints: Hints = NO_HINTS) -> Replayed:
    """Reads what is in quarantine again, with what `hints` say of it; what can be read now becomes events, the rest
    stays.
    """
    done = Replayed()
    ingestion = Ingestion(lake, hints=hints)
    for file in lake.quarantine.files():
        counts, left = _replay(lake, ingestion, file)
        done.events += counts.events
        done.left += left
    return done


def _replay(lake: Lake, ingestion: Ingestion, file: DataFile) -> tuple[Counts, int]:
    connection = ingestion.connection
    rows = connection.execute(
        f"SELECT origin, origin_line, source, reason, data FROM {lake.quarantine.relation([file])}"
    ).fetchall()
    columns: dict[str, list[Any]] = {n: [] for n in ("origin", "origin_line", "source", "reason", "data")}
    written, counts = ingestion.replay(rows, columns)
    if not counts.events:
        return counts, len(rows)
    # first the events, once; then what is left takes the file's place
    transaction = "replay:" + hashlib.sha256(file.path.encode()).hexdigest()
    try:
        lake.events.commit(written, [transaction])
    except AlreadyThere:
        counts.events = 0
    left: list[DataFile] = []
    if columns["data"]:
        relation = rows_relation(connection, columns, {"origin_line": "long", "data": "binary"})
        left = lake.quarantine.write(connection, f"SELECT CAST(now() AS DATE) AS day, now() AS time, * FROM {relation}")
    lake.quarantine.replace([file], left)
    return counts, len(columns["data"])
