"""Amazon VPC: networks, how they are routed and filtered, and what watches them; security groups are a file apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from koban.model.aws.networks import network_of
from koban.model.aws.policy import Policy, policy
from koban.model.resource import Resource, as_fact, asked, derived, fact, field, link, links, referring
from koban.model.unknown import Unknown

if TYPE_CHECKING:
    from koban.model.aws.route53resolver import FirewallRuleGroupAssociation, QueryLoggingAssociation
    from koban.model.aws.securitygroup import SecurityGroup

ANYWHERE = ("0.0.0.0/0", "::/0", "::0/0", "0:0:0:0:0:0:0:0/0")


class Vpc(Resource, type="AWS::EC2::VPC", ids="VpcId", arn="arn:{partition}:ec2:{region}:{account}:vpc/{VpcId}"):
    """A virtual private cloud."""

    cidr: str = field("CidrBlock", "", "Its main IPv4 range")
    is_default: bool = fact("IsDefault", False, "Whether AWS made it as the region's default")
    flow_logs: tuple[FlowLog, ...] = referring("AWS::EC2::FlowLog", "vpc", "Flow logs of the whole network")
    route_tables: tuple[RouteTable, ...] = referring("AWS::EC2::RouteTable", "vpc", "Its route tables")
    endpoints: tuple[VpcEndpoint, ...] = referring("AWS::EC2::VPCEndpoint", "vpc", "Private ways to AWS services")
    interfaces: tuple[NetworkInterface, ...] = referring("AWS::EC2::NetworkInterface", "vpc", "What is plugged in")
    query_logging: tuple[QueryLoggingAssociation, ...] = referring(
        "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation", "vpc", "Where its DNS queries are logged"
    )
    dns_firewall: tuple[FirewallRuleGroupAssociation, ...] = referring(
        "AWS::Route53Resolver::FirewallRuleGroupAssociation", "vpc", "DNS firewall rule groups on it"
    )

    @asked
    def has_endpoint(self, service: str) -> bool:
        """Whether an endpoint for `service` (``ecr.api``: what follows the region in its name) is in the network."""
        return any(endpoint.service_name.endswith("." + service) for endpoint in self.endpoints)


class Subnet(
    Resource, type="AWS::EC2::Subnet", ids="SubnetId", arn="arn:{partition}:ec2:{region}:{account}:subnet/{SubnetId}"
):
    """A subnet of a VPC."""

    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network it is in")
    zone: str = field("AvailabilityZone", "", "Its availability zone")
    public_ip_on_launch: bool = field("MapPublicIpOnLaunch", False, "New interfaces get a public IPv4 address")
    associations: tuple[RouteTableAssociation, ...] = referring(
        "AWS::EC2::SubnetRouteTableAssociation", "subnet", "Its own choice of route table"
    )

    @derived
    def route_table(self) -> Any:
        """The table that routes it: its own, else the network's main one; None where neither is declared."""
        for association in self.associations:
            return association.route_table
        vpc = self.vpc
        if vpc:
            for table in vpc.route_tables:
                if table.is_main:
                    return table
        return None

    @derived
    def internet_facing(self) -> bool:
        """Whether its default route leads to an internet gateway."""
        table = self.route_table
        return bool(table and any(route.to_internet for route in table.routes))


class RouteTable(
    Resource,
    type="AWS::EC2::RouteTable",
    ids="RouteTableId",
    arn="arn:{partition}:ec2:{region}:{account}:route-table/{RouteTableId}",
):
    """A route table."""

    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network it is in")
    is_main: bool = fact("Main", False, "Whether it routes the subnets that chose no table")
    routes: tuple[Route, ...] = referring("AWS::EC2::Route", "route_table", "Its routes")


