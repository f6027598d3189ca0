from __future__ import annotations

import pytest
from tests.engines.detection.rules_of import matched


@pytest.mark.parametrize(
    ("item", "expect"),
    [
        ("Status: success", [0]),
        ("Status|contains: ucc", [0]),
        ("Status: null", [1, 2]),
        ("Status|exists: true", [0]),
        ("Status: Failure", []),
    ],
)
def test_a_field_may_be_sql_over_the_sources_fields(item: str, expect: list[int]) -> None:
    events = [{"kind": "0"}, {"kind": "7"}, {}]
    assert matched(f"{{s: {{{item}}}, condition: s}}", events, "made") == expect
