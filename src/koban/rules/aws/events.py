"""Posture rules for Amazon EventBridge."""

from __future__ import annotations

from koban.model.aws.events import EventBus, EventBusPolicy, EventEndpoint, EventRule
from koban.model.rule import rule
from koban.model.unknown import Unknown

ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
DENIED = Unknown("Policy", "AccessDenied events:ListEventBuses")


def _statement(who: object, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": who, "Action": "events:PutEvents", "Resource": "*", **more}


def _policy(who: object, **more: object) -> dict[str, object]:
    return {"Policy": {"Statement": [_statement(who, **more)]}}


@rule("low", EventBus, "aws-fsbp:EventBridge.3", "nist-csf-2.0:PR.AA-05", when=lambda bus: bus.custom)
def events_bus_without_policy(bus: EventBus) -> bool:
    """The custom event bus has no policy of its own that says who may use it.

    Why: every identity of the account whose rights are broad enough may put events on it that set off programs.
    Fix: attach a resource policy that names who may put events and make rules.
    """
    return not bus.policy.statements and not bus.policies


events_bus_without_policy.cases(
    bad=[{"Name": "orders"}],
    good=[
        {"Name": "orders", **_policy({"AWS": "111122223333"})},
        ({"Name": "orders"}, EventBusPolicy({"StatementId": "s", "EventBusName": "orders"})),
    ],
    unknown=[{"Name": "orders", "Policy": DENIED}],
    skipped=[{"Name": "default"}, {"Name": "aws.partner/example.com/x"}],
)


@rule("high", EventBus, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def events_bus_public(bus: EventBus) -> bool:
    """Any AWS account can put events on the bus.

    Why: strangers send false events that set off whatever listens.
    Fix: name the accounts in the policy of the bus, or add the condition aws:PrincipalOrgID.
    """
    return bus.policy.public


events_bus_public.cases(
    bad=[{"Name": "b", **_policy("*")}],
    good=[{"Name": "b"}, {"Name": "b", **_policy("*", Condition=ORGANISATION)}, {"Name": "b", **_policy({"AWS": "1"})}],
    unknown=[{"Name": "b", "Policy": DENIED}],
)


@rule("high", EventBusPolicy, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def events_bus_policy_public(policy: EventBusPolicy) -> bool:
    """The statement lets any AWS account put events on the bus.

    Why: strangers send false events that set off whatever listens.
    Fix: name the accounts in the statement, or add the condition aws:PrincipalOrgID.
    """
    return policy.public


events_bus_policy_public.cases(
    bad=[{"Principal": "*"}, {"Statement": _statement("*")}],
    good=[
        {"Principal": "111122223333"},
        {"Principal": "*", "Condition": {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"}},
        {"Statement": _statement("*", Condition=ORGANISATION)},
    ],
    unknown=[{"Principal": Unknown("Principal", "parameter Who has no default")}],
)


@rule("low", EventBus, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:GV.SC-07", only="live")
def events_bus_cross_account(bus: EventBus) -> bool:
    """The policy of the bus lets in another account by name.

    Why: accounts that somebody trusted once can set off your programs long after.
    Fix: confirm that the account is yours or a partner's; else remove it.
    """
    return bool(bus.policy.accounts_beside(bus.account))


events_bus_cross_account.cases(
    bad=[{"Name": "b", **_policy({"AWS": "arn:aws:iam::444455556666:root"})}],
    good=[{"Name": "b"}, {"Name": "b", **_policy({"AWS": "arn:aws:iam::111122223333:root"})}],
    unknown=[{"Name": "b", "Policy": DENIED}],
)


@rule("info", EventRule, "nist-csf-2.0:PR.PS-01")
def events_rule_off(one: EventRule) -> bool:
    """The rule is turned off: what it should set off does not happen.

    Why: a rule that sends alarms or starts a response is an easy thing to switch off, and easy to forget.
    Fix: turn the rule on, or delete it.
    """
    return one.state == "DISABLED"


events_rule_off.cases(bad=[{"State": "DISABLED"}], good=[{}, {"State": "ENABLED"}])


@rule("low", EventEndpoint, "aws-fsbp:EventBridge.4", "nist-csf-2.0:PR.IR-03")
def events_endpoint_not_replicated(endpoint: EventEndpoint) -> bool:
    """The global endpoint does not copy events to its second region.

    Why: when the first region fails, events under way are lost, and the endpoint cannot come back by itself.
    Fix: turn on event replication of the endpoint.
    """
    return endpoint.replication != "ENABLED"


events_endpoint_not_replicated.cases(bad=[{"ReplicationConfig": {"State": "DISABLED"}}], good=[{}])
