from __future__ import annotations

import pytest

from koban.model.event import is_path


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a.b", True),
        ("a[*].b", True),
        ('"a b".c', True),
        ('"id.orig_h"', True),
        ('"a\\"b c"', True),
        ("1", False),
        ("{a}", False),
        ("'x'", False),
        ('"a b" || c', False),
        ("coalesce(a)", False),
    ],
)
def test_a_path_is_told_from_an_expression(expression: str, expected: bool) -> None:
    assert is_path(expression) is expected
