from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from tests.ledger.story import ALL, Story, box, result
from tests.ledger.test_landing import consistent

from koban.ledger import audit, cases, decisions, exceptions, findings, resources, schema, trends
from koban.ledger.database import Ledger
from koban.ledger.errors import Conflict, Invalid, NotFound, Refused
from koban.ledger.findings import Filters, Finding
from koban.ledger.paging import Ask
from koban.ledger.who import SYSTEM, Actor, Sight
from koban.model.result import Gap

SEVERITIES = tuple(schema.SEVERITY_RANK)
ONE = Sight(frozenset({"1"}))
SHOP = Sight(None, {"team": frozenset({"shop"})})


@pytest.fixture
def story(ledger: Ledger) -> Story:
    """Some hundred findings of every kind."""
    made = Story(ledger)
    chance = random.Random(7)
    things, results = [], []
    for n in range(60):
        account, region = chance.choice("123"), chance.choice(("r1", "r2"))
        tags = {"team": chance.choice(("shop", "ops"))} if n % 4 else {}
        things.append(box(f"n{n:02}", account, region, Tags=tags, Address=f"10.0.{n}.1"))
        for m, rule in enumerate(("bucket-public", "bucket-unencrypted", "key-old", "key-odd")):
            if n % (m + 1) == 0:
                verdict = chance.choice(("fail", "fail", "unknown", "pass", "excepted"))
                results.append(
                    result(f"n{n:02}", verdict, rule, SEVERITIES[(n + m) % 5], account=account, region=region)
                )
    rules = ("bucket-public", "bucket-unencrypted", "key-old", "key-odd")
    made.scan(results, things, rules=rules, environment=lambda one: {"1": "prod", "2": "dev"}.get(one.account))
    fewer = [one for n, one in enumerate(results) if n % 11]
    made.scan(fewer, [one for one in things if one.account != "3"], [Gap("*", "3", "", "no role")], rules[:3])
    return made


@pytest.fixture
def user(ledger: Ledger) -> Actor:
    with ledger.writing() as connection:
        values = {
            "email": "ann@example.com",
            "name": "Ann",
            "role": "approver",
            "sight": {},
            "created": datetime.now(UTC),
        }
        number = connection.execute(insert(schema.users).values(**values)).inserted_primary_key[0]
    return Actor("user", "Ann", number, "approver")


def every(ledger: Ledger, sight: Sight = ALL, **filters: Any) -> list[Finding]:
    """All, page after page of three."""
    found: list[Finding] = []
    cursor: str | None = ""
    with ledger.reading() as connection:
        while cursor is not None:
            made = findings.page(connection, sight, Filters(**filters), Ask(3, cursor))
            assert made.total is not None
            found += made.items
            cursor = made.next
    assert len(found) == made.total
    return found


WANTED: list[tuple[dict[str, Any], Any]] = [
    ({}, lambda one: one.status == "open"),
    ({"status": ()}, lambda one: True),
    ({"status": ("resolved", "excepted")}, lambda one: one.status in ("resolved", "excepted")),
    ({"status": (), "verdict": ("unknown", "pass")}, lambda one: one.verdict in ("unknown", "pass")),
    ({"severity": ("high", "info")}, lambda one: one.status == "open" and one.severity in ("high", "info")),
    ({"status": (), "account": ("2", "3")}, lambda one: one.account in ("2", "3")),
    ({"status": (), "region": ("r2",)}, lambda one: one.region == "r2"),
    ({"status": (), "environment": ("prod", "")}, lambda one: one.environment in ("prod", None)),
    ({"status": (), "rule": ("key-old",), "account": ("1",)}, lambda one: one.rule == "key-old" and one.account == "1"),
    ({"status": (), "type": ("Test::Box",)}, lambda one: True),
    ({"status": (), "type": ("Test::Nothing",)}, lambda one: False),
    ({"status": (), "framework": ("cis",)}, lambda one: True),
    ({"status": (), "framework": ("nothing",)}, lambda one: False),
    ({"status": (), "control": ("nist:PR.AA-01",)}, lambda one: True),
    ({"status": (), "assignee": (None,)}, lambda one: True),
    ({"status": (), "assignee": (99,)}, lambda one: False),
    ({"status": (), "q": "N07"}, lambda one: one.name == "n07"),
    ({"status": (), "q": "public"}, lambda one: one.rule == "bucket-public"),
    ({"status": (), "q": "public n1"}, lambda one: one.rule == "bucket-public" and "n1" in one.name),
    ({"status": (), "q": "10.0.9.1"}, lambda one: one.name == "n09"),
    ({"status": (), "q": "team=shop unencrypted"}, lambda one: False),  # put right below
    ({"status": (), "q": "%"}, lambda one: False),
    ({"status": (), "q": "_"}, lambda one: False),
]


