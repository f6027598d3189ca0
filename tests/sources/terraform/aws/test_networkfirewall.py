import pytest

from koban.model.aws.networkfirewall import Firewall, FirewallLogging, FirewallPolicy, FirewallRuleGroup
from koban.model.unknown import Unknown

GAP = Unknown("var.x", "it has no default")


@pytest.mark.parametrize(
    ("source", "body", "cls", "code"),
    [
        (
            "aws_networkfirewall_firewall",
            {
                "name": "edge",
                "firewall_policy_arn": "arn:policy",
                "delete_protection": True,
                "subnet_change_protection": True,
                "subnet_mapping": [{"subnet_id": "subnet-1"}, {"subnet_id": "subnet-2"}],
                "availability_zone_mapping": [{"availability_zone_id": "euw1-az1"}],
            },
            Firewall,
            {
                "FirewallName": "edge",
                "FirewallPolicyArn": "arn:policy",
                "DeleteProtection": True,
                "SubnetChangeProtection": True,
                "SubnetMappings": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
                "AvailabilityZoneMappings": [{"AvailabilityZone": "euw1-az1"}],
            },
        ),
        ("aws_networkfirewall_firewall", {}, Firewall, {}),
        (
            "aws_networkfirewall_logging_configuration",
            {
                "firewall_arn": "arn:fw",
                "logging_configuration": [
                    {"log_destination_config": [{"log_type": "ALERT", "log_destination_type": "S3"}]}
                ],
            },
            FirewallLogging,
            {
                "FirewallArn": "arn:fw",
                "LoggingConfiguration": {
                    "LogDestinationConfigs": [{"LogType": "ALERT", "LogDestinationType": "S3"}],
                },
            },
        ),
        (
            "aws_networkfirewall_logging_configuration",
            {"firewall_arn": "arn:fw"},
            FirewallLogging,
            {"FirewallArn": "arn:fw"},
        ),
        (
            "aws_networkfirewall_firewall_policy",
            {
                "name": "p",
                "firewall_policy": [
                    {
                        "stateless_default_actions": ["aws:drop"],
                        "stateless_fragment_default_actions": ["aws:forward_to_sfe"],
                        "stateful_rule_group_reference": [{"resource_arn": "arn:a"}],
                        "stateless_rule_group_reference": [{"resource_arn": "arn:b", "priority": 1}],
                    }
                ],
            },
            FirewallPolicy,
            {
                "FirewallPolicyName": "p",
                "FirewallPolicy": {
                    "StatelessDefaultActions": ["aws:drop"],
                    "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
                    "StatefulRuleGroupReferences": [{"ResourceArn": "arn:a"}],
                    "StatelessRuleGroupReferences": [{"ResourceArn": "arn:b"}],
                },
            },
        ),
        ("aws_networkfirewall_firewall_policy", {}, FirewallPolicy, {}),
        (
            "aws_networkfirewall_rule_group",
            {
                "name": "g",
                "type": "STATELESS",
                "rule_group": [
                    {"rules_source": [{"stateless_rules_and_custom_actions": [{"stateless_rule": [{"priority": 1}]}]}]}
                ],
            },
            FirewallRuleGroup,
            {
                "RuleGroupName": "g",
                "Type": "STATELESS",
                "RuleGroup": {"RulesSource": {"StatelessRulesAndCustomActions": {"StatelessRules": [{"Priority": 1}]}}},
            },
        ),
        ("aws_networkfirewall_rule_group", {"type": "STATEFUL"}, FirewallRuleGroup, {"Type": "STATEFUL"}),
    ],
)
def test_twins(twins, source, body, cls, code):
    twins(source, body, cls, code)


def test_groups_that_are_not_known_stay(document):
    body = {"firewall_policy": [{"stateful_rule_group_reference": GAP}]}
    made = document("aws_networkfirewall_firewall_policy", body)
    assert made["FirewallPolicy"]["StatefulRuleGroupReferences"] is GAP
