"""AWS Network Firewall."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Resource, derived, field, link, referring


class Firewall(Resource, type="AWS::NetworkFirewall::Firewall", ids="FirewallName FirewallArn"):
    """A firewall in a VPC."""

    delete_protection: bool = field("DeleteProtection", False, "Whether it refuses to be deleted")
    subnet_protection: bool = field("SubnetChangeProtection", False, "Whether its subnets refuse to be changed")
    subnets: tuple[str, ...] = field("SubnetMappings[].SubnetId", (), "The subnets that it has an endpoint in")
    zones: tuple[str, ...] = field("AvailabilityZoneMappings[].AvailabilityZone", (), "Its zones on a transit gateway")
    firewall_policy: Any = link("FirewallPolicyArn", "AWS::NetworkFirewall::FirewallPolicy", "What it does")
    logging: tuple[FirewallLogging, ...] = referring(
        "AWS::NetworkFirewall::LoggingConfiguration", "firewall", "Where it logs"
    )

    @derived
    def places(self) -> tuple[str, ...]:
        """Its subnets, or the zones of one that is attached to a transit gateway."""
        return self.subnets or self.zones

    @derived
    def logs(self) -> bool:
        """Whether anything is logged."""
        return any(one.destinations for one in self.logging)


class FirewallLogging(Resource, type="AWS::NetworkFirewall::LoggingConfiguration", ids="FirewallArn"):
    """Where a firewall logs."""

    firewall: Any = link("FirewallArn", "AWS::NetworkFirewall::Firewall", "The firewall that it is for")
    destinations: tuple[str, ...] = field(
        "LoggingConfiguration.LogDestinationConfigs[].LogType", (), "FLOW, ALERT and TLS, those that are logged"
    )


class FirewallPolicy(Resource, type="AWS::NetworkFirewall::FirewallPolicy", ids="FirewallPolicyName FirewallPolicyArn"):
    """What a firewall does."""

    stateless_actions: tuple[str, ...] = field(
        "FirewallPolicy.StatelessDefaultActions",
        (),
        "For packets that match no stateless rule: aws:drop, aws:pass, ...",
    )
    fragment_actions: tuple[str, ...] = field(
        "FirewallPolicy.StatelessFragmentDefaultActions", (), "The same for fragments"
    )
    stateful_groups: tuple[str, ...] = field(
        "FirewallPolicy.StatefulRuleGroupReferences[].ResourceArn", (), "Its stateful rule groups"
    )
    stateless_groups: tuple[str, ...] = field(
        "FirewallPolicy.StatelessRuleGroupReferences[].ResourceArn", (), "Its stateless rule groups"
    )


class FirewallRuleGroup(Resource, type="AWS::NetworkFirewall::RuleGroup", ids="RuleGroupName RuleGroupArn"):
    """A group of rules of firewall policies."""

    kind: str = field("Type", "STATEFUL", "STATEFUL or STATELESS")
    stateless_rules: tuple[Any, ...] = field(
        "RuleGroup.RulesSource.StatelessRulesAndCustomActions.StatelessRules", (), "Its stateless rules"
    )
