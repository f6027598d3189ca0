"""Reads AWS Network Firewall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.networkfirewall import Firewall, FirewallLogging, FirewallPolicy, FirewallRuleGroup
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

Document = dict[str, Any]


def firewall_from_api(raw: Document) -> Document:
    document = pick(
        raw,
        "FirewallName",
        "FirewallArn",
        "FirewallPolicyArn",
        "VpcId",
        "TransitGatewayId",
        "SubnetMappings",
        "AvailabilityZoneMappings",
        "DeleteProtection",
        "SubnetChangeProtection",
        "FirewallPolicyChangeProtection",
    )
    return {**document, "Tags": tags(raw.get("Tags"))}


@reads(Firewall, "network-firewall:ListFirewalls", "network-firewall:DescribeFirewall")
def firewalls(aws: Reader) -> Iterator[Resource]:
    def detail(raw: Document) -> Resource:
        arn = raw["FirewallArn"]
        answer = aws.call("network-firewall:DescribeFirewall", FirewallArn=arn)
        return aws.made(Firewall, firewall_from_api(answer.get("Firewall", raw)), uid=arn)

    yield from aws.each(aws.pages("network-firewall:ListFirewalls", "Firewalls"), detail)


@reads(FirewallLogging, "network-firewall:DescribeLoggingConfiguration", needs=(Firewall,))
def logging(aws: Reader) -> Iterator[Resource]:
    def detail(firewall: Resource) -> Resource:
        found = aws.ask(
            "network-firewall:DescribeLoggingConfiguration",
            "LoggingConfiguration",
            otherwise={},
            FirewallArn=firewall.uid,
        )
        if not isinstance(found, Unknown):
            found = {
                "LogDestinationConfigs": [
                    pick(one, "LogType", "LogDestinationType") for one in found.get("LogDestinationConfigs", ())
                ]
            }
        document = {"FirewallArn": firewall.uid, "LoggingConfiguration": found}
        return aws.made(FirewallLogging, document, uid=firewall.uid + "/logging")

    yield from aws.each(aws.read(Firewall), detail)


def policy_from_api(answer: Document) -> Document:
    return {
        **pick(answer.get("FirewallPolicyResponse", {}), "FirewallPolicyName", "FirewallPolicyArn"),
        "FirewallPolicy": answer.get("FirewallPolicy", {}),
    }


@reads(FirewallPolicy, "network-firewall:ListFirewallPolicies", "network-firewall:DescribeFirewallPolicy")
def policies(aws: Reader) -> Iterator[Resource]:
    def detail(raw: Document) -> Resource:
        answer = aws.call("network-firewall:DescribeFirewallPolicy", FirewallPolicyArn=raw["Arn"])
        return aws.made(FirewallPolicy, policy_from_api(answer), uid=raw["Arn"])

    yield from aws.each(aws.pages("network-firewall:ListFirewallPolicies", "FirewallPolicies"), detail)


def rule_group_from_api(answer: Document) -> Document:
    return {
        **pick(answer.get("RuleGroupResponse", {}), "RuleGroupName", "RuleGroupArn", "Type", "Capacity"),
        "RuleGroup": answer.get("RuleGroup", {}),
    }


@reads(FirewallRuleGroup, "network-firewall:ListRuleGroups", "network-firewall:DescribeRuleGroup")
def rule_groups(aws: Reader) -> Iterator[Resource]:
    def detail(raw: Document) -> Resource:
        answer = aws.call("network-firewall:DescribeRuleGroup", RuleGroupArn=raw["Arn"])
        return aws.made(FirewallRuleGroup, rule_group_from_api(answer), uid=raw["Arn"])

    yield from aws.each(aws.pages("network-firewall:ListRuleGroups", "RuleGroups", Scope="ACCOUNT"), detail)
