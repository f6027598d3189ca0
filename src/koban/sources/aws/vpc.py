"""Reads Amazon VPC: networks, routing, network ACLs, gateways, endpoints, interfaces, flow logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.elbv2 import LoadBalancer
from koban.model.aws.securitygroup import SecurityGroup
from koban.model.aws.vpc import (
    ElasticIp,
    FlowLog,
    GatewayAttachment,
    InternetGateway,
    NetworkAcl,
    NetworkAclAssociation,
    NetworkAclEntry,
    NetworkInterface,
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
)
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

Document = dict[str, Any]
ROUTE_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "CarrierGatewayId",
    "LocalGatewayId",
    "CoreNetworkArn",
)
RESOURCE_TYPES = (
    ("vpc-", "VPC"),
    ("subnet-", "Subnet"),
    ("eni-", "NetworkInterface"),
    ("tgw-attach-", "TransitGatewayAttachment"),
    ("tgw-", "TransitGateway"),
)


def tagged(raw: Document, document: Document) -> Document:
    """The document with the tags of the answer."""
    return {**document, "Tags": tags(raw.get("Tags"))}


def owned(aws: Reader, raw: Document) -> bool:
    """Whether the account owns it: what another account shares with this one is judged there."""
    return bool(raw.get("OwnerId", aws.account) == aws.account)


def vpc_from_api(raw: Document) -> Document:
    return tagged(raw, pick(raw, "VpcId", "CidrBlock", "InstanceTenancy", "IsDefault"))


@reads(Vpc, "ec2:DescribeVpcs")
def vpcs(aws: Reader) -> Iterator[Document]:
    for raw in aws.pages("ec2:DescribeVpcs", "Vpcs"):
        if owned(aws, raw):
            yield vpc_from_api(raw)


def subnet_from_api(raw: Document) -> Document:
    return tagged(
        raw,
        pick(
            raw,
            "SubnetId",
            "VpcId",
            "AvailabilityZone",
            "CidrBlock",
            "MapPublicIpOnLaunch",
            "AssignIpv6AddressOnCreation",
        ),
    )


@reads(Subnet, "ec2:DescribeSubnets")
def subnets(aws: Reader) -> Iterator[Document]:
    for raw in aws.pages("ec2:DescribeSubnets", "Subnets"):
        if owned(aws, raw):
            yield subnet_from_api(raw)


def route_table_from_api(raw: Document) -> Document:
    main = any(one.get("Main") for one in raw.get("Associations", ()))
    return tagged(raw, {**pick(raw, "RouteTableId", "VpcId"), "Main": main})


def route_from_api(table_id: str, raw: Document) -> Document:
    destinations = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    document = pick(raw, *destinations, *ROUTE_TARGETS, "State")
    to = next((raw[name] for name in destinations if raw.get(name)), "")
    return {**document, "RouteTableId": table_id, "CidrBlock": to}


@reads((RouteTable, Route, RouteTableAssociation), "ec2:DescribeRouteTables")
def route_tables(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("ec2:DescribeRouteTables", "RouteTables"):
        if not owned(aws, raw):
            continue
        yield aws.made(RouteTable, route_table_from_api(raw))
        for route in raw.get("Routes", ()):
            if route.get("GatewayId") != "local":  # every table has it, and no template shows it
                yield aws.made(Route, route_from_api(raw["RouteTableId"], route))
        for one in raw.get("Associations", ()):
            if one.get("SubnetId"):
                document = pick(one, "SubnetId", "RouteTableId", Id="RouteTableAssociationId")
                yield aws.made(RouteTableAssociation, document)


def network_acl_from_api(raw: Document) -> Document:
    return tagged(raw, pick(raw, "VpcId", "IsDefault", Id="NetworkAclId"))


def network_acl_entry_from_api(acl_id: str, raw: Document) -> Document:
    document = pick(raw, "RuleNumber", "RuleAction", "Egress", "CidrBlock", "Ipv6CidrBlock", "PortRange")
    way = "egress" if raw.get("Egress") else "ingress"
    # Rule 32767 stands once for IPv4 and once for IPv6: the family belongs to the name.
    family = "ipv6" if raw.get("Ipv6CidrBlock") else "ipv4"
    protocol = int(raw["Protocol"]) if raw.get("Protocol", "").lstrip("-").isdigit() else -1
    name = f"{acl_id}/{way}/{family}/{raw.get('RuleNumber')}"
    return {**document, "Id": name, "NetworkAclId": acl_id, "Protocol": protocol}


@reads((NetworkAcl, NetworkAclEntry, NetworkAclAssociation), "ec2:DescribeNetworkAcls")
def network_acls(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("ec2:DescribeNetworkAcls", "NetworkAcls"):
        if not owned(aws, raw):
            continue
        yield aws.made(NetworkAcl, network_acl_from_api(raw))
        for entry in raw.get("Entries", ()):
            yield aws.made(NetworkAclEntry, network_acl_entry_from_api(raw["NetworkAclId"], entry))
        for one in raw.get("Associations", ()):
            document = pick(one, "SubnetId", "NetworkAclId", AssociationId="NetworkAclAssociationId")
            yield aws.made(NetworkAclAssociation, document)


@reads((InternetGateway, GatewayAttachment), "ec2:DescribeInternetGateways")
def internet_gateways(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("ec2:DescribeInternetGateways", "InternetGateways"):
        gateway = raw["InternetGatewayId"]
        yield aws.made(InternetGateway, tagged(raw, {"InternetGatewayId": gateway}))
        for one in raw.get("Attachments", ()):
            document = {"InternetGatewayId": gateway, "VpcId": one.get("VpcId", ""), "AttachmentType": "IGW"}
            yield aws.made(GatewayAttachment, document, uid=aws.arn("ec2", f"internet-gateway/{gateway}/attachment"))


def endpoint_from_api(raw: Document) -> Document:
    document = pick(
        raw,
        "VpcId",
        "ServiceName",
        "VpcEndpointType",
        "PolicyDocument",
        "RouteTableIds",
        "SubnetIds",
        "PrivateDnsEnabled",
        Id="VpcEndpointId",
    )
    return tagged(raw, {**document, "SecurityGroupIds": [one["GroupId"] for one in raw.get("Groups", ())]})


@reads(VpcEndpoint, "ec2:DescribeVpcEndpoints")
def endpoints(aws: Reader) -> Iterator[Document]:
    for raw in aws.pages("ec2:DescribeVpcEndpoints", "VpcEndpoints"):
        if raw.get("State", "").lower() not in ("deleted", "deleting", "failed", "rejected", "expired"):
            yield endpoint_from_api(raw)


def offered(aws: Reader) -> bool:
    """Whether a load balancer may stand behind an endpoint service: none is without one, and only some kinds can."""
    return any(one.document.get("Type") in ("network", "gateway") for one in aws.read(LoadBalancer))


@reads(
    (VpcEndpointService, VpcEndpointServicePermissions),
    "ec2:DescribeVpcEndpointServiceConfigurations",
    needs=(LoadBalancer,),
    where=offered,
    AllowedPrincipals="ec2:DescribeVpcEndpointServicePermissions",
)
def endpoint_services(aws: Reader) -> Iterator[Resource]:
    def detail(raw: Document) -> list[Resource]:
        service = raw["ServiceId"]
        allowed = aws.ask_all("ec2:DescribeVpcEndpointServicePermissions", "AllowedPrincipals", ServiceId=service)
        who = [one["Principal"] for one in allowed] if isinstance(allowed, list) else allowed
        made = aws.made(VpcEndpointService, tagged(raw, pick(raw, "ServiceId", "AcceptanceRequired")))
        document = {"ServiceId": service, "AllowedPrincipals": who}
        return [made, aws.made(VpcEndpointServicePermissions, document, uid=made.uid + "/permissions")]

    listed = aws.pages("ec2:DescribeVpcEndpointServiceConfigurations", "ServiceConfigurations")
    for resources in aws.each(listed, detail):
        yield from resources


def peering_from_api(raw: Document) -> Document:
    asked, peer = raw.get("RequesterVpcInfo", {}), raw.get("AccepterVpcInfo", {})
    ranges = [
        cidr
        for side in (asked, peer)
        for cidr in (
            [one["CidrBlock"] for one in side.get("CidrBlockSet", ())]
            or ([side["CidrBlock"]] if side.get("CidrBlock") else [])
        )
    ]
    document = {
        **pick(raw, Id="VpcPeeringConnectionId"),
        **pick(asked, "VpcId"),
        **pick(peer, PeerVpcId="VpcId", PeerOwnerId="OwnerId", PeerRegion="Region"),
    }
    return tagged(raw, {**document, "Cidrs": ranges})


def peered(aws: Reader) -> bool:
    """Whether a route leads to a peering."""
    return any(route.document.get("VpcPeeringConnectionId") for route in aws.read(Route))


@reads(VpcPeering, "ec2:DescribeVpcPeeringConnections", needs=(Route,), where=peered)
def peerings(aws: Reader) -> Iterator[Document]:
    """A peering is judged by the routes that lead to it."""
    for raw in aws.pages("ec2:DescribeVpcPeeringConnections", "VpcPeeringConnections"):
        if raw.get("Status", {}).get("Code") in (None, "active", "pending-acceptance", "provisioning"):
            yield peering_from_api(raw)


def flow_log_from_api(raw: Document) -> Document:
    document = pick(
        raw,
        "ResourceId",
        "TrafficType",
        "LogDestinationType",
        "LogDestination",
        "LogGroupName",
        "DeliverLogsPermissionArn",
        "DeliverLogsStatus",
        Id="FlowLogId",
    )
    kind = next((name for prefix, name in RESOURCE_TYPES if raw.get("ResourceId", "").startswith(prefix)), "")
    return tagged(raw, {**document, "ResourceType": kind})


@reads(FlowLog, "ec2:DescribeFlowLogs")
def flow_logs(aws: Reader) -> Iterator[Document]:
    yield from map(flow_log_from_api, aws.pages("ec2:DescribeFlowLogs", "FlowLogs"))


def interface_from_api(raw: Document) -> Document:
    document = pick(
        raw,
        "VpcId",
        "SubnetId",
        "InterfaceType",
        "SourceDestCheck",
        "RequesterManaged",
        "Status",
        Id="NetworkInterfaceId",
        PublicIp="Association.PublicIp",
    )
    groups = [one["GroupId"] for one in raw.get("Groups", ())]
    return {**document, "GroupSet": groups, "Tags": tags(raw.get("TagSet"))}


@reads(NetworkInterface, "ec2:DescribeNetworkInterfaces")
def interfaces(aws: Reader) -> Iterator[Document]:
    yield from map(interface_from_api, aws.pages("ec2:DescribeNetworkInterfaces", "NetworkInterfaces"))


def address_from_api(raw: Document) -> Document:
    return tagged(
        raw, pick(raw, "AllocationId", "PublicIp", "Domain", "InstanceId", "NetworkInterfaceId", "AssociationId")
    )


@reads(ElasticIp, "ec2:DescribeAddresses")
def addresses(aws: Reader) -> Iterator[Document]:
    yield from map(address_from_api, aws.pages("ec2:DescribeAddresses", "Addresses"))


def listed_in_a_group(aws: Reader) -> bool:
    """Whether a security group lets in a prefix list."""
    groups = aws.read(SecurityGroup)
    return any(one.get("SourcePrefixListId") for group in groups for one in group.document["SecurityGroupIngress"])


@reads(
    PrefixList,
    "ec2:DescribeManagedPrefixLists",
    needs=(SecurityGroup,),
    where=listed_in_a_group,
    Entries="ec2:GetManagedPrefixListEntries",
)
def prefix_lists(aws: Reader) -> Iterator[Document]:
    def detail(raw: Document) -> Document:
        document = pick(raw, "PrefixListId", "PrefixListName", "OwnerId", "AddressFamily")
        entries: Any = []
        if raw.get("OwnerId") != "AWS":
            entries = aws.ask_all("ec2:GetManagedPrefixListEntries", "Entries", PrefixListId=raw["PrefixListId"])
        return tagged(raw, {**document, "Entries": entries})

    yield from aws.each(aws.pages("ec2:DescribeManagedPrefixLists", "PrefixLists"), detail)
