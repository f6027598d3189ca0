"""What is forgotten, and what never is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from tests.ledger.story import START, Story, box, result

from koban.ledger import audit, cases, schema
from koban.ledger.database import Ledger
from koban.ledger.retention import Tidied, tidy
from koban.ledger.who import SYSTEM


@pytest.fixture
def story(ledger: Ledger) -> Story:
    made = Story(ledger)
    made.scan([result("a"), result("b"), result("c")], [box("a", Size=1), box("b"), box("c")])
    made.scan([result("a"), result("b"), result("c")], [box("a", Size=2), box("b"), box("c")])
    made.scan([result("a")], [box("a", Size=3)])
    return made


def later(**by: float) -> datetime:
    return START + timedelta(**by)


def rows(story: Story, table: str) -> int:
    with story.ledger.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(schema.metadata.tables[table])) or 0)


def test_nothing_is_forgotten_before_its_time(story: Story) -> None:
    assert tidy(story.ledger, now=later(days=1)) == Tidied()
    assert set(story.findings()) == {"a public", "b public", "c public"}
    assert rows(story, "versions") == 2


def test_of_documents_before_one_a_day_is_kept_after_a_month(story: Story) -> None:
    assert tidy(story.ledger, now=later(days=40)).versions == 1
    assert rows(story, "versions") == 1
    assert tidy(story.ledger, now=later(days=41)).versions == 0


def test_what_is_gone_for_long_is_forgotten_and_what_is_open_stays(story: Story) -> None:
    with story.ledger.writing() as connection:
        cases.create(connection, SYSTEM, title="A case", findings=[story.findings()["c public"].id])
    done = tidy(story.ledger, now=later(days=900))
    assert (done.findings, done.resources) == (1, 2)
    # one is in a case, which must not lose it
    assert {name: one.status for name, one in story.findings().items()} == {"a public": "open", "c public": "resolved"}
    assert rows(story, "scans") == 1, "the last that landed tells when everything was seen"
    assert story.findings()["a public"].last_seen == story.moment
    with story.ledger.reading() as connection:
        assert connection.scalar(select(func.sum(schema.tallies.c.n))) == 2
        assert audit.verify(connection).whole
        told = connection.scalars(select(schema.audit.c.detail).where(schema.audit.c.action == "ledger.tidy")).all()
    assert [one["findings"] for one in told] == [1]


def test_the_next_scan_goes_on_from_what_is_left(story: Story) -> None:
    tidy(story.ledger, now=later(days=900))
    counts = story.scan([result("a"), result("b")], [box("a"), box("b")])
    assert (counts.opened, counts.reopened) == (1, 0)
