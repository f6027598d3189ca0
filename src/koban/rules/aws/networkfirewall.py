"""Posture rules for AWS Network Firewall."""

from __future__ import annotations

from koban.model.aws.networkfirewall import Firewall, FirewallLogging, FirewallPolicy, FirewallRuleGroup
from koban.model.rule import rule
from koban.model.unknown import Unknown, size

PARAMETER = "parameter P has no default"
KEEPS = ("aws:drop", "aws:forward_to_sfe")
SOME = Unknown("FirewallPolicy", PARAMETER)
FIREWALL = {"FirewallName": "edge", "FirewallArn": "arn:fw"}


@rule("medium", Firewall, "aws-fsbp:NetworkFirewall.1", "nist-csf-2.0:PR.IR-04")
def networkfirewall_in_one_zone(firewall: Firewall) -> bool:
    """The firewall has an endpoint in one availability zone only.

    Why: when that zone fails, all traffic that must pass the firewall stops.
    Fix: add a subnet in a second zone.
    """
    return bool(size(firewall.places) < 2)


networkfirewall_in_one_zone.cases(
    bad=[{"SubnetMappings": [{"SubnetId": "subnet-1"}]}],
    good=[
        {"SubnetMappings": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}]},
        {"AvailabilityZoneMappings": [{"AvailabilityZone": "eu-west-1a"}, {"AvailabilityZone": "eu-west-1b"}]},
    ],
    unknown=[{"SubnetMappings": Unknown("SubnetMappings", PARAMETER)}],
)


@rule("medium", Firewall, "aws-fsbp:NetworkFirewall.2", "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-01")
def networkfirewall_not_logged(firewall: Firewall) -> bool:
    """The firewall logs nothing.

    Why: what it stopped and what it let through is known to nobody.
    Fix: log ALERT and FLOW to a bucket, a log group or a delivery stream.
    """
    return not firewall.logs


def log(*kinds: str) -> FirewallLogging:
    configs = [{"LogType": kind, "LogDestinationType": "S3"} for kind in kinds]
    return FirewallLogging({"FirewallArn": "arn:fw", "LoggingConfiguration": {"LogDestinationConfigs": configs}})


networkfirewall_not_logged.cases(
    bad=[FIREWALL, (FIREWALL, log())],
    good=[(FIREWALL, log("ALERT"))],
    unknown=[
        (
            FIREWALL,
            FirewallLogging(
                {"FirewallArn": "arn:fw", "LoggingConfiguration": Unknown("LoggingConfiguration", "Denied")}
            ),
        )
    ],
)


@rule("medium", FirewallPolicy, "aws-fsbp:NetworkFirewall.3", "nist-csf-2.0:PR.IR-01")
def networkfirewall_policy_without_rules(policy: FirewallPolicy) -> bool:
    """The firewall policy has no rule group.

    Why: the firewall decides by its default actions alone.
    Fix: add stateful or stateless rule groups.
    """
    return not policy.stateful_groups and not policy.stateless_groups


networkfirewall_policy_without_rules.cases(
    bad=[{}, {"FirewallPolicy": {"StatelessDefaultActions": ["aws:drop"]}}],
    good=[{"FirewallPolicy": {"StatefulRuleGroupReferences": [{"ResourceArn": "arn:group"}]}}],
    unknown=[{"FirewallPolicy": SOME}],
)


@rule("medium", FirewallPolicy, "aws-fsbp:NetworkFirewall.4", "nist-csf-2.0:PR.IR-01")
def networkfirewall_policy_passes_packets(policy: FirewallPolicy) -> bool:
    """The firewall policy passes packets that match no stateless rule.

    Why: whatever nobody thought of gets through without being inspected.
    Fix: set StatelessDefaultActions to aws:drop or aws:forward_to_sfe.
    """
    return not any(one in KEEPS for one in policy.stateless_actions)


networkfirewall_policy_passes_packets.cases(
    bad=[{"FirewallPolicy": {"StatelessDefaultActions": ["aws:pass"]}}],
    good=[{"FirewallPolicy": {"StatelessDefaultActions": ["aws:forward_to_sfe"]}}],
    unknown=[{"FirewallPolicy": SOME}],
)


@rule("medium", FirewallPolicy, "aws-fsbp:NetworkFirewall.5", "nist-csf-2.0:PR.IR-01")
def networkfirewall_policy_passes_fragments(policy: FirewallPolicy) -> bool:
    """The firewall policy passes fragments that match no stateless rule.

    Why: splitting packets is an old way to carry something past a filter.
    Fix: set StatelessFragmentDefaultActions to aws:drop or aws:forward_to_sfe.
    """
    return not any(one in KEEPS for one in policy.fragment_actions)


networkfirewall_policy_passes_fragments.cases(
    bad=[{"FirewallPolicy": {"StatelessFragmentDefaultActions": ["aws:pass"]}}],
    good=[{"FirewallPolicy": {"StatelessFragmentDefaultActions": ["aws:drop"]}}],
    unknown=[{"FirewallPolicy": SOME}],
)


@rule(
    "medium",
    FirewallRuleGroup,
    "aws-fsbp:NetworkFirewall.6",
    "nist-csf-2.0:PR.IR-01",
    when=lambda group: group.kind == "STATELESS",
)
def networkfirewall_rule_group_empty(group: FirewallRuleGroup) -> bool:
    """The stateless rule group has no rules.

    Why: it looks like protection and decides nothing.
    Fix: add rules, or remove the group from the policies that name it.
    """
    return not group.stateless_rules


RULES = {"RulesSource": {"StatelessRulesAndCustomActions": {"StatelessRules": [{"Priority": 1}]}}}
networkfirewall_rule_group_empty.cases(
    bad=[{"Type": "STATELESS"}],
    good=[{"Type": "STATELESS", "RuleGroup": RULES}],
    unknown=[{"Type": "STATELESS", "RuleGroup": Unknown("RuleGroup", PARAMETER)}],
    skipped=[{"Type": "STATEFUL"}],
)


@rule("medium", Firewall, "aws-fsbp:NetworkFirewall.9", "nist-csf-2.0:PR.IR-01")
def networkfirewall_deletion_protection_off(firewall: Firewall) -> bool:
    """The firewall can be deleted with one call.

    Why: a mistake, or an intruder, removes the guard of the whole network.
    Fix: set DeleteProtection to true.
    """
    return not firewall.delete_protection


networkfirewall_deletion_protection_off.cases(
    bad=[{}, {"DeleteProtection": False}],
    good=[{"DeleteProtection": True}],
    unknown=[{"DeleteProtection": Unknown("DeleteProtection", PARAMETER)}],
)


@rule("medium", Firewall, "aws-fsbp:NetworkFirewall.10", "nist-csf-2.0:PR.IR-01")
def networkfirewall_subnet_protection_off(firewall: Firewall) -> bool:
    """The firewall can be taken out of its subnets.

    Why: a change of subnets leads traffic round the firewall as surely as deleting it.
    Fix: set SubnetChangeProtection to true.
    """
    return not firewall.subnet_protection


networkfirewall_subnet_protection_off.cases(
    bad=[{}, {"SubnetChangeProtection": False}],
    good=[{"SubnetChangeProtection": True}],
    unknown=[{"SubnetChangeProtection": Unknown("SubnetChangeProtection", PARAMETER)}],
)
