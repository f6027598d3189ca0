"""Posture rules for Amazon VPC."""

from __future__ import annotations

from koban.model.aws.vpc import (
    ElasticIp,
    FlowLog,
    GatewayAttachment,
    InternetGateway,
    NetworkAcl,
    NetworkAclAssociation,
    NetworkAclEntry,
    NetworkInterface,
    Route,
    Subnet,
    Vpc,
    VpcEndpoint,
    VpcEndpointService,
    VpcEndpointServicePermissions,
    VpcPeering,
)
from koban.model.rule import rule
from koban.model.unknown import Unknown

ADMIN = (22, 3389)
SERVICE = "com.amazonaws.eu-west-1."
VPC = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}


def logged(**more: object) -> FlowLog:
    return FlowLog({"Id": "fl-1", "ResourceId": "vpc-1", "ResourceType": "VPC", "TrafficType": "ALL", **more})


def endpoint(service: str) -> VpcEndpoint:
    return VpcEndpoint({"Id": "vpce-1", "VpcId": "vpc-1", "ServiceName": SERVICE + service})


@rule(
    "medium",
    Vpc,
    "aws-fsbp:EC2.6",
    "cis-aws-7.0:4.7",
    "cis-aws-3.0:3.7",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-01",
)
def vpc_flow_logs_missing(vpc: Vpc) -> bool:
    """No flow log records the traffic that this network rejects.

    Why: without flow logs nobody can see scans, or tell later where data went and from which machine.
    Fix: create a flow log for the VPC with traffic type REJECT or ALL.
    """
    return not any(log.traffic == "ALL" or log.traffic == "REJECT" for log in vpc.flow_logs)


vpc_flow_logs_missing.cases(
    bad=[VPC, (VPC, logged(TrafficType="ACCEPT")), (VPC, logged(ResourceId="subnet-1"))],
    good=[(VPC, logged()), (VPC, logged(TrafficType="REJECT"))],
    unknown=[(VPC, logged(TrafficType=Unknown("TrafficType", "parameter Traffic has no default")))],
)


