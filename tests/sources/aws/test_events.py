import json

from koban.model.aws.events import EventBus, EventEndpoint
from koban.sources.aws.events import bus_from_api, endpoint_from_api


def test_buses_and_rules(aws, collect):
    events = aws("events")
    events.create_event_bus(Name="orders")
    events.put_permission(
        EventBusName="orders", Action="events:PutEvents", Principal="444455556666", StatementId="partner"
    )
    events.put_rule(Name="r", EventBusName="orders", EventPattern='{"source": ["x"]}', State="DISABLED")
    found = {bus.name: bus for bus in collect("events.buses")}
    assert set(found) == {"default", "orders"}
    assert found["orders"].custom
    assert not found["default"].custom
    assert found["orders"].policy.accounts_beside("123456789012") == ("444455556666",)
    (rule,) = collect("events.rules")
    assert (rule.state, rule.bus_name) == ("DISABLED", "orders")
    assert collect.failures == []


def test_the_api_and_a_template_tell_the_same_bus():
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}]}
    api = bus_from_api({"Name": "b", "Arn": "a", "Policy": json.dumps(policy)})
    assert EventBus(api).policy.public
    assert EventBus({"Name": "b", "Policy": policy}).policy == EventBus(api).policy


def test_an_endpoint():
    raw = {"Name": "e", "Arn": "arn:e", "ReplicationConfig": {"State": "DISABLED"}, "State": "ACTIVE"}
    assert EventEndpoint(endpoint_from_api(raw)).replication == "DISABLED"
