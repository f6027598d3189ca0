"""Sights by tags: told by scopes and by the findings themselves, always the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from tests.ledger.story import RULES, Story, box, result
from tests.ledger.test_landing import consistent

from koban.ledger import decisions, findings, schema, scopes, trends
from koban.ledger.database import Ledger
from koban.ledger.findings import Filters
from koban.ledger.who import SYSTEM, Sight

SHOP = Sight(None, {"team": frozenset({"shop"})})
SIGHTS = (
    SHOP,
    Sight(None, {"team": frozenset({"shop", "bank"})}),
    Sight(None, {"team": frozenset({"shop"}), "stage": frozenset({"live"})}),
    Sight(frozenset({"1"}), {"team": frozenset({"shop", "bank"})}),
    Sight(frozenset({"2", "3"}), {"stage": frozenset({"live", "test"})}),
    Sight(None, {"team": frozenset()}),
    Sight(None, {"nobody": frozenset({"has it"})}),
)


def tagged(name: str, account: str = "1", region: str = "r1", **tags: str) -> Any:
    return box(name, account, region, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def told(ledger: Ledger, sight: Sight) -> Any:
    """All that is counted for a sight."""
    with ledger.reading() as connection:
        return (
            trends.counts(connection, sight),
            trends.by_rule(connection, sight),
            sorted((one.key, one.counts) for one in trends.slices(connection, sight, "account")),
            sorted((one.key, one.counts) for one in trends.slices(connection, sight, "environment")),
            trends.moved(connection, sight, datetime.now(UTC) - timedelta(days=1)).opened,
            findings.facets(connection, sight, Filters(status=())),
            findings.groups(connection, sight, "region"),
            findings.groups(connection, sight, "rule", Filters(region=("r2",))),
            findings.page(connection, sight).total,
            findings.page(connection, sight, Filters(account=("1",))).total,
        )


@pytest.fixture
def story(ledger: Ledger) -> Story:
    made = Story(ledger)
    boxes = [
        tagged("a", team="shop", stage="live"),
        tagged("b", team="shop"),
        tagged("c", "2", team="bank", stage="live"),
        tagged("d", "2", "r2", team="shop", stage="test"),
        tagged("e", "3", "r2", owner="x"),
        tagged("f"),
    ]
    results = [
        result(one.name, verdict, rule, account=one.account, region=one.region, uid=one.uid)
        for one in boxes
        for rule, verdict in zip(RULES, ("fail", "pass"), strict=True)
    ]
    made.scan(results, boxes, environment=lambda one: {"1": "prod", "2": "dev"}.get(one.account))
    return made


def test_scopes_tell_what_the_findings_tell(story: Story) -> None:
    slow = [told(story.ledger, one) for one in SIGHTS]
    assert [one[0].open for one in slow] == [3, 4, 1, 2, 2, 0, 0]
    with story.ledger.writing() as connection:
        assert not any(scopes.known(connection, one) for one in SIGHTS[:5])
        assert scopes.learn(connection, SIGHTS) == 8
        assert all(scopes.known(connection, one) for one in SIGHTS)
        assert scopes.learn(connection, SIGHTS) == 0
    consistent(story.ledger)
    assert [told(story.ledger, one) for one in SIGHTS] == slow


def test_a_resource_that_gets_another_tag_leaves_the_sight_though_nothing_else_changed(story: Story) -> None:
    with story.ledger.writing() as connection:
        scopes.learn(connection, SIGHTS)
    a = result("a", uid=tagged("a").uid)
    story.scan([a], [tagged("a", team="bank")], rules=RULES[:1])
    consistent(story.ledger)
    with story.ledger.reading() as connection:
        assert trends.counts(connection, SHOP).open == 0
        assert trends.counts(connection, SIGHTS[1]).open == 1
        assert scopes.known(connection, SHOP)


def test_what_people_decide_is_counted_by_scope(story: Story) -> None:
    with story.ledger.writing() as connection:
        scopes.learn(connection, SIGHTS)
        decisions.set_status(connection, [story.findings(verdict=("fail",))["a public"].id], "excepted")
    consistent(story.ledger)
    with story.ledger.reading() as connection:
        assert (trends.counts(connection, SHOP).open, trends.counts(connection, SHOP).excepted) == (2, 1)


def test_the_tags_of_users_are_learned_by_the_server(story: Story) -> None:
    user = {"email": "a@example.com", "name": "A", "role": "viewer", "sight": SIGHTS[3].stored(), "failures": 0,
            "created": datetime.now(UTC), "locale": "", "theme": ""}  # fmt: skip
    with story.ledger.writing() as connection:
        connection.execute(insert(schema.users).values(**user))
    assert scopes.keep(story.ledger) == 3  # two teams, and the account beside them
    assert scopes.keep(story.ledger) == 0
    with story.ledger.reading() as connection:
        assert scopes.known(connection, SIGHTS[3])
        assert not scopes.known(connection, SIGHTS[2])
        # Few scopes, whatever other tags there are: shop or bank, in account 1 or not.
        assert connection.scalar(select(func.count()).select_from(schema.scopes)) <= 5
    consistent(story.ledger)


def test_a_tag_that_no_column_holds_is_counted_slowly(story: Story) -> None:
    for one in (Sight(None, {"": frozenset({"x"})}), Sight(None, {"team": frozenset({"x" * 301})})):
        with story.ledger.writing() as connection:
            scopes.learn(connection, [one])
            assert not scopes.known(connection, one)
            assert trends.counts(connection, one).open == 0


def test_nobody_sees_more_by_scopes(story: Story) -> None:
    with story.ledger.writing() as connection:
        scopes.learn(connection, SIGHTS)
        for sight in SIGHTS:
            seen = {one.name for one in findings.stream(connection, sight)}
            assert trends.counts(connection, sight).open == len(seen)
        assert SYSTEM.sight.everything
