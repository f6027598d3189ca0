"""Travel, peers, denials, silence, credentials of instances, outside accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.engines.behaviour.events import ACCOUNT, Event, alerts, at, call, daily, denied, session
from tests.engines.behaviour.places import BERLIN, CLOUD, ELSEWHERE, NEW_YORK, POTSDAM, networks, places

from koban.engines.behaviour.evaluate import off
from koban.engines.geo import Geo
from koban.model.alert import Entity


def test_travel_that_nobody_can_make() -> None:
    events = [call(at(0, 9)), call(at(0, 10), src_endpoint_ip=NEW_YORK)]
    [alert] = alerts("impossible-travel", events, places())
    assert "Berlin, DE" in alert.why
    assert "New York, US 60 minutes later" in alert.why
    assert 6300 < float(alert.details["kilometres"]) < 6450
    assert {e.name for e in alert.entities[1:]} == {BERLIN, NEW_YORK}
    assert alert.count == 2


@pytest.mark.parametrize(
    "events",
    [
        [call(at(0, 9)), call(at(0, 17), src_endpoint_ip=NEW_YORK)],  # a flight
        [call(at(0, 9)), call(at(0, 9, 1), src_endpoint_ip=POTSDAM)],  # nearby
        [call(at(0, 9)), call(at(0, 9, 1), src_endpoint_ip=ELSEWHERE)],  # a place that nobody knows
        [call(at(0, 9)), call(at(0, 9, 1), "bob", src_endpoint_ip=NEW_YORK)],  # two people
        [call(at(0, 9)), call(at(0, 9, 1), src_endpoint_ip=NEW_YORK, status_id=2)],  # refused
        [session(at(0, 9), "app", "a"), session(at(0, 9, 1), "app", "b", src_endpoint_ip=NEW_YORK)],  # two sessions
    ],
)
def test_travel_that_is_none(events: list[Event]) -> None:
    assert alerts("impossible-travel", events, places()) == []


def test_one_session_of_a_role_in_two_places() -> None:
    events = [session(at(0, 9), "app", "a"), session(at(0, 9, 1), "app", "a", src_endpoint_ip=NEW_YORK)]
    [alert] = alerts("impossible-travel", events, places())
    assert alert.entities[0] == Entity("credential", "ASIAAPPA")


def test_to_and_fro_is_told_once_a_day_and_not_when_both_places_are_usual() -> None:
    to_and_fro = [call(at(d, 9, n * 10), src_endpoint_ip=[BERLIN, NEW_YORK][n % 2]) for d in range(6) for n in range(6)]
    found = alerts("impossible-travel", to_and_fro, places())
    assert [a.time_last[:10] for a in found] == ["2026-03-01", "2026-03-02", "2026-03-03"]


def test_without_coordinates_travel_is_off_and_says_so() -> None:
    events = [call(at(0, 9)), call(at(0, 10), src_endpoint_ip=NEW_YORK)]
    assert alerts("impossible-travel", events, networks()) == []
    reasons = {o.name: o.reason for o in off(networks())}
    assert "no database with coordinates" in reasons["impossible-travel"]
    assert "first-seen-country" in reasons
    assert "first-seen-asn" not in reasons
    assert off(places()) == []
    assert "impossible-travel" in {o.name for o in off(Geo())}


def team(days: int = 20, people: int = 5) -> list[Event]:
    return daily(days, 15, lambda t: session(t, "dev", f"person{(t.hour * 60 + t.minute) // 40 % people}", "GetObject"))


SECRET = {"api_service_name": "secretsmanager.amazonaws.com"}


def test_what_no_peer_does() -> None:
    events = [*team(), session(at(20), "dev", "person1", "GetSecretValue", **SECRET)]
    [alert] = alerts("rare-for-peers", events)
    assert "person1 called secretsmanager.amazonaws.com:GetSecretValue, as none of its" in alert.why
    assert alert.entities[0] == Entity("group", f"arn:aws:iam::{ACCOUNT}:role/dev")
    # users of a service are peers too
    users = [call(at(d, 9, n), f"user{n % 6}", "PutObject") for d in range(20) for n in range(12)]
    [alert] = alerts("rare-for-peers", [*users, call(at(20), "user1", "DeleteBucket")])
    assert alert.details["actor"].endswith("user/user1")


@pytest.mark.parametrize(
    "events",
    [
        [*team(), session(at(20), "dev", "person1", "ListSecrets", **SECRET)],  # only reads
        [*team(), session(at(20), "dev", "person1", "GetSecretValue", **SECRET, status_id=2)],
        [*team(people=1), session(at(20), "dev", "person9", "GetSecretValue", **SECRET)],  # no group
        [*team(), *[session(at(d), "dev", "person3", "GetSecretValue", **SECRET) for d in (2, 20)]],  # one of them did
    ],
)
def test_what_peers_do_or_what_does_not_matter(events: list[Event]) -> None:
    assert [a for a in alerts("rare-for-peers", events) if a.time_last >= "2026-03-21"] == []


def hours(days: int, refused: int) -> list[Event]:
    """Eight active hours a day with ten calls each, a few refused."""
    return [
        (denied if n < refused + (d + h) % 2 else call)(at(d, 8 + h, n))
        for d in range(days)
        for h in range(8)
        for n in range(10)
    ]


def test_a_burst_of_denied_calls_against_the_own_baseline() -> None:
    burst = [denied(at(10, 9, seconds=n)) for n in range(40)]
    [alert] = alerts("denied-burst", [*hours(10, 1), *burst])
    assert alert.count == 40
    assert "40 calls" in alert.why
    assert "over 80 active hours since 2026-03-01" in alert.why
    assert alert.details["median"] == "1.5"
    # one who is always refused as often
    assert alerts("denied-burst", [*hours(10, 8), *burst], amount_min=5, times_highest=5) == []
    # too few to tell
    assert alerts("denied-burst", [*hours(10, 0), *burst[:19]]) == []
    # many calls, none refused
    assert alerts("denied-burst", [*hours(10, 0), *[call(at(10, 9, seconds=n)) for n in range(400)]]) == []


def test_a_newcomer_has_a_limit_of_its_own() -> None:
    burst = [denied(at(0, 9, seconds=n)) for n in range(120)]
    [alert] = alerts("denied-burst", burst)
    assert "no baseline yet" in alert.why
    assert alerts("denied-burst", burst[:99]) == []
    assert alerts("denied-burst", burst, amount_unlearned=0) == []


def got(time: Any, size: int) -> Event:
    record = {"additionalEventData": {"bytesTransferredOut": size}}
    return session(time, "etl", "run", "GetObject", api_service_name="s3.amazonaws.com", record=record)


def test_more_out_of_s3_than_ever() -> None:
    usual = [got(at(d, 8 + h), 30_000_000 + d * 100_000) for d in range(10) for h in range(6)]
    much = [got(at(10, 9, n), 100_000_000) for n in range(9)]
    [alert] = alerts("exfiltration-s3", [*usual, *much])
    assert "read 900.0 MB out of S3" in alert.why
    assert "median of 30." in alert.why
    assert alerts("exfiltration-s3", [*usual, got(at(10, 9), 150_000_000)]) == []
    # it was as much one night before
    assert alerts("exfiltration-s3", [*usual, *[got(at(5, 20, n), 100_000_000) for n in range(9)], *much[:9]])[1:] == []


def test_a_sleeper_wakes() -> None:
    awake = daily(5, 3, call)
    [alert] = alerts("dormant-principal", [*awake, call(at(80))])
    assert "after 75 days of silence" in alert.why
    assert "15 calls on 5 days, the last on 2026-03-05" in alert.why
    assert alerts("dormant-principal", [*awake, call(at(40))]) == []
    assert alerts("dormant-principal", [call(at(0)), call(at(80))]) == []  # hardly known
    assert alerts("dormant-principal", [*awake, call(at(80)) | {"status_id": 2}]) == []


INSTANCE = "i-0123456789abcdef0"


def instance(time: Any, ip: str, **fields: Any) -> Event:
    return session(time, "web", INSTANCE, src_endpoint_ip=ip, **fields)


def test_credentials_of_an_instance_from_a_network_that_is_not_aws() -> None:
    [alert] = alerts("instance-credentials-outside", [instance(at(0), CLOUD), instance(at(1), NEW_YORK)], networks())
    assert alert.level == "critical"
    assert "AS64501 (Cheap Hosting), not of AWS" in alert.why
    assert CLOUD in alert.why
    assert alert.entities == (Entity("session", INSTANCE), Entity("ip", NEW_YORK))
    for quiet in (
        [instance(at(0), CLOUD), instance(at(1), "203.0.113.201")],  # another address of AWS
        [instance(at(0), CLOUD), instance(at(1), "10.1.2.3")],  # through an endpoint
        [instance(at(0), CLOUD), instance(at(1), NEW_YORK, src_endpoint_vpc_uid="vpce-1")],
        [session(at(1), "web", "ann", src_endpoint_ip=NEW_YORK)],  # no instance
        [instance(at(0), CLOUD), instance(at(1), "ec2.amazonaws.com")],
    ):
        assert alerts("instance-credentials-outside", quiet, networks()) == []
    own = alerts("instance-credentials-outside", [instance(at(1), NEW_YORK)], networks(), networks_own=("AS64501",))
    assert own == []


def test_credentials_of_an_instance_where_no_database_tells_networks() -> None:
    known = [instance(at(d, h), CLOUD) for d in range(3) for h in range(4)]
    [alert] = alerts("instance-credentials-outside", [*known, instance(at(3), NEW_YORK)])
    assert alert.level == "high"
    assert "no database tells" in alert.why
    assert alerts("instance-credentials-outside", [*known, instance(at(3), CLOUD)]) == []
    assert alerts("instance-credentials-outside", [instance(at(3), NEW_YORK)]) == []  # nothing known


OUTSIDE = "999988887777"


def trust(account: str) -> dict[str, Any]:
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}]}
    return {"record": {"requestParameters": {"roleName": "r", "policyDocument": json.dumps(policy)}}}


SHARED = {"record": {"requestParameters": {"createVolumePermission": {"add": {"items": [{"userId": OUTSIDE}]}}}}}


@pytest.mark.parametrize(
    "event",
    [
        call(at(10), "ann", "UpdateAssumeRolePolicy", **trust(OUTSIDE)),
        call(at(10), "ann", "ModifySnapshotAttribute", **SHARED),
        call(at(10), "x", "AssumeRole", actor_user_account_uid=OUTSIDE),
    ],
)
def test_an_account_outside_is_let_in(event: Event) -> None:
    usual = daily(10, 3, call)
    [alert] = alerts("new-external-account", [*usual, event])
    assert alert.entities[0] == Entity("account", OUTSIDE)
    assert "known since 2026-03-01" in alert.why
    # known already, or refused, or too early to know
    assert len(alerts("new-external-account", [*usual, event, event | {"time": at(11)}])) == 1
    assert alerts("new-external-account", [*usual, event | {"time": at(2)}, event]) == []
    assert alerts("new-external-account", [*usual, event | {"status_id": 2}]) == []
    assert alerts("new-external-account", [event]) == []


def test_accounts_of_the_estate_are_not_outside() -> None:
    usual = daily(10, 3, call)
    other = call(at(1), cloud_account_uid=OUTSIDE)
    assert alerts("new-external-account", [*usual, other, call(at(10), "a", "PutKeyPolicy", **trust(OUTSIDE))]) == []
    assert alerts("new-external-account", [*usual, call(at(10), "a", "PutKeyPolicy", **trust(ACCOUNT))]) == []
    digits = {"record": {"requestParameters": {"policy": "123e4567-e89b-12d3-a456-426614174000 1700000000000"}}}
    assert alerts("new-external-account", [*usual, call(at(10), "a", "PutKeyPolicy", **digits)]) == []
