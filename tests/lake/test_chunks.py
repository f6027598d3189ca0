from __future__ import annotations

from pathlib import Path

import pytest
from tests.app.logs.test_ingest import record, trail

from koban.app.logs.ingest import Ingestion
from koban.lake.chunks import chunks
from koban.lake.lake import Lake
from koban.sources.logs.inputs import inputs


@pytest.mark.parametrize(("rows", "pieces"), [(1000, 1), (30, 3), (7, 9)])
def test_every_event_is_in_one_piece(tmp_path: Path, rows: int, pieces: int) -> None:
    lake = Lake(str(tmp_path / "lake"))
    for number in range(3):
        records = [record(60 * at, eventID=f"{number}-{at}") for at in range(20)]
        trail(tmp_path / "logs" / f"{number}.json.gz", *records)
        Ingestion(lake).take(inputs(str(tmp_path / "logs")))
    found = chunks(lake.events, lake.events.files(), rows)
    assert len(found) == pieces
    connection = lake.connection()
    each = [connection.execute(f"SELECT metadata_uid FROM {one}").fetchall() for one in found]
    assert sorted(uid for one in each for (uid,) in one) == sorted(f"{n}-{at}" for n in range(3) for at in range(20))
    assert all(len(one) <= rows for one in each)
