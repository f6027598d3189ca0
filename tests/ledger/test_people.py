"""Users, sessions, tokens and links, as the ledger keeps them; on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from koban.ledger import access, people
from koban.ledger.access import Lifetime
from koban.ledger.database import Ledger
from koban.ledger.errors import Conflict, Invalid, Refused
from koban.ledger.who import SYSTEM, Actor, Sight

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIFETIME = Lifetime(timedelta(hours=1), timedelta(hours=10))


@pytest.fixture
def ana(ledger: Ledger) -> int:
    with ledger.writing() as connection:
        return people.create(
            connection, SYSTEM, NOW, email=" Ana@Example.com", name="Ana", role="admin", password="hash"
        )


def test_email_is_known_however_it_is_written(ledger: Ledger, ana: int) -> None:
    with ledger.writing() as connection:
        assert people.find(connection, email="ANA@example.COM ")["id"] == ana  # type: ignore[index]
        with pytest.raises(Conflict):
            people.create(connection, SYSTEM, NOW, email="ana@example.com", name="A", role="viewer")


@pytest.mark.parametrize(
    ("inner", "outer", "holds"),
    [
        ({}, {}, True),
        ({"accounts": ["1"]}, {}, True),
        ({}, {"accounts": ["1"]}, False),
        ({"accounts": ["1"]}, {"accounts": ["1", "2"]}, True),
        ({"accounts": ["1", "3"]}, {"accounts": ["1", "2"]}, False),
        ({"accounts": []}, {"accounts": ["1"]}, True),
        ({"tags": {"team": ["a"]}}, {"tags": {"team": ["a", "b"]}}, True),
        ({"tags": {"team": ["a", "c"]}}, {"tags": {"team": ["a", "b"]}}, False),
        ({"tags": {"team": ["a"], "env": ["x"]}}, {"tags": {"team": ["a"]}}, True),
        ({"tags": {"team": ["a"]}}, {"tags": {"team": ["a"], "env": ["x"]}}, False),
        ({"accounts": ["1"]}, {"tags": {"team": ["a"]}}, False),
    ],
)
def test_within(inner: dict[str, object], outer: dict[str, object], holds: bool) -> None:
    assert people.within(Sight.of(inner), Sight.of(outer)) is holds


def test_two_admins_do_not_end_each_other(ledger: Ledger, ana: int) -> None:
    with ledger.writing() as connection:
        bo = people.create(connection, SYSTEM, NOW, email="bo@example.com", name="Bo", role="admin", password="hash")
    changed, refused = threading.Event(), threading.Event()

    def end_bo() -> None:
        with ledger.writing() as connection:
            people.change(connection, SYSTEM, people.find(connection, id=bo), role="viewer")  # type: ignore[arg-type]
            changed.set()
            refused.wait(0.3)  # meanwhile the other one has begun

    first = threading.Thread(target=end_bo)
    first.start()
    changed.wait(10)
    with pytest.raises(Conflict), ledger.writing() as connection:
        people.change(connection, SYSTEM, people.find(connection, id=ana), role="viewer")  # type: ignore[arg-type]
    refused.set()
    first.join(10)
    with ledger.reading() as connection:
        assert people.admins(connection) == 1


def test_code_is_used_by_one_of_two(ledger: Ledger, ana: int) -> None:
    start = threading.Barrier(2)
    used: list[bool] = []

    def use() -> None:
        start.wait()
        with ledger.writing() as connection:
            used.append(people.use_step(connection, ana, 7))

    threads = [threading.Thread(target=use) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(used) == [False, True]


def test_link_is_used_by_one_of_two(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        secret = people.setup_link(connection, SYSTEM, NOW)
    start = threading.Barrier(2)
    used: list[str | None] = []

    def use() -> None:
        start.wait()
        with ledger.writing() as connection:
            used.append(people.take_link(connection, secret, NOW))

    threads = [threading.Thread(target=use) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(used, key=str) == [None, "setup"]


def test_setup_link_only_without_an_admin_who_can_sign_in(ledger: Ledger, ana: int) -> None:
    with ledger.writing() as connection:
        with pytest.raises(Conflict):
            people.setup_link(connection, SYSTEM, NOW)
        people.settle(connection, ana, disabled=NOW)
        assert people.setup_link(connection, SYSTEM, NOW)
        people.settle(connection, ana, disabled=None, password=None)
        assert people.setup_link(connection, SYSTEM, NOW)
        people.tie(connection, SYSTEM, people.find(connection, id=ana) or {}, "https://a.example", "u-1")
        with pytest.raises(Conflict):
            people.setup_link(connection, SYSTEM, NOW)
        assert people.find_subject(connection, "https://a.example", "u-1")["id"] == ana  # type: ignore[index]


def test_sessions_live_and_end(ledger: Ledger, ana: int) -> None:
    with ledger.writing() as connection:
        value, _ = access.start(connection, ana, NOW, LIFETIME, agent="x" * 1000)

        def alive(at: datetime) -> bool:
            return access.session_of(connection, value, at, LIFETIME) is not None

        assert alive(NOW + timedelta(minutes=59))
        assert not alive(NOW + timedelta(minutes=60))
        session = access.session_of(connection, value, NOW, LIFETIME)
        assert session is not None
        access.used(connection, session, NOW + timedelta(minutes=59))
        assert alive(NOW + timedelta(minutes=118))
        renamed = access.rotate(connection, session)
        assert not alive(NOW)
        assert access.session_of(connection, renamed, NOW, LIFETIME).csrf == session.csrf  # type: ignore[union-attr]
        assert access.sweep(connection, NOW + timedelta(hours=5), LIFETIME) == 1
        assert access.sessions_of(connection, ana, NOW, LIFETIME) == []


def test_tokens_find_expire_and_end(ledger: Ledger, ana: int) -> None:
    actor = Actor("user", "ana", ana, "analyst", Sight(frozenset({"1"})))
    with ledger.writing() as connection:
        with pytest.raises(Refused):
            access.issue(connection, actor, NOW, name="t", role="admin", sight=actor.sight, expires=NOW)
        with pytest.raises(Refused):
            access.issue(connection, actor, NOW, name="t", role="viewer", sight=Sight(), expires=NOW)
        with pytest.raises(Invalid):
            access.issue(connection, actor, NOW, name="t", role="viewer", sight=actor.sight, expires=NOW)
        id, value = access.issue(
            connection, actor, NOW, name="t", role="analyst", sight=actor.sight, expires=NOW + timedelta(days=1)
        )
        row = access.bearer(connection, value, NOW)
        assert row is not None
        assert access.actor_of_token(row, "").role == "analyst"
        assert access.bearer(connection, value, NOW + timedelta(days=1)) is None
        assert access.bearer(connection, value + "x", NOW) is None
        assert not access.revoke(connection, Actor("user", "ben", 99), id, NOW, own=True)
        assert access.revoke(connection, actor, id, NOW, own=True)
        assert access.bearer(connection, value, NOW) is None
