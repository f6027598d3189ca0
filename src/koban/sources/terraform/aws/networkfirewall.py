"""AWS Network Firewall."""

from __future__ import annotations

from koban.model.aws.networkfirewall import Firewall, FirewallLogging, FirewallPolicy, FirewallRuleGroup
from koban.sources.terraform.mapping import block, blocks, maps

maps(
    "aws_networkfirewall_firewall",
    Firewall,
    FirewallName="name",
    FirewallArn="arn",
    FirewallPolicyArn="firewall_policy_arn",
    VpcId="vpc_id",
    DeleteProtection="delete_protection",
    SubnetChangeProtection="subnet_change_protection",
    SubnetMappings=blocks("subnet_mapping", SubnetId="subnet_id"),
    AvailabilityZoneMappings=blocks("availability_zone_mapping", AvailabilityZone="availability_zone_id"),
)
maps(
    "aws_networkfirewall_logging_configuration",
    FirewallLogging,
    FirewallArn="firewall_arn",
    LoggingConfiguration=block(
        "logging_configuration",
        LogDestinationConfigs=blocks(
            "log_destination_config", LogType="log_type", LogDestinationType="log_destination_type"
        ),
    ),
)
maps(
    "aws_networkfirewall_firewall_policy",
    FirewallPolicy,
    FirewallPolicyName="name",
    FirewallPolicyArn="arn",
    FirewallPolicy=block(
        "firewall_policy",
        StatelessDefaultActions="stateless_default_actions",
        StatelessFragmentDefaultActions="stateless_fragment_default_actions",
        StatefulRuleGroupReferences=blocks("stateful_rule_group_reference", ResourceArn="resource_arn"),
        StatelessRuleGroupReferences=blocks("stateless_rule_group_reference", ResourceArn="resource_arn"),
    ),
)
maps(
    "aws_networkfirewall_rule_group",
    FirewallRuleGroup,
    RuleGroupName="name",
    RuleGroupArn="arn",
    Type="type",
    RuleGroup=block(
        "rule_group",
        RulesSource=block(
            "rules_source",
            StatelessRulesAndCustomActions=block(
                "stateless_rules_and_custom_actions", StatelessRules=blocks("stateless_rule", Priority="priority")
            ),
        ),
    ),
)
