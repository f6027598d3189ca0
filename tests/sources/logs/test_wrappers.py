"""What wraps records, and what is a record with a list in it: told by what the whole is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sources.logs.events import events, results

from koban.sources.logs.format import Record
from koban.sources.logs.split import BLOCK_CHARACTERS


def trail(number: int, **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventTime": "2026-03-01T00:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "eventID": f"e{number}",
        **more,
        "userIdentity": {"type": "Root"},
    }


@pytest.mark.parametrize("key", ["value", "items", "records", "entries"])
@pytest.mark.parametrize("listed", [[1, 2], [], ["a"], [{"a": 1}, {"b": 2}], [trail(9)]])
def test_a_flat_record_with_a_list_is_one_record(key: str, listed: list[Any]) -> None:
    record = trail(1, **{key: listed})
    (found,) = results(json.dumps(record).encode())
    assert isinstance(found, Record)
    assert json.loads(found.record) == record


def test_one_a_line_wherever_a_block_ends() -> None:
    listed = [{"name": "x" * 900, "number": n} for n in range(5)]
    count = 2 * BLOCK_CHARACTERS // 4500
    text = "\n".join(json.dumps(trail(n, value=listed)) for n in range(count))
    found = results(text.encode())
    assert [type(one) for one in found] == [Record] * count
    assert [event["metadata_uid"] for event in events(text)] == [f"e{n}" for n in range(count)]


@pytest.mark.parametrize("lead", [{}, {"@odata.context": "https://x", "count": 3}])
@pytest.mark.parametrize("count", [2, 5000])
def test_a_wrapper_is_taken_record_by_record(lead: dict[str, Any], count: int) -> None:
    whole = {**lead, "value": [trail(n) for n in range(count)], "more": [1]}
    found = results(json.dumps(whole).encode())
    assert [one.line for one in found] == list(range(1, count + 1))
    assert all(isinstance(one, Record) for one in found)


def test_a_broken_record_in_a_wrapper_costs_itself_alone() -> None:
    text = json.dumps({"count": 3, "value": [trail(n) for n in range(3)]}, indent=1).replace('"e1"', "e1")
    assert [one.record.count('"eventID"') for one in results(text.encode()) if isinstance(one, Record)] == [1, 1]
