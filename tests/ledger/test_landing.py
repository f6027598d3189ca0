from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from tests.ledger.story import ALL, RULES, Shelf, Story, box, result

from koban.ledger import exceptions, findings, resources, scans, schema, trends
from koban.ledger.database import Ledger
from koban.ledger.landing import Superseded, land
from koban.ledger.running import Stopped, beat, begin, bury, cancel, fail, start
from koban.ledger.staging import stage
from koban.ledger.who import SYSTEM
from koban.model.result import Gap


@pytest.fixture
def story(ledger: Ledger) -> Story:
    return Story(ledger)


def statuses(story: Story) -> dict[str, str]:
    return {name: one.status for name, one in story.findings().items()}


def kinds(story: Story, name: str) -> list[str]:
    """What happened to a finding, in order."""
    with story.ledger.reading() as connection:
        return [one.kind for one in reversed(findings.history(connection, ALL, story.findings()[name].id))]


def consistent(ledger: Ledger) -> None:
    """That the tallies are what a count says."""
    from koban.ledger.tallying import TABLES, counted, kinds_of

    with ledger.reading() as connection:
        for table in TABLES:
            kept = connection.execute(select(*(table.c[one] for one in [*kinds_of(table), "n"])))
            assert {tuple(row) for row in kept} == {tuple(row) for row in connection.execute(counted(table))}


def test_a_finding_is_opened_resolved_and_reopened(story: Story) -> None:
    first = story.scan([result("a"), result("b", "pass")], [box("a"), box("b")])
    assert (first.opened, first.fail, first.passed) == (1, 1, 1)
    assert statuses(story) == {"a public": "open", "b public": "passed"}

    second = story.scan([result("a", "pass"), result("b", "pass")], [box("a"), box("b")])
    assert second.resolved == 1
    one = story.findings()["a public"]
    assert (one.status, one.verdict, one.resolved) == ("resolved", "pass", story.moment)

    third = story.scan([result("a", "unknown"), result("b")], [box("a"), box("b")])
    assert (third.reopened, third.opened) == (1, 1)
    one = story.findings()["a public"]
    assert (one.status, one.verdict, one.reopened, one.resolved) == ("open", "unknown", 1, None)
    assert one.first_seen == story.moment - timedelta(hours=2)
    assert story.findings()["b public"].first_seen == story.moment
    assert kinds(story, "a public") == ["opened", "resolved", "reopened"]
    consistent(story.ledger)


def test_what_did_not_change_is_not_written_but_seen(story: Story) -> None:
    story.scan([result("a")], [box("a")])
    with story.ledger.reading() as connection:
        before = connection.execute(select(schema.findings)).one()
    story.scan([result("a")], [box("a")])
    with story.ledger.reading() as connection:
        assert connection.execute(select(schema.findings)).one() == before
    assert story.findings()["a public"].last_seen == story.moment
    assert kinds(story, "a public") == ["opened"]


def test_a_change_of_verdict_or_severity_is_told(story: Story) -> None:
    story.scan([result("a")], [box("a")])
    story.scan([result("a", "unknown")], [box("a")])
    story.scan([result("a", "unknown", severity="low")], [box("a")])
    assert kinds(story, "a public") == ["opened", "changed", "changed"]
    with story.ledger.reading() as connection:
        change = findings.history(connection, ALL, story.findings()["a public"].id)[0]
    assert change.before == {"status": "open", "verdict": "unknown", "severity": "high"}
    assert change.after == {"status": "open", "verdict": "unknown", "severity": "low"}
    assert change.actor.startswith("scan ")
    consistent(story.ledger)


def test_what_is_gone_is_resolved_and_what_was_not_read_stays(story: Story) -> None:
    everything = [result("a"), result("b", region="r2"), result("c", "pass", region="r2"), result("d", account="2")]
    boxes = [box("a"), box("b", region="r2"), box("c", region="r2"), box("d", account="2")]
    story.scan(everything, boxes)
    seen = story.moment
    story.scan([], [], gaps=[Gap("Test::Box", "1", "r2", "AccessDenied"), Gap("*", "2", "", "cannot assume the role")])
    found = story.findings()
    assert {name: (one.status, one.not_read) for name, one in found.items()} == {
        "a public": ("resolved", None),
        "b public": ("open", "AccessDenied"),
        "c public": ("passed", "AccessDenied"),
        "d public": ("open", "cannot assume the role"),
    }
    assert found["a public"].gone == story.moment
    assert {one.last_seen for one in found.values()} == {seen}
    consistent(story.ledger)

    # The reason changes, the moment of the last sight does not.
    story.scan([], [], gaps=[Gap("Test::Box", "", "", "Throttled")])
    found = story.findings()
    assert found["b public"].not_read == "Throttled"
    assert found["b public"].last_seen == seen
    assert kinds(story, "b public") == ["opened", "not_read"]

    # Read again: as if nothing had been.
    story.scan(everything, boxes)
    found = story.findings()
    assert {one.last_seen for one in found.values()} == {story.moment}
    assert not any(one.not_read or one.gone for one in found.values())
    assert found["a public"].status == "open"
    assert kinds(story, "a public") == ["opened", "resolved", "reopened"]
    consistent(story.ledger)


