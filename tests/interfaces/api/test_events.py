"""What is told over the stream, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime

from koban.interfaces.api.events import told
from koban.ledger.landing import Counts
from koban.ledger.scans import Scan
from koban.ledger.who import Sight

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COUNTS = vars(Counts(fail=9, opened=3, resolved=2, reopened=1))
LANDED = Scan(7, 1, "estate", "aws", "landed", "somebody", "", NOW, NOW, NOW, None, None, COUNTS, None, None)


def test_a_landed_scan_tells_what_it_changed() -> None:
    assert told("findings", LANDED, Sight()) == (
        b'event: findings\ndata: {"scan": 7, "opened": 3, "resolved": 2, "reopened": 1}\n\n'
    )


def test_who_sees_a_part_is_told_that_there_is_something_and_not_how_much() -> None:
    assert told("findings", LANDED, Sight(accounts=frozenset({"1"}))) == (
        b'event: findings\ndata: {"scan": 7, "opened": null, "resolved": null, "reopened": null}\n\n'
    )
