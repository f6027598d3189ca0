"""What is forgotten, and what never is."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from tests.ledger.story import START, Story, box, result
from tests.ledger.test_landing import consistent

from koban.ledger import audit, cases, schema, scopes
from koban.ledger.bulk import load
from koban.ledger.database import Ledger
from koban.ledger.retention import Tidied, tidy
from koban.ledger.who import SYSTEM, Sight

TEAM = [{"Key": "team", "Value": "shop"}]


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


def test_ten_scans_a_day_come_down_to_what_is_kept(story: Story) -> None:
    days, now = 500, START + timedelta(days=501)
    one = story.findings()["a public"]
    with story.ledger.reading() as connection:
        resource = connection.scalar(select(schema.resources.c.id).where(schema.resources.c.uid == one.uid))
        numbers = dict(connection.execute(select(schema.trends).limit(1)).one()._mapping)
    there = rows(story, "trends")
    scans, changes, versions, trends = [], [], [], []
    for day in range(days):
        for n in range(10):
            at = START + timedelta(days=day, hours=2 * n)
            scans.append({"target": story.target, "state": "landed", "asked_by": "schedule", "title": "", "queued": at,
                          "started": at, "finished": at})  # fmt: skip
            changes.append({"finding": one.id, "at": at, "actor": "scan", "kind": "changed", "why": ""})
            document = random.Random(day * 10 + n).randbytes(900)
            versions.append({"resource": resource, "since": at, "until": at, "document": document, "digest": f"{at}"})
        trends.append({**numbers, "severity": "info", "day": (now - timedelta(days=400 + day)).date()})
    with story.ledger.writing() as connection:
        for table, its in (
            (schema.scans, scans),
            (schema.changes, changes),
            (schema.versions, versions),
            (schema.trends, trends),
        ):
            load(connection, table, its)
    before = size(story.ledger)
    tidy(story.ledger, now=now)
    assert rows(story, "scans") in range(3_990, 4_015)
    assert rows(story, "changes") in range(3_990, 4_020)
    # Ten a day of the last thirty days, of which the last had no scan, and one of each day in the 370 before.
    assert rows(story, "versions") == 29 * 10 + 370
    assert rows(story, "trends") == there + 401
    if story.ledger.dialect == "sqlite":
        assert size(story.ledger) < before / 2, "the room of what was forgotten is given back"
    done = tidy(story.ledger, now=now)
    assert (done.versions, done.changes, done.numbers) == (0, 0, 0)
    assert story.findings()["a public"].status == "open"


def size(ledger: Ledger) -> int:
    """Bytes of SQLite's file."""
    with ledger.reading() as connection:
        if ledger.dialect != "sqlite":
            return 0
        return int(connection.scalar(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")))


def test_a_finding_in_a_case_leaves_the_scope_of_a_resource_that_is_forgotten(ledger: Ledger) -> None:
    story = Story(ledger)
    story.scan([result("a"), result("b")], [box("a", Tags=TEAM), box("b", Tags=TEAM)])
    with ledger.writing() as connection:
        assert scopes.learn(connection, [Sight(None, {"team": frozenset({"shop"})})]) == 1
        cases.create(connection, SYSTEM, title="A case", findings=[story.findings()["b public"].id])
    story.scan([result("a")], [box("a", Tags=TEAM)])
    tidy(ledger, now=later(days=900))
    assert set(story.findings()) == {"a public", "b public"}
    consistent(ledger)
