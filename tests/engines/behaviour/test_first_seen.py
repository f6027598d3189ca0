"""What is new of a principal, credential or account: told after learning, once, and with what was normal."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engines.behaviour.events import ACCOUNT, Event, alerts, at, call, daily, denied, session
from tests.engines.behaviour.places import NEW_YORK, networks, places

from koban.model.alert import Entity

ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
RUN: dict[str, Any] = {"api_service_name": "ec2.amazonaws.com"}


def learned(**fields: Any) -> list[Event]:
    return daily(20, 10, lambda t: call(t, **fields))


def started(kind: str) -> dict[str, Any]:
    return RUN | {"record": {"requestParameters": {"instanceType": kind}}}


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "first-seen-country": ({}, {"src_endpoint_ip": NEW_YORK}, "US"),
    "first-seen-asn": ({}, {"src_endpoint_ip": NEW_YORK}, "AS64501"),
    "first-seen-user-agent": ({}, {"http_request_user_agent": "Boto3/1.34 md/Botocore"}, "boto3"),
    "first-seen-service": ({}, {"api_service_name": "ses.amazonaws.com"}, "ses.amazonaws.com"),
    "first-seen-region": (RUN, RUN | {"cloud_region": "ap-south-1"}, "ap-south-1"),
    "first-seen-instance-type": (
        {"operation": "RunInstances"} | started("t3.micro"),
        {"operation": "RunInstances"} | started("p5.48xlarge"),
        "p5.48xlarge",
    ),
    "access-key-new-asn": ({}, {"src_endpoint_ip": NEW_YORK}, "AS64501"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_new_is_told_with_what_was_normal(name: str) -> None:
    usual, odd, value = CASES[name]
    events = [*learned(**usual), call(at(20, 9), **odd), call(at(20, 9, 5), **odd), call(at(20, 10), **usual)]
    [alert] = alerts(name, events, places())
    assert alert.kind == "behaviour"
    assert alert.details["new"] == value
    assert (alert.count, alert.time_first) == (2, "2026-03-21T09:00:00.000000Z")
    assert [e.origin_line for e in alert.evidence] == [201, 202]
    assert value in alert.why
    assert "since 2026-03-01, in 200 calls on 20 days" in alert.why
    assert alert.entities[0].name in (ANN, "AKIAANN")


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_told_of_what_is_usual_or_not_yet_learned(name: str) -> None:
    usual, odd, _ = CASES[name]
    # the same as ever
    assert alerts(name, [*learned(**usual), call(at(20, 9), **usual)], places()) == []
    # known for three days only
    assert alerts(name, [*daily(3, 100, lambda t: call(t, **usual)), call(at(3, 9), **odd)], places()) == []
    # known for long, seen too seldom
    assert alerts(name, [call(at(0), **usual), call(at(30), **usual), call(at(31), **odd)], places()) == []
    # it did not succeed
    failed = call(at(20, 9), **odd) | {"status_id": 2}
    assert alerts(name, [*learned(**usual), failed], places()) == []
    # an AWS service did it on somebody's behalf
    behalf = call(at(20, 9), **odd) | {"actor_invoked_by": "cloudformation.amazonaws.com"}
    assert alerts(name, [*learned(**usual), behalf], places()) == []


def test_the_same_is_new_once_and_again_when_it_was_forgotten() -> None:
    odd = {"src_endpoint_ip": NEW_YORK}
    events = [
        *daily(150, 2, call),
        call(at(30, 9), **odd),
        call(at(31, 9), **odd),
        call(at(140, 9), **odd),
    ]
    found = alerts("first-seen-country", events, places())
    assert [a.time_first[:10] for a in found] == ["2026-03-31", "2026-07-19"]
    assert len({a.fingerprint for a in found}) == 2


def test_who_roams_is_left_alone() -> None:
    roaming = [call(at(d, 8 + n), cloud_region=f"region-{(d + n) % 12}", **RUN) for d in range(20) for n in range(5)]
    odd = call(at(20, 9), cloud_region="ap-south-1", **RUN)
    assert alerts("first-seen-region", [*roaming, odd]) == []
    assert len(alerts("first-seen-region", [*roaming, odd], values_max=12)) == 1


def test_a_country_that_the_source_names_needs_no_database() -> None:
    usual = {"class": "authentication", "src_endpoint_location_country": "DE"}
    events = [*learned(**usual), call(at(20, 9), **usual | {"src_endpoint_location_country": "KP"})]
    [alert] = alerts("first-seen-country", events)
    assert alert.details["country"] == "KP"


def test_sessions_of_a_role_are_the_role_and_those_of_people_are_people() -> None:
    usual = daily(20, 10, lambda t: session(t, "app", f"run-{t.minute}"))
    [alert] = alerts("first-seen-country", [*usual, session(at(20), "app", "x", src_endpoint_ip=NEW_YORK)], places())
    assert alert.entities[0] == Entity("user", f"arn:aws:iam::{ACCOUNT}:role/app")
    # two people behind one role: what is usual for one is new for the other
    both = daily(20, 10, lambda t: session(t, "AWSReservedSSO_Admin_1", "ann@example.com"))
    both += daily(20, 10, lambda t: session(t, "AWSReservedSSO_Admin_1", "bob@example.com", src_endpoint_ip=NEW_YORK))
    both += [session(at(20), "AWSReservedSSO_Admin_1", "ann@example.com", src_endpoint_ip=NEW_YORK)]
    [alert] = alerts("first-seen-country", both, places())
    assert alert.entities[0].name.endswith("role/AWSReservedSSO_Admin_1/ann@example.com")


def test_temporary_credentials_are_no_access_key() -> None:
    usual: dict[str, Any] = {"actor_user_credential_uid": "ASIAX"}
    events = [*learned(**usual), call(at(20), **usual | {"src_endpoint_ip": NEW_YORK})]
    assert alerts("access-key-new-asn", events, networks()) == []


def test_the_network_has_a_name() -> None:
    [alert] = alerts("first-seen-asn", [*learned(), call(at(20), src_endpoint_ip=NEW_YORK)], networks())
    assert "AS64501 (Cheap Hosting)" in alert.why
    assert "AS64500 (200)" in alert.why


def test_a_change_that_nobody_in_the_account_made_before() -> None:
    usual = daily(20, 40, lambda t: call(t, operation="PutObject", api_service_name="s3.amazonaws.com"))
    new = [
        call(at(20, 9), "bob", "StopLogging", api_service_name="cloudtrail.amazonaws.com"),
        call(at(20, 9), "bob", "DescribeTrails", api_service_name="cloudtrail.amazonaws.com"),
        denied(at(20, 9), "bob", "DeleteTrail", api_service_name="cloudtrail.amazonaws.com"),
    ]
    [alert] = alerts("first-seen-operation", [*usual, *new])
    assert alert.details["new"] == "cloudtrail.amazonaws.com:StopLogging"
    assert alert.entities[0] == Entity("account", ACCOUNT)
    assert "bob" in alert.why


def test_root_acts_for_the_first_time() -> None:
    root = {"actor_user_type": "Root", "actor_user_uid": f"arn:aws:iam::{ACCOUNT}:root", "class": "authentication"}
    usual = daily(10, 5, call)
    [alert] = alerts("root-first-use", [*usual, call(at(10), "root", "ConsoleLogin", **root)])
    assert alert.level == "high"
    assert "no act of root in 90 days, in 50 calls of others" in alert.why
    assert alerts("root-first-use", [*usual, call(at(10), "ann", "ConsoleLogin")]) == []
    # also in vain
    assert len(alerts("root-first-use", [*usual, call(at(10), "root", "ConsoleLogin", **root | {"status_id": 2})])) == 1
    # root is usual here
    often = [call(at(d, 9), "root", "GetUser", **root) for d in range(10)]
    assert alerts("root-first-use", [*usual, *often, call(at(10), "root", "ConsoleLogin", **root)]) == []
    # the account is not known for long
    assert alerts("root-first-use", [*daily(3, 5, call), call(at(4), "root", "GetUser", **root)]) == []


def test_families_of_programs() -> None:
    from tests.engines.behaviour.events import connection

    alerts("first-seen-user-agent", [call(at())])
    agents = {
        "aws-cli/2.15.0 Python/3.11": "aws-cli",
        "[aws-sdk-java/2.0, x]": "aws-sdk-java",
        "APN/1.0 HashiCorp/1.0 Terraform/1.5": "terraform",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/120 Safari/537 Edg/120": "browser: Edge on Windows",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) Safari/604": "browser: Safari on iOS",
        "console.amazonaws.com": "console.amazonaws.com",
        "": None,
    }
    for agent, family in agents.items():
        assert connection().execute("SELECT client_family(?)", [agent]).fetchall() == [(family,)]
