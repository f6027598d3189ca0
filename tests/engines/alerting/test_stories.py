from __future__ import annotations

import random

import pytest
from tests.engines.alerting.alerts import alert

from koban.engines.alerting.stories import risk, stories
from koban.model.alert import Entity


def rules(*alerts: object) -> list[list[str]]:
    return [[a.rule for a in s.alerts] for s in stories(alerts)]  # type: ignore[arg-type]


def test_one_actor_is_one_story() -> None:
    found = stories(
        [
            alert("a", "2026-03-01T10:00:00Z", "user:ana", "ip:192.0.2.1", tags=("attack.initial-access",)),
            alert("b", "2026-03-01T11:00:00Z", "credential:AKIA1", "user:ana", level="high", tags=("attack.impact",)),
            alert("c", "2026-03-01T12:00:00Z", "credential:AKIA1"),
            alert("d", "2026-03-01T12:00:00Z", "user:bo"),
        ]
    )
    assert [[a.rule for a in s.alerts] for s in found] == [["a", "b", "c"], ["d"]]
    assert found[0].level == "high"
    assert found[0].tactics == ("initial-access", "impact")
    assert found[0].entities[0] == Entity("credential", "AKIA1")
    assert (found[0].time_first, found[0].time_last) == ("2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z")


@pytest.mark.parametrize(
    ("later", "together"),
    [("2026-03-01T16:00:00Z", True), ("2026-03-01T16:00:01Z", False), ("2026-03-01T10:00:00Z", True)],
)
def test_six_hours_part(later: str, together: bool) -> None:
    found = rules(alert("a", "2026-03-01T10:00:00Z", "user:ana"), alert("b", later, "user:ana"))
    assert (len(found) == 1) is together


def test_an_account_ties_nothing_together() -> None:
    assert len(rules(*(alert(r, "2026-03-01T10:00:00Z", "account:1", f"user:{r}") for r in "ab"))) == 2


@pytest.mark.parametrize("entity", ["ip:192.0.2.1", "host:gateway"])
def test_what_everybody_shares_ties_nothing_together(entity: str) -> None:
    many = [alert("r", "2026-03-01T10:00:00Z", f"user:u{n}", entity) for n in range(30)]
    assert len(rules(*many)) == 30


def test_an_intruders_address_ties_what_it_did_as_several_users() -> None:
    assert len(rules(*(alert("r", "2026-03-01T10:00:00Z", f"user:u{n}", "ip:192.0.2.1") for n in range(5)))) == 1


def test_a_storys_name_stays_while_it_grows_and_order_does_not_matter() -> None:
    alerts = [alert(f"r{n}", f"2026-03-01T1{n}:00:00Z", f"user:u{n}", f"user:u{n + 1}") for n in range(5)]
    whole = stories(alerts)
    assert len(whole) == 1
    assert stories(alerts[:2])[0].uid == whole[0].uid
    shuffled = alerts[:]
    random.Random(1).shuffle(shuffled)
    assert stories(shuffled) == whole


def test_repeats_of_a_rule_add_less_risk_and_old_ones_fade() -> None:
    now = "2026-03-08T10:00:00Z"
    old = alert("a", "2026-03-01T10:00:00Z", "user:ana", level="high")
    fresh = alert("b", now, "user:bo", level="high")
    again = alert("b", "2026-03-08T09:59:59Z", "user:bo", level="high")
    scores = risk([old, fresh, again], now)
    assert scores == {Entity("user", "bo"): 60.0, Entity("user", "ana"): 20.0}