class Route(
    Resource,
    type="AWS::EC2::Route",
    ids="CidrBlock",
    arn="arn:{partition}:ec2:{region}:{account}:route-table/{RouteTableId}/{CidrBlock}",
):
    """One route of a route table."""

    state: str = fact("State", "active", "blackhole where its target is gone")
    destination: str = field("DestinationCidrBlock", "", "IPv4 destination")
    destination_ipv6: str = field("DestinationIpv6CidrBlock", "", "IPv6 destination")
    gateway_id: str = field("GatewayId", "", "The internet or virtual private gateway that it leads to")
    route_table: Any = link("RouteTableId", "AWS::EC2::RouteTable", "The table it is in")
    internet_gateway: Any = link("GatewayId", "AWS::EC2::InternetGateway", "The internet gateway it leads to")
    vpn_gateway: Any = link("GatewayId", "AWS::EC2::VPNGateway", "The virtual private gateway it leads to")
    peering: Any = link("VpcPeeringConnectionId", "AWS::EC2::VPCPeeringConnection", "The peering it leads to")

    @derived
    def to_everywhere(self) -> bool:
        return any(one in ANYWHERE for one in (self.destination, self.destination_ipv6))

    @derived
    def to_internet(self) -> bool:
        """Whether it sends what has no closer route to an internet gateway."""
        if not self.to_everywhere or not self.gateway_id or self.state == "blackhole":
            return False
        if isinstance(self.vpn_gateway, VpnGateway):
            return False
        return isinstance(self.internet_gateway, InternetGateway) or bool(self.gateway_id.startswith("igw-"))

    @derived
    def to_whole_peer(self) -> bool:
        """Whether it opens all of a peered network, or more, rather than the part that is needed."""
        peering = self.peering
        if not peering:
            return False
        return self.to_everywhere or any(_covers(self.destination, cidr) for cidr in peering.cidrs)


class RouteTableAssociation(Resource, type="AWS::EC2::SubnetRouteTableAssociation", ids="Id"):
    """A subnet's own choice of a route table."""

    subnet: Any = link("SubnetId", "AWS::EC2::Subnet", "The subnet")
    route_table: Any = link("RouteTableId", "AWS::EC2::RouteTable", "The table that routes it")


class NetworkAcl(
    Resource, type="AWS::EC2::NetworkAcl", ids="Id", arn="arn:{partition}:ec2:{region}:{account}:network-acl/{Id}"
):
    """A network access control list."""

    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network it is in")
    is_default: bool = fact("IsDefault", False, "Whether it filters the subnets that chose no list")
    entries: tuple[NetworkAclEntry, ...] = referring("AWS::EC2::NetworkAclEntry", "acl", "Its numbered entries")
    associations: tuple[NetworkAclAssociation, ...] = referring(
        "AWS::EC2::SubnetNetworkAclAssociation", "acl", "The subnets that it filters"
    )

    @asked
    def lets_in(self, port: int) -> bool:
        """Whether the whole internet passes it to `port` (TCP or UDP): the lowest entry that speaks of it decides."""
        asking = [one for one in self.entries if not one.egress and one.anywhere and one.covers(port)]
        for family in ("ipv4", "ipv6"):
            same = [one for one in asking if bool(one.cidr) == (family == "ipv4")]
            for first in sorted(same, key=lambda one: one.number)[:1]:
                if first.action == "allow":
                    return True
        return False


class NetworkAclEntry(
    Resource, type="AWS::EC2::NetworkAclEntry", ids="Id", arn="arn:{partition}:ec2:{region}:{account}:network-acl/{Id}"
):
    """One numbered entry of a network ACL."""

    acl: Any = link("NetworkAclId", "AWS::EC2::NetworkAcl", "The list it is in")
    number: int = field("RuleNumber", 0, "Lower numbers decide first")
    action: str = field("RuleAction", "deny", "allow or deny")
    egress: bool = field("Egress", False, "Whether it is about traffic that leaves")
    cidr: str = field("CidrBlock", "", "IPv4 range it is about")
    cidr_ipv6: str = field("Ipv6CidrBlock", "", "IPv6 range it is about")
    protocol: str = field("Protocol", "-1", "Protocol number; -1: all")
    port_from: int = field("PortRange.From", 0, "First port")
    port_to: int = field("PortRange.To", 65535, "Last port")

    @derived
    def anywhere(self) -> bool:
        """Whether it is about all of the internet."""
        return any(one in ANYWHERE for one in (self.cidr, self.cidr_ipv6))

    @asked
    def covers(self, port: int) -> bool:
        """Whether it is about `port` over TCP or UDP."""
        if self.protocol == "-1":
            return True
        return self.protocol in ("6", "17", "tcp", "udp") and self.port_from <= port <= self.port_to


