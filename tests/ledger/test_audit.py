from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from koban.ledger import audit
from koban.ledger.audit import Filters, Head, kept_head, page, record, verify
from koban.ledger.database import Ledger
from koban.ledger.errors import Invalid
from koban.ledger.paging import Ask
from koban.ledger.schema import audit as table
from koban.ledger.who import SYSTEM, Actor

A = table.c
SOMEBODY = Actor("user", "Ann\0 <img>", user=None, address="192.0.2.1")


def written(ledger: Ledger, count: int = 6) -> None:
    for n in range(count):
        with ledger.writing() as connection:
            record(
                connection,
                SOMEBODY if n % 2 else SYSTEM,
                f"thing.{'do' if n % 2 else 'undo'}",
                f"thing {n}",
                n=n,
                at=datetime.now(UTC),
                share=0.1,
                odd="\ud800\0",
            )


def whole(ledger: Ledger, head: Head | None = None) -> audit.Verdict:
    with ledger.reading() as connection:
        return verify(connection, head)


def test_a_chain_is_whole_as_it_was_written(ledger: Ledger, tmp_path: Path) -> None:
    assert whole(ledger) == audit.Verdict(True, 0)
    written(ledger)
    found = whole(ledger)
    assert (found.whole, found.entries) == (True, 6)
    assert kept_head(tmp_path) == found.head


@pytest.mark.parametrize(
    "column", ["at", "actor", "actor_kind", "action", "object", "detail", "address", "previous", "digest"]
)
def test_an_entry_that_was_altered_is_named(ledger: Ledger, column: str) -> None:
    written(ledger)
    value = {"at": datetime(2020, 1, 1, tzinfo=UTC), "detail": {"n": 7}}.get(column, "f" * 10)
    with ledger.writing() as connection:
        connection.execute(update(table).where(A.id == 3).values({column: value}))
    found = whole(ledger)
    assert (found.whole, found.broken) == (False, 3)


def test_an_entry_that_was_removed_is_named(ledger: Ledger) -> None:
    written(ledger)
    with ledger.writing() as connection:
        connection.execute(delete(table).where(A.id == 4))
    found = whole(ledger)
    assert (found.whole, found.broken, found.why) == (False, 4, "entry 4 is missing")


def test_the_first_entry_that_was_removed_is_named(ledger: Ledger) -> None:
    written(ledger)
    with ledger.writing() as connection:
        connection.execute(delete(table).where(A.id == 1))
    assert whole(ledger).broken == 1


def test_entries_that_changed_places_are_named(ledger: Ledger) -> None:
    written(ledger)
    with ledger.writing() as connection:
        for old, new in ((2, 1000), (3, 2), (1000, 3)):
            connection.execute(update(table).where(A.id == old).values(id=new))
    assert whole(ledger).broken == 2


def test_entries_numbered_anew_after_a_removal_are_named(ledger: Ledger) -> None:
    written(ledger)
    with ledger.writing() as connection:
        connection.execute(delete(table).where(A.id == 4))
        for old in (5, 6):
            connection.execute(update(table).where(A.id == old).values(id=old - 1))
    assert whole(ledger).broken == 4


def test_a_cut_end_shows_by_a_head_that_was_kept(ledger: Ledger, tmp_path: Path) -> None:
    written(ledger)
    head = kept_head(tmp_path)
    with ledger.writing() as connection:
        connection.execute(delete(table).where(A.id > 4))
    assert whole(ledger).whole  # nothing else can tell
    found = whole(ledger, head)
    assert (found.whole, found.broken) == (False, 5)
    assert "the end is cut off" in found.why
    # Nor does it help to write on: the entry with that number is another one.
    with ledger.writing() as connection:
        record(connection, SYSTEM, "x", "x")
        record(connection, SYSTEM, "x", "x")
    assert whole(ledger, head).broken == 6
    assert kept_head(tmp_path) == head  # a head is not replaced by an older one


def test_a_log_that_was_emptied_shows(ledger: Ledger, tmp_path: Path) -> None:
    written(ledger)
    with ledger.writing() as connection:
        connection.execute(delete(table))
    assert whole(ledger, kept_head(tmp_path)).broken == 1


def test_a_log_that_was_written_anew_shows(ledger: Ledger, tmp_path: Path) -> None:
    written(ledger)
    head = kept_head(tmp_path)
    with ledger.writing() as connection:
        connection.execute(delete(table))
        for n in range(8):
            record(connection, SYSTEM, "x", str(n))
    found = whole(ledger, head)
    assert (found.whole, found.broken) == (False, 6)


def test_an_entry_that_was_slipped_in_is_named(ledger: Ledger) -> None:
    written(ledger)
    with ledger.writing() as connection:
        row = dict(connection.execute(select(table).where(A.id == 6)).one()._mapping)
        connection.execute(insert(table).values({**row, "id": 7}))
    assert whole(ledger).broken == 7


def test_many_at_once_make_one_chain(ledger: Ledger) -> None:
    threads = [threading.Thread(target=written, args=(ledger, 15)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found = whole(ledger)
    assert (found.whole, found.entries) == (True, 60)


def test_what_was_rolled_back_was_not_written(ledger: Ledger, tmp_path: Path) -> None:
    written(ledger, 2)
    with pytest.raises(ZeroDivisionError), ledger.writing() as connection:
        record(connection, SYSTEM, "x", "x")
        _ = 1 / 0
    written(ledger, 1)
    found = whole(ledger, kept_head(tmp_path))
    assert (found.whole, found.entries) == (True, 3)


def test_pages_of_the_log(ledger: Ledger) -> None:
    written(ledger, 7)
    with ledger.reading() as connection:
        first = page(connection, Filters(), Ask(3))
        assert [one.id for one in first.items] == [7, 6, 5]
        assert first.total == 7
        second = page(connection, Filters(), Ask(3, first.next or ""))
        assert [one.id for one in second.items] == [4, 3, 2]
        assert [one.id for one in page(connection, Filters(action="thing.do")).items] == [6, 4, 2]
        assert len(page(connection, Filters(action="thing")).items) == 7
        assert len(page(connection, Filters(action="thin")).items) == 0
        assert [one.id for one in page(connection, Filters(object="thing 3")).items] == [4]
        assert [one.address for one in page(connection, Filters(actor="Ann\ufffd <img>")).items] == ["192.0.2.1"] * 3
        later = datetime.now(UTC) + timedelta(days=1)
        assert page(connection, Filters(since=later)).items == []
        assert len(page(connection, Filters(until=later)).items) == 7


@pytest.mark.parametrize("written", ["", "3", "x:" + "0" * 64, "3:abc", "-1:" + "0" * 64])
def test_a_head_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        Head.of(written)