@pytest.mark.parametrize(("filters", "wanted"), WANTED, ids=lambda one: repr(one) if isinstance(one, dict) else "")
def test_pages_hold_just_what_the_filters_leave(story: Story, filters: dict[str, Any], wanted: Any) -> None:
    whole = every(story.ledger, status=())
    assert len({one.id for one in whole}) == len(whole) > 100
    expected = {one.id for one in whole if wanted(one)}
    if "team=shop" in filters.get("q", ""):
        with story.ledger.reading() as connection:
            shop = resources.page(connection, ALL, resources.Filters(gone=None, tag=("team:shop",)), Ask(500)).items
        expected = {one.id for one in whole if one.rule == "bucket-unencrypted" and one.name in {s.name for s in shop}}
        assert expected
    found = every(story.ledger, **filters)
    assert {one.id for one in found} == expected
    assert [(schema.SEVERITY_RANK[one.severity], one.id) for one in found] == sorted(
        (schema.SEVERITY_RANK[one.severity], one.id) for one in found
    )
    # Groups and facets count the same, however they count.
    with story.ledger.reading() as connection:
        asked = Filters(**filters)
        for by in ("rule", "account", "region", "type", "severity", "environment", "resource"):
            groups = findings.groups(connection, ALL, by, asked)  # type: ignore[arg-type]
            column = {"environment": "environment"}.get(by, by)
            assert {one.key: one.count for one in groups} == Counter(getattr(one, column) or "" for one in found)
            assert sum(one.high for one in groups) == sum(one.severity == "high" for one in found)
        facets = findings.facets(connection, ALL, asked)
        assert facets.status == Counter(one.status for one in found)
        assert facets.severity == Counter(one.severity for one in found)
        assert {one.key: one.count for one in facets.rule} == Counter(one.rule for one in found)


@pytest.mark.parametrize("sort", ["severity", "first_seen", "last_seen", "rule", "resource"])
@pytest.mark.parametrize("descending", [True, False])
def test_each_order_goes_through_all_once(story: Story, sort: Any, descending: bool) -> None:
    found: list[Finding] = []
    cursor: str | None = ""
    with story.ledger.reading() as connection:
        while cursor is not None:
            made = findings.page(connection, ALL, Filters(status=()), Ask(7, cursor, counted=False), sort, descending)
            found += made.items
            cursor = made.next
    key = {
        "severity": lambda one: (-schema.SEVERITY_RANK[one.severity], -one.id),
        "first_seen": lambda one: (one.first_seen, one.id),
        "last_seen": lambda one: (one.last_seen, one.id),
        "rule": lambda one: (one.rule, schema.SEVERITY_RANK[one.severity], one.id),
        "resource": lambda one: (one.uid, one.id),
    }[sort]
    assert found == sorted(found, key=key, reverse=descending)
    assert len(found) == len(every(story.ledger, status=()))