def test_a_rule_that_was_not_run_resolves_nothing(story: Story) -> None:
    story.scan([result("a"), result("a", rule=RULES[1])], [box("a")])
    story.scan([result("a")], [box("a")], rules=RULES[:1])
    one = story.findings()["a unencrypted"]
    assert (one.status, one.not_read) == ("open", "the rule was not run")
    # A rule that was run and is no longer for the resource has nothing to say of it.
    story.scan([result("a")], [box("a")])
    one = story.findings()["a unencrypted"]
    assert (one.status, one.verdict) == ("resolved", "fail")
    with story.ledger.reading() as connection:
        assert findings.history(connection, ALL, one.id)[0].why == "the rule is no longer for it"


def test_a_resource_that_was_read_beside_a_gap_counts_as_read(story: Story) -> None:
    story.scan([result("a"), result("b")], [box("a"), box("b")])
    gap = Gap("Test::Box", "1", "r1", "Throttled")
    story.scan([result("a", "pass")], [box("a")], gaps=[gap])
    assert statuses(story) == {"a public": "resolved", "b public": "open"}


def test_a_passed_finding_of_a_resource_that_is_gone_counts_no_more(story: Story) -> None:
    story.scan([result("a", "pass"), result("b")], [box("a"), box("b")])
    story.scan([result("b", "pass")], [box("b")])
    with story.ledger.reading() as connection:
        assert trends.counts(connection, ALL).passed == 1
    story.scan([], [])
    with story.ledger.reading() as connection:
        assert trends.counts(connection, ALL).passed == 0
    consistent(story.ledger)


def test_the_worst_of_results_of_one_name_counts(story: Story) -> None:
    many = [result(f"n{n}", "pass") for n in range(2_500)]
    counts = story.scan([result("a", "pass"), *many, result("a", "fail"), result("a", "unknown")], [])
    assert (counts.fail, counts.passed, counts.unknown) == (1, 2_500, 0)


def test_baseline_and_ledger_exceptions(story: Story) -> None:
    story.scan([result("a"), result("b")], [box("a"), box("b")])
    found = story.findings()
    soon = datetime.now(UTC).date() + timedelta(days=3)
    with story.ledger.writing() as connection:
        number = exceptions.ask_for(
            connection, SYSTEM, [found["a public"].id], reason="a test", expires=soon, approve=True
        )
    assert statuses(story) == {"a public": "excepted", "b public": "open"}
    consistent(story.ledger)

    # It stays excepted while it fails, its verdict is what was read; the baseline excepts the other.
    accepted = result("b").excepted("exception X until 2099-01-01: agreed")
    story.scan([result("a"), accepted], [box("a"), box("b")])
    found = story.findings()
    assert (found["a public"].status, found["a public"].verdict, found["a public"].exception) == (
        "excepted",
        "fail",
        number,
    )
    assert (found["b public"].status, found["b public"].verdict, found["b public"].exception) == (
        "excepted",
        "excepted",
        None,
    )

    # The baseline's goes, so it is open again; the ledger's expires, so it is open again.
    story.scan([result("a"), result("b")], [box("a"), box("b")])
    assert statuses(story) == {"a public": "excepted", "b public": "open"}
    with story.ledger.writing() as connection:
        assert exceptions.expire(connection, soon) == []
        assert exceptions.expire(connection, soon + timedelta(days=1)) == [number]
    assert statuses(story) == {"a public": "open", "b public": "open"}
    assert kinds(story, "a public") == ["opened", "excepted", "reopened"]
    consistent(story.ledger)


def test_an_exception_of_the_ledger_meets_what_comes_later(story: Story) -> None:
    with story.ledger.writing() as connection:
        exceptions.ask(
            connection, SYSTEM, rule="bucket-*", uid="*/www-?", reason="public on purpose",
            expires=datetime.now(UTC).date(), approve=True,
        )  # fmt: skip
    story.scan([result("www-1"), result("www-12"), result("a"), result("WWW-1")])
    assert statuses(story) == {
        "www-1 public": "excepted",
        "www-12 public": "open",
        "a public": "open",
        "WWW-1 public": "open",
    }
    # It passes, and fails again: under the exception again.
    story.scan([result("www-1", "pass"), result("www-12"), result("a"), result("WWW-1")])
    story.scan([result("www-1"), result("www-12"), result("a"), result("WWW-1")])
    assert statuses(story)["www-1 public"] == "excepted"
    consistent(story.ledger)


