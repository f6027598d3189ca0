"""Runs over a lake: what is judged, remembered, and said again or not."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.engines.behaviour.events import Event, at, call, daily, denied, flow, lookup, rows_sql, session, tuned
from tests.engines.behaviour.places import CLOUD, NEW_YORK, places

from koban.engines.behaviour.evaluate import evaluate, replay
from koban.lake.baselines import Baselines
from koban.lake.lake import Lake
from koban.model.alert import Alert


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def ingest(lake: Lake, events: Sequence[Event]) -> None:
    connection = lake.connection()
    lake.events.append(connection, rows_sql(connection, events))


def facts(alerts: Sequence[Alert]) -> set[tuple[str, str]]:
    return {(a.rule, a.fingerprint) for a in alerts}


def merged(alerts: Sequence[Alert]) -> dict[str, tuple[object, ...]]:
    """Alerts put together as they are kept: what matters of each (of the entities the one that it is grouped by, since
    of many domains and addresses only some are named).
    """
    found: dict[str, Alert] = {}
    for alert in alerts:
        before = found.get(alert.fingerprint)
        found[alert.fingerprint] = alert if before is None else before.with_more(alert)
    return {
        f"{a.rule} {a.key}": (a.level, a.count, a.time_first, a.time_last, a.entities[0], a.evidence)
        for a in found.values()
    }


def remembered(lake: Lake) -> list[tuple[object, ...]]:
    sql = (
        "SELECT baseline, entity, value, day, sum(observations)::BIGINT, round(sum(amount), 6), min(first_time),"
        f" max(last_time) FROM {Baselines(lake).relation()} GROUP BY ALL ORDER BY ALL"
    )
    return lake.connection().execute(sql).fetchall()


def story(seed: int) -> list[Event]:
    """Twenty quiet days of a small estate and one bad day, for every kind of detection."""
    chance = random.Random(seed)
    events = daily(
        20,
        12,
        lambda t: call(
            t,
            "ann",
            operation="RunInstances",
            api_service_name="ec2.amazonaws.com",
            record={"requestParameters": {"instanceType": "t3.micro"}},
        ),
    )
    events += daily(20, 12, lambda t: session(t, "dev", f"person{t.hour % 5}", "PutObject"))
    events += daily(3, 4, lambda t: call(t, "sam"))
    events += daily(20, 4, lambda t: session(t, "web", "i-0123456789abcdef0", src_endpoint_ip=CLOUD))
    events += daily(20, 10, lambda t: flow(t, "10.0.0.5", "203.0.113.50", 443, bytes=5_000_000))
    events += [
        lookup(at(d, 9, n), "10.0.0.5", f"{chance.choice('ab')}.example.com") for d in range(20) for n in range(5)
    ]
    bad = 20
    events += [
        call(
            at(bad, 9),
            "ann",
            src_endpoint_ip=NEW_YORK,
            cloud_region="ap-south-1",
            http_request_user_agent="x/1",
            api_service_name="lambda.amazonaws.com",
        )
    ]
    events += [call(at(bad, 9, 5), "ann", "DeleteTrail", api_service_name="cloudtrail.amazonaws.com", activity_id=4)]
    events += [session(at(bad, 9, 7), "dev", "person1", "GetSecretValue", api_service_name="sm.amazonaws.com")]
    events += [denied(at(bad, 10, seconds=n), "ann") for n in range(chance.randint(30, 60))]
    events += [call(at(bad + 50, 9), "sam")]
    events += [session(at(bad, 11), "web", "i-0123456789abcdef0", src_endpoint_ip=NEW_YORK)]
    events += [call(at(bad, 11), "x", "AssumeRole", actor_user_account_uid="999988887777")]
    events += [flow(at(bad, 12, n), "10.0.0.5", "203.0.113.99", 443, bytes=60_000_000) for n in range(20)]
    events += [flow(at(bad, 13, seconds=n), "10.0.0.5", "10.0.1.1", n + 1, packets=1) for n in range(80)]
    events += [
        flow(at(bad, 1, n * 5), "10.0.0.5", "203.0.113.77", 8443, src_endpoint_port=33000 + n) for n in range(60)
    ]
    events += [
        lookup(at(bad, 14, seconds=n), "10.0.0.5", f"{chance.getrandbits(64):016x}.com", rcode="NXDOMAIN")
        for n in range(20)
    ]
    events += [
        lookup(at(bad, 15, seconds=n), "10.0.0.5", f"{chance.getrandbits(160):040x}.t.example.net") for n in range(150)
    ]
    return sorted((e | {"line": n} for n, e in enumerate(events)), key=lambda e: e["time"])


TOLD = {
    "access-key-new-asn",
    "beaconing-flows",
    "denied-burst",
    "dga-domains",
    "dns-tunnel",
    "dormant-principal",
    "exfiltration-network",
    "first-seen-asn",
    "first-seen-country",
    "first-seen-region",
    "first-seen-service",
    "first-seen-user-agent",
    "impossible-travel",
    "instance-credentials-outside",
    "new-external-account",
    "port-scan-vertical",
    "rare-for-peers",
}


def test_the_bad_day_is_told_once_and_remembered(lake: Lake) -> None:
    ingest(lake, story(1))
    first = list(evaluate(lake, geo=places()))
    assert {a.rule for a in first} >= TOLD
    assert len(facts(first)) == len(first)
    known = remembered(lake)
    # nothing new: nothing is said, nothing is remembered twice
    assert list(evaluate(lake, geo=places())) == []
    assert remembered(lake) == known
    # compaction brings nothing new
    ingest(lake, [call(at(90), "ann")])
    list(evaluate(lake, geo=places()))
    known = remembered(lake)
    lake.compact()
    assert list(evaluate(lake, geo=places())) == []
    assert remembered(lake) == known


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(seed=st.integers(0, 1000), cuts=st.lists(st.floats(0.7, 0.999), min_size=1, max_size=4, unique=True))
def test_runs_in_pieces_say_and_remember_what_one_run_does(seed: int, cuts: list[float]) -> None:
    events = story(seed)
    places_of_cuts = sorted({int(len(events) * c) for c in cuts} | {0, len(events)})
    with tempfile.TemporaryDirectory() as folder:
        whole, pieces = Lake(f"{folder}/whole"), Lake(f"{folder}/pieces")
        ingest(whole, events)
        at_once = list(evaluate(whole, geo=places()))
        by_pieces: list[Alert] = []
        for low, high in pairwise(places_of_cuts):
            ingest(pieces, events[low:high])
            by_pieces += evaluate(pieces, geo=places())
        assert merged(by_pieces) == merged(at_once)
        assert remembered(pieces) == remembered(whole)


def test_a_run_that_is_left_in_the_middle_is_done_again(lake: Lake) -> None:
    ingest(lake, story(2))
    run = evaluate(lake, geo=places())
    next(run)
    run.close()
    assert remembered(lake) == []
    assert {a.rule for a in evaluate(lake, geo=places())} >= TOLD


def test_a_replay_says_the_same_and_writes_nothing(lake: Lake) -> None:
    ingest(lake, story(3))
    replayed = list(replay(lake, since="2026-03-21", until="2026-03-22", geo=places()))
    assert not Baselines(lake).table.exists()
    live = [a for a in evaluate(lake, geo=places()) if "2026-03-21" <= a.time_last < "2026-03-22"]
    assert facts(replayed) == facts(live)
    known = remembered(lake)
    only = list(replay(lake, since="2026-03-21", names=["denied-burst"]))
    assert {a.rule for a in only} == {"denied-burst"}
    assert remembered(lake) == known
    # ten days of learning are too few for what wants fourteen
    short = {a.rule for a in replay(lake, since="2026-03-21", geo=places(), learn_days=10)}
    assert "first-seen-country" not in short
    assert "denied-burst" in short


def test_alerts_of_a_time_while_all_is_learned(lake: Lake) -> None:
    ingest(lake, story(4))
    assert {a.rule for a in evaluate(lake, since="2026-04-01", geo=places())} == {"dormant-principal"}
    assert len(remembered(lake)) > 100
    assert list(evaluate(lake, geo=places())) == []


def test_late_events_are_judged_and_what_is_known_stays_known(lake: Lake) -> None:
    ingest(lake, daily(20, 10, call))
    list(evaluate(lake, geo=places()))
    ingest(lake, [call(at(21), src_endpoint_ip=NEW_YORK)])
    assert "first-seen-country" in {a.rule for a in evaluate(lake, geo=places())}
    # a record of the day before comes a day late: the country is known by now
    ingest(lake, [call(at(20, 5), src_endpoint_ip=NEW_YORK)])
    assert "first-seen-country" not in {a.rule for a in evaluate(lake, geo=places())}


def test_what_was_vacuumed_before_a_run_is_taken_by_its_time_of_ingestion(lake: Lake) -> None:
    ingest(lake, daily(20, 10, call))
    list(evaluate(lake, geo=places()))
    known = remembered(lake)
    ingest(lake, [call(at(19, 12), ingested_time=at(21)), call(at(20), src_endpoint_ip=NEW_YORK, ingested_time=at(21))])
    lake.compact()
    lake.vacuum(0)
    assert "first-seen-country" in {a.rule for a in evaluate(lake, geo=places())}
    assert sum(r[4] for r in remembered(lake)) > sum(r[4] for r in known)  # type: ignore[misc]
    assert list(evaluate(lake, geo=places())) == []


def test_a_detection_that_is_switched_off_neither_judges_nor_learns(lake: Lake) -> None:
    ingest(lake, story(5))
    rules = {a.rule for a in evaluate(lake, settings=tuned("denied-burst", enabled=False), geo=places())}
    assert "denied-burst" not in rules
    assert "denied-burst" not in {r[0] for r in remembered(lake)}


def test_an_empty_lake(lake: Lake) -> None:
    assert list(evaluate(lake)) == []
    assert list(replay(lake, since="2026-03-01")) == []