@pytest.mark.parametrize(
    ("sight", "sees"),
    [
        (ONE, lambda one, tags: one.account == "1"),
        (SHOP, lambda one, tags: tags.get(one.name) == "shop"),
        (
            Sight(frozenset({"1"}), {"team": frozenset({"shop"})}),
            lambda one, tags: one.account == "1" and tags.get(one.name) == "shop",
        ),
        (Sight(frozenset()), lambda one, tags: False),
    ],
)
def test_a_limited_sight_limits_every_read_and_every_change(story: Story, user: Actor, sight: Sight, sees: Any) -> None:
    ledger = story.ledger
    with ledger.reading() as connection:
        tags = {
            one.name: one.tags.get("team")
            for one in resources.page(connection, ALL, resources.Filters(gone=None), Ask(500)).items
        }
    whole = every(ledger, status=())
    seen = [one for one in whole if sees(one, tags)]
    hidden = next(one for one in whole if not sees(one, tags))
    assert {one.id for one in every(ledger, sight, status=())} == {one.id for one in seen}
    actor = Actor("user", "Bob", user.user, "approver", sight)
    with ledger.reading() as connection:
        assert sum(one.count for one in findings.groups(connection, sight, "rule", Filters(status=()))) == len(seen)
        assert sum(findings.facets(connection, sight, Filters(status=())).status.values()) == len(seen)
        assert trends.counts(connection, sight).open == sum(
            one.status == "open" and one.verdict != "unknown" for one in seen
        )
        for ask in (findings.get, findings.history, findings.comments, findings.related):
            with pytest.raises(NotFound):
                ask(connection, sight, hidden.id)
        names = {one.name for one in resources.page(connection, sight, resources.Filters(gone=None), Ask(500)).items}
        assert names <= set(tags)
        assert hidden.name not in names - {one.name for one in seen}
        assert hidden.resource is not None
        if hidden.name not in {one.name for one in seen}:
            for read in (
                resources.get,
                resources.document,
                resources.versions,
                resources.relations,
                resources.findings,
            ):
                with pytest.raises(NotFound):
                    read(connection, sight, hidden.resource)
        assert hidden.id not in decisions.choose(connection, sight, ids=[one.id for one in whole])
    soon = datetime.now(UTC).date()
    with ledger.writing() as connection:
        assert decisions.assign(connection, actor, [hidden.id], user.user).changed == 0
        assert decisions.reopen(connection, actor, [hidden.id]).changed == 0
        with pytest.raises(NotFound):
            decisions.comment(connection, actor, hidden.id, "hello")
        with pytest.raises(NotFound):
            exceptions.ask_for(connection, actor, [hidden.id], reason="because", expires=soon)
        with pytest.raises(Refused):
            exceptions.ask(connection, actor, rule="bucket-public", reason="because", expires=soon)
        with pytest.raises(Refused):
            exceptions.ask(connection, actor, fingerprints=[hidden.fingerprint], reason="because", expires=soon)
        case = cases.create(connection, SYSTEM, title="theirs", findings=[hidden.id])
        for look in (cases.get, cases.findings, cases.comments):
            with pytest.raises(NotFound):
                look(connection, sight, case)
        with pytest.raises(NotFound):
            cases.put(connection, actor, case, [hidden.id])


def test_assigning_is_told_and_audited(story: Story, user: Actor) -> None:
    ids = [one.id for one in every(story.ledger)][:3]
    with story.ledger.writing() as connection:
        assert decisions.assign(connection, user, ids, user.user) == decisions.Changed(3, [])
        again = decisions.assign(connection, user, [*ids, 999_999], user.user)
        assert again.changed == 0
        assert dict(again.skipped)[999_999] == "there is no such finding"
        with pytest.raises(Invalid):
            decisions.assign(connection, user, ids, 12345)
    assert [one.id for one in every(story.ledger, assignee=(user.user,))] == ids
    with story.ledger.reading() as connection:
        one = findings.get(connection, ALL, ids[0])
        assert one.assignee_name == "Ann"
        change = findings.history(connection, ALL, ids[0])[0]
        assert (change.kind, change.actor, change.before, change.after) == (
            "assigned",
            "Ann",
            {"assignee": None},
            {"assignee": user.user},
        )
        (entry,) = audit.page(connection, audit.Filters(action="finding.assign")).items
        assert (entry.actor, entry.detail["findings"]) == ("Ann", ids)


