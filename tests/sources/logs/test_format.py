"""Which format a JSON record is of is remembered by its keys, and is what all formats asked one by one say."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sources.logs.events import results

from koban.sources.logs import format
from koban.sources.logs.format import JsonFormat, Record, Rejected, json_format, load

SAMPLES = Path(__file__).parent / "samples"
VALUES: tuple[Any, ...] = (None, "", "x", 0, 1, True, [], [{}], {}, {"a": 1}, "AuditLogs", "SecurityEvent", "alert")


def one_by_one(record: dict[str, Any]) -> JsonFormat | None:
    return next((f for f in load()[0] if f.claims(record)), None)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


def samples() -> list[dict[str, Any]]:
    """Every object of the samples that are JSON, and every record that is made of any sample."""
    found: list[dict[str, Any]] = []
    for path in sorted(SAMPLES.iterdir()):
        if path.suffix in (".json", ".jsonl"):
            text = path.read_text()
            for part in [text] if path.suffix == ".json" else text.splitlines():
                found += objects(json.loads(part)) if part.strip() else ()
        found += [json.loads(r.record) for r in results(path.read_bytes(), path.name) if isinstance(r, Record)]
    return found


def test_every_record_of_the_samples_is_of_the_same_format() -> None:
    records = samples()
    assert len({f.source for r in records if (f := one_by_one(r))}) > 30
    for record in records * 2:
        assert json_format(record) is one_by_one(record), record


def test_records_with_other_values_and_keys_are_of_the_same_format() -> None:
    dice = random.Random(11)
    records = samples()
    keys = sorted({key for record in records for key in record})
    for _ in range(6000):
        record = dict(dice.choice(records))
        for key in dice.sample(sorted(record), min(len(record), dice.randint(0, 3))):
            record[key] = dice.choice(VALUES)
        for key in dice.sample(sorted(record), min(len(record), dice.randint(0, 2))):
            del record[key]
        for other in dice.sample(records, dice.randint(0, 1)):
            record = other | record
        for key in dice.sample(keys, dice.randint(0, 2)):
            record.setdefault(key, dice.choice(VALUES))
        assert json_format(record) is one_by_one(record), record


def test_the_same_keys_with_other_values_are_another_format() -> None:
    sign_in = {"category": "SignInLogs", "operationName": "x", "properties": {"activityDisplayName": "x"}}
    audit = sign_in | {"category": "AuditLogs"}
    neither = sign_in | {"category": "Other"}
    for _ in range(2):
        assert [f.source if (f := json_format(r)) else None for r in (neither, audit, sign_in)] == [
            None,
            "entra-audit",
            "entra-signin",
        ]


@pytest.mark.parametrize(
    "claims",
    [
        lambda r: r["a"] == 1,
        lambda r: r.get("a") == 1,
        lambda r: 1 in r.values(),
        lambda r: {**r}["a"] == 1,
        lambda r: dict(r)["a"] == 1,
        lambda r: (r | {})["a"] == 1,
        lambda r: any(r[key] == 1 for key in r),
        lambda r: len(r) == 1 and r["a"] == 1,
        lambda r: r == {"a": 1},
        lambda r: "1" in str(r),
        lambda r: json.dumps(r) == "{}",
        lambda r: isinstance(r, dict) and r["a"] == 1,
    ],
)
def test_what_looks_at_a_value_in_any_way_is_asked_each_time(claims: Any) -> None:
    one = JsonFormat("one", claims)
    assert list(format._may_claim([one], {"a": 2})) == [one]


def test_what_looks_at_keys_only_is_asked_once() -> None:
    no, yes, after = (JsonFormat(n, c) for n, c in (("no", lambda r: "b" in r), ("yes", lambda r: "a" in r),
                                                    ("after", lambda r: r["a"] == 1)))  # fmt: skip
    assert list(format._may_claim([no, yes, after], {"a": 2})) == [yes]
    assert list(format._may_claim([after, yes], {"a": 1})) == [after, yes]


def test_what_is_remembered_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(format, "_POSSIBLE_MAX", 10)
    monkeypatch.setattr(format, "_possible", {})
    for n in range(50):
        assert json_format({f"key{n}": 1}) is None
    assert 0 < len(format._possible) <= 10
    assert json_format({f"key{n}": 1 for n in range(1000)}) is None
    assert max(map(len, format._possible)) == 1


@pytest.mark.parametrize("value", [{}, [], {"a": []}, 1.5, None])
def test_a_category_that_is_no_text_is_of_no_known_source(value: Any) -> None:
    assert json_format({"category": value, "properties": {}}) is None


@pytest.mark.parametrize("gap", [" ", "\n  "])
def test_an_object_of_many_fields_takes_no_time(gap: str) -> None:
    record = "{" + ",".join(f'{gap}"{n}":{gap}{n}{gap}' for n in range(2000)) + "}"
    (left,) = results(("[" + record + "]").encode())
    assert isinstance(left, Rejected)
