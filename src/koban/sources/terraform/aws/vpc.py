"""Amazon VPC: networks, how they are routed and filtered, and what watches them; security groups are a file apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from koban.model.aws.vpc import (
    EgressOnlyInternetGateway,
    ElasticIp,
    FlowLog,
    GatewayAttachment,
    InternetGateway,
    NatGateway,
    NetworkAcl,
    NetworkAclAssociation,
    NetworkAclEntry,
    NetworkInterface,
    NetworkInterfaceAttachment,
    PrefixList,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    Vpc,
    VpcEndpoint,
    VpcEndpointService,
    VpcEndpointServicePermissions,
    VpcPeering,
    VpnGateway,
)
from koban.model.unknown import NON_EMPTY_SHAPE, Maybe, Unknown
from koban.sources.terraform.mapping import (
    ABSENT,
    Body,
    arg,
    blocks,
    constant,
    first,
    folds,
    group,
    json,
    listed,
    made,
    maps,
    split,
)


def nested(name: str, range_names: tuple[str, ...], others: tuple[str, ...]) -> Callable[[Body], Iterator[Body]]:
    """An `each`: every block `name` as a body of its own, with the id of what it stands in.

    One that is there or not is about a range that nobody knows, so that it decides nothing for sure.
    """

    def each(body: Body) -> Iterator[Body]:
        found, own = body.get(name), {"id": body.get("id")}
        for one in found if isinstance(found, list) else () if found is None else (found,):
            if isinstance(one, Maybe):
                gap = Unknown(one._path, one._why, root=one._root)
                for inside in one._values:
                    known = inside if isinstance(inside, dict) else dict.fromkeys(others, gap)
                    yield {**known, **own, **dict.fromkeys(range_names, gap)}
            elif isinstance(one, Unknown):
                yield {**dict.fromkeys((*others, *range_names), one), **own}
            else:
                yield {**one, **own}

    return each


def named_here(name: str) -> Callable[[Body], bool]:
    """A `when`: whether the argument is set."""
    return lambda body: body.get(name) is not None


# A network whose range comes from an address manager, or that AWS made.
CIDR = arg("cidr_block", default=Unknown("cidr_block", "AWS chooses the range", shape=NON_EMPTY_SHAPE))
maps("aws_vpc", Vpc, VpcId="id", CidrBlock=CIDR)
maps("aws_default_vpc", Vpc, VpcId="id", CidrBlock=CIDR, IsDefault=constant(True))

maps(
    "aws_subnet",
    Subnet,
    SubnetId="id",
    VpcId="vpc_id",
    AvailabilityZone="availability_zone",
    CidrBlock="cidr_block",
    MapPublicIpOnLaunch="map_public_ip_on_launch",
)
maps(
    "aws_default_subnet",
    Subnet,
    SubnetId="id",
    VpcId=arg("vpc_id", default=Unknown("the default network", "AWS made it", shape=NON_EMPTY_SHAPE)),
    AvailabilityZone="availability_zone",
    CidrBlock="cidr_block",
    MapPublicIpOnLaunch=arg("map_public_ip_on_launch", default=True),
)


ADOPTED = Unknown("the network of what is adopted", "AWS made it", shape=NON_EMPTY_SHAPE)


def owner_of(name: str) -> Any:
    """The network of what it made for itself: the provider is told of that as an attribute of the network."""

    def vpc(body: Body) -> Any:
        known, through = body.get("vpc_id"), body.get(name)
        if known is not None:
            return known
        return through if isinstance(through, Unknown) else ADOPTED

    return made(vpc, "vpc_id", name, careful=True)


ROUTE: dict[str, Any] = {
    "GatewayId": "gateway_id",
    "NatGatewayId": "nat_gateway_id",
    "TransitGatewayId": "transit_gateway_id",
    "VpcPeeringConnectionId": "vpc_peering_connection_id",
    "EgressOnlyInternetGatewayId": "egress_only_gateway_id",
    "NetworkInterfaceId": "network_interface_id",
    "InstanceId": "instance_id",
    "DestinationPrefixListId": "destination_prefix_list_id",
}
INLINE_ROUTE: dict[str, Any] = ROUTE | {
    "RouteTableId": "id",
    "DestinationCidrBlock": "cidr_block",
    "DestinationIpv6CidrBlock": "ipv6_cidr_block",
}
inline_routes = nested("route", ("cidr_block", "ipv6_cidr_block"), ("gateway_id", "vpc_peering_connection_id"))

maps("aws_route_table", RouteTable, RouteTableId="id", VpcId="vpc_id")
maps("aws_route_table", Route, each=inline_routes, **INLINE_ROUTE)
maps(
    "aws_default_route_table",
    RouteTable,
    RouteTableId="id",
    VpcId=owner_of("default_route_table_id"),
    Main=constant(True),
)
maps("aws_default_route_table", Route, each=inline_routes, **INLINE_ROUTE)
maps(
    "aws_route",
    Route,
    RouteTableId="route_table_id",
    DestinationCidrBlock="destination_cidr_block",
    DestinationIpv6CidrBlock="destination_ipv6_cidr_block",
    **ROUTE,
)
folds("aws_main_route_table_association", RouteTable, "route_table_id", Main=constant(True))
maps(
    "aws_route_table_association",
    RouteTableAssociation,
    when=named_here("subnet_id"),
    Id="id",
    SubnetId="subnet_id",
    RouteTableId="route_table_id",
)

PROTOCOLS = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58"}
ENTRY: dict[str, Any] = {
    "RuleAction": arg("action", lambda word: str(word).lower()),
    "Protocol": arg("protocol", lambda word: PROTOCOLS.get(str(word).lower(), str(word))),
    "CidrBlock": "cidr_block",
    "Ipv6CidrBlock": "ipv6_cidr_block",
    "PortRange": group(From=arg("from_port", default=0), To=arg("to_port", default=0)),
}
INLINE_ENTRY: dict[str, Any] = ENTRY | {"NetworkAclId": "id", "RuleNumber": first("rule_no", "rule_number")}
RANGE = ("cidr_block", "ipv6_cidr_block")
ABOUT = ("rule_no", "action", "protocol", "from_port", "to_port")

maps("aws_network_acl", NetworkAcl, Id="id", VpcId="vpc_id")
maps("aws_default_network_acl", NetworkAcl, Id="id", VpcId=owner_of("default_network_acl_id"), IsDefault=constant(True))
for source in ("aws_network_acl", "aws_default_network_acl"):
    for way in ("ingress", "egress"):
        maps(
            source,
            NetworkAclEntry,
            each=nested(way, RANGE, ABOUT),
            Egress=constant(way == "egress"),
            **INLINE_ENTRY,
        )
    maps(
        source,
        NetworkAclAssociation,
        each=split("subnet_ids"),
        NetworkAclId="id",
        SubnetId="subnet_ids",
        Tags=constant(ABSENT),
    )
maps(
    "aws_network_acl_rule",
    NetworkAclEntry,
    NetworkAclId="network_acl_id",
    Egress="egress",
    **ENTRY | {"RuleNumber": "rule_number", "RuleAction": arg("rule_action", lambda word: str(word).lower())},
)
maps(
    "aws_network_acl_association",
    NetworkAclAssociation,
    AssociationId="id",
    NetworkAclId="network_acl_id",
    SubnetId="subnet_id",
)

maps("aws_internet_gateway", InternetGateway, InternetGatewayId="id")
maps(
    "aws_internet_gateway",
    GatewayAttachment,
    when=named_here("vpc_id"),
    InternetGatewayId="id",
    VpcId="vpc_id",
    Tags=constant(ABSENT),
)
maps(
    "aws_internet_gateway_attachment",
    GatewayAttachment,
    InternetGatewayId="internet_gateway_id",
    VpcId="vpc_id",
)
maps("aws_vpn_gateway", VpnGateway, VPNGatewayId="id")
maps(
    "aws_vpn_gateway",
    GatewayAttachment,
    when=named_here("vpc_id"),
    VpnGatewayId="id",
    VpcId="vpc_id",
    Tags=constant(ABSENT),
)
maps("aws_vpn_gateway_attachment", GatewayAttachment, VpnGatewayId="vpn_gateway_id", VpcId="vpc_id")
maps("aws_nat_gateway", NatGateway, NatGatewayId="id", SubnetId="subnet_id", ConnectivityType="connectivity_type")
maps("aws_egress_only_internet_gateway", EgressOnlyInternetGateway, Id="id", VpcId="vpc_id")

maps(
    "aws_vpc_endpoint",
    VpcEndpoint,
    Id="id",
    VpcId="vpc_id",
    ServiceName="service_name",
    VpcEndpointType="vpc_endpoint_type",
    PolicyDocument=json("policy"),
    SecurityGroupIds="security_group_ids",
)
folds("aws_vpc_endpoint_policy", VpcEndpoint, "vpc_endpoint_id", PolicyDocument=json("policy"))
folds(
    "aws_vpc_endpoint_security_group_association",
    VpcEndpoint,
    "vpc_endpoint_id",
    adds=True,
    SecurityGroupIds=listed("security_group_id"),
)
maps("aws_vpc_endpoint_service", VpcEndpointService, ServiceId="id", AcceptanceRequired="acceptance_required")
maps(
    "aws_vpc_endpoint_service",
    VpcEndpointServicePermissions,
    when=named_here("allowed_principals"),
    ServiceId="id",
    AllowedPrincipals="allowed_principals",
    Tags=constant(ABSENT),
)
maps(
    "aws_vpc_endpoint_service_allowed_principal",
    VpcEndpointServicePermissions,
    ServiceId="vpc_endpoint_service_id",
    AllowedPrincipals=listed("principal_arn"),
)
maps(
    "aws_vpc_peering_connection",
    VpcPeering,
    Id="id",
    VpcId="vpc_id",
    PeerVpcId="peer_vpc_id",
    PeerOwnerId="peer_owner_id",
)

LOGGED = {
    "vpc_id": "VPC",
    "subnet_id": "Subnet",
    "eni_id": "NetworkInterface",
    "transit_gateway_id": "TransitGateway",
    "transit_gateway_attachment_id": "TransitGatewayAttachment",
    "regional_nat_gateway_id": "RegionalNatGateway",
}


def logged_kind(body: Body) -> Any:
    """The kind of what a flow log records: its argument says so."""
    return next((kind for name, kind in LOGGED.items() if body.get(name) is not None), ABSENT)


maps(
    "aws_flow_log",
    FlowLog,
    Id="id",
    ResourceId=first(*LOGGED),
    ResourceType=made(logged_kind, *LOGGED, careful=True),
    TrafficType="traffic_type",
)
maps(
    "aws_network_interface",
    NetworkInterface,
    lacks={"VpcId": "the subnet decides"},
    Id="id",
    SubnetId="subnet_id",
    GroupSet="security_groups",
    InterfaceType="interface_type",
    SourceDestCheck="source_dest_check",
)
folds(
    "aws_network_interface_sg_attachment",
    NetworkInterface,
    "network_interface_id",
    adds=True,
    GroupSet=listed("security_group_id"),
)
maps(
    "aws_network_interface_attachment",
    NetworkInterfaceAttachment,
    InstanceId="instance_id",
    NetworkInterfaceId="network_interface_id",
    DeviceIndex="device_index",
)
maps(
    "aws_eip",
    ElasticIp,
    AllocationId="id",
    PublicIp="public_ip",
    InstanceId="instance",
    NetworkInterfaceId="network_interface",
)
# A resource of its own: what matters is that the instance has an address, also where that is declared elsewhere.
maps("aws_eip_association", ElasticIp, InstanceId="instance_id", NetworkInterfaceId="network_interface_id")

maps(
    "aws_ec2_managed_prefix_list",
    PrefixList,
    PrefixListId="id",
    PrefixListName="name",
    Entries=blocks("entry", Cidr="cidr", Description="description"),
)
folds(
    "aws_ec2_managed_prefix_list_entry",
    PrefixList,
    "prefix_list_id",
    adds=True,
    Entries=listed(group(Cidr="cidr", Description="description")),
)
