"""Security groups: their rules inside them, and in any of the three ways of writing them beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.securitygroup import SecurityGroup, SecurityGroupEgress, SecurityGroupIngress
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import Body, arg, blocks, constant, elements, first, maps

PEERS = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups", "source_security_group_id")


def protocol(given: Any) -> str:
    """The name of a protocol as AWS has it: lower case, and -1 for all."""
    name = str(given).lower()
    return "-1" if name == "all" else name


def openings(rule: Body) -> Iterator[Body]:
    """A body for each peer of a rule: a range, a prefix list, a group, or the group itself."""
    rest = {name: value for name, value in rule.items() if name not in (*PEERS, "self")}
    for name in PEERS:
        for peer in elements(rule.get(name)):
            yield {**rest, name: peer}
    to_itself = rule.get("self")
    if isinstance(to_itself, Unknown) or to_itself in (True, "true"):
        yield {**rest, "self": to_itself, "source_security_group_id": rule.get("security_group_id")}


def separate_openings(rule: Body) -> Iterator[Body]:
    """The same for a rule beside its group.  Where nobody knows which way it opens, its peers are not known either."""
    way = rule.get("type")
    for one in openings(rule):
        if isinstance(way, Unknown):
            one = {"description": way} | {name: way if name in PEERS else value for name, value in one.items()}
        yield one


def goes(way: str) -> Any:
    """Whether a rule beside its group is of the kind `way`, or may be."""
    return lambda rule: isinstance(rule.get("type"), Unknown) or rule.get("type") == way


WHAT: dict[str, Any] = {
    "IpProtocol": arg("protocol", protocol),
    "FromPort": "from_port",
    "ToPort": "to_port",
    "CidrIp": "cidr_blocks",
    "CidrIpv6": "ipv6_cidr_blocks",
    "Description": "description",
}
INGRESS: dict[str, Any] = WHAT | {
    "SourceSecurityGroupId": first("security_groups", "source_security_group_id"),
    "SourcePrefixListId": "prefix_list_ids",
}
EGRESS: dict[str, Any] = WHAT | {
    "DestinationSecurityGroupId": first("security_groups", "source_security_group_id"),
    "DestinationPrefixListId": "prefix_list_ids",
}

# Without egress blocks a group lets nothing out: the provider takes away the rule that AWS makes.
maps(
    "aws_security_group",
    SecurityGroup,
    GroupId="id",
    GroupName="name",
    GroupDescription="description",
    VpcId="vpc_id",
    SecurityGroupIngress=blocks("ingress", openings, **INGRESS),
    SecurityGroupEgress=blocks("egress", openings, **EGRESS),
)
# It takes over the group that AWS made, with no other rules than those given here.
maps(
    "aws_default_security_group",
    SecurityGroup,
    GroupId="id",
    GroupName=constant("default"),
    VpcId="vpc_id",
    SecurityGroupIngress=blocks("ingress", openings, **INGRESS),
    SecurityGroupEgress=blocks("egress", openings, **EGRESS),
)
maps(
    "aws_security_group_rule",
    SecurityGroupIngress,
    when=goes("ingress"),
    each=separate_openings,
    GroupId="security_group_id",
    **INGRESS,
)
maps(
    "aws_security_group_rule",
    SecurityGroupEgress,
    when=goes("egress"),
    each=separate_openings,
    GroupId="security_group_id",
    **EGRESS,
)

ONE_PEER: dict[str, Any] = {
    "GroupId": "security_group_id",
    "IpProtocol": arg("ip_protocol", protocol),
    "FromPort": "from_port",
    "ToPort": "to_port",
    "CidrIp": "cidr_ipv4",
    "CidrIpv6": "cidr_ipv6",
    "Description": "description",
}
maps(
    "aws_vpc_security_group_ingress_rule",
    SecurityGroupIngress,
    SourceSecurityGroupId="referenced_security_group_id",
    SourcePrefixListId="prefix_list_id",
    **ONE_PEER,
)
maps(
    "aws_vpc_security_group_egress_rule",
    SecurityGroupEgress,
    DestinationSecurityGroupId="referenced_security_group_id",
    DestinationPrefixListId="prefix_list_id",
    **ONE_PEER,
)
