"""AWS WAF: web ACLs, rule groups, their logging and what they protect."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Part, Resource, field, link, parts, referring

KNOWN_BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"


class WebAclRule(Part):
    """One rule of a web ACL or a rule group."""

    metrics: bool = field("VisibilityConfig.CloudWatchMetricsEnabled", False, "Whether it counts what it matches")
    rate_limit: int = field("Statement.RateBasedStatement.Limit", 0, "Requests of one source; 0: no rate rule")
    managed_group: str = field("Statement.ManagedRuleGroupStatement.Name", "", "The managed rule group it applies")


class WebAcl(Resource, type="AWS::WAFv2::WebACL", ids="Name Id"):
    """A web ACL: the rules that requests must pass."""

    scope: str = field("Scope", "REGIONAL", "REGIONAL or CLOUDFRONT")
    rules: tuple[WebAclRule, ...] = parts("Rules", WebAclRule, "Its rules, in order of priority")
    metrics: bool = field("VisibilityConfig.CloudWatchMetricsEnabled", False, "Whether it counts requests")
    logging: tuple[LoggingConfiguration, ...] = referring(
        "AWS::WAFv2::LoggingConfiguration", "web_acl", "Where its decisions are logged"
    )


class RuleGroup(Resource, type="AWS::WAFv2::RuleGroup", ids="Name Id"):
    """A group of rules that web ACLs share."""

    rules: tuple[WebAclRule, ...] = parts("Rules", WebAclRule, "Its rules")
    metrics: bool = field("VisibilityConfig.CloudWatchMetricsEnabled", False, "Whether it counts requests")


class LoggingConfiguration(Resource, type="AWS::WAFv2::LoggingConfiguration", ids="ResourceArn"):
    """Where a web ACL logs."""

    web_acl: Any = link("ResourceArn", "AWS::WAFv2::WebACL", "The web ACL that it is for")
    destinations: tuple[str, ...] = field("LogDestinationConfigs", (), "ARNs of the streams, buckets or log groups")


class WebAclAssociation(Resource, type="AWS::WAFv2::WebACLAssociation"):
    """Which web ACL filters a load balancer, an API or a user pool."""

    resource_arn: str = field("ResourceArn", "", "What it filters")
    web_acl: Any = link("WebACLArn", "AWS::WAFv2::WebACL", "The web ACL")
    load_balancer: Any = link(
        "ResourceArn", "AWS::ElasticLoadBalancingV2::LoadBalancer", "The load balancer that it filters"
    )
