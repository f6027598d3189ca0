from koban.model.aws.route53resolver import FirewallRuleGroupAssociation
from koban.model.estate import MemoryEstate
from koban.sources.aws.route53resolver import firewall_association_from_api, query_logging_association_from_api


def test_a_network_whose_queries_are_logged(aws, collect):
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    resolver = aws("route53resolver")
    config = resolver.create_resolver_query_log_config(
        Name="dns", DestinationArn="arn:aws:s3:::dns-logs", CreatorRequestId="1"
    )["ResolverQueryLogConfig"]["Id"]
    resolver.associate_resolver_query_log_config(ResolverQueryLogConfigId=config, ResourceId=vpc)
    found = [
        *[one for one in collect("vpc.vpcs") if one.name == vpc],
        *collect("route53resolver.query_logging_configs"),
        *collect("route53resolver.query_logging_associations"),
    ]
    MemoryEstate(found)
    assert found[0].query_logging == (found[2],)
    assert found[2].config == found[1]
    assert found[1].destination == "arn:aws:s3:::dns-logs"
    assert collect.failures == []


def test_golden_twins():
    raw = {"Id": "rslvr-1", "ResolverQueryLogConfigId": "c", "ResourceId": "vpc-1", "Status": "ACTIVE", "Error": "NONE"}
    assert query_logging_association_from_api(raw) == raw
    raw = {"Id": "a", "VpcId": "vpc-1", "MutationProtection": "ENABLED", "CreatorRequestId": "1"}
    live = FirewallRuleGroupAssociation(firewall_association_from_api(raw))
    assert live.protected == FirewallRuleGroupAssociation({"MutationProtection": "ENABLED"}).protected
