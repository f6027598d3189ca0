from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from koban.lake.storage import Directory
from koban.lake.tables import AlreadyThere, Shape, Table, removal

SHAPE = Shape("things", {"day": "DATE", "time": "TIMESTAMPTZ", "name": "VARCHAR", "tags": "VARCHAR[]"})


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("SET TimeZone = 'UTC'")
    return made


def row(name: str, day: str = "2026-03-01") -> str:
    return f"SELECT DATE '{day}' AS day, TIMESTAMPTZ '{day} 10:00:00+00' AS time, '{name}' AS name, ['a'] AS tags"


def names(connection: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    return [r[0] for r in connection.execute(f"SELECT name FROM {table.relation()} ORDER BY name").fetchall()]


def test_a_commit_is_seen_whole_and_once(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    table = Table(Directory(tmp_path), SHAPE)
    assert names(connection, table) == []
    table.append(connection, row("a") + " UNION ALL " + row("b", "2026-03-02"), ["file-1"])
    with pytest.raises(AlreadyThere):
        table.append(connection, row("a"), ["file-1"])
    assert names(connection, table) == ["a", "b"]
    assert table.has(["file-1", "file-2"]) == {"file-1"}


def test_two_writers_of_one_file_land_it_once(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    one, two = Table(Directory(tmp_path), SHAPE), Table(Directory(tmp_path), SHAPE)
    one.delta()
    before = two.delta()
    one.append(connection, row("a"), ["file-1"])
    files = two.write(connection, row("a"))
    with pytest.raises(AlreadyThere):
        two.commit(files, ["file-1"], delta=before)
    two.commit(two.write(connection, row("b")), ["file-2"], delta=before)
    assert names(connection, one) == ["a", "b"]


def test_what_was_written_and_not_committed_is_not_there(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    table = Table(Directory(tmp_path), SHAPE)
    table.append(connection, row("a"))
    table.write(connection, row("b"))
    assert names(connection, table) == ["a"]


def test_a_time_reads_only_the_files_that_may_hold_it(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    table = Table(Directory(tmp_path), SHAPE)
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        table.append(connection, row(day, day))
    assert [f.partition["day"] for f in table.files(since="2026-03-02")] == ["2026-03-02", "2026-03-03"]
    assert [f.partition["day"] for f in table.files(since="2026-03-02T10:00:00", until="2026-03-03T10:00:00")] == [
        "2026-03-02"
    ]
    assert [f.partition["day"] for f in table.files({"day": ["2026-03-01"]})] == ["2026-03-01"]


def test_of_two_compactions_of_the_same_files_one_counts(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    table = Table(Directory(tmp_path), SHAPE)
    for name in ("a", "b"):
        table.append(connection, row(name))
    old = table.files()
    new = [table.write(connection, f"SELECT * FROM {table.relation(old)}") for _ in range(2)]
    before = table.delta()
    assert table.replace(old, new[0])
    assert not table.replace(old, new[1])
    with pytest.raises(AlreadyThere):
        table.commit(new[1], [removal(f) for f in old], removed=old, data_change=False, delta=before)
    table.append(connection, row("c"))
    assert names(connection, table) == ["a", "b", "c"]
    assert len(table.files()) == 2


def test_a_column_that_files_leave_out_is_null_to_every_reader(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    from deltalake import DeltaTable, QueryBuilder

    table = Table(Directory(tmp_path), replace(SHAPE, sparse=True))
    table.append(connection, f"SELECT * EXCLUDE (tags) FROM ({row('a')})")
    assert connection.execute(f"SELECT * FROM {table.relation()}").fetchall()[0][2:] == ("a", None)
    table.append(connection, row("b"))
    rows = connection.execute(f"SELECT name, tags FROM {table.relation()} ORDER BY name").fetchall()
    assert rows == [("a", None), ("b", ["a"])]
    read = QueryBuilder().register("things", DeltaTable(table.uri)).execute("SELECT name, tags FROM things ORDER BY 1")
    assert read.read_all().to_struct_array().to_pylist() == [
        {"name": "a", "tags": None},
        {"name": "b", "tags": ["a"]},
    ]


def test_a_sparse_table_is_read_as_if_nothing_were_left_out(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    table = Table(Directory(tmp_path), replace(SHAPE, sparse=True))
    table.append(connection, row("a") + " UNION ALL " + row("b", "2026-03-02"))
    asked = f"SELECT name FROM {table.relation()} WHERE day = DATE '2026-03-02' AND name > 'a'"
    assert connection.execute(asked).fetchall() == [("b",)]
    plan = connection.execute(f"EXPLAIN {asked}").fetchall()[0][1]
    assert "Scanning Files: 1/2" in plan
    assert "name>'a'" in plan


def test_what_a_write_that_fails_had_begun_is_removed(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    table = Table(Directory(tmp_path), SHAPE)
    table.append(connection, row("a"))
    connection.execute("SET threads = 1; SET partitioned_write_flush_threshold = 2048")
    # at the last row, when the others are on the disk
    failing = "CASE WHEN range = 99999 THEN error('no') ELSE 'x' END"
    with pytest.raises(duckdb.Error):
        table.write(connection, f"SELECT day, time, {failing} AS name, tags FROM ({row('b')}), range(100000)")
    assert len(list(tmp_path.rglob("*.parquet"))) == 1
    assert names(connection, table) == ["a"]
