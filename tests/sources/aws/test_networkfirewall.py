from koban.model.aws.networkfirewall import Firewall, FirewallPolicy, FirewallRuleGroup
from koban.model.estate import MemoryEstate
from koban.sources.aws.networkfirewall import firewall_from_api, policy_from_api, rule_group_from_api


def test_a_firewall_with_its_logging(aws, collect):
    client = aws("network-firewall")
    arn = client.create_firewall(
        FirewallName="edge",
        FirewallPolicyArn="arn:aws:network-firewall:eu-west-1:123456789012:firewall-policy/p",
        VpcId="vpc-1",
        SubnetMappings=[{"SubnetId": "subnet-1"}],
        DeleteProtection=True,
    )["Firewall"]["FirewallArn"]
    destination = {"LogType": "ALERT", "LogDestinationType": "S3", "LogDestination": {"bucketName": "logs"}}
    client.update_logging_configuration(FirewallArn=arn, LoggingConfiguration={"LogDestinationConfigs": [destination]})
    found = [*collect("networkfirewall.firewalls"), *collect("networkfirewall.logging")]
    MemoryEstate(found)
    assert found[0].uid == arn
    assert found[0].delete_protection
    assert found[0].places == ("subnet-1",)
    assert found[0].logs
    assert collect.failures == []


def test_golden_twins():
    raw = {"FirewallName": "edge", "FirewallArn": "arn:fw", "SubnetMappings": [{"SubnetId": "subnet-1"}]}
    live, code = Firewall(firewall_from_api(raw)), Firewall({"SubnetMappings": [{"SubnetId": "subnet-1"}]})
    assert (live.places, live.delete_protection) == (code.places, code.delete_protection)
    policy = {
        "StatelessDefaultActions": ["aws:drop"],
        "StatelessFragmentDefaultActions": ["aws:pass"],
        "StatefulRuleGroupReferences": [{"ResourceArn": "arn:group"}],
    }
    answer = {"FirewallPolicyResponse": {"FirewallPolicyName": "p"}, "FirewallPolicy": policy, "UpdateToken": "t"}
    assert policy_from_api(answer) == {"FirewallPolicyName": "p", "FirewallPolicy": policy}
    assert FirewallPolicy(policy_from_api(answer)).stateful_groups == ("arn:group",)
    rules = {"RulesSource": {"StatelessRulesAndCustomActions": {"StatelessRules": [{"Priority": 1}]}}}
    answer = {"RuleGroupResponse": {"RuleGroupName": "g", "Type": "STATELESS"}, "RuleGroup": rules}
    assert rule_group_from_api(answer) == {"RuleGroupName": "g", "Type": "STATELESS", "RuleGroup": rules}
    assert FirewallRuleGroup(rule_group_from_api(answer)).stateless_rules == ({"Priority": 1},)
