import json

import pytest

from koban.model.aws.events import EventBus, EventBusPolicy, EventEndpoint, EventRule
from koban.model.unknown import Unknown
from koban.sources.terraform.values import JsonText

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}


def test_a_bus(document):
    assert document("aws_cloudwatch_event_bus", {"name": "orders"}, EventBus) == {"Name": "orders"}


def test_the_policy_of_a_bus(twins):
    twins(
        "aws_cloudwatch_event_bus_policy",
        {"event_bus_name": "orders", "policy": json.dumps({"Statement": [STATEMENT]})},
        EventBusPolicy,
        {"EventBusName": "orders", "Statement": [STATEMENT]},
    )
    twins(
        "aws_cloudwatch_event_bus_policy",
        {"policy": json.dumps({"Statement": STATEMENT})},
        EventBusPolicy,
        {"Statement": STATEMENT},
    )


def test_a_policy_of_a_bus_that_is_not_known_stays_so(document):
    unknown = Unknown("var.policy", "no default")
    assert document("aws_cloudwatch_event_bus_policy", {"policy": unknown})["Statement"] is unknown
    text = JsonText({"Statement": [{**STATEMENT, "Principal": {"AWS": unknown}}]})
    (statement,) = document("aws_cloudwatch_event_bus_policy", {"policy": text})["Statement"]
    assert statement["Principal"]["AWS"] is unknown


def test_a_permission(twins):
    twins(
        "aws_cloudwatch_event_permission",
        {
            "principal": "*",
            "statement_id": "s",
            "event_bus_name": "orders",
            "condition": [{"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o-1"}],
        },
        EventBusPolicy,
        {
            "StatementId": "s",
            "Principal": "*",
            "EventBusName": "orders",
            "Condition": {"Key": "aws:PrincipalOrgID", "Type": "StringEquals", "Value": "o-1"},
        },
    )
    twins("aws_cloudwatch_event_permission", {"principal": "*"}, EventBusPolicy, {"Principal": "*"})


@pytest.mark.parametrize(
    ("set_", "state"),
    [
        ({"state": "DISABLED"}, "DISABLED"),
        ({"is_enabled": False}, "DISABLED"),
        ({"is_enabled": True}, "ENABLED"),
        ({"state": "DISABLED", "is_enabled": True}, "DISABLED"),
    ],
)
def test_a_rule(twins, set_, state):
    twins(
        "aws_cloudwatch_event_rule",
        {"name": "r", "event_bus_name": "orders", **set_},
        EventRule,
        {"EventBusName": "orders", "State": state},
    )


def test_a_rule_with_nothing_set(twins):
    twins("aws_cloudwatch_event_rule", {"name": "r"}, EventRule, {})


def test_a_global_endpoint(twins):
    twins(
        "aws_cloudwatch_event_endpoint",
        {"name": "e", "replication_config": [{"state": "DISABLED"}]},
        EventEndpoint,
        {"ReplicationConfig": {"State": "DISABLED"}},
    )
    twins("aws_cloudwatch_event_endpoint", {"name": "e"}, EventEndpoint, {})