def test_two_scans_at_once_do_not_mix(ledger: Ledger) -> None:
    one, two = Story(ledger, "one"), Story(ledger, "two")
    first, second = one.begin(), two.begin()
    stage(ledger, first, [result("a")], [box("a")])
    stage(ledger, second, [result("a", "pass"), result("b")], [box("a"), box("b")])
    land(ledger, second, two.coverage())
    land(ledger, first, one.coverage())
    found = {(one.target, one.name, one.status) for one in _every(ledger)}
    assert found == {(one.target, "a", "open"), (two.target, "a", "passed"), (two.target, "b", "open")}
    consistent(ledger)


def _every(ledger: Ledger) -> list[findings.Finding]:
    with ledger.reading() as connection:
        return list(findings.stream(connection, ALL, findings.Filters(status=())))


def test_an_older_view_never_replaces_a_newer_one(story: Story) -> None:
    older, newer = story.begin(), story.begin()
    stage(story.ledger, older, [result("a")], [box("a")])
    stage(story.ledger, newer, [result("a", "pass")], [box("a", Colour="red")])
    land(story.ledger, newer, story.coverage())
    with pytest.raises(Superseded):
        land(story.ledger, older, story.coverage())
    assert statuses(story) == {"a public": "passed"}
    with story.ledger.reading() as connection:
        assert scans.get(connection, older).state == "cancelled"
        assert connection.execute(select(func.count()).select_from(schema.staged)).scalar_one() == 0


def test_the_later_of_two_scans_lands_its_documents(story: Story) -> None:
    story.scan([], [box("a", Colour="red")])
    older, newer = story.begin(), story.begin()
    stage(story.ledger, newer, [], [box("a", Colour="red")])
    stage(story.ledger, older, [], [box("a", Colour="blue")])
    land(story.ledger, older, story.coverage())
    land(story.ledger, newer, story.coverage())
    with story.ledger.reading() as connection:
        (one,) = resources.page(connection, ALL).items
        assert resources.document(connection, ALL, one.key)["Colour"] == "red"
        assert len(resources.versions(connection, ALL, one.key)) == 3


def test_a_scan_that_was_cancelled_or_given_up_cannot_land(story: Story) -> None:
    scan = story.begin()
    stage(story.ledger, scan, [result("a")])
    with story.ledger.writing() as connection:
        assert cancel(connection, SYSTEM, scan)
        assert not cancel(connection, SYSTEM, scan)
    for act in (lambda: beat(story.ledger, scan), lambda: land(story.ledger, scan, story.coverage())):
        with pytest.raises(Stopped, match="cancelled"):
            act()
    other = story.begin()
    fail(story.ledger, other, "the network\nis down")
    with pytest.raises(Stopped, match="the network is down"):
        stage(story.ledger, other, [result("a")])
    assert story.findings() == {}


def test_a_dead_scan_is_found_by_its_silence(story: Story) -> None:
    silent, alive = story.begin(), story.begin()
    stage(story.ledger, silent, [result("a")])
    later = datetime.now(UTC) + timedelta(minutes=5)
    beat(story.ledger, alive, {"done": 1, "total": 2, "what": "r1"})
    with story.ledger.writing() as connection:
        connection.execute(schema.scans.update().where(schema.scans.c.id == alive).values(heartbeat=later))
    assert bury(story.ledger, later) == [silent]
    with story.ledger.reading() as connection:
        assert scans.get(connection, silent).state == "failed"
        assert scans.get(connection, alive).progress == {"done": 1, "total": 2, "what": "r1"}
        assert connection.execute(select(func.count()).select_from(schema.staged)).scalar_one() == 0


def test_a_queued_scan_is_taken_once(story: Story) -> None:
    scan = begin(story.ledger, story.target, "somebody", queued=True)
    assert start(story.ledger, scan)
    assert not start(story.ledger, scan)


