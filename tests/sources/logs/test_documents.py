from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koban.sources.logs.documents import opening, relation
from koban.sources.logs.format import Record
from koban.sources.logs.split import split

EVENT = '{"eventVersion":"1.11","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventTime":"2026-03-01"'
Cut = list[tuple[str, int]]


def event(rest: str = "") -> str:
    return EVENT + rest + "}"


def document(*records: str) -> str:
    return '{"Records":[' + ",".join(records) + "]}"


def cut(path: Path, data: bytes) -> Cut | None:
    """The records of a document and their lines as DuckDB cuts them; None where it refuses to."""
    path.write_bytes(data)
    begun = opening(path)
    if begun is None:
        return None
    records = relation(begun, {str(path): "origin"}, 1 << 20)
    asked = f'SELECT record, origin_line, json_transform(record, \'{{"eventName":"VARCHAR"}}\') FROM {records}'
    try:
        return sorted(((r[0], r[1]) for r in duckdb.execute(asked).fetchall()), key=lambda r: r[1])
    except duckdb.Error:
        return None


def split_up(data: bytes) -> Cut:
    return [(r.record, r.line) for r in split(io.BytesIO(data), "x.json") if isinstance(r, Record)]


@pytest.mark.parametrize(
    "text",
    [
        document(event()),
        document(event(), event(',"n":1'), event(',"n":2.10')),
        document(event(), event()) + "\n",
        document(event(r',"a":"\u003c\/\\\"},{\"eventVersion\":"'), event()),
        document(event(',"name":"Zoë 東京 🌂"'), event(',"name":"ß"')),
        document(event(',"a":{"b":[{"c":1},{"d":2}]}'), event(',"a":[]')),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_document_is_cut_into_its_records_as_they_came(tmp_path: Path, text: str, packed: bool) -> None:
    data = text.encode()
    found = cut(tmp_path / "x", gzip.compress(data) if packed else data)
    assert found is not None
    assert found == split_up(data)


@pytest.mark.parametrize(
    "text",
    [
        document(event(), '{"eventName":"first here"}', event()),
        document(event(), "null", event()),
        document(event(',"inner":[{"eventName":"a"},{"eventVersion":"1"}]'), event()),
        document(event(), event())[:-1],
        document(event(), event())[:-20],
        document(event()) + document(event()),
        document(event()) + "\n" + document(event())[:-5],
        document(event()) + "\r" + document(event()),
        document(event()) + " x",
        document(event())[:-1] + ',"Records":[]}',
        document(event(',"half":"\\ud83d"')),
        document(event(), event(',"a":"\x01"')),
        document(event(), event(',"a":"\x00"')),
    ],
)
def test_a_document_that_hides_something_is_refused(tmp_path: Path, text: str) -> None:
    assert cut(tmp_path / "x", text.encode()) is None


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    assert cut(tmp_path / "x", document(event(), event(',"a":"ä"')).encode("latin-1")) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'{"Records":[]}',
        b'{"Records": [{"eventVersion":"1"}]}',
        b'{"Other":[' + event().encode() + b"]}",
        b'{"Records":[' + event(',"insightDetails":{}').encode() + b"]}",
        document('{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated","eventTime":"x"}').encode(),
        document('{"eventVersion":"1.11","unknown":true}').encode(),
        event().encode(),
    ],
)
def test_what_begins_otherwise_is_read_by_records(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    assert opening(tmp_path / "x") is None


def test_a_name_that_duckdb_would_take_for_several_is_read_by_records(tmp_path: Path) -> None:
    for name in ("a*", "a?", "a[1]"):
        (tmp_path / name).write_text(document(event()))
        assert opening(tmp_path / name) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8) | st.just('},{"eventVersion":'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["eventVersion", "a"]), inner),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(VALUES, min_size=1, max_size=4), ascii_only=st.booleans())
def test_what_duckdb_cuts_is_what_splitting_finds(tmp_path: Path, values: list[Any], ascii_only: bool) -> None:
    records = [json.loads(event()) | {"extra": value} for value in values]
    text = json.dumps({"Records": records}, separators=(",", ":"), ensure_ascii=ascii_only)
    data = text.encode("utf-8", "surrogatepass")
    found = cut(tmp_path / "x", data)
    assert found is None or found == split_up(data)
