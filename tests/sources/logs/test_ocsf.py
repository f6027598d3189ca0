"""Every mapping's events are OCSF: samples of every source against the schema that OCSF publishes."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ocsf import breaches, published
from tests.sources.logs.events import mapped

from koban.model.event import CLASS_NAMES, CLASSES, COLUMNS
from koban.sources.logs.format import Record, Rejected
from koban.sources.logs.mapping import mappings
from koban.sources.logs.ocsf import ATTRIBUTES, to_ocsf
from koban.sources.logs.split import split

SAMPLES = Path(__file__).parent / "samples"
SOURCES = [table.source for table in mappings()]


@cache
def sample_rows(source: str) -> list[dict[str, Any]]:
    files = [path for path in sorted(SAMPLES.iterdir()) if path.name.split(".")[0] == source]
    assert files, f"no sample of {source}: put an input of it at tests/sources/logs/samples/{source}.jsonl"
    rows = []
    for path in files:
        found = list(split(io.BytesIO(path.read_bytes()), path.name))
        assert [r for r in found if isinstance(r, Rejected)] == []
        records = [r for r in found if isinstance(r, Record)]
        assert {r.source for r in records} == {source}
        rows += mapped(source, records, path.name)
    return rows


@pytest.mark.parametrize("source", SOURCES)
def test_a_sources_events_are_valid_ocsf(source: str) -> None:
    for row in sample_rows(source):
        assert row.get("time"), f"no time: {row['record'][:200]}"
        assert breaches(to_ocsf(row)) == [], row["record"]


@pytest.mark.parametrize("source", SOURCES)
def test_samples_reach_every_class_of_a_mapping(source: str) -> None:
    wanted = next({rule.name for rule in table.classes} for table in mappings() if table.source == source)
    reached = {CLASS_NAMES.get(row["class_uid"], "another") for row in sample_rows(source)}
    if source == "ocsf":  # whose classes are whatever the events say
        assert len(reached) > 3
    else:
        assert wanted - reached == set()


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_of_a_row_is_lost_on_the_way(source: str) -> None:
    for row in sample_rows(source):
        event = to_ocsf(row)
        assert source == "ocsf" or event["raw_data"] == (row.get("raw_data") or row["record"])
        for name in ("actor_user_name", "src_endpoint_ip", "api_operation", "query_hostname", "process_cmd_line"):
            if name in row and source != "ocsf":
                assert json.dumps(row[name]) in json.dumps(event | {"raw_data": ""}), name


@pytest.mark.parametrize("name", CLASSES)
def test_an_empty_row_of_any_class_is_valid(name: str) -> None:
    assert breaches(to_ocsf({"time": "2026-03-01T10:00:00Z", "class_uid": CLASSES[name]})) == []


FULL = {
    "time": "2026-03-01T10:00:00.5Z",
    "severity_id": 3,
    "status_id": 2,
    **{
        name: {
            "text": "a1",
            "integer": 1,
            "long": 7,
            "double": 0.5,
            "boolean": True,
            "time": "2026-03-01T09:00:00Z",
            "texts": ["a1"],
        }[column.type]
        for name, column in COLUMNS.items()
        if name not in ("class_uid", "day", "time", "severity_id", "status_id", "activity_id")
    },
    "src_endpoint_ip": "192.0.2.1",
    "record": '{"a":1}',
    "source": "aws-cloudtrail",
}


@pytest.mark.parametrize("name", CLASSES)
def test_a_full_row_of_any_class_is_valid(name: str) -> None:
    event = to_ocsf(FULL | {"class_uid": CLASSES[name], "raw_data": None})
    assert breaches(event) == []
    assert event["class_name"] == published()["classes"][_schema_name(name)]["caption"]
    assert event["raw_data"] == '{"a":1}'
    assert event["time"] == 1772359200500


def _schema_name(name: str) -> str:
    return next(key for key, one in published()["classes"].items() if one["uid"] == CLASSES[name])


@pytest.mark.parametrize("name", CLASSES)
def test_the_attributes_of_a_class_are_the_schemas(name: str) -> None:
    attributes = published()["classes"][_schema_name(name)]["attributes"]
    plain = {key for key, one in attributes.items() if not one.get("profile")}
    assert ATTRIBUTES[name] <= plain
    every = {word for words in ATTRIBUTES.values() for word in words} & {c.ocsf.split(".")[0] for c in COLUMNS.values()}
    assert (plain & every) - ATTRIBUTES[name] == set()


def test_an_address_that_is_none_is_the_name_of_a_service() -> None:
    row = {"time": "2026-03-01T10:00:00Z", "class_uid": 6003, "src_endpoint_ip": "s3.amazonaws.com"}
    event = to_ocsf(row)
    assert event["src_endpoint"] == {"svc_name": "s3.amazonaws.com"}
    assert event["observables"] == [
        {"name": "src_endpoint.ip", "type_id": 1, "type": "Hostname", "value": "s3.amazonaws.com"}
    ]


def test_what_the_class_has_no_place_for_is_kept() -> None:
    event = to_ocsf({"time": "2026-03-01T10:00:00Z", "class_uid": 4001, "reg_key_path": "HKLM\\a", "user_name": "ana"})
    assert event["unmapped"] == {"reg_key": {"path": "HKLM\\a"}, "user": {"name": "ana"}}


ODD = {
    "text": st.sampled_from(["", "-", "a", "192.0.2.1", "::1", "ana@example.com", "C:\\a\\b.exe", "/a/", "SHA256=zz"]),
    "integer": st.sampled_from([-1, 0, 1, 65535, 65536, 2**31]),
    "long": st.integers(-1, 2**63 - 1),
    "double": st.just(0.5),
    "boolean": st.booleans(),
    "time": st.sampled_from(["2026-03-01T09:00:00Z", datetime(1970, 1, 1, tzinfo=UTC), datetime(2262, 4, 11)]),
    "texts": st.lists(st.sampled_from(["", "a", "ab" * 16, "MD5=" + "0f" * 16, "TLSH=x"]), max_size=3),
}
FIXED = ("class_uid", "day", "time", "severity_id", "status_id", "activity_id", "source", "raw_data", "record")
ROWS = st.fixed_dictionaries(
    {"time": st.just("2026-03-01T10:00:00Z"), "class_uid": st.sampled_from(list(CLASSES.values()))},
    optional={name: ODD[column.type] for name, column in COLUMNS.items() if name not in FIXED},
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS)
def test_any_row_is_a_valid_event(row: dict[str, Any]) -> None:
    assert breaches(to_ocsf(row)) == []