class NetworkAclAssociation(Resource, type="AWS::EC2::SubnetNetworkAclAssociation", ids="AssociationId"):
    """Which network ACL filters a subnet."""

    acl: Any = link("NetworkAclId", "AWS::EC2::NetworkAcl", "The list")
    subnet: Any = link("SubnetId", "AWS::EC2::Subnet", "The subnet")


class InternetGateway(
    Resource,
    type="AWS::EC2::InternetGateway",
    ids="InternetGatewayId",
    arn="arn:{partition}:ec2:{region}:{account}:internet-gateway/{InternetGatewayId}",
):
    """An internet gateway."""

    attachments: tuple[GatewayAttachment, ...] = referring(
        "AWS::EC2::VPCGatewayAttachment", "internet_gateway", "The network it is attached to"
    )


class VpnGateway(
    Resource,
    type="AWS::EC2::VPNGateway",
    ids="VPNGatewayId",
    arn="arn:{partition}:ec2:{region}:{account}:vpn-gateway/{VPNGatewayId}",
    template_only=True,
):
    """A virtual private gateway: the AWS end of a VPN."""


class GatewayAttachment(Resource, type="AWS::EC2::VPCGatewayAttachment"):
    """Attaches an internet or virtual private gateway to a network."""

    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network")
    internet_gateway: Any = link("InternetGatewayId", "AWS::EC2::InternetGateway", "The internet gateway")


class NatGateway(
    Resource,
    type="AWS::EC2::NatGateway",
    ids="NatGatewayId",
    arn="arn:{partition}:ec2:{region}:{account}:natgateway/{NatGatewayId}",
    template_only=True,
):
    """A NAT gateway."""

    subnet: Any = link("SubnetId", "AWS::EC2::Subnet", "The subnet it is in")
    connectivity: str = field("ConnectivityType", "public", "public or private")


class EgressOnlyInternetGateway(
    Resource,
    type="AWS::EC2::EgressOnlyInternetGateway",
    ids="Id",
    arn="arn:{partition}:ec2:{region}:{account}:egress-only-internet-gateway/{Id}",
    template_only=True,
):
    """A gateway through which IPv6 may leave and not enter."""

    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network it is attached to")


class VpcEndpoint(
    Resource, type="AWS::EC2::VPCEndpoint", ids="Id", arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{Id}"
):
    """A private way from a VPC to a service."""

    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network it is in")
    service_name: str = field("ServiceName", "", "Full name of the service: com.amazonaws.eu-west-1.s3")
    kind: str = field("VpcEndpointType", "Gateway", "Gateway, Interface, GatewayLoadBalancer, ...")
    policy: Policy = policy("PolicyDocument", "What may be done through it; absent: everything")
    security_groups: tuple[SecurityGroup, ...] = links("SecurityGroupIds", "AWS::EC2::SecurityGroup", "Who reaches it")

    @derived
    def allows_everything(self) -> bool:
        """Whether its policy bounds nothing.  Gateway Load Balancer endpoints have no policy."""
        return not self.policy.statements or any(
            one.allows and one.anyone and one.every_action and one.every_resource and not one.condition
            for one in self.policy.statements
        )


class VpcEndpointService(
    Resource,
    type="AWS::EC2::VPCEndpointService",
    ids="ServiceId",
    arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint-service/{ServiceId}",
):
    """A service of the account that other networks reach through endpoints of theirs."""

    acceptance: bool = field("AcceptanceRequired", True, "Whether somebody accepts each endpoint")
    permissions: tuple[VpcEndpointServicePermissions, ...] = referring(
        "AWS::EC2::VPCEndpointServicePermissions", "service", "Who may ask for an endpoint"
    )

    @derived
    def open_to_everyone(self) -> bool:
        """Whether any AWS account may ask for an endpoint."""
        return any(who == "*" for one in self.permissions for who in one.principals)


class VpcEndpointServicePermissions(Resource, type="AWS::EC2::VPCEndpointServicePermissions"):
    """Who may ask for an endpoint to a service."""

    service: Any = link("ServiceId", "AWS::EC2::VPCEndpointService", "The service")
    principals: tuple[str, ...] = field("AllowedPrincipals", (), "ARNs of those who may, or *: everyone")