def test_comments_are_kept_in_order(story: Story, user: Actor) -> None:
    (one, *_) = every(story.ledger)
    with story.ledger.writing() as connection:
        decisions.comment(connection, user, one.id, " first\0 ")
        decisions.comment(connection, user, one.id, "<img src=x onerror=alert(1)>")
        with pytest.raises(Invalid):
            decisions.comment(connection, user, one.id, "  ")
        with pytest.raises(Invalid):
            decisions.comment(connection, user, one.id, "x" * 10_001)
        texts = [said.text for said in findings.comments(connection, ALL, one.id)]
    assert texts == ["first\ufffd", "<img src=x onerror=alert(1)>"]


def test_an_exception_is_asked_approved_and_revoked(story: Story, user: Actor) -> None:
    analyst = Actor("user", "Bob", None, "analyst")
    day = datetime.now(UTC).date() + timedelta(days=30)
    targets = [one for one in every(story.ledger, rule=("bucket-public",)) if one.account == "1"]
    with story.ledger.writing() as connection:
        number = exceptions.ask(connection, analyst, rule="bucket-public", account="1", reason="known", expires=day)
        assert exceptions.get(connection, ALL, number).state == "asked"
        for act in (exceptions.approve, exceptions.reject):
            with pytest.raises(Refused):
                act(connection, analyst, number)
        with pytest.raises(Refused):
            exceptions.ask(
                connection, analyst, rule="bucket-public", account="1", reason="x", expires=day, approve=True
            )
    with story.ledger.writing() as connection:
        assert exceptions.approve(connection, user, number, "yes") == len(targets) > 3
    made = every(story.ledger, status=("excepted",), ids=tuple(one.id for one in targets))
    assert {one.exception for one in made} == {number}
    assert {one.exception_expires for one in made} == {day}
    assert {one.verdict for one in made} <= {"fail", "unknown"}
    consistent(story.ledger)
    with story.ledger.writing() as connection:
        with pytest.raises(Conflict):
            exceptions.approve(connection, user, number)
        # One finding cannot be taken out of an exception that is wider.
        out = decisions.reopen(connection, user, [targets[0].id])
        assert (out.changed, out.skipped[0][1]) == (
            0,
            f"exception {number} covers more than single findings: revoke it",
        )
        assert exceptions.page(connection, ALL).items[0].findings == len(targets)
        assert exceptions.revoke(connection, user, number, "no more") == len(targets)
    assert {one.status for one in every(story.ledger, status=(), ids=tuple(one.id for one in targets))} == {"open"}
    consistent(story.ledger)
    with story.ledger.reading() as connection:
        change = findings.history(connection, ALL, targets[0].id)[0]
        assert (change.kind, change.why) == ("reopened", f"exception {number} was revoked: no more")
        actions = [one.action for one in audit.page(connection).items][:4]
        assert actions == ["exception.revoke", "exception.approve", "exception.ask", "scan.land"]
        assert audit.verify(connection).whole


def test_single_findings_are_excepted_and_taken_out_again(story: Story, user: Actor) -> None:
    ids = [one.id for one in every(story.ledger)][:4]
    with story.ledger.writing() as connection:
        number = exceptions.ask_for(connection, user, ids, reason="r", expires=datetime.now(UTC).date(), approve=True)
        assert decisions.reopen(connection, user, ids[:1], "looked again").changed == 1
    assert [one.status for one in every(story.ledger, status=(), ids=tuple(ids))].count("excepted") == 3
    consistent(story.ledger)
    with story.ledger.writing() as connection:
        assert exceptions.expire(connection, datetime.now(UTC).date() + timedelta(days=1)) == [number]
    assert {one.status for one in every(story.ledger, status=(), ids=tuple(ids))} == {"open"}
    consistent(story.ledger)


@pytest.mark.parametrize(
    "given",
    [
        {"rule": "a", "reason": " "},
        {"rule": "a", "reason": "x" * 2_001},
        {"rule": "*", "reason": "all"},
        {"reason": "nothing"},
        {"rule": "a*", "reason": "many rules everywhere"},
        {"rule": "a", "reason": "x", "fingerprints": ["0" * 32]},
        {"fingerprints": ["nonsense"], "reason": "x"},
        {"rule": "a", "reason": "x", "expires": datetime.now(UTC).date() - timedelta(days=1)},
        {"rule": "a", "reason": "x", "expires": datetime.now(UTC).date() + timedelta(days=400)},
    ],
)
def test_exceptions_that_say_too_little_or_too_much_are_refused(ledger: Ledger, given: dict[str, Any]) -> None:
    with ledger.writing() as connection, pytest.raises(Invalid):
        exceptions.ask(connection, SYSTEM, **{"expires": datetime.now(UTC).date(), **given})