@rule("medium", FlowLog, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-01", only="live")
def vpc_flow_log_delivery_failing(log: FlowLog) -> bool:
    """AWS cannot deliver this flow log.

    Why: the log looks switched on and records nothing.
    Fix: mend the role or the policy of the destination that the flow log writes to.
    """
    return log.delivery == "FAILED"


vpc_flow_log_delivery_failing.cases(bad=[{"DeliverLogsStatus": "FAILED"}], good=[{"DeliverLogsStatus": "SUCCESS"}])


@rule(
    "medium",
    Vpc,
    "nist-csf-2.0:PR.PS-01",
    "nist-csf-2.0:PR.IR-01",
    when=lambda vpc: vpc.is_default,
    only="live",
)
def vpc_default_in_use(vpc: Vpc) -> bool:
    """Something runs in the region's default network.

    Why: all subnets of the default network are public, with open routes and ACLs that nobody designed.
    Fix: move the workloads to a network of your own and delete the default one.
    """
    return bool(vpc.interfaces)


vpc_default_in_use.cases(
    bad=[({**VPC, "IsDefault": True}, NetworkInterface({"Id": "eni-1", "VpcId": "vpc-1"}))],
    good=[{**VPC, "IsDefault": True}],
    skipped=[VPC],
)


@rule("medium", Subnet, "aws-fsbp:EC2.15", "nist-csf-2.0:PR.IR-01")
def vpc_subnet_public_ip_on_launch(subnet: Subnet) -> bool:
    """Instances started in this subnet get a public address unless they refuse it.

    Why: a machine becomes reachable from the internet because of where it started, not because someone decided so.
    Fix: set MapPublicIpOnLaunch to false and give public addresses only to what needs one.
    """
    return subnet.public_ip_on_launch


vpc_subnet_public_ip_on_launch.cases(
    bad=[{"MapPublicIpOnLaunch": True}, {"MapPublicIpOnLaunch": "true"}],
    good=[{}, {"MapPublicIpOnLaunch": False}],
    unknown=[{"MapPublicIpOnLaunch": Unknown("MapPublicIpOnLaunch", "parameter Public has no default")}],
)

ACL = {"Id": "acl-1"}


def entry(number: int, action: str, **more: object) -> NetworkAclEntry:
    plain = {"NetworkAclId": "acl-1", "RuleNumber": number, "RuleAction": action, "Protocol": -1}
    where = {} if "Ipv6CidrBlock" in more else {"CidrBlock": "0.0.0.0/0"}
    return NetworkAclEntry({**plain, **where, "Id": f"e{number}", **more})


SSH = {"Protocol": 6, "PortRange": {"From": 22, "To": 22}}


@rule(
    "medium",
    NetworkAcl,
    "aws-fsbp:EC2.21",
    "cis-aws-7.0:6.2",
    "cis-aws-3.0:5.1",
    "nist-csf-2.0:PR.IR-01",
    "nist-csf-2.0:PR.AA-05",
)
def vpc_network_acl_admin_port_open(acl: NetworkAcl) -> bool:
    """The network ACL lets the whole internet reach SSH or Remote Desktop.

    Why: the ACL is the second line when a security group is opened by mistake, and here it is open as well.
    Fix: deny ports 22 and 3389 from 0.0.0.0/0 and ::/0 before any entry that allows them, or allow named ranges only.
    """
    return any(acl.lets_in(port) for port in ADMIN)


vpc_network_acl_admin_port_open.cases(
    bad=[
        (ACL, entry(100, "allow")),
        (ACL, entry(100, "allow", **SSH)),
        (ACL, entry(100, "allow"), entry(200, "deny", **SSH)),
        (ACL, entry(100, "allow", Ipv6CidrBlock="::/0")),
        (ACL, entry(90, "deny", **SSH), entry(100, "allow")),
    ],
    good=[
        ACL,
        (ACL, entry(100, "allow", Egress=True)),
        (ACL, entry(100, "allow", CidrBlock="10.0.0.0/8")),
        (ACL, entry(100, "allow", Protocol=6, PortRange={"From": 443, "To": 443})),
        (ACL, entry(90, "deny", Protocol=6, PortRange={"From": 20, "To": 4000}), entry(100, "allow")),
    ],
    unknown=[(ACL, entry(100, "allow", CidrBlock=Unknown("CidrBlock", "parameter Range has no default")))],
)


@rule(
    "low",
    NetworkAcl,
    "aws-fsbp:EC2.16",
    "nist-csf-2.0:ID.AM-08",
    when=lambda acl: not acl.is_default,
    only="live",
)
def vpc_network_acl_unused(acl: NetworkAcl) -> bool:
    """This network ACL filters no subnet.

    Why: what is not used is not reviewed, and makes the network harder to understand.
    Fix: associate it with the subnets that it was made for, or delete it.
    """
    return not acl.associations


vpc_network_acl_unused.cases(
    bad=[ACL],
    good=[(ACL, NetworkAclAssociation({"AssociationId": "a", "NetworkAclId": "acl-1", "SubnetId": "subnet-1"}))],
    skipped=[{**ACL, "IsDefault": True}],
)

PEERED = {"RouteTableId": "rtb-1", "VpcPeeringConnectionId": "pcx-1", "CidrBlock": "r"}
PEERING = VpcPeering({"Id": "pcx-1", "Cidrs": ["10.0.0.0/16", "10.1.0.0/16"]})


@rule(
    "medium",
    Route,
    "cis-aws-7.0:6.6",
    "cis-aws-3.0:5.5",
    "nist-csf-2.0:PR.IR-01",
    "nist-csf-2.0:PR.AA-05",
    when=lambda route: route.peering,
)
def vpc_peering_route_too_broad(route: Route) -> bool:
    """The route opens all of the peered network rather than the part that is needed.

    Why: a break-in on one side of the peering can try every machine on the other.
    Fix: route only to the subnets or hosts that must be reached.
    """
    return route.to_whole_peer


vpc_peering_route_too_broad.cases(
    bad=[
        ({**PEERED, "DestinationCidrBlock": "10.1.0.0/16"}, PEERING),
        ({**PEERED, "DestinationCidrBlock": "10.0.0.0/8"}, PEERING),
        ({**PEERED, "DestinationCidrBlock": "0.0.0.0/0"}, PEERING),
        (
            {**PEERED, "DestinationCidrBlock": "10.0.0.0/16"},
            VpcPeering({"Id": "pcx-1", "VpcId": "vpc-2", "PeerVpcId": "vpc-1"}),
            Vpc(VPC),
        ),
    ],
    good=[({**PEERED, "DestinationCidrBlock": "10.1.4.0/24"}, PEERING)],
    unknown=[({**PEERED, "DestinationCidrBlock": "10.9.0.0/16"}, VpcPeering({"Id": "pcx-1", "PeerVpcId": "vpc-9"}))],
    skipped=[{"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}],
)


@rule(
    "low",
    Vpc,
    "aws-fsbp:EC2.10",
    "cis-aws-7.0:6.8",
    "nist-csf-2.0:PR.IR-01",
    "nist-csf-2.0:PR.DS-02",
    when=lambda vpc: vpc.interfaces,
    only="live",
)
def vpc_endpoint_ec2_missing(vpc: Vpc) -> bool:
    """The network has no endpoint for the EC2 API.

    Why: calls to the API leave through the internet, so machines need a way out that data can take as well.
    Fix: create an interface endpoint for the service ec2 in the network.
    """
    return not vpc.has_endpoint("ec2")


USED = NetworkInterface({"Id": "eni-1", "VpcId": "vpc-1"})
vpc_endpoint_ec2_missing.cases(
    bad=[(VPC, USED), (VPC, USED, endpoint("ec2messages"))], good=[(VPC, USED, endpoint("ec2"))], skipped=[VPC]
)


@rule(
    "low",
    Vpc,
    "aws-fsbp:EC2.55",
    "aws-fsbp:EC2.56",
    "cis-aws-7.0:6.8",
    "nist-csf-2.0:PR.IR-01",
    when=lambda vpc: vpc.interfaces,
    only="live",
)
def vpc_endpoint_ecr_missing(vpc: Vpc) -> bool:
    """The network lacks an endpoint for ECR: its API, its registry, or both.

    Why: images are pulled over the internet, so container hosts need a way out that data can take as well.
    Fix: create interface endpoints for the services ecr.api and ecr.dkr, and a gateway endpoint for s3.
    """
    return not vpc.has_endpoint("ecr.api") or not vpc.has_endpoint("ecr.dkr")


vpc_endpoint_ecr_missing.cases(
    bad=[(VPC, USED), (VPC, USED, endpoint("ecr.api"))],
    good=[
        (
            VPC,
            USED,
            endpoint("ecr.api"),
            VpcEndpoint({"Id": "vpce-2", "VpcId": "vpc-1", "ServiceName": SERVICE + "ecr.dkr"}),
        )
    ],
    skipped=[VPC],
)


@rule(
    "low",
    Vpc,
    "aws-fsbp:EC2.57",
    "cis-aws-7.0:6.8",
    "nist-csf-2.0:PR.IR-01",
    when=lambda vpc: vpc.interfaces,
    only="live",
)
def vpc_endpoint_ssm_missing(vpc: Vpc) -> bool:
    """The network has no endpoint for Systems Manager.

    Why: patching and Session Manager then need a way to the internet from every machine.
    Fix: create interface endpoints for the services ssm, ssmmessages and ec2messages in the network.
    """
    return not vpc.has_endpoint("ssm")


vpc_endpoint_ssm_missing.cases(
    bad=[(VPC, USED), (VPC, USED, endpoint("ssmmessages"))], good=[(VPC, USED, endpoint("ssm"))], skipped=[VPC]
)


@rule("low", Vpc, "cis-aws-7.0:6.8", "nist-csf-2.0:PR.IR-01", when=lambda vpc: vpc.interfaces, only="live")
def vpc_endpoint_ssm_messages_missing(vpc: Vpc) -> bool:
    """The network has no endpoint for the messages of Systems Manager.

    Why: Session Manager then needs a way to the internet, or people open SSH and Remote Desktop instead.
    Fix: create an interface endpoint for the service ssmmessages in the network.
    """
    return not vpc.has_endpoint("ssmmessages")


vpc_endpoint_ssm_messages_missing.cases(
    bad=[(VPC, USED), (VPC, USED, endpoint("ssm"))], good=[(VPC, USED, endpoint("ssmmessages"))], skipped=[VPC]
)


@rule("low", Vpc, "aws-fsbp:EC2.58", "nist-csf-2.0:PR.IR-01", when=lambda vpc: vpc.interfaces, only="live")
def vpc_endpoint_incident_contacts_missing(vpc: Vpc) -> bool:
    """The network has no endpoint for the contacts of Incident Manager.

    Why: paging people during an incident should not depend on the way to the internet that may have to be cut.
    Fix: create an interface endpoint for the service ssm-contacts in the network.
    """
    return not vpc.has_endpoint("ssm-contacts")


vpc_endpoint_incident_contacts_missing.cases(
    bad=[(VPC, USED)], good=[(VPC, USED, endpoint("ssm-contacts"))], skipped=[VPC]
)


@rule("low", Vpc, "aws-fsbp:EC2.60", "nist-csf-2.0:PR.IR-01", when=lambda vpc: vpc.interfaces, only="live")
def vpc_endpoint_incident_manager_missing(vpc: Vpc) -> bool:
    """The network has no endpoint for Incident Manager.

    Why: the tools of an incident should not depend on the way to the internet that may have to be cut.
    Fix: create an interface endpoint for the service ssm-incidents in the network.
    """
    return not vpc.has_endpoint("ssm-incidents")


vpc_endpoint_incident_manager_missing.cases(
    bad=[(VPC, USED)], good=[(VPC, USED, endpoint("ssm-incidents"))], skipped=[VPC]
)


@rule("low", Vpc, "cis-aws-7.0:6.8", "nist-csf-2.0:PR.IR-01", when=lambda vpc: vpc.interfaces, only="live")
def vpc_endpoint_s3_missing(vpc: Vpc) -> bool:
    """The network has no endpoint for S3.

    Why: objects are fetched over the internet, so machines need a way out that data can take as well.
    Fix: create a gateway endpoint for s3, which costs nothing, with a policy that names your buckets.
    """
    return not vpc.has_endpoint("s3")


vpc_endpoint_s3_missing.cases(
    bad=[(VPC, USED), (VPC, USED, endpoint("ec2"))], good=[(VPC, USED, endpoint("s3"))], skipped=[VPC]
)


@rule("medium", VpcEndpointService, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def vpc_endpoint_service_accepts_by_itself(service: VpcEndpointService) -> bool:
    """The endpoint service lets in any account on its list without anyone agreeing.

    Why: a network that joins is noticed only when someone looks at the list.
    Fix: set AcceptanceRequired to true.
    """
    return not service.acceptance


vpc_endpoint_service_accepts_by_itself.cases(
    bad=[{"AcceptanceRequired": False}],
    good=[{}, {"AcceptanceRequired": True}],
    unknown=[{"AcceptanceRequired": Unknown("AcceptanceRequired", "parameter Accept has no default")}],
)


@rule("high", VpcEndpointService, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def vpc_endpoint_service_open_to_everyone(service: VpcEndpointService) -> bool:
    """Any AWS account may ask for an endpoint to this service.

    Why: strangers find the service, and reach it as soon as somebody accepts one of them by mistake.
    Fix: name the accounts or roles that need it in AllowedPrincipals.
    """
    return service.open_to_everyone


SERVED = {"ServiceId": "vpce-svc-1"}
vpc_endpoint_service_open_to_everyone.cases(
    bad=[(SERVED, VpcEndpointServicePermissions({**SERVED, "AllowedPrincipals": ["*"]}))],
    good=[
        SERVED,
        (SERVED, VpcEndpointServicePermissions({**SERVED, "AllowedPrincipals": ["arn:aws:iam::444455556666:root"]})),
    ],
    unknown=[
        (
            SERVED,
            VpcEndpointServicePermissions(
                {**SERVED, "AllowedPrincipals": Unknown("AllowedPrincipals", "AccessDenied")}
            ),
        )
    ],
)

NARROW = {
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]
}
WIDE = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}'


@rule(
    "low",
    VpcEndpoint,
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.DS-10",
    when=lambda endpoint: endpoint.kind == "Gateway" or endpoint.kind == "Interface",
)
def vpc_endpoint_policy_open(endpoint: VpcEndpoint) -> bool:
    """The policy of this VPC endpoint bounds nothing.

    Why: stolen credentials of another account can carry data out through it, past every other network control.
    Fix: write a policy that names the actions and resources meant, or your organisation in aws:PrincipalOrgID.
    """
    return endpoint.allows_everything


vpc_endpoint_policy_open.cases(
    bad=[{}, {"PolicyDocument": WIDE, "VpcEndpointType": "Interface"}],
    good=[{"PolicyDocument": NARROW}],
    unknown=[{"PolicyDocument": Unknown("PolicyDocument", "parameter Policy has no default")}],
    skipped=[{"VpcEndpointType": "GatewayLoadBalancer"}],
)


@rule("low", ElasticIp, "aws-fsbp:EC2.12", "nist-csf-2.0:ID.AM-08", only="live")
def vpc_elastic_ip_unused(address: ElasticIp) -> bool:
    """The elastic IP address is on nothing.

    Why: it costs money, and DNS records or allow lists that still name it trust whoever gets it next.
    Fix: release it once nothing refers to it any more.
    """
    return not address.association_id


vpc_elastic_ip_unused.cases(bad=[{"AllocationId": "eipalloc-1"}], good=[{"AssociationId": "eipassoc-1"}])


@rule(
    "medium",
    NetworkInterface,
    "aws-fsbp:EC2.180",
    "nist-csf-2.0:PR.IR-01",
    when=lambda interface: interface.kind == "interface" and not interface.managed,
)
def vpc_interface_forwards_traffic(interface: NetworkInterface) -> bool:
    """The network interface passes traffic that is neither from nor for itself.

    Why: without the check a machine can pose as another or route around the network's controls.
    Fix: set SourceDestCheck to true, but on machines that are meant to route.
    """
    return not interface.source_dest_check


vpc_interface_forwards_traffic.cases(
    bad=[{"SourceDestCheck": False}],
    good=[{}, {"SourceDestCheck": True}],
    unknown=[{"SourceDestCheck": Unknown("SourceDestCheck", "parameter Check has no default")}],
    skipped=[{"SourceDestCheck": False, "InterfaceType": "nat_gateway"}],
)


@rule("low", InternetGateway, "nist-csf-2.0:ID.AM-08", only="live")
def vpc_internet_gateway_unattached(gateway: InternetGateway) -> bool:
    """The internet gateway is attached to no network.

    Why: it waits to open a network to the internet with one call, and nobody reviews it.
    Fix: delete the gateway, or attach it to the network that it was made for.
    """
    return not gateway.attachments


vpc_internet_gateway_unattached.cases(
    bad=[{"InternetGatewayId": "igw-1"}],
    good=[({"InternetGatewayId": "igw-1"}, GatewayAttachment({"InternetGatewayId": "igw-1", "VpcId": "vpc-1"}))],
)


@rule("low", Route, "nist-csf-2.0:ID.AM-03", "nist-csf-2.0:PR.PS-01", only="live")
def vpc_route_leads_nowhere(route: Route) -> bool:
    """The target of this route is gone.

    Why: traffic is dropped in silence, and the leftover hides what the network was meant to do.
    Fix: delete the route, or point it at the target that took over.
    """
    return route.state == "blackhole"


vpc_route_leads_nowhere.cases(bad=[{"State": "blackhole"}], good=[{"State": "active"}])