class VpcPeering(
    Resource,
    type="AWS::EC2::VPCPeeringConnection",
    ids="Id",
    arn="arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{Id}",
):
    """A peering of two VPCs."""

    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network that asked")
    peer_vpc: Any = link("PeerVpcId", "AWS::EC2::VPC", "The network that was asked")
    peer_account: str = field("PeerOwnerId", "", "The account of the network that was asked; absent: this one")
    known_cidrs: tuple[str, ...] = fact("Cidrs", (), "The IPv4 ranges of both networks")

    @derived
    def cidrs(self) -> tuple[str, ...]:
        """The IPv4 ranges of both networks."""
        if self.known_cidrs:
            return self.known_cidrs
        return tuple(vpc.cidr for vpc in (self.vpc, self.peer_vpc) if vpc)


class FlowLog(
    Resource, type="AWS::EC2::FlowLog", ids="Id", arn="arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{Id}"
):
    """A flow log of a network, a subnet or an interface."""

    vpc: Any = link("ResourceId", "AWS::EC2::VPC", "The network it logs, where it logs a whole network")
    resource_type: str = field("ResourceType", "", "VPC, Subnet, NetworkInterface or TransitGateway")
    traffic: str = field("TrafficType", "ALL", "ACCEPT, REJECT or ALL")
    delivery: str = fact("DeliverLogsStatus", "", "SUCCESS or FAILED: whether AWS can write it")


class NetworkInterface(
    Resource,
    type="AWS::EC2::NetworkInterface",
    ids="Id",
    arn="arn:{partition}:ec2:{region}:{account}:network-interface/{Id}",
):
    """A network interface."""

    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network it is in")
    subnet: Any = link("SubnetId", "AWS::EC2::Subnet", "The subnet it is in")
    groups: tuple[SecurityGroup, ...] = links("GroupSet", "AWS::EC2::SecurityGroup", "The security groups on it")
    kind: str = field("InterfaceType", "interface", "interface, efa, trunk, or the service that made it")
    source_dest_check: bool = field("SourceDestCheck", True, "Traffic that is not its own is dropped")
    managed: bool = fact("RequesterManaged", False, "Whether an AWS service made it and looks after it")
    public_ip: str = fact("PublicIp", "", "Its public IPv4 address")
    status: str = fact("Status", "", "available (attached to nothing), in-use, ...")


class NetworkInterfaceAttachment(Resource, type="AWS::EC2::NetworkInterfaceAttachment", template_only=True):
    """A network interface that is plugged into an instance beside those that it was started with."""

    instance: Any = link("InstanceId", "AWS::EC2::Instance", "The instance")
    interface: Any = link("NetworkInterfaceId", "AWS::EC2::NetworkInterface", "The interface")
    index: int = field("DeviceIndex", 1, "Its place; at 0 is the one that an instance cannot be without")


class ElasticIp(
    Resource,
    type="AWS::EC2::EIP",
    ids="AllocationId PublicIp",
    arn="arn:{partition}:ec2:{region}:{account}:elastic-ip/{AllocationId}",
):
    """An elastic IP address."""

    instance: Any = link("InstanceId", "AWS::EC2::Instance", "The instance it is on")
    interface: Any = as_fact(link("NetworkInterfaceId", "AWS::EC2::NetworkInterface", "The interface it is on"))
    association_id: str = fact("AssociationId", "", "Empty where it is on nothing")


class PrefixList(
    Resource,
    type="AWS::EC2::PrefixList",
    ids="PrefixListId",
    arn="arn:{partition}:ec2:{region}:{account}:prefix-list/{PrefixListId}",
):
    """A named list of address ranges; AWS's own lists are read without their entries, which never hold everything."""

    cidrs: tuple[str, ...] = field("Entries[].Cidr", (), "Its ranges")


def _covers(outer: Any, inner: Any) -> Any:
    """Whether the range `outer` holds all of `inner`."""
    for one in (outer, inner):
        if isinstance(one, Unknown):
            return one._child(" covers a whole network")
    try:
        within, whole = network_of(inner), network_of(outer)
        return within is not None and whole is not None and within.subnet_of(whole)  # type: ignore[arg-type]
    except TypeError:  # one is of IPv4 and one of IPv6
        return False
