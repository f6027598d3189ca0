from __future__ import annotations

import pytest
from tests.engines.alerting.alerts import alert

from koban.engines.alerting.suppression import BadSuppression, Suppression, shown, suppression

ALERT = alert(
    "root-sign-in", "2026-03-01T10:00:00Z", "user:ana", account="111122223333", details={"rule_name": "iam-root-used"}
)


@pytest.mark.parametrize(
    ("given", "hidden"),
    [
        ({"rule": "root-sign-in"}, True),
        ({"rule": "About root*"}, True),
        ({"rule": "other"}, False),
        ({"rule": "iam-*"}, True),
        ({"rule": "root*", "until": "2026-03-01"}, False),
        ({"rule": "root*", "entity": "an?"}, True),
        ({"rule": "root*", "entity": "bo"}, False),
        ({"rule": "root*", "account": "1111*"}, True),
        ({"rule": "root*", "account": "9*"}, False),
    ],
)
def test_covers(given: dict[str, str], hidden: bool) -> None:
    table = {"until": "2026-04-01", "reason": "the yearly drill"} | given
    seen, covered = shown([ALERT], [suppression(table)])
    assert (seen, covered) == (([], [ALERT]) if hidden else ([ALERT], []))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"rule": "x", "until": "2026-04-01"}, "needs reason"),
        ({"rule": "x", "reason": "y"}, "needs until"),
        ({"rule": "*", "until": "2026-04-01", "reason": "y"}, "needs an entity"),
    ],
)
def test_a_suppression_says_why_and_until_when(table: dict[str, str], message: str) -> None:
    with pytest.raises(BadSuppression, match=message):
        suppression(table)


def test_the_least_that_it_says() -> None:
    assert suppression({"rule": "a", "until": "2026-04-01", "reason": "b"}) == Suppression("a", "2026-04-01", "b")
