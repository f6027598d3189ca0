"""The numbers within a day, told backwards from now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.ledger.story import ALL, Story, box, result

from koban.ledger import exceptions
from koban.ledger.database import Ledger
from koban.ledger.moments import moments
from koban.ledger.trends import counts
from koban.ledger.who import SYSTEM, Sight


def test_each_scan_and_each_decision_is_a_moment(ledger: Ledger) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    story = Story(ledger)
    boxes = [box("a"), box("b"), box("c", account="2")]
    story.scan([result("a"), result("b", "unknown"), result("c", "pass", account="2")], boxes)
    story.scan([result("a", "pass"), result("b", "unknown"), result("c", account="2", severity="low")], boxes)
    story.scan([result("a", "pass"), result("b"), result("c", account="2", severity="critical")], boxes)
    found = story.findings()["b public"]
    with ledger.writing() as connection:
        exceptions.ask_for(
            connection,
            SYSTEM,
            [found.id],
            reason="for now",
            expires=datetime.now(UTC).date() + timedelta(days=3),
            approve=True,
        )
    with ledger.reading() as connection:
        told = [{name: n for name, n in vars(one.counts).items() if n} for one in moments(connection, ALL, since)]
        assert told == [
            {"high": 1, "unknown": 1},
            {"low": 1, "unknown": 1},
            {"critical": 1, "high": 1},
            {"critical": 1, "excepted": 1},
        ]
        now = counts(connection, ALL)
        assert moments(connection, ALL, since)[-1].counts.risk == now.risk == 40
        two = Sight(accounts=frozenset({"2"}))
        assert [one.counts.risk for one in moments(connection, two, since)] == [0, 1, 40]
        assert moments(connection, ALL, datetime.now(UTC)) == []


def test_what_is_gone_was_open_before(ledger: Ledger) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    story = Story(ledger)
    story.scan([result("a"), result("b")], [box("a"), box("b")])
    story.scan([result("b")], [box("b")])
    with ledger.reading() as connection:
        assert [one.counts.high for one in moments(connection, ALL, since)] == [2, 1]


def test_no_moment_is_told_before_too_many_changes(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    story = Story(ledger)
    for verdict in ("fail", "pass", "fail", "pass"):
        story.scan([result("a", verdict), result("b", verdict)], [box("a"), box("b")])
    with ledger.reading() as connection:
        assert [one.counts.high for one in moments(connection, ALL, since)] == [2, 0, 2, 0]
        monkeypatch.setattr("koban.ledger.moments.CHANGES_MAX", 3)
        assert [one.counts.high for one in moments(connection, ALL, since)] == [2, 0]
