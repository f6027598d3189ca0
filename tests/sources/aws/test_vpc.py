from koban.model.aws.elbv2 import LoadBalancer
from koban.model.aws.vpc import NetworkAcl, Route, Vpc
from koban.model.estate import MemoryEstate
from koban.sources.aws.reader import Reader
from koban.sources.aws.vpc import (
    endpoint_from_api,
    flow_log_from_api,
    interface_from_api,
    network_acl_entry_from_api,
    peering_from_api,
    route_from_api,
    route_table_from_api,
    vpc_from_api,
    vpcs,
)


def fields(resource):
    return {name: getattr(resource, name) for name, one in type(resource).fields.items() if one.read is None}


def network(aws):
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    return ec2, vpc, subnet


def test_networks_and_subnets(aws, collect):
    _, vpc, subnet = network(aws)
    networks = {one.name: one for one in collect("vpc.vpcs")}
    assert networks[vpc].cidr == "10.0.0.0/16"
    assert not networks[vpc].is_default
    assert any(one.is_default for one in networks.values())
    assert networks[vpc].uid == f"arn:aws:ec2:eu-west-1:123456789012:vpc/{vpc}"
    subnets = {one.name: one for one in collect("vpc.subnets")}
    assert not subnets[subnet].public_ip_on_launch
    assert collect.failures == []


def test_a_subnet_is_internet_facing_by_its_own_table_or_by_the_main_one(aws, collect):
    ec2, vpc, subnet = network(aws)
    private = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    found = [one for name in ("vpcs", "subnets", "route_tables", "internet_gateways") for one in collect(f"vpc.{name}")]
    MemoryEstate(found)
    by_name = {one.name: one for one in found}
    assert by_name[subnet].internet_facing
    assert not by_name[private].internet_facing
    assert by_name[private].route_table.is_main
    assert by_name[gateway].attachments[0].vpc.name == vpc
    assert len({one.uid for one in found}) == len(found)
    assert collect.failures == []


def test_network_acls_with_their_entries(aws, collect):
    _, vpc, _ = network(aws)
    found = collect("vpc.network_acls")
    MemoryEstate(found)
    acl = next(one for one in found if isinstance(one, NetworkAcl) and one.document["VpcId"] == vpc)
    assert acl.is_default
    assert acl.lets_in(22)
    assert len({one.uid for one in found}) == len(found)
    assert collect.failures == []


def test_a_network_acl_entry_reads_as_in_a_template():
    raw = {"CidrBlock": "0.0.0.0/0", "Egress": False, "Protocol": "6", "RuleAction": "allow", "RuleNumber": 100}
    document = network_acl_entry_from_api("acl-1", {**raw, "PortRange": {"From": 22, "To": 22}})
    assert document == {
        "Id": "acl-1/ingress/ipv4/100",
        "NetworkAclId": "acl-1",
        "RuleNumber": 100,
        "RuleAction": "allow",
        "Egress": False,
        "CidrBlock": "0.0.0.0/0",
        "PortRange": {"From": 22, "To": 22},
        "Protocol": 6,
    }


def test_flow_logs(aws, collect):
    ec2, vpc, subnet = network(aws)
    aws("s3").create_bucket(Bucket="flows", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flows",
    )
    found = [*collect("vpc.vpcs"), *collect("vpc.flow_logs")]
    MemoryEstate(found)
    by_name = {one.name: one for one in found}
    assert [one.traffic for one in by_name[vpc].flow_logs] == ["REJECT"]
    assert by_name[vpc].flow_logs[0].resource_type == "VPC"
    assert flow_log_from_api({"FlowLogId": "fl-1", "ResourceId": subnet})["ResourceType"] == "Subnet"
    assert collect.failures == []


def test_endpoints_and_addresses(aws, collect):
    ec2, vpc, _ = network(aws)
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3")
    ec2.allocate_address(Domain="vpc")
    (endpoint,) = collect("vpc.endpoints")
    assert endpoint.service_name == "com.amazonaws.eu-west-1.s3"
    (address,) = collect("vpc.addresses")
    assert not address.association_id
    assert collect.failures == []


def test_peerings_are_asked_for_where_a_route_leads_to_one(aws, collect):
    ec2, vpc, _ = network(aws)
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]
    assert collect("vpc.peerings") == []
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="10.1.0.0/16", VpcPeeringConnectionId=made["VpcPeeringConnectionId"]
    )
    (peering,) = collect("vpc.peerings")
    assert peering.cidrs == ("10.0.0.0/16", "10.1.0.0/16")
    assert collect.failures == []


