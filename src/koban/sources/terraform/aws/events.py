"""Amazon EventBridge, which the provider calls CloudWatch Events."""

from __future__ import annotations

from typing import Any

from koban.model.aws.events import EventBus, EventBusPolicy, EventEndpoint, EventRule
from koban.sources.terraform.mapping import Body, block, choice, first, json_text, made, maps

maps(
    "aws_cloudwatch_event_bus",
    EventBus,
    lacks={"Policy": "what a bus allows is a resource beside it: aws_cloudwatch_event_bus_policy or _permission"},
    Name="name",
)


def _statements(body: Body) -> Any:
    """The statements of a whole policy, of which the document holds nothing else."""
    policy = json_text(body.get("policy"))
    return policy.get("Statement") if isinstance(policy, dict) else policy


maps(
    "aws_cloudwatch_event_bus_policy",
    EventBusPolicy,
    EventBusName="event_bus_name",
    Statement=made(_statements, "policy", careful=True),
)
maps(
    "aws_cloudwatch_event_permission",
    EventBusPolicy,
    StatementId="statement_id",
    EventBusName="event_bus_name",
    Principal="principal",
    Condition=block("condition", Key="key", Type="type", Value="value"),
)
maps(
    "aws_cloudwatch_event_rule",
    EventRule,
    Name="name",
    EventBusName="event_bus_name",
    State=first("state", choice("is_enabled", {True: "ENABLED", False: "DISABLED"})),
)
maps(
    "aws_cloudwatch_event_endpoint",
    EventEndpoint,
    Name="name",
    ReplicationConfig=block("replication_config", State="state"),
)
