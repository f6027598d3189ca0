"""Amazon EventBridge."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, Statement, policy
from koban.model.resource import Resource, derived, field, link, parts, referring


class EventBus(
    Resource,
    type="AWS::Events::EventBus",
    ids="Name",
    arn="arn:{partition}:events:{region}:{account}:event-bus/{Name}",
):
    """An event bus."""

    policy: Policy = policy("Policy", "Who may put events on it and make rules")
    policies: tuple[EventBusPolicy, ...] = referring("AWS::Events::EventBusPolicy", "bus", "Statements added to it")

    @derived
    def custom(self) -> bool:
        """Whether somebody made it, rather than AWS (``default``) or a partner (``aws.partner/...``)."""
        return not (self.name == "default" or (self.name or "").startswith("aws.partner/"))


class EventBusPolicy(Resource, type="AWS::Events::EventBusPolicy", template_only=True, ids="StatementId"):
    """A statement that a template adds to the policy of a bus."""

    bus: Any = link("EventBusName", "AWS::Events::EventBus", "The bus; absent: the default one")
    statements: tuple[Statement, ...] = parts("Statement", Statement, "The statement")
    principal: str = field("Principal", "", "In place of a statement: an account, or * for everyone")
    condition_key: str = field("Condition.Key", "", "In place of a statement: aws:PrincipalOrgID")

    @derived
    def public(self) -> bool:
        """Whether it lets in anyone at all."""
        written = any(s.allows and s.anyone and not s.narrowed for s in self.statements)
        return written or (self.principal == "*" and not self.condition_key)


class EventRule(Resource, type="AWS::Events::Rule", ids="Name"):
    """A rule of a bus: which events go where."""

    state: str = field("State", "ENABLED", "ENABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS or DISABLED")
    bus_name: str = field("EventBusName", "default", "The name or ARN of its bus")


class EventEndpoint(Resource, type="AWS::Events::Endpoint", ids="Name"):
    """A global endpoint: a bus in each of two regions behind one address."""

    replication: str = field("ReplicationConfig.State", "ENABLED", "Whether events reach both regions")
