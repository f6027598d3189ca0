from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from koban.lake.changes import Appended, appended
from koban.lake.lake import Lake
from koban.lake.tables import Shape, Table

SHAPE = Shape("things", {"day": "DATE", "time": "TIMESTAMPTZ", "name": "VARCHAR"})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def add(lake: Lake, *names: str, day: str = "2026-03-01") -> None:
    rows = " UNION ALL ".join(
        f"SELECT DATE '{day}' AS day, TIMESTAMPTZ '{day} 10:00:00+00' AS time, '{n}' AS name" for n in names
    )
    lake.table(SHAPE).append(lake.connection(), rows)


def names(table: Table, came: Appended, lake: Lake) -> list[str]:
    return [
        r[0] for r in lake.connection().execute(f"SELECT name FROM {table.relation(came.files)} ORDER BY 1").fetchall()
    ]


def test_what_came_since_a_version(lake: Lake) -> None:
    table = lake.table(SHAPE)
    add(lake, "a", "b")
    first = appended(table)
    assert names(table, first, lake) == ["a", "b"]
    assert appended(table, first.version).files == ()
    add(lake, "c")
    add(lake, "d", day="2026-03-02")
    second = appended(table, first.version)
    assert names(table, second, lake) == ["c", "d"]
    assert second.version == first.version + 2


def test_compaction_brings_nothing_and_hides_nothing(lake: Lake) -> None:
    table = lake.table(SHAPE)
    add(lake, "a")
    first = appended(table)
    add(lake, "b")
    lake.compact(table)
    add(lake, "c")
    second = appended(table, first.version)
    assert second.complete
    assert names(table, second, lake) == ["b", "c"]
    lake.compact(table)
    assert appended(table, second.version).files == ()


def test_what_was_vacuumed_or_cut_off_is_said(lake: Lake, tmp_path: Path) -> None:
    table = lake.table(SHAPE)
    add(lake, "a")
    first = appended(table)
    add(lake, "b")
    lake.compact(table)
    table.delta().vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
    second = appended(table, first.version)
    assert not second.complete
    assert names(table, second, lake) == ["a", "b"]


def test_a_log_that_was_cut_off_is_said(lake: Lake, tmp_path: Path) -> None:
    table = lake.table(SHAPE)
    add(lake, "a")
    first = appended(table)
    add(lake, "b")
    table.delta().create_checkpoint()
    # what cleaning the log does once its time is over
    for log in (tmp_path / "lake" / "things" / "_delta_log").glob("*.json"):
        log.unlink()
    second = appended(table, first.version)
    assert not second.complete
    assert names(table, second, lake) == ["a", "b"]


def test_rows_that_expired_since_are_not_asked_for(lake: Lake) -> None:
    table = lake.events
    from tests.lake.test_lake import event

    lake.events.append(lake.connection(), event("2026-03-01", "a"))
    first = appended(table)
    lake.events.append(lake.connection(), event("2024-03-01", "old"))
    lake.expire(datetime(2026, 3, 2, tzinfo=UTC))
    lake.vacuum(0)
    second = appended(table, first.version)
    assert (second.complete, second.files) == (True, ())
