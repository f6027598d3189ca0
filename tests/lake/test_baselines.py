from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from koban.lake.baselines import FILES_MAX, Baselines, Mark
from koban.lake.lake import Lake

NOW = datetime(2026, 3, 20, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def seen(day: str, entity: str = "ann", value: str = "DE", observations: int = 1) -> str:
    return (
        f"SELECT DATE '{day}' AS day, 'first-seen-country' AS baseline, '{entity}' AS entity, '{value}' AS value,"
        f" CAST({observations} AS BIGINT) AS observations, CAST(2 AS DOUBLE) AS amount,"
        f" TIMESTAMPTZ '{day} 10:00:00+00' AS first_time, TIMESTAMPTZ '{day} 11:00:00+00' AS last_time"
    )


def rows(lake: Lake, since: date | None = None) -> list[tuple[str, int, float]]:
    sql = (
        "SELECT CAST(day AS VARCHAR), sum(observations)::BIGINT, sum(amount)"
        f" FROM {Baselines(lake).relation(since)} GROUP BY 1 ORDER BY 1"
    )
    return lake.connection().execute(sql).fetchall()


def test_observations_add_up_and_the_mark_moves(lake: Lake) -> None:
    baselines, connection = Baselines(lake), lake.connection()
    assert baselines.mark(connection) == Mark()
    assert baselines.fold(connection, seen("2026-03-01"), Mark(), Mark(4, NOW))
    assert baselines.mark(connection) == Mark(4, NOW)
    assert baselines.fold(connection, seen("2026-03-01", observations=3), Mark(4, NOW), Mark(6))
    assert baselines.mark(connection) == Mark(6, NOW)
    assert rows(lake) == [("2026-03-01", 4, 4.0)]


def test_two_runs_over_the_same_events_count_once(lake: Lake) -> None:
    baselines, connection = Baselines(lake), lake.connection()
    assert baselines.fold(connection, seen("2026-03-01"), Mark(), Mark(4))
    assert not baselines.fold(connection, seen("2026-03-01", observations=9), Mark(), Mark(7))
    assert rows(lake) == [("2026-03-01", 1, 2.0)]
    assert baselines.mark(connection).version == 4


def test_days_in_many_files_are_added_up_and_old_ones_go(lake: Lake) -> None:
    baselines, connection = Baselines(lake), lake.connection()
    for n in range(FILES_MAX + 1):
        day = "2026-03-01" if n else "2025-11-01"
        baselines.fold(connection, f"{seen(day)} UNION ALL {seen('2026-03-19')}", Mark(n - 1), Mark(n, NOW))
    before = rows(lake)
    assert baselines.tidy(200, NOW) == 2
    assert rows(lake) == before
    assert baselines.mark(connection) == Mark(FILES_MAX, NOW)
    assert len(baselines.table.files({"day": ["2026-03-19"]})) == 1
    assert baselines.tidy(90, NOW) == 1
    assert [r[0] for r in rows(lake)] == ["2026-03-01", "2026-03-19"]
    assert [r[0] for r in rows(lake, date(2026, 3, 5))] == ["2026-03-19"]


def test_age_counts_from_what_was_seen_not_from_the_future(lake: Lake) -> None:
    baselines, connection = Baselines(lake), lake.connection()
    baselines.fold(connection, f"{seen('2026-03-01')} UNION ALL {seen('2262-01-01')}", Mark(), Mark(1))
    baselines.tidy(90, NOW)
    assert [r[0] for r in rows(lake)] == ["2026-03-01", "2262-01-01"]
    # old logs, learned from years later
    baselines.fold(connection, seen("2026-02-01"), Mark(1), Mark(2))
    baselines.table.replace(baselines.table.files({"day": ["2262-01-01"]}), [])
    baselines.tidy(90, datetime(2030, 1, 1, tzinfo=UTC))
    assert [r[0] for r in rows(lake)] == ["2026-02-01", "2026-03-01"]
