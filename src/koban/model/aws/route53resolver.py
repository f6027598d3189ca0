"""Route 53 Resolver: logs and firewall of the DNS queries that come from networks."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Resource, field, link


class QueryLoggingConfig(Resource, type="AWS::Route53Resolver::ResolverQueryLoggingConfig", ids="Id Arn Name"):
    """Where DNS queries are logged."""

    destination: str = field("DestinationArn", "", "ARN of the log group, bucket or delivery stream")


class QueryLoggingAssociation(Resource, type="AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation", ids="Id"):
    """Logs the DNS queries of a network."""

    vpc: Any = link("ResourceId", "AWS::EC2::VPC", "The network whose queries it logs")
    config: Any = link(
        "ResolverQueryLogConfigId", "AWS::Route53Resolver::ResolverQueryLoggingConfig", "Where they are logged"
    )
    status: str = field("Status", "", "CREATING, ACTIVE, ACTION_NEEDED, DELETING or FAILED")


class DnsFirewallRuleGroup(
    Resource, type="AWS::Route53Resolver::FirewallRuleGroup", ids="Id Arn Name", template_only=True
):
    """Rules on which names may be looked up."""


class FirewallRuleGroupAssociation(Resource, type="AWS::Route53Resolver::FirewallRuleGroupAssociation", ids="Id"):
    """Applies a DNS firewall rule group to a network."""

    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network")
    protected: str = field("MutationProtection", "DISABLED", "ENABLED or DISABLED: whether it refuses to be removed")
