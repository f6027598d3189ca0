import json

import pytest

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
from koban.model.estate import MemoryEstate
from koban.model.unknown import NON_EMPTY_SHAPE, Maybe, OpenList, Unknown

GAP = Unknown("var.x", "it has no default")
POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}


def reference(address):
    return Unknown(f"{address}.id", "known after apply", target=address, shape=NON_EMPTY_SHAPE)


@pytest.mark.parametrize(
    ("source", "body", "cls", "code"),
    [
        ("aws_vpc", {"cidr_block": "10.0.0.0/16"}, Vpc, {"CidrBlock": "10.0.0.0/16"}),
        (
            "aws_subnet",
            {"vpc_id": "vpc-1", "availability_zone": "eu-west-1a", "map_public_ip_on_launch": True},
            Subnet,
            {"VpcId": "vpc-1", "AvailabilityZone": "eu-west-1a", "MapPublicIpOnLaunch": True},
        ),
        ("aws_subnet", {"vpc_id": "vpc-1"}, Subnet, {"VpcId": "vpc-1"}),
        (
            "aws_default_subnet",
            {"vpc_id": "vpc-1", "map_public_ip_on_launch": False},
            Subnet,
            {"VpcId": "vpc-1", "MapPublicIpOnLaunch": False},
        ),
        ("aws_default_subnet", {"vpc_id": "vpc-1"}, Subnet, {"VpcId": "vpc-1", "MapPublicIpOnLaunch": True}),
        ("aws_route_table", {"vpc_id": "vpc-1"}, RouteTable, {"VpcId": "vpc-1"}),
        ("aws_route_table", {}, RouteTable, {}),
        ("aws_default_route_table", {"vpc_id": "vpc-1"}, RouteTable, {"VpcId": "vpc-1"}),
        (
            "aws_route",
            {
                "route_table_id": "rtb-1",
                "destination_cidr_block": "0.0.0.0/0",
                "gateway_id": "igw-1",
            },
            Route,
            {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"},
        ),
        (
            "aws_route",
            {
                "route_table_id": "rtb-1",
                "destination_ipv6_cidr_block": "::/0",
                "vpc_peering_connection_id": "pcx-1",
            },
            Route,
            {"RouteTableId": "rtb-1", "DestinationIpv6CidrBlock": "::/0", "VpcPeeringConnectionId": "pcx-1"},
        ),
        ("aws_route", {"route_table_id": "rtb-1"}, Route, {"RouteTableId": "rtb-1"}),
        (
            "aws_route_table_association",
            {"subnet_id": "subnet-1", "route_table_id": "rtb-1"},
            RouteTableAssociation,
            {"SubnetId": "subnet-1", "RouteTableId": "rtb-1"},
        ),
        ("aws_network_acl", {"vpc_id": "vpc-1"}, NetworkAcl, {"VpcId": "vpc-1"}),
        ("aws_default_network_acl", {"vpc_id": "vpc-1"}, NetworkAcl, {"VpcId": "vpc-1"}),
        (
            "aws_network_acl_rule",
            {
                "network_acl_id": "acl-1",
                "rule_number": 100,
                "rule_action": "ALLOW",
                "egress": True,
                "protocol": "TCP",
                "cidr_block": "0.0.0.0/0",
                "from_port": 22,
                "to_port": 23,
            },
            NetworkAclEntry,
            {
                "NetworkAclId": "acl-1",
                "RuleNumber": 100,
                "RuleAction": "allow",
                "Egress": True,
                "Protocol": 6,
                "CidrBlock": "0.0.0.0/0",
                "PortRange": {"From": 22, "To": 23},
            },
        ),
        (  # without ports the provider asks for port 0
            "aws_network_acl_rule",
            {
                "network_acl_id": "acl-1",
                "rule_number": 1,
                "rule_action": "deny",
                "protocol": "all",
                "ipv6_cidr_block": "::/0",
            },
            NetworkAclEntry,
            {
                "NetworkAclId": "acl-1",
                "RuleNumber": 1,
                "RuleAction": "deny",
                "Protocol": -1,
                "Ipv6CidrBlock": "::/0",
                "PortRange": {"From": 0, "To": 0},
            },
        ),
        (
            "aws_network_acl_association",
            {"network_acl_id": "acl-1", "subnet_id": "subnet-1"},
            NetworkAclAssociation,
            {"NetworkAclId": "acl-1", "SubnetId": "subnet-1"},
        ),
        ("aws_internet_gateway", {}, InternetGateway, {}),
        (
            "aws_internet_gateway_attachment",
            {"internet_gateway_id": "igw-1", "vpc_id": "vpc-1"},
            GatewayAttachment,
            {"InternetGatewayId": "igw-1", "VpcId": "vpc-1"},
        ),
        ("aws_vpn_gateway", {}, VpnGateway, {}),
        (
            "aws_vpn_gateway_attachment",
            {"vpn_gateway_id": "vgw-1", "vpc_id": "vpc-1"},
            GatewayAttachment,
            {"VpnGatewayId": "vgw-1", "VpcId": "vpc-1"},
        ),
        (
            "aws_nat_gateway",
            {"subnet_id": "subnet-1", "connectivity_type": "private"},
            NatGateway,
            {"SubnetId": "subnet-1", "ConnectivityType": "private"},
        ),
        ("aws_nat_gateway", {"subnet_id": "subnet-1"}, NatGateway, {"SubnetId": "subnet-1"}),
        ("aws_egress_only_internet_gateway", {"vpc_id": "vpc-1"}, EgressOnlyInternetGateway, {"VpcId": "vpc-1"}),
        (
            "aws_vpc_endpoint",
            {
                "vpc_id": "vpc-1",
                "service_name": "com.amazonaws.eu-west-1.s3",
                "vpc_endpoint_type": "Interface",
                "policy": json.dumps(POLICY),
                "security_group_ids": ["sg-1"],
            },
            VpcEndpoint,
            {
                "VpcId": "vpc-1",
                "ServiceName": "com.amazonaws.eu-west-1.s3",
                "VpcEndpointType": "Interface",
                "PolicyDocument": POLICY,
                "SecurityGroupIds": ["sg-1"],
            },
        ),
        ("aws_vpc_endpoint", {"vpc_id": "vpc-1"}, VpcEndpoint, {"VpcId": "vpc-1"}),
        ("aws_vpc_endpoint_service", {"acceptance_required": False}, VpcEndpointService, {"AcceptanceRequired": False}),
        (
            "aws_vpc_endpoint_service_allowed_principal",
            {"vpc_endpoint_service_id": "vpce-svc-1", "principal_arn": "*"},
            VpcEndpointServicePermissions,
            {"ServiceId": "vpce-svc-1", "AllowedPrincipals": ["*"]},
        ),
        (
            "aws_vpc_peering_connection",
            {"vpc_id": "vpc-1", "peer_vpc_id": "vpc-2", "peer_owner_id": "444455556666"},
            VpcPeering,
            {"VpcId": "vpc-1", "PeerVpcId": "vpc-2", "PeerOwnerId": "444455556666"},
        ),
        (
            "aws_flow_log",
            {"vpc_id": "vpc-1", "traffic_type": "REJECT"},
            FlowLog,
            {"ResourceId": "vpc-1", "ResourceType": "VPC", "TrafficType": "REJECT"},
        ),
        (
            "aws_flow_log",
            {"transit_gateway_id": "tgw-1"},
            FlowLog,
            {"ResourceId": "tgw-1", "ResourceType": "TransitGateway"},
        ),
        ("aws_flow_log", {"subnet_id": "subnet-1"}, FlowLog, {"ResourceId": "subnet-1", "ResourceType": "Subnet"}),
        (
            "aws_network_interface",
            {
                "subnet_id": "subnet-1",
                "security_groups": ["sg-1"],
                "interface_type": "efa",
                "source_dest_check": False,
            },
            NetworkInterface,
            {"SubnetId": "subnet-1", "GroupSet": ["sg-1"], "InterfaceType": "efa", "SourceDestCheck": False},
        ),
        ("aws_network_interface", {"subnet_id": "subnet-1"}, NetworkInterface, {"SubnetId": "subnet-1"}),
        ("aws_eip", {"instance": "i-1"}, ElasticIp, {"InstanceId": "i-1"}),
        ("aws_eip", {}, ElasticIp, {}),
        ("aws_eip_association", {"allocation_id": "e", "instance_id": "i-1"}, ElasticIp, {"InstanceId": "i-1"}),
        (
            "aws_ec2_managed_prefix_list",
            {"name": "office", "entry": [{"cidr": "192.0.2.0/24", "description": "x"}, {"cidr": "0.0.0.0/0"}]},
            PrefixList,
            {"Entries": [{"Cidr": "192.0.2.0/24"}, {"Cidr": "0.0.0.0/0"}]},
        ),
        ("aws_ec2_managed_prefix_list", {"name": "office"}, PrefixList, {}),
    ],
)
def test_twins(twins, source, body, cls, code):
    twins(source, body, cls, code)


def test_a_range_that_aws_chooses_is_not_known(document):
    for source in ("aws_vpc", "aws_default_vpc"):
        assert isinstance(document(source, {})["CidrBlock"], Unknown)
    assert document("aws_default_vpc", {})["IsDefault"] is True
    assert "IsDefault" not in document("aws_vpc", {})


def test_what_is_adopted_belongs_to_the_network_that_made_it(document):
    for source in ("aws_default_route_table", "aws_default_network_acl"):
        cls = RouteTable if source.endswith("table") else NetworkAcl
        name = source.removeprefix("aws_") + "_id"
        made = document(source, {name: reference("aws_vpc.main")}, cls)
        assert made["VpcId"]._target == "aws_vpc.main"
        assert isinstance(document(source, {name: "rtb-1"}, cls)["VpcId"], Unknown)
    assert isinstance(document("aws_default_subnet", {})["VpcId"], Unknown)


ROUTES = [
    {"cidr_block": "0.0.0.0/0", "ipv6_cidr_block": "", "gateway_id": "igw-1"},
    {"ipv6_cidr_block": "::/0", "egress_only_gateway_id": "eigw-1"},
]


@pytest.mark.parametrize("source", ["aws_route_table", "aws_default_route_table"])
def test_routes_inside_their_table(every_document, source):
    assert every_document(source, {"id": "rtb-1", "route": ROUTES}, Route) == [
        {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "DestinationIpv6CidrBlock": ""}
        | {"GatewayId": "igw-1"},
        {"RouteTableId": "rtb-1", "DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1"},
    ]
    assert every_document(source, {"id": "rtb-1"}, Route) == []


def test_routes_that_are_not_known_stay(every_document):
    (whole,) = every_document("aws_route_table", {"id": "rtb-1", "route": GAP}, Route)
    assert whole["DestinationCidrBlock"] is whole["GatewayId"] is whole["VpcPeeringConnectionId"] is GAP
    there_or_not = OpenList([Maybe("route", "count is not known", (ROUTES[0],))])
    (maybe,) = every_document("aws_route_table", {"id": "rtb-1", "route": there_or_not}, Route)
    assert maybe["GatewayId"] == "igw-1"
    assert isinstance(maybe["DestinationCidrBlock"], Unknown)


def test_a_table_becomes_the_main_one(document):
    assert document("aws_main_route_table_association", {"route_table_id": "r", "vpc_id": "v"}) == {"Main": True}
    assert document("aws_default_route_table", {}, RouteTable)["Main"] is True


def test_a_gateway_route_table_is_no_subnets_choice(every_document):
    assert every_document("aws_route_table_association", {"gateway_id": "igw-1", "route_table_id": "rtb-1"}) == []
    assert len(every_document("aws_route_table_association", {"subnet_id": GAP, "route_table_id": "rtb-1"})) == 1


ENTRY = {"rule_no": 100, "action": "Allow", "protocol": "tcp", "from_port": 22, "to_port": 22}


@pytest.mark.parametrize("source", ["aws_network_acl", "aws_default_network_acl"])
def test_entries_and_subnets_inside_their_list(every_document, source):
    body = {
        "id": "acl-1",
        "ingress": [{**ENTRY, "cidr_block": "0.0.0.0/0"}],
        "egress": [{**ENTRY, "ipv6_cidr_block": "::/0", "protocol": "-1"}],
        "subnet_ids": ["subnet-1", "subnet-2"],
    }
    both = {"NetworkAclId": "acl-1", "RuleNumber": 100, "RuleAction": "allow", "PortRange": {"From": 22, "To": 22}}
    assert every_document(source, body, NetworkAclEntry) == [
        {**both, "Egress": False, "Protocol": "6", "CidrBlock": "0.0.0.0/0"},
        {**both, "Egress": True, "Protocol": "-1", "Ipv6CidrBlock": "::/0"},
    ]
    assert every_document(source, body, NetworkAclAssociation) == [
        {"NetworkAclId": "acl-1", "SubnetId": "subnet-1"},
        {"NetworkAclId": "acl-1", "SubnetId": "subnet-2"},
    ]
    assert every_document(source, {"id": "acl-1"}, NetworkAclEntry) == []


def test_entries_that_are_not_known_stay(every_document):
    (whole,) = every_document("aws_network_acl", {"id": "acl-1", "ingress": GAP}, NetworkAclEntry)
    assert whole["CidrBlock"] is whole["RuleAction"] is whole["Protocol"] is GAP
    (element,) = every_document("aws_network_acl", {"id": "acl-1", "ingress": [GAP]}, NetworkAclEntry)
    assert element == whole
    (one,) = every_document("aws_network_acl", {"id": "acl-1", "subnet_ids": GAP}, NetworkAclAssociation)
    assert one["SubnetId"] is GAP


def test_a_gateway_that_names_its_network_is_attached_to_it(every_document):
    body = {"id": "igw-1", "vpc_id": "vpc-1", "tags": {"a": "b"}}
    assert every_document("aws_internet_gateway", body, GatewayAttachment) == [
        {"InternetGatewayId": "igw-1", "VpcId": "vpc-1"}
    ]
    assert every_document("aws_internet_gateway", {"id": "igw-1"}, GatewayAttachment) == []
    assert every_document("aws_vpn_gateway", {"id": "vgw-1", "vpc_id": "vpc-1"}, GatewayAttachment) == [
        {"VpnGatewayId": "vgw-1", "VpcId": "vpc-1"}
    ]


def test_pieces_of_an_endpoint(document, every_document):
    assert document("aws_vpc_endpoint_policy", {"policy": json.dumps(POLICY)}) == {"PolicyDocument": POLICY}
    assert document("aws_vpc_endpoint_security_group_association", {"security_group_id": "sg-1"}) == {
        "SecurityGroupIds": ["sg-1"]
    }
    body = {"id": "vpce-svc-1", "acceptance_required": True, "allowed_principals": ["*"]}
    assert every_document("aws_vpc_endpoint_service", body, VpcEndpointServicePermissions) == [
        {"ServiceId": "vpce-svc-1", "AllowedPrincipals": ["*"]}
    ]
    assert every_document("aws_vpc_endpoint_service", {"id": "x"}, VpcEndpointServicePermissions) == []


def test_other_pieces(document):
    assert document("aws_network_interface_sg_attachment", {"security_group_id": GAP}) == {"GroupSet": [GAP]}
    assert document("aws_ec2_managed_prefix_list_entry", {"cidr": "0.0.0.0/0"}) == {"Entries": [{"Cidr": "0.0.0.0/0"}]}


def test_a_subnet_finds_its_way_to_the_internet(document, every_document):
    """Through the network's main table, which the provider adopts."""
    vpc = Vpc(document("aws_vpc", {"cidr_block": "10.0.0.0/16"}), address="aws_vpc.main", file="f")
    subnet = Subnet(document("aws_subnet", {"vpc_id": reference("aws_vpc.main")}), address="aws_subnet.a", file="f")
    gateway = InternetGateway(document("aws_internet_gateway", {}), address="aws_internet_gateway.g", file="f")
    body = {
        "id": reference("aws_default_route_table.t"),
        "default_route_table_id": reference("aws_vpc.main"),
        "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": reference("aws_internet_gateway.g")}],
    }
    table = RouteTable(
        document("aws_default_route_table", body, RouteTable), address="aws_default_route_table.t", file="f"
    )
    (route,) = every_document("aws_default_route_table", body, Route)
    MemoryEstate([vpc, subnet, gateway, table, Route(route, address="aws_default_route_table.t[0]", file="f")])
    assert subnet.internet_facing is True


def test_an_interface_that_is_plugged_in(twins):
    body = {"instance_id": "i-1", "network_interface_id": "eni-1", "device_index": 1}
    code = {"InstanceId": "i-1", "NetworkInterfaceId": "eni-1", "DeviceIndex": "1"}
    twins("aws_network_interface_attachment", body, NetworkInterfaceAttachment, code)