def test_prefix_lists_are_asked_for_where_a_group_lets_one_in(aws, collect):
    ec2, vpc, _ = network(aws)
    offices = ec2.create_managed_prefix_list(
        PrefixListName="offices", MaxEntries=2, AddressFamily="IPv4", Entries=[{"Cidr": "198.51.100.0/24"}]
    )["PrefixList"]["PrefixListId"]
    assert collect("vpc.prefix_lists") == []
    group = ec2.create_security_group(GroupName="g", Description="-", VpcId=vpc)["GroupId"]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": offices}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ssh])
    lists = {one.document["PrefixListName"]: one.cidrs for one in collect("vpc.prefix_lists")}
    assert lists["offices"] == ("198.51.100.0/24",)
    assert collect.failures == []


def test_interfaces(aws, collect):
    ec2, vpc, subnet = network(aws)
    ec2.create_network_interface(SubnetId=subnet)
    (interface,) = collect("vpc.interfaces")
    assert interface.document["VpcId"] == vpc
    assert interface.source_dest_check
    assert collect.failures == []
    raw = {
        "NetworkInterfaceId": "eni-1",
        "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
        "Association": {"PublicIp": "203.0.113.9"},
        "InterfaceType": "nat_gateway",
        "RequesterManaged": True,
    }
    assert interface_from_api(raw) == {
        "Id": "eni-1",
        "GroupSet": ["sg-1"],
        "PublicIp": "203.0.113.9",
        "InterfaceType": "nat_gateway",
        "RequesterManaged": True,
        "Tags": [],
    }


def test_golden_twins():
    raw = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "IsDefault": False, "InstanceTenancy": "default"}
    assert fields(Vpc(vpc_from_api(raw))) == fields(Vpc({"CidrBlock": "10.0.0.0/16"}))
    raw = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active", "Origin": "CreateRoute"}
    code = Route({"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"})
    assert fields(Route(route_from_api("rtb-1", raw))) == fields(code)
    assert route_table_from_api({"RouteTableId": "rtb-1", "Associations": [{"Main": True}]})["Main"]


def test_a_peering_names_every_range_of_both_sides():
    raw = {
        "VpcPeeringConnectionId": "pcx-1",
        "RequesterVpcInfo": {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"},
        "AccepterVpcInfo": {
            "VpcId": "vpc-2",
            "OwnerId": "111122223333",
            "CidrBlock": "10.1.0.0/16",
            "CidrBlockSet": [{"CidrBlock": "10.1.0.0/16"}, {"CidrBlock": "10.2.0.0/16"}],
        },
    }
    document = peering_from_api(raw)
    assert document["Cidrs"] == ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"]
    assert document["PeerOwnerId"] == "111122223333"


def test_an_endpoint_names_its_groups():
    raw = {"VpcEndpointId": "vpce-1", "Groups": [{"GroupId": "sg-1"}], "VpcEndpointType": "Interface"}
    assert endpoint_from_api(raw)["SecurityGroupIds"] == ["sg-1"]


def test_an_endpoint_service_and_who_may_use_it(aws, collect):
    ec2, elb = aws("ec2"), aws("elbv2")
    _, _, subnet = network(aws)
    balancer = elb.create_load_balancer(Name="nlb", Type="network", Scheme="internal", Subnets=[subnet])
    service = ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer["LoadBalancers"][0]["LoadBalancerArn"]], AcceptanceRequired=False
    )["ServiceConfiguration"]["ServiceId"]
    ec2.modify_vpc_endpoint_service_permissions(ServiceId=service, AddAllowedPrincipals=["*"])
    found = collect("vpc.endpoint_services")
    MemoryEstate(found)
    assert found[0].name == service
    assert not found[0].acceptance
    assert found[0].open_to_everyone
    assert collect.failures == []


def test_what_another_account_shares_is_judged_there():
    class Shared:
        def pages(self, service, operation, region, params):
            yield {
                "Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111122223333"}, {"VpcId": "vpc-2", "OwnerId": "444455556666"}]
            }

    found = vpcs(Reader(Shared(), "111122223333", "eu-west-1", ("ec2:DescribeVpcs",)))
    assert [one["VpcId"] for one in found] == ["vpc-1"]


def test_endpoint_services_are_asked_for_where_a_balancer_can_offer_one(answered):
    service = {"ServiceId": "vpce-svc-1", "AcceptanceRequired": False}
    answers = {
        "ec2:DescribeVpcEndpointServiceConfigurations": {"ServiceConfigurations": [service]},
        "ec2:DescribeVpcEndpointServicePermissions": {"AllowedPrincipals": []},
    }
    balancers = {kind: LoadBalancer({"Type": kind}, uid=kind) for kind in ("application", "network")}
    assert answered("vpc.endpoint_services", answers, balancers["application"]) == []
    assert len(answered("vpc.endpoint_services", answers, *balancers.values())) == 2