def test_a_case_from_its_start_to_its_end(story: Story, user: Actor) -> None:
    ids = [one.id for one in every(story.ledger)][:3]
    with story.ledger.writing() as connection:
        number = cases.create(connection, user, title="Buckets", owner=user.user, findings=ids[:2])
        assert cases.put(connection, user, number, ids) == decisions.Changed(
            1, [(one, "it is in the case already") for one in ids[:2]]
        )
        cases.comment(connection, user, number, "on it")
        made = cases.edit(connection, user, number, state="closed", severity="high")
        assert (made.state, made.severity, made.findings, made.open, made.owner_name) == ("closed", "high", 3, 3, "Ann")
        assert made.closed is not None
        assert cases.edit(connection, user, number, state="working").closed is None
        assert cases.take(connection, user, number, ids[:1]).changed == 1
        for wrong in ({"state": "gone"}, {"severity": "awful"}, {"title": " "}, {"owner": 99}):
            with pytest.raises(Invalid):
                cases.edit(connection, user, number, **wrong)
    with story.ledger.reading() as connection:
        assert {one.id for one in cases.findings(connection, ALL, number).items} == set(ids[1:])
        assert [one.text for one in cases.comments(connection, ALL, number)] == ["on it"]
        assert [one.id for one in cases.page(connection, ALL, cases.Filters(owner=(user.user,), q="BUCK")).items] == [
            number
        ]
        assert cases.page(connection, ALL, cases.Filters(state=("closed",))).items == []
        said = [one.action for one in audit.page(connection, audit.Filters(object=f"case {number}")).items]
        assert said == ["case.take", "case.edit", "case.edit", "case.comment", "case.put", "case.create"]


def test_bulk_actions_have_bounds(story: Story) -> None:
    with story.ledger.reading() as connection:
        with pytest.raises(Invalid):
            decisions.choose(connection, ALL, ids=list(range(10_001)))
        with pytest.raises(Invalid):
            decisions.choose(connection, ALL)
        chosen = decisions.choose(connection, ALL, filters=Filters(rule=("key-old",)))
    assert set(chosen) == {one.id for one in every(story.ledger, rule=("key-old",))}


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "e30",
        "W10",
        "WyJzZXZlcml0eSIsZmFsc2UsIngiLDFd",
        "WyJzZXZlcml0eSIsZmFsc2UsMSwxLDFd",
        "WyJydWxlIixmYWxzZSwxLDFd",
        "\ud800",
        "WyJzZXZlcml0eSIsZmFsc2UsMSw5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(ledger: Ledger, cursor: str) -> None:
    with ledger.reading() as connection, pytest.raises(Invalid) as caught:
        findings.page(connection, ALL, Filters(), Ask(5, cursor))
    assert caught.value.field == "cursor"


def test_an_export_streams_all(story: Story) -> None:
    with story.ledger.reading() as connection:
        assert [one.id for one in findings.stream(connection, ALL, Filters(status=()), 10)] == [
            one.id for one in every(story.ledger, status=())
        ]


def test_the_statements_are_safe_from_what_filters_say(story: Story) -> None:
    evil = "'; DROP TABLE findings; --"
    with story.ledger.reading() as connection:
        for name in ("account", "region", "environment", "type", "rule", "framework", "control", "verdict", "resource"):
            assert findings.page(connection, ALL, Filters(**{"status": (), name: (evil,)})).items == []
        assert findings.page(connection, ALL, Filters(status=(evil,))).items == []
        assert findings.page(connection, ALL, Filters(q=evil)).items == []
        assert connection.execute(select(schema.findings.c.id)).first() is not None
