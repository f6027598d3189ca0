"""OCSF as a source: JSON lines and Parquet, as Amazon Security Lake keeps it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.sources.logs.events import events, rejected

from koban.sources.logs.format import Record, Rejected
from koban.sources.logs.formats.parquet import without_nulls
from koban.sources.logs.ocsf import to_ocsf
from koban.sources.logs.split import split

RAW = (Path(__file__).parent / "samples" / "ocsf.jsonl").read_bytes()
LINES = [json.loads(line) for line in RAW.decode().splitlines()]


def parquet(path: Path, sql: str) -> bytes:
    file = path / "events.parquet"
    duckdb.connect().execute(f"COPY ({sql}) TO '{file}' (FORMAT parquet)")
    return file.read_bytes()


def test_columns_come_straight_from_the_attributes() -> None:
    flow, name, login, call, process, finding, other = events(RAW)
    assert (flow["class_uid"], flow["time"]) == (4001, "2026-03-01T10:00:00.123000Z")
    assert (flow["dst_endpoint_ip"], flow["dst_endpoint_port"], flow["traffic_bytes"]) == ("203.0.113.5", 443, 10)
    assert (name["query_hostname"], name["answers"]) == ("www.example.com", ["192.0.2.80"])
    assert (login["user_name"], login["status_id"]) == ("ana", 2)
    assert (call["api_operation"], call["cloud_account_uid"]) == ("GetObject", "111122223333")
    assert call["actor_session_created_time"].startswith("2026-03-01 09:58:20")
    assert (process["process_cmd_line"], process["process_file_hashes"]) == ("id -u", ["ab" * 32])
    assert (finding["finding_info_uid"], finding["severity_id"]) == ("f1", 4)
    assert other["class_uid"] == 5019  # of no class that Koban maps itself


def test_an_event_that_came_as_ocsf_leaves_as_it_came() -> None:
    assert [to_ocsf(row) for row in events(RAW)] == LINES


def test_security_lakes_parquet_gives_the_same_events(tmp_path: Path) -> None:
    source = tmp_path / "events.jsonl"
    source.write_bytes(RAW)
    data = parquet(tmp_path, f"SELECT * FROM read_json('{source}', union_by_name = true)")
    found = events(data, "part-0.parquet")
    told = [{k: v for k, v in e.items() if k not in ("record", "origin", "origin_line")} for e in found]
    wanted = [{k: v for k, v in e.items() if k not in ("record", "origin", "origin_line")} for e in events(RAW)]
    assert told == wanted
    assert [e["origin_line"] for e in found] == list(range(1, len(LINES) + 1))
    assert "null" not in found[0]["record"]


def test_parquet_is_read_in_batches(tmp_path: Path) -> None:
    row = "SELECT 4001 AS class_uid, 4 AS category_uid, 1772359200123 + range AS time,"
    row += " {'version': '1.1.0', 'product': {'name': 'p'}} AS metadata, {'ip': '10.0.0.1'} AS src_endpoint"
    results = list(split(io.BytesIO(parquet(tmp_path, f"{row} FROM range(1201)")), "x"))
    assert len(results) == 1201
    assert all(isinstance(r, Record) and r.source == "ocsf" for r in results)
    assert results[-1].line == 1201


def test_rows_of_another_source_are_read_as_its_records(tmp_path: Path) -> None:
    sql = "SELECT 'user.session.start' AS \"eventType\", '2026-03-01T10:00:00Z' AS published, 'u' AS uuid"
    (event,) = events(parquet(tmp_path, sql))
    assert (event["source"], event["class_uid"]) == ("okta-system", 3002)


def test_rows_of_no_known_source_are_rejected(tmp_path: Path) -> None:
    found = rejected(parquet(tmp_path, "SELECT 1 AS a, NULL::INTEGER AS b FROM range(2)"))
    assert [(r.reason, r.data, r.line) for r in found] == [
        ("Parquet of no known source", b'{"a":1,"b":null}', 1),
        ("Parquet of no known source", b'{"a":1,"b":null}', 2),
    ]


@pytest.mark.parametrize("cut", [4, 20, -1])
def test_parquet_that_is_cut_off_is_rejected(tmp_path: Path, cut: int) -> None:
    (found,) = split(io.BytesIO(parquet(tmp_path, "SELECT 1 AS a")[:cut]), "x")
    assert isinstance(found, Rejected)
    assert "Parquet" in found.reason


@pytest.mark.parametrize(
    "record",
    [
        {"class_uid": "x", "metadata": {"product": {}}, "activity_id": 1},
        {"class_uid": 4001, "metadata": {}, "activity_id": 1},
        {"class_uid": 4001, "metadata": {"product": {}}},
    ],
)
def test_what_is_no_ocsf_is_rejected(record: dict[str, Any]) -> None:
    assert len(rejected(json.dumps(record).encode())) == 1


def test_the_names_of_earlier_versions_count_too() -> None:
    event = {
        "class_uid": 2001,
        "activity_id": 1,
        "metadata": {"version": "1.0.0", "product": {"name": "p"}},
        "time_dt": "2026-03-01T10:00:00Z",
        "cloud": {"account_uid": "111122223333"},
        "finding": {"uid": "f", "title": "t"},
    }
    (row,) = events(event)
    assert (row["time"], row["cloud_account_uid"]) == ("2026-03-01T10:00:00.000000Z", "111122223333")
    assert (row["finding_info_uid"], row["finding_info_title"]) == ("f", "t")


def test_nulls_are_left_out_at_any_depth() -> None:
    assert without_nulls({"a": None, "b": [{"c": None, "d": 1}], "e": {}}) == {"b": [{"d": 1}], "e": {}}
