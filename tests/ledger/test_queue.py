"""Scans that wait, and the lease."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from koban.ledger import queue, running, scans, schema, targets
from koban.ledger.database import Ledger
from koban.ledger.errors import Conflict, NotFound
from koban.ledger.who import SYSTEM

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LEASE = timedelta(seconds=20)


def target(ledger: Ledger, name: str = "shop", **options: Any) -> int:
    with ledger.writing() as connection:
        return targets.create(connection, SYSTEM, NOW, name=name, kind="iac", options={"paths": ["."]}, **options)


def ask(ledger: Ledger, of: int, now: datetime = NOW) -> int:
    with ledger.writing() as connection:
        return queue.ask(connection, SYSTEM, of, now)


def state(ledger: Ledger, scan: int) -> str:
    with ledger.reading() as connection:
        return scans.get(connection, scan).state


def test_lease_has_one_holder(ledger: Ledger) -> None:
    def hold(holder: str, now: datetime) -> bool:
        with ledger.writing() as connection:
            return queue.hold(connection, "scheduler", holder, now, LEASE)

    assert hold("a", NOW)
    assert not hold("b", NOW + timedelta(seconds=19))
    assert hold("a", NOW + timedelta(seconds=19))
    assert not hold("b", NOW + timedelta(seconds=38))
    assert hold("b", NOW + timedelta(seconds=40))  # a has died
    assert not hold("a", NOW + timedelta(seconds=41))
    with ledger.writing() as connection:
        queue.release(connection, "scheduler", "a")  # not its own any more
    assert not hold("a", NOW + timedelta(seconds=42))
    with ledger.writing() as connection:
        queue.release(connection, "scheduler", "b")
    assert hold("a", NOW + timedelta(seconds=43))


def test_of_many_at_once_one_gets_the_lease(ledger: Ledger) -> None:
    got: list[str] = []
    start = threading.Barrier(8)

    def run(name: str) -> None:
        start.wait()
        with ledger.writing() as connection:
            if queue.hold(connection, "scheduler", name, NOW, LEASE):
                got.append(name)

    threads = [threading.Thread(target=run, args=(f"worker {n}",)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(got) == 1


def test_scans_of_one_target_follow_each_other(ledger: Ledger) -> None:
    shop, other = target(ledger), target(ledger, "other")
    first = ask(ledger, shop)
    with pytest.raises(Conflict, match=f"scan {first}"):
        ask(ledger, shop)
    second = ask(ledger, other)
    with ledger.reading() as connection:
        assert queue.waiting(connection, 5) == [first, second]
    assert running.start(ledger, first)
    assert not running.start(ledger, first)
    with ledger.reading() as connection:
        assert queue.waiting(connection, 5) == [second]
    with pytest.raises(Conflict):
        ask(ledger, shop)
    running.fail(ledger, first, "no")
    ask(ledger, shop)


def test_what_is_due(ledger: Ledger) -> None:
    shop = target(ledger, every_seconds=3600)
    target(ledger, "by hand")
    target(ledger, "off", every_seconds=60, enabled=False)

    def due(now: datetime) -> list[int]:
        with ledger.writing() as connection:
            return queue.ask_due(connection, now)

    (first,) = due(NOW)
    with ledger.reading() as connection:
        assert scans.get(connection, first).target == shop
        assert scans.get(connection, first).asked_by == "schedule"
    assert due(NOW + timedelta(hours=2)) == []  # it is not done yet
    running.fail(ledger, first, "no")
    assert due(NOW + timedelta(minutes=59)) == []
    assert len(due(NOW + timedelta(minutes=60))) == 1


def test_stopped_scan_goes_back_into_the_queue(ledger: Ledger) -> None:
    scan = ask(ledger, target(ledger))
    running.start(ledger, scan)
    with ledger.writing() as connection:
        assert queue.give_back(connection, scan)
        assert not queue.give_back(connection, scan)
    assert state(ledger, scan) == "queued"
    assert running.start(ledger, scan)


def test_cancelled_scan_does_not_come_back(ledger: Ledger) -> None:
    scan = ask(ledger, target(ledger))
    running.start(ledger, scan)
    with ledger.writing() as connection:
        assert running.cancel(connection, SYSTEM, scan)
        assert not queue.give_back(connection, scan)
        assert queue.active(connection) == {}
    assert state(ledger, scan) == "cancelled"


def test_targets(ledger: Ledger) -> None:
    shop = target(ledger)
    with pytest.raises(Conflict, match="name"):
        target(ledger)
    other = target(ledger, "other")
    with ledger.writing() as connection:
        assert targets.change(connection, SYSTEM, shop, name="the shop", every_seconds=60).every_seconds == 60
        with pytest.raises(Conflict):
            targets.change(connection, SYSTEM, shop, name="other")
        assert [one.name for one in targets.every(connection)] == ["other", "the shop"]
    scan = ask(ledger, shop)
    with pytest.raises(Conflict, match="cancel"), ledger.writing() as connection:
        targets.remove(connection, SYSTEM, shop)
    running.fail(ledger, scan, "no")
    with ledger.writing() as connection:
        targets.remove(connection, SYSTEM, shop)
        targets.remove(connection, SYSTEM, other)
        with pytest.raises(NotFound):
            targets.remove(connection, SYSTEM, shop)
        said = list(connection.scalars(select(schema.audit.c.action).order_by(schema.audit.c.id)))
    assert said == ["target.create", "target.create", "target.change", "scan.start", "target.delete", "target.delete"]


def test_schedule_says_nothing_of_a_scan_that_died(ledger: Ledger) -> None:
    scan = ask(ledger, target(ledger))
    running.start(ledger, scan)
    long_ago = datetime.now(UTC) - timedelta(hours=5)
    with ledger.writing() as connection:
        connection.execute(update(schema.scans).values(heartbeat=long_ago))
    assert running.bury(ledger) == [scan]
    assert state(ledger, scan) == "failed"
