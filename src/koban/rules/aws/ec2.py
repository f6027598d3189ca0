"""Posture rules for Amazon EC2."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from koban.model.aws.ec2 import Defaults, Image, Instance, KeyPair, LaunchTemplate, SpotFleet
from koban.model.aws.secret_names import PLAIN, SECRET
from koban.model.aws.securitygroup import SecurityGroup
from koban.model.aws.vpc import (
    ElasticIp,
    InternetGateway,
    NetworkInterfaceAttachment,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
)
from koban.model.rule import rule
from koban.model.unknown import Unknown

ADMIN = (22, 3389, 5985, 5986)
DATA = (1433, 1521, 2379, 3306, 5432, 5601, 6379, 9042, 9200, 9300, 11211, 27017)
DENIED = Unknown("MetadataOptions", "AccessDenied ec2:DescribeInstances")
PARAMETER = "parameter P has no default"
V2 = {"HttpTokens": "required"}
LEAKING = "#!/bin/bash\nexport DB_PASSWORD=hunter2hunter2\n"
CLEAN = "#!/bin/bash\nexport DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)\n"


def ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


@rule(
    "high",
    Instance,
    "aws-fsbp:EC2.8",
    "cis-aws-7.0:6.7",
    "cis-aws-3.0:5.6",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.PS-01",
)
def ec2_instance_imdsv1(instance: Instance) -> bool:
    """The instance's metadata service answers requests without a token (IMDSv1).

    Why: one flaw that makes the instance fetch a URL is then enough to steal the credentials of its role.
    Fix: set HttpTokens to required in MetadataOptions, or turn the metadata service off.
    """
    return instance.metadata_version_1


TEMPLATE = {"LaunchTemplateName": "web", "LaunchTemplateData": {"MetadataOptions": V2}}
ec2_instance_imdsv1.cases(
    bad=[
        {},
        {"MetadataOptions": {"HttpTokens": "optional"}},
        ({"LaunchTemplate": {"LaunchTemplateName": "web"}}, LaunchTemplate({"LaunchTemplateName": "web"})),
    ],
    good=[
        {"MetadataOptions": V2},
        {"MetadataOptions": {"HttpEndpoint": "disabled"}},
        ({"LaunchTemplate": {"LaunchTemplateName": "web"}}, LaunchTemplate(TEMPLATE)),
    ],
    unknown=[{"MetadataOptions": DENIED}, {"LaunchTemplate": {"LaunchTemplateId": "lt-1"}}],
)


@rule("low", Instance, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-01")
def ec2_instance_metadata_hop_limit(instance: Instance, *, hops_max: int = 2) -> bool:
    """The instance's metadata tokens travel further than a container on it needs.

    Why: with a high limit, machines behind the instance (a proxy, a VPN) can ask for its credentials.
    Fix: set HttpPutResponseHopLimit to 1, or to 2 where containers need it.
    """
    return instance.metadata_hops > hops_max


ec2_instance_metadata_hop_limit.cases(
    bad=[{"MetadataOptions": {"HttpPutResponseHopLimit": 64}}],
    good=[{}, {"MetadataOptions": {"HttpPutResponseHopLimit": 2}}],
    unknown=[{"MetadataOptions": DENIED}],
)


@rule("high", Instance, "aws-fsbp:EC2.9", "nist-csf-2.0:PR.IR-01", "nist-csf-2.0:PR.AA-05")
def ec2_instance_public_ip(instance: Instance) -> bool:
    """The instance has a public IPv4 address.

    Why: it is scanned and tried from the whole internet; one mistake in its security group exposes it.
    Fix: put it in a private subnet behind a load balancer and reach it through Session Manager.
    """
    return instance.has_public_address


PUBLIC = {"InstanceId": "i-1", "NetworkInterfaces": [{"AssociatePublicIpAddress": True, "SubnetId": "subnet-1"}]}
ec2_instance_public_ip.cases(
    bad=[
        PUBLIC,
        ({"SubnetId": "subnet-1"}, Subnet({"SubnetId": "subnet-1", "MapPublicIpOnLaunch": True})),
        ({"InstanceId": "i-1"}, ElasticIp({"AllocationId": "eipalloc-1", "InstanceId": "i-1"})),
    ],
    good=[
        {"NetworkInterfaces": [{"AssociatePublicIpAddress": False}]},
        ({"SubnetId": "subnet-1"}, Subnet({"SubnetId": "subnet-1"})),
    ],
    unknown=[{}, {"SubnetId": "subnet-1"}, {"NetworkInterfaces": Unknown("NetworkInterfaces", PARAMETER)}],
)


@rule(
    "medium",
    Instance,
    "cis-aws-7.0:2.16",
    "cis-aws-3.0:1.18",
    "nist-csf-2.0:PR.AA-01",
    "nist-csf-2.0:PR.AA-05",
)
def ec2_instance_without_profile(instance: Instance) -> bool:
    """The instance has no instance profile.

    Why: programs on it that call AWS then carry long-lived keys, which leak and are not rotated.
    Fix: attach an instance profile whose role allows what the programs need, and nothing else.
    """
    return not instance.profile


ec2_instance_without_profile.cases(
    bad=[{}],
    good=[{"IamInstanceProfile": "web"}],
    unknown=[{"IamInstanceProfile": Unknown("IamInstanceProfile", PARAMETER)}],
)


@rule("medium", Instance, "aws-fsbp:EC2.4", "nist-csf-2.0:ID.AM-08", only="live")
def ec2_instance_stopped_long(instance: Instance, *, stopped_days_max: int = 30) -> bool:
    """The instance has been stopped for a long time.

    Why: it misses every patch while it sleeps, and comes back with all the holes found since.
    Fix: keep an image of it if need be, and terminate it.
    """
    return instance.state == "stopped" and instance.stopped_days > stopped_days_max


ec2_instance_stopped_long.cases(
    bad=[{"State": {"Name": "stopped"}, "StoppedTime": ago(40)}],
    good=[{"State": {"Name": "running"}}, {"State": {"Name": "stopped"}, "StoppedTime": ago(3)}],
    unknown=[{"State": {"Name": "stopped"}, "StoppedTime": Unknown("StoppedTime", "the API did not say")}],
)


@rule("low", Instance, "nist-csf-2.0:ID.AM-08", "nist-csf-2.0:PR.PS-02", only="live")
def ec2_instance_old(instance: Instance, *, running_days_max: int = 180) -> bool:
    """The instance has run for a long time without being replaced.

    Why: machines that live long drift from what was tested and gather what nobody patches.
    Fix: build a fresh image and replace the instance from it, as a routine.
    """
    return instance.state == "running" and instance.launched_days > running_days_max


ec2_instance_old.cases(
    bad=[{"State": {"Name": "running"}, "LaunchTime": ago(200)}],
    good=[{"State": {"Name": "running"}, "LaunchTime": ago(20)}, {"State": {"Name": "stopped"}}],
)


@rule("low", Instance, "aws-fsbp:EC2.17", "nist-csf-2.0:PR.IR-01")
def ec2_instance_several_interfaces(instance: Instance) -> bool:
    """The instance has more than one network interface.

    Why: it joins networks that were kept apart, and traffic can take the way that is not watched.
    Fix: remove the further interfaces, but on machines that are meant to route or filter.
    """
    return instance.has_several_interfaces


ec2_instance_several_interfaces.cases(
    bad=[
        {"NetworkInterfaces": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}]},
        ({"InstanceId": "i-1"}, NetworkInterfaceAttachment({"InstanceId": "i-1", "NetworkInterfaceId": "eni-1"})),
    ],
    good=[
        {},
        {"NetworkInterfaces": [{"SubnetId": "subnet-1"}]},
        ({"InstanceId": "i-1"}, NetworkInterfaceAttachment({"InstanceId": "i-1", "DeviceIndex": "0"})),
        ({"InstanceId": "i-1"}, NetworkInterfaceAttachment({"InstanceId": "i-2", "NetworkInterfaceId": "eni-1"})),
    ],
    unknown=[{"NetworkInterfaces": Unknown("NetworkInterfaces", PARAMETER)}],
)


@rule("medium", Instance, "aws-fsbp:EC2.24", "nist-csf-2.0:PR.PS-02", only="live")
def ec2_instance_paravirtual(instance: Instance) -> bool:
    """The instance is of the old paravirtual kind.

    Why: it runs on the first generation of hardware, without the isolation and drivers of today.
    Fix: move it to an HVM image on a current instance type.
    """
    return instance.virtualization == "paravirtual"


ec2_instance_paravirtual.cases(bad=[{"VirtualizationType": "paravirtual"}], good=[{"VirtualizationType": "hvm"}])


@rule("low", Instance, "nist-csf-2.0:DE.CM-09")
def ec2_instance_not_monitored_closely(instance: Instance) -> bool:
    """The instance is measured every five minutes only.

    Why: a burst of mining or of data leaving can be over before the next measurement.
    Fix: turn on detailed monitoring.
    """
    return not instance.monitoring


ec2_instance_not_monitored_closely.cases(
    bad=[{}, {"Monitoring": False}],
    good=[{"Monitoring": True}],
    unknown=[{"Monitoring": Unknown("Monitoring", PARAMETER)}],
)


@rule("high", Instance, "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:PR.DS-01")
def ec2_instance_user_data_secret(instance: Instance) -> bool:
    """A secret seems to stand in the instance's user data.

    Why: whoever may describe the instance, and every program on it, can read its user data in plain text.
    Fix: keep the secret in Secrets Manager or Parameter Store, fetch it at start, and replace the one that was shown.
    """
    return instance.user_data_secret


ec2_instance_user_data_secret.cases(
    bad=[{"UserData": SECRET}, {"UserData": LEAKING}],
    good=[{}, {"UserData": PLAIN}, {"UserData": CLEAN}],
    unknown=[{"UserData": Unknown("UserData", "AccessDenied ec2:DescribeInstanceAttribute")}],
)


def way(**to: str) -> tuple[Subnet, RouteTable, RouteTableAssociation, InternetGateway, Route]:
    """The parts of a network that lead out of the subnet of instance i-1, through an internet gateway or elsewhere."""
    out = {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", **(to or {"GatewayId": "igw-1"})}
    return (
        Subnet({"SubnetId": "subnet-1", "VpcId": "vpc-1"}),
        RouteTable({"RouteTableId": "rtb-1"}),
        RouteTableAssociation({"Id": "a", "SubnetId": "subnet-1", "RouteTableId": "rtb-1"}),
        InternetGateway({"InternetGatewayId": "igw-1"}),
        Route(out),
    )


REACHABLE = {**PUBLIC, "SecurityGroupIds": ["sg-1"]}


def opening(port: int, cidr: str = "0.0.0.0/0") -> SecurityGroup:
    ingress = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": cidr}]
    return SecurityGroup({"GroupId": "sg-1", "SecurityGroupIngress": ingress})


@rule(
    "critical",
    Instance,
    "cis-aws-7.0:6.3",
    "cis-aws-3.0:5.2",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.IR-01",
)
def ec2_instance_admin_port_exposed(instance: Instance) -> bool:
    """Anyone on the internet can reach an administration port of this instance.

    Why: it has a public address, its subnet routes to an internet gateway and a security group is open: attacks
    on SSH, Remote Desktop or WinRM arrive within minutes.
    Fix: close the port in the security group, or take the public address away; administer through Session Manager.
    """
    return any(group.open_to_anyone(*ADMIN) for group in instance.groups) and instance.internet_facing


ec2_instance_admin_port_exposed.cases(
    bad=[(REACHABLE, *way(), opening(22))],
    good=[
        (REACHABLE, *way(VpcPeeringConnectionId="pcx-1"), opening(22)),
        (REACHABLE, *way(), opening(443)),
        (REACHABLE, *way(), opening(22, "198.51.100.0/24")),
        ({"SubnetId": "subnet-1", "SecurityGroupIds": ["sg-1"]}, *way(), opening(22)),
    ],
    unknown=[(REACHABLE, opening(22)), (REACHABLE, *way())],
)


@rule("critical", Instance, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def ec2_instance_data_port_exposed(instance: Instance) -> bool:
    """Anyone on the internet can reach a port of this instance on which databases and caches answer.

    Why: many of them let in whoever reaches them; open ones are found and emptied by robots.
    Fix: allow the port only from the security groups of the programs that use it, and take the public address away.
    """
    return any(group.open_to_anyone(*DATA) for group in instance.groups) and instance.internet_facing


ec2_instance_data_port_exposed.cases(
    bad=[(REACHABLE, *way(), opening(6379))],
    good=[(REACHABLE, *way(VpcPeeringConnectionId="pcx-1"), opening(6379)), (REACHABLE, *way(), opening(443))],
    unknown=[(REACHABLE, opening(6379))],
)


@rule("low", Instance, "aws-fsbp:EC2.2", "nist-csf-2.0:PR.IR-01", only="live")
def ec2_instance_default_security_group(instance: Instance) -> bool:
    """The instance wears the default security group.

    Why: everything started with no group named wears it too, so one opening is shared by all.
    Fix: make a group for this kind of machine and attach it instead.
    """
    return any(group.group_name == "default" for group in instance.groups)


ec2_instance_default_security_group.cases(
    bad=[({"SecurityGroupIds": ["sg-1"]}, SecurityGroup({"GroupId": "sg-1", "GroupName": "default"}))],
    good=[{}, ({"SecurityGroupIds": ["sg-1"]}, SecurityGroup({"GroupId": "sg-1", "GroupName": "web"}))],
    unknown=[{"SecurityGroupIds": ["sg-1"]}],
)


def template(**data: object) -> dict[str, object]:
    return {"LaunchTemplateData": data}


@rule("high", LaunchTemplate, "aws-fsbp:EC2.25", "nist-csf-2.0:PR.IR-01", "nist-csf-2.0:PR.AA-05")
def ec2_launch_template_public_ip(template: LaunchTemplate) -> bool:
    """Machines started from this launch template get a public IPv4 address.

    Why: each of them can then be reached from the internet, whatever the subnet says.
    Fix: set AssociatePublicIpAddress to false in the template's network interfaces.
    """
    return any(one.public for one in template.interfaces)


ec2_launch_template_public_ip.cases(
    bad=[template(NetworkInterfaces=[{"AssociatePublicIpAddress": True}])],
    good=[{}, template(NetworkInterfaces=[{"AssociatePublicIpAddress": False}])],
    unknown=[
        template(NetworkInterfaces=[{"AssociatePublicIpAddress": Unknown("AssociatePublicIpAddress", PARAMETER)}])
    ],
)


@rule(
    "high",
    LaunchTemplate,
    "aws-fsbp:EC2.170",
    "cis-aws-7.0:6.7",
    "cis-aws-3.0:5.6",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.PS-01",
)
def ec2_launch_template_imdsv1(template: LaunchTemplate) -> bool:
    """Machines started from this launch template answer metadata requests without a token (IMDSv1).

    Why: one flaw that makes a machine fetch a URL is then enough to steal the credentials of its role.
    Fix: set HttpTokens to required in MetadataOptions and make that version the default.
    """
    return template.metadata.version_1


ec2_launch_template_imdsv1.cases(
    bad=[{}, template(MetadataOptions={"HttpTokens": "optional"})],
    good=[template(MetadataOptions=V2), template(MetadataOptions={"HttpEndpoint": "disabled"})],
    unknown=[template(MetadataOptions=DENIED)],
)


@rule("medium", LaunchTemplate, "aws-fsbp:EC2.181", "nist-csf-2.0:PR.DS-01")
def ec2_launch_template_unencrypted(template: LaunchTemplate) -> bool:
    """A disk of this launch template is not set to be encrypted.

    Why: whether the data is encrypted then hangs on the account's default in each region.
    Fix: set Encrypted to true for every EBS volume of the template.
    """
    return any(disk.is_volume and not disk.encrypted for disk in template.disks)


ec2_launch_template_unencrypted.cases(
    bad=[template(BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}])],
    good=[
        {},
        template(BlockDeviceMappings=[{"Ebs": {"Encrypted": True}}]),
        template(BlockDeviceMappings=[{"VirtualName": "ephemeral0"}]),
    ],
    unknown=[template(BlockDeviceMappings=[{"Ebs": {"Encrypted": Unknown("Encrypted", PARAMETER)}}])],
)


@rule("high", LaunchTemplate, "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:PR.DS-01")
def ec2_launch_template_user_data_secret(template: LaunchTemplate) -> bool:
    """A secret seems to stand in the launch template's user data.

    Why: whoever may describe the template, and every program on its machines, can read it in plain text.
    Fix: keep the secret in Secrets Manager or Parameter Store, fetch it at start, and replace the one that was shown.
    """
    return template.user_data_secret


ec2_launch_template_user_data_secret.cases(
    bad=[template(UserData=SECRET), template(UserData=LEAKING)],
    good=[{}, template(UserData=CLEAN)],
    unknown=[template(UserData=Unknown("UserData", PARAMETER))],
)


@rule("medium", SpotFleet, "aws-fsbp:EC2.173", "nist-csf-2.0:PR.DS-01")
def ec2_spot_fleet_unencrypted(fleet: SpotFleet) -> bool:
    """A disk of this spot fleet is not set to be encrypted.

    Why: whether the data is encrypted then hangs on the account's default in each region.
    Fix: set Encrypted to true for every EBS volume of the launch specifications.
    """
    return any(disk.is_volume and not disk.encrypted for one in fleet.specifications for disk in one.disks)


def fleet(**disk: object) -> dict[str, object]:
    return {"SpotFleetRequestConfigData": {"LaunchSpecifications": [{"BlockDeviceMappings": [{"Ebs": disk}]}]}}


ec2_spot_fleet_unencrypted.cases(
    bad=[fleet(VolumeSize=8)],
    good=[{}, fleet(Encrypted=True)],
    unknown=[{"SpotFleetRequestConfigData": Unknown("SpotFleetRequestConfigData", PARAMETER)}],
)


@rule("critical", Image, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def ec2_image_public(image: Image) -> bool:
    """Anyone may start machines from this image.

    Why: whatever is on its disks, with keys and configuration, belongs to the whole world.
    Fix: make the image private, and turn on block public access for AMIs in the region.
    """
    return image.public


ec2_image_public.cases(
    bad=[{"Public": True}],
    good=[{"Public": False}],
    unknown=[{"Public": Unknown("Public", "AccessDenied ec2:DescribeImages")}],
)


@rule("medium", Image, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def ec2_image_shared_with_account(image: Image) -> bool:
    """The image is shared with single accounts.

    Why: shares made for one occasion stay for ever, and the accounts may not be yours any more.
    Fix: share images with the organisation or its units, and remove the accounts that nobody can name.
    """
    return any(not who.startswith("arn:") for who in image.shared_with)


ec2_image_shared_with_account.cases(
    bad=[{"SharedWith": ["444455556666"]}],
    good=[{}, {"SharedWith": ["arn:aws:organizations::111122223333:organization/o-abcdefghij"]}],
    unknown=[{"SharedWith": Unknown("SharedWith", "AccessDenied ec2:DescribeImageAttribute")}],
)


@rule("medium", Image, "nist-csf-2.0:PR.DS-01")
def ec2_image_unencrypted(image: Image) -> bool:
    """A disk of this image is not encrypted.

    Why: copies of it can be read by whoever gets hold of the snapshot, with no key to refuse them.
    Fix: copy the image with encryption on and retire this one.
    """
    return any(disk.is_volume and not disk.encrypted for disk in image.disks)


ec2_image_unencrypted.cases(
    bad=[{"BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1", "Encrypted": False}}]}],
    good=[{}, {"BlockDeviceMappings": [{"Ebs": {"Encrypted": True}}]}],
)


@rule("low", Image, "nist-csf-2.0:ID.AM-08", "nist-csf-2.0:PR.PS-02")
def ec2_image_old(image: Image, *, age_days_max: int = 365) -> bool:
    """The image is old.

    Why: machines started from it lack every patch since it was made.
    Fix: build a fresh image, point what starts machines at it, and deprecate this one.
    """
    return image.age_days > age_days_max


ec2_image_old.cases(bad=[{"CreationDate": ago(400)}], good=[{"CreationDate": ago(30)}])


@rule("low", KeyPair, "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:ID.AM-08", only="live")
def ec2_key_pair_unused(pair: KeyPair) -> bool:
    """No instance or launch template names this key pair.

    Why: a key that nobody misses is a key whose copies nobody watches.
    Fix: delete the key pair and the copies of its private half.
    """
    return not pair.instances and not pair.templates


ec2_key_pair_unused.cases(
    bad=[{"KeyName": "old"}], good=[({"KeyName": "ops"}, Instance({"InstanceId": "i-1", "KeyName": "ops"}))]
)


@rule("low", KeyPair, "nist-csf-2.0:PR.AA-01", only="live")
def ec2_key_pair_old(pair: KeyPair, *, age_days_max: int = 365) -> bool:
    """The key pair has not been replaced for a long time.

    Why: the longer a private key lives, the more copies of it lie about, also with people who left.
    Fix: replace it, or do away with SSH keys by Session Manager or EC2 Instance Connect.
    """
    return pair.age_days > age_days_max


ec2_key_pair_old.cases(bad=[{"CreateTime": ago(500)}], good=[{"CreateTime": ago(30)}])


@rule(
    "medium",
    Defaults,
    "aws-fsbp:EC2.7",
    "cis-aws-7.0:6.1.1",
    "cis-aws-3.0:2.2.1",
    "nist-csf-2.0:PR.DS-01",
)
def ec2_ebs_default_encryption_off(defaults: Defaults) -> bool:
    """New EBS volumes in this region are not encrypted by default.

    Why: a volume made by hand or by an old tool is then left in plain, and nobody notices.
    Fix: turn on EBS encryption by default in the region.
    """
    return not defaults.ebs_encrypted


ec2_ebs_default_encryption_off.cases(
    bad=[{"EbsEncryptionByDefault": False}],
    good=[{"EbsEncryptionByDefault": True}],
    unknown=[{"EbsEncryptionByDefault": Unknown("EbsEncryptionByDefault", "AccessDenied")}],
)


@rule("medium", Defaults, "aws-fsbp:EC2.182", "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-05")
def ec2_snapshot_public_access_not_blocked(defaults: Defaults) -> bool:
    """Snapshots in this region may be shared with everyone.

    Why: one wrong click or script gives the whole world a copy of a disk.
    Fix: set block public access for snapshots to block-all-sharing.
    """
    return defaults.snapshot_block != "block-all-sharing" and defaults.snapshot_block != "block-new-sharing"


ec2_snapshot_public_access_not_blocked.cases(
    bad=[{}, {"SnapshotBlockPublicAccess": "unblocked"}],
    good=[{"SnapshotBlockPublicAccess": "block-all-sharing"}, {"SnapshotBlockPublicAccess": "block-new-sharing"}],
    unknown=[{"SnapshotBlockPublicAccess": Unknown("SnapshotBlockPublicAccess", "AccessDenied")}],
)


@rule("medium", Defaults, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-05")
def ec2_image_public_access_not_blocked(defaults: Defaults) -> bool:
    """Machine images in this region may be shared with everyone.

    Why: one wrong click or script gives the whole world the disks of your servers.
    Fix: enable block public access for AMIs (block-new-sharing).
    """
    return defaults.image_block != "block-new-sharing"


ec2_image_public_access_not_blocked.cases(
    bad=[{}, {"ImageBlockPublicAccess": "unblocked"}],
    good=[{"ImageBlockPublicAccess": "block-new-sharing"}],
    unknown=[{"ImageBlockPublicAccess": Unknown("ImageBlockPublicAccess", "AccessDenied")}],
)


@rule("medium", Defaults, "cis-aws-7.0:6.7", "cis-aws-3.0:5.6", "nist-csf-2.0:PR.PS-01")
def ec2_metadata_default_imdsv1(defaults: Defaults) -> bool:
    """New instances in this region are not made to require IMDSv2 by default.

    Why: each launch that does not name the option may then answer metadata requests without a token.
    Fix: set HttpTokens to required in the region's instance metadata defaults.
    """
    return defaults.metadata_tokens != "required"


ec2_metadata_default_imdsv1.cases(
    bad=[{}, {"InstanceMetadataDefaults": {"HttpTokens": "optional"}}],
    good=[{"InstanceMetadataDefaults": {"HttpTokens": "required"}}],
    unknown=[{"InstanceMetadataDefaults": Unknown("InstanceMetadataDefaults", "AccessDenied")}],
)


@rule("low", Defaults, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-01")
def ec2_serial_console_access(defaults: Defaults) -> bool:
    """The serial consoles of instances in this region may be used.

    Why: a serial console goes round the network, its security groups and its logs.
    Fix: turn off serial console access for the account, and on again only while someone repairs a machine.
    """
    return defaults.serial_console


ec2_serial_console_access.cases(
    bad=[{"SerialConsoleAccess": True}],
    good=[{}, {"SerialConsoleAccess": False}],
    unknown=[{"SerialConsoleAccess": Unknown("SerialConsoleAccess", "AccessDenied")}],
)


@rule("low", Defaults, "aws-fsbp:EC2.172", "nist-csf-2.0:PR.IR-01")
def ec2_vpc_public_access_not_blocked(defaults: Defaults) -> bool:
    """VPC block public access is off in this region, so any internet gateway opens a network.

    Why: nothing but each network's own design keeps it from the internet.
    Fix: turn on VPC block public access, with exclusions for the networks that serve the internet.
    """
    return defaults.vpc_block == "off"


ec2_vpc_public_access_not_blocked.cases(
    bad=[{}, {"VpcBlockPublicAccess": "off"}],
    good=[{"VpcBlockPublicAccess": "block-bidirectional"}, {"VpcBlockPublicAccess": "block-ingress"}],
    unknown=[{"VpcBlockPublicAccess": Unknown("VpcBlockPublicAccess", "AccessDenied")}],
)
