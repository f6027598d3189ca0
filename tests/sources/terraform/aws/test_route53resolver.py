import pytest

from koban.model.aws.route53resolver import (
    DnsFirewallRuleGroup,
    FirewallRuleGroupAssociation,
    QueryLoggingAssociation,
    QueryLoggingConfig,
)


@pytest.mark.parametrize(
    ("source", "body", "cls", "code"),
    [
        (
            "aws_route53_resolver_query_log_config",
            {"name": "dns", "destination_arn": "arn:logs"},
            QueryLoggingConfig,
            {"Name": "dns", "DestinationArn": "arn:logs"},
        ),
        ("aws_route53_resolver_query_log_config", {}, QueryLoggingConfig, {}),
        (
            "aws_route53_resolver_query_log_config_association",
            {"resolver_query_log_config_id": "rqlc-1", "resource_id": "vpc-1"},
            QueryLoggingAssociation,
            {"ResolverQueryLogConfigId": "rqlc-1", "ResourceId": "vpc-1"},
        ),
        ("aws_route53_resolver_firewall_rule_group", {"name": "g"}, DnsFirewallRuleGroup, {"Name": "g"}),
        (
            "aws_route53_resolver_firewall_rule_group_association",
            {"vpc_id": "vpc-1", "mutation_protection": "ENABLED"},
            FirewallRuleGroupAssociation,
            {"VpcId": "vpc-1", "MutationProtection": "ENABLED"},
        ),
        ("aws_route53_resolver_firewall_rule_group_association", {}, FirewallRuleGroupAssociation, {}),
    ],
)
def test_twins(twins, source, body, cls, code):
    twins(source, body, cls, code)
