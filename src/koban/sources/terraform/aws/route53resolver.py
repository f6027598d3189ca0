"""Route 53 Resolver: logs and firewall of the DNS queries that come from networks."""

from __future__ import annotations

from koban.model.aws.route53resolver import (
    DnsFirewallRuleGroup,
    FirewallRuleGroupAssociation,
    QueryLoggingAssociation,
    QueryLoggingConfig,
)
from koban.sources.terraform.mapping import maps

maps(
    "aws_route53_resolver_query_log_config",
    QueryLoggingConfig,
    Id="id",
    Arn="arn",
    Name="name",
    DestinationArn="destination_arn",
)
maps(
    "aws_route53_resolver_query_log_config_association",
    QueryLoggingAssociation,
    lacks={"Status": "it tells how the logging goes, and is no argument"},
    Id="id",
    ResourceId="resource_id",
    ResolverQueryLogConfigId="resolver_query_log_config_id",
)
maps("aws_route53_resolver_firewall_rule_group", DnsFirewallRuleGroup, Id="id", Arn="arn", Name="name")
maps(
    "aws_route53_resolver_firewall_rule_group_association",
    FirewallRuleGroupAssociation,
    Id="id",
    FirewallRuleGroupId="firewall_rule_group_id",
    VpcId="vpc_id",
    MutationProtection="mutation_protection",
)