def test_resources_have_versions_relations_tags_and_an_end(story: Story) -> None:
    shelf = Shelf({"ShelfName": "s"}, account="1", region="r1")
    other = Shelf({"ShelfName": "s"}, account="2", region="r1")
    story.scan([result("a")], [shelf, other, box("a", Shelf="s", Tags=[{"Key": "team", "Value": "shop"}])])
    first = story.moment
    story.scan([result("a")], [shelf, other, box("a", Shelf="s", Colour="red", Tags=[{"Key": "team", "Value": "ops"}])])
    with story.ledger.reading() as connection:
        a = resources.page(connection, ALL, resources.Filters(q="team=ops TEST::box")).items[0]
        assert (a.name, a.tags, a.findings.high, a.first_seen, a.since) == (
            "a",
            {"team": "ops"},
            1,
            first,
            story.moment,
        )
        assert resources.page(connection, ALL, resources.Filters(q="team=shop")).items == []
        assert [one.name for one in resources.page(connection, ALL, resources.Filters(tag=("team:ops",))).items] == [
            "a"
        ]
        versions = resources.versions(connection, ALL, a.key)
        assert [(one.since, one.until) for one in versions] == [(story.moment, None), (first, story.moment)]
        changes = resources.diff(connection, ALL, a.key, versions[1].digest, versions[0].digest)
        assert [(one.path, one.before, one.after, one.kind) for one in changes] == [
            ("Colour", None, "red", "added"),
            ("Tags.team.Value", "shop", "ops", "changed"),
        ]
        relations = resources.relations(connection, ALL, a.key)
        (out,) = relations.out
        near = resources.get(connection, ALL, out.key or "")
        assert (out.field, out.type, out.name, near.account) == ("shelf", "Test::Shelf", "s", "1")
        (incoming,) = resources.relations(connection, ALL, near.key).incoming
        assert (incoming.field, incoming.type, incoming.key) == ("shelf", "Test::Box", a.key)
    story.scan([], [shelf], gaps=[Gap("*", "2", "", "no role")])
    with story.ledger.reading() as connection:
        there = resources.page(connection, ALL).items
        assert [(one.name, one.account, one.last_seen) for one in there] == [
            ("s", "1", story.moment),
            ("s", "2", story.moment - timedelta(hours=1)),
        ]
        (gone,) = resources.page(connection, ALL, resources.Filters(gone=True)).items
        assert (gone.name, gone.gone, gone.last_seen) == ("a", story.moment, story.moment - timedelta(hours=1))
    story.scan([result("a")], [shelf, other, box("a", Shelf="s", Colour="red")])
    with story.ledger.reading() as connection:
        assert resources.page(connection, ALL, resources.Filters(gone=True)).items == []


def test_the_environment_of_a_resource_is_that_of_its_findings(story: Story) -> None:
    story.scan(
        [result("a"), result("b")], [box("a"), box("b")], environment=lambda one: "prod" if one.name == "a" else None
    )
    found = story.findings()
    assert (found["a public"].environment, found["b public"].environment) == ("prod", None)
    assert list(story.findings(environment=("prod",))) == ["a public"]
    assert list(story.findings(environment=("",))) == ["b public"]


def test_odd_texts_are_kept(story: Story) -> None:
    name = "a\0b\ud800<img onerror=alert(1)>'\"; DROP TABLE findings; --"
    story.scan([result(name)], [box(name, Tags={"k\0": "v\udfff"})])
    (one,) = story.findings().values()
    assert "DROP TABLE" in (one.name or "")
    with story.ledger.reading() as connection:
        (it,) = resources.page(connection, ALL).items
        assert it.tags == {"k\ufffd": "v?"}
        assert resources.document(connection, ALL, it.key)["BoxName"] == name.replace("\ud800", "?")


def test_the_numbers_of_a_day(story: Story) -> None:
    story.scan([result("a"), result("b", severity="low"), result("c", "unknown"), result("d", "pass")])
    day = story.moment.date()
    story.moment += timedelta(days=2)
    story.scan([result("a", "pass"), result("b", severity="low"), result("c", "unknown"), result("d", "pass")])
    with story.ledger.reading() as connection:
        drawn = trends.days(connection, ALL, day, day + timedelta(days=3))
        assert [(one.counts.high, one.counts.low, one.counts.unknown, one.counts.passed) for one in drawn] == [
            (1, 1, 1, 1), (1, 1, 1, 1), (0, 1, 1, 2), (0, 1, 1, 2),
        ]  # fmt: skip
        assert trends.days(connection, ALL, day + timedelta(days=1), day + timedelta(days=1))[0].counts.high == 1
        assert trends.days(connection, ALL, day, day, framework="nist", function="PR")[0].counts.high == 1
        assert trends.days(connection, ALL, date(2020, 1, 1), date(2020, 1, 2)) == []
        assert trends.controls(connection, ALL, "cis")["1.1"].state == "failed"
        assert trends.functions(connection, ALL, "nist")["PR"].passed == 2
        assert trends.counts(connection, ALL).score == 50.0
