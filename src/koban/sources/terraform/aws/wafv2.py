"""AWS WAF: web ACLs, rule groups, their logging and what they protect."""

from __future__ import annotations

from typing import Any

from koban.model.aws.wafv2 import LoggingConfiguration, RuleGroup, WebAcl, WebAclAssociation
from koban.sources.terraform.mapping import arg, block, blocks, first, folds, group, json, listed, maps

VISIBILITY = block("visibility_config", CloudWatchMetricsEnabled="cloudwatch_metrics_enabled", MetricName="metric_name")
COUNTED = block(  # rules declared beside their web ACL are counted unless they say otherwise
    "visibility_config",
    {"CloudWatchMetricsEnabled": True},
    CloudWatchMetricsEnabled=arg("cloudwatch_metrics_enabled", default=True),
    MetricName="metric_name",
)
RULE: dict[str, Any] = {
    "Name": "name",
    "Priority": "priority",
    "Statement": block(
        "statement",
        RateBasedStatement=block("rate_based_statement", Limit="limit", AggregateKeyType="aggregate_key_type"),
        ManagedRuleGroupStatement=block("managed_rule_group_statement", Name="name", VendorName="vendor_name"),
        RuleGroupReferenceStatement=block("rule_group_reference_statement", Arn="arn"),
    ),
}

maps(
    "aws_wafv2_web_acl",
    WebAcl,
    Name="name",
    Id="id",
    Arn="arn",
    Scope="scope",
    Rules=first(blocks("rule", VisibilityConfig=VISIBILITY, **RULE), json("rule_json")),
    VisibilityConfig=VISIBILITY,
)
folds(
    "aws_wafv2_web_acl_rule",
    WebAcl,
    "web_acl_arn",
    adds=True,
    Rules=listed(group(VisibilityConfig=COUNTED, **RULE)),
)
folds(
    "aws_wafv2_web_acl_rule_group_association",
    WebAcl,
    "web_acl_arn",
    adds=True,
    Rules=listed(
        group(
            Name="rule_name",
            Priority="priority",
            Statement=group(
                ManagedRuleGroupStatement=block("managed_rule_group", Name="name", VendorName="vendor_name"),
                RuleGroupReferenceStatement=block("rule_group_reference", Arn="arn"),
            ),
            VisibilityConfig=COUNTED,
        )
    ),
)
maps(
    "aws_wafv2_rule_group",
    RuleGroup,
    Name="name",
    Id="id",
    Arn="arn",
    Scope="scope",
    Rules=first(blocks("rule", VisibilityConfig=VISIBILITY, **RULE), json("rules_json")),
    VisibilityConfig=VISIBILITY,
)
maps(
    "aws_wafv2_web_acl_logging_configuration",
    LoggingConfiguration,
    ResourceArn="resource_arn",
    LogDestinationConfigs="log_destination_configs",
)
maps("aws_wafv2_web_acl_association", WebAclAssociation, ResourceArn="resource_arn", WebACLArn="web_acl_arn")
