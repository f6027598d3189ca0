from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from koban.lake.lake import EVENTS, Lake
from koban.model.event import COLUMNS


def event(day: str, uid: str, class_uid: int = 6003) -> str:
    given = {
        "class_uid": str(class_uid),
        "day": f"DATE '{day}'",
        "time": f"TIMESTAMPTZ '{day} 10:00:00+00'",
        "metadata_uid": f"'{uid}'",
    }
    return "SELECT " + ", ".join(f"CAST({given.get(n, 'NULL')} AS {c.sql_type}) AS {n}" for n, c in COLUMNS.items())


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def uids(lake: Lake, **where: str) -> list[str]:
    sql = f"SELECT metadata_uid FROM {lake.relation(**where)} ORDER BY 1"
    return [r[0] for r in lake.connection().execute(sql).fetchall()]


def test_an_empty_lake_has_no_events(lake: Lake) -> None:
    assert uids(lake) == []


def test_small_files_become_one_and_vacuum_takes_the_rest(lake: Lake, tmp_path: Path) -> None:
    connection = lake.connection()
    for n in range(5):
        lake.events.append(connection, event("2026-03-01", f"e{n}"))
    done = lake.compact()
    assert (done.partitions, done.files_before, done.files_after) == (1, 5, 1)
    assert uids(lake) == [f"e{n}" for n in range(5)]
    assert len(list((tmp_path / "lake").rglob("*.parquet"))) == 6
    assert lake.vacuum(hours=0) == 5
    assert uids(lake) == [f"e{n}" for n in range(5)]


def test_connections_that_need_the_disk_do_not_write_over_each_other(lake: Lake, tmp_path: Path) -> None:
    both = [lake.connection(threads=1, memory_bytes=30 << 20) for _ in range(2)]
    for number, connection in enumerate(both):
        connection.execute(
            f"CREATE TEMP TABLE t AS SELECT md5(CAST(n + {number} AS VARCHAR)) AS v FROM range(1000000) r(n)"
        )
    places = [Path(c.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]) for c in both]
    assert all(list(place.iterdir()) for place in places)
    for number, connection in enumerate(both):
        sql = f"SELECT count(*) FROM t WHERE v = md5('{number}') OR v = md5('{number + 999999}')"
        assert connection.execute(sql).fetchall() == [(2,)]
        connection.close()
    assert not any(place.exists() for place in places)


def many(count: int, record: str = "NULL") -> str:
    given = {"class_uid": "6003", "day": "DATE '2026-03-01'", "metadata_uid": "n", "record": record}
    given["time"] = "TIMESTAMPTZ '2026-03-01 00:00:00+00' + to_seconds(hash(n) % 80000)"
    columns = (f"CAST({given.get(n, 'NULL')} AS {c.sql_type}) AS {n}" for n, c in COLUMNS.items())
    return f"SELECT {', '.join(columns)} FROM range({count}) t(n)"


def test_compaction_ends_with_files_of_a_good_number_of_rows(lake: Lake) -> None:
    connection = lake.connection()
    for _ in range(3):
        lake.events.append(connection, many(90_000))
    assert (lake.compact().files_before, lake.compact().files_before) == (2, 0)
    assert sorted(file.rows for file in lake.events.files()) == [90_000, 180_000]


def test_what_cannot_be_sorted_in_memory_is_put_together_all_the_same(lake: Lake) -> None:
    connection = lake.connection()
    for _ in range(2):
        lake.events.append(connection, many(10_000, "repeat(md5(CAST(n AS VARCHAR)), 200)"))
    assert lake.compact(memory_bytes=350 << 20).files_after == 1
    sql = f"SELECT count(*), count(DISTINCT metadata_uid), sum(length(record)) FROM {lake.relation()}"
    assert lake.connection().execute(sql).fetchall() == [(20_000, 10_000, 20_000 * 6400)]


def test_classes_and_times_prune(lake: Lake) -> None:
    connection = lake.connection()
    lake.events.append(connection, event("2026-03-01", "a") + " UNION ALL " + event("2026-03-02", "b", 4001))
    assert uids(lake, since="2026-03-02") == ["b"]
    assert uids(lake, until="2026-03-01T10:00:00Z") == []
    sql = lake.relation(classes=["network_activity"])
    assert "class_uid=4001" in sql
    assert "class_uid=6003" not in sql


def test_retention_is_by_class_and_a_hold_keeps(lake: Lake) -> None:
    connection = lake.connection()
    for day, uid, kind in (("2025-01-01", "old", 6003), ("2025-01-01", "flow", 4001), ("2026-03-01", "new", 6003)):
        lake.events.append(connection, event(day, uid, kind))
    now = datetime(2026, 3, 2, tzinfo=UTC)
    lake.set("hold:case-7", {"since": "2024-12-01", "until": "2025-02-01", "classes": ["api_activity"]})
    assert lake.expire(now) == {"network_activity": 1}
    lake.set("hold:case-7", None)
    lake.set("retention:api_activity", 900)
    assert lake.expire(now) == {}
    lake.set("retention:api_activity", 30)
    assert lake.expire(now) == {"api_activity": 1}
    assert uids(lake) == ["new"]


def test_delta_rs_and_duckdb_agree_on_the_types(lake: Lake) -> None:
    lake.events.append(lake.connection(), event("2026-03-01", "a"))
    found = {f.name: str(f.type) for f in lake.events.delta().schema().fields}
    assert list(found) == list(EVENTS.columns)
    described = duckdb.execute(f"DESCRIBE SELECT * FROM {lake.relation()}").fetchall()
    assert {d[0]: d[1].replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") for d in described} == dict(EVENTS.columns)
