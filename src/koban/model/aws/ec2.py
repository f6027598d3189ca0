"""Amazon EC2: instances, images, launch templates, key pairs, and what an account's region sets for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from koban.model.aws.user_data import user_data_has_secret
from koban.model.resource import Part, Resource, age, as_fact, derived, fact, field, link, links, part, parts, referring
from koban.model.unknown import Unknown, size

if TYPE_CHECKING:
    from koban.model.aws.securitygroup import SecurityGroup
    from koban.model.aws.ssm import ManagedInstance
    from koban.model.aws.vpc import ElasticIp, NetworkInterfaceAttachment

# An instance that names no subnet starts in one that no template shows.
DEFAULT_SUBNET = Unknown("SubnetId", "the default subnet of the account decides")


class MetadataOptions(Part):
    """How the instance metadata service answers."""

    endpoint: str = field("HttpEndpoint", "enabled", "enabled or disabled")
    tokens: str = field("HttpTokens", "optional", "required: IMDSv2 alone; optional: version 1 as well")
    hop_limit: int = field("HttpPutResponseHopLimit", 1, "Network hops that a token may travel")

    @derived
    def version_1(self) -> bool:
        """Whether it answers requests without a token."""
        return self.endpoint != "disabled" and self.tokens != "required"


class BlockDevice(Part):
    """A disk that comes with a machine."""

    encrypted: bool = field("Ebs.Encrypted", False, "Whether it is encrypted whatever its snapshot is")
    volume_type: str = field("Ebs.VolumeType", "", "gp3, io2, ...; empty where it is not described")
    size: int = field("Ebs.VolumeSize", 0, "GiB; 0: as its snapshot")
    snapshot: str = field("Ebs.SnapshotId", "", "The snapshot it is made from")

    @derived
    def is_volume(self) -> bool:
        """Whether it is an EBS volume."""
        return bool(self.document.get("Ebs"))


class Attachment(Part):
    """A network interface that an instance is started with."""

    public: str = field("AssociatePublicIpAddress", "", "true, false, or empty: as the subnet says")
    subnet: Any = link("SubnetId", "AWS::EC2::Subnet", "The subnet it is in")
    groups: tuple[SecurityGroup, ...] = links("GroupSet", "AWS::EC2::SecurityGroup", "The security groups on it")

    @derived
    def has_public_address(self) -> bool:
        if self.public:
            return self.public == "true"
        return bool(self.subnet and self.subnet.public_ip_on_launch)


class Instance(
    Resource,
    type="AWS::EC2::Instance",
    ids="InstanceId",
    arn="arn:{partition}:ec2:{region}:{account}:instance/{InstanceId}",
):
    """A virtual machine."""

    metadata_tokens: str = field("MetadataOptions.HttpTokens", "", "required, optional; empty: as elsewhere set")
    metadata_endpoint: str = field("MetadataOptions.HttpEndpoint", "", "enabled, disabled; empty: as elsewhere set")
    metadata_hops: int = field("MetadataOptions.HttpPutResponseHopLimit", 1, "Hops that a token may travel")
    profile: str = field("IamInstanceProfile", "", "Name of the instance profile through which it acts")
    monitoring: bool = field("Monitoring", False, "Whether it is measured each minute")
    state: str = field("State.Name", "", "running, stopped, ...")
    user_data: str = field("UserData", "", "The script it starts with; live, only whether there is one")
    image: Any = link("ImageId", "Koban::EC2::Image", "The image it was made from")
    key_pair: Any = link("KeyName", "AWS::EC2::KeyPair", "The key pair that opens it")
    subnet: Any = link("SubnetId", "AWS::EC2::Subnet", "The subnet it is in")
    own_groups: tuple[SecurityGroup, ...] = links("SecurityGroupIds", "AWS::EC2::SecurityGroup", "Its groups")
    attachments: tuple[Attachment, ...] = parts("NetworkInterfaces", Attachment, "Its network interfaces")
    template_by_id: Any = link("LaunchTemplate.LaunchTemplateId", "AWS::EC2::LaunchTemplate", "What it starts from")
    template_by_name: Any = link("LaunchTemplate.LaunchTemplateName", "AWS::EC2::LaunchTemplate", "What it starts from")
    disks: tuple[BlockDevice, ...] = parts("BlockDeviceMappings", BlockDevice, "Its disks")
    plugged: tuple[NetworkInterfaceAttachment, ...] = referring(
        "AWS::EC2::NetworkInterfaceAttachment", "instance", "Interfaces that a template plugs in beside its own"
    )
    addresses: tuple[ElasticIp, ...] = referring("AWS::EC2::EIP", "instance", "Elastic addresses on it")
    managed: tuple[ManagedInstance, ...] = referring(
        "Koban::SSM::ManagedInstance",
        "instance",
        "What Systems Manager knows of it; none: it is not managed",
    )
    virtualization: str = fact("VirtualizationType", "hvm", "hvm or paravirtual")
    launched_days: float = as_fact(age("LaunchTime", "Days since it was last started"))
    stopped_days: float = as_fact(age("StoppedTime", "Days since it was stopped; -1: not stopped"))

    @derived
    def template(self) -> Any:
        """The launch template it starts from; None where it names none."""
        return self.template_by_id or self.template_by_name

    @derived
    def metadata_version_1(self) -> bool:
        """Whether its metadata service answers requests without a token."""
        tokens, endpoint, template = self.metadata_tokens, self.metadata_endpoint, None
        if not tokens or not endpoint:
            template = self.template
        if template and not tokens:
            tokens = template.metadata.tokens
        if template and not endpoint:
            endpoint = template.metadata.endpoint
        return endpoint != "disabled" and tokens != "required"

    @derived
    def groups(self) -> tuple[SecurityGroup, ...]:
        """Its security groups, wherever they are named."""
        beside = (group for one in self.plugged if one.interface for group in one.interface.groups)
        return (*self.own_groups, *(group for one in self.attachments for group in one.groups), *beside)

    @derived
    def has_several_interfaces(self) -> bool:
        """Whether it has more network interfaces than one."""
        return any(one.index > 0 for one in self.plugged) or bool(size(self.attachments) > 1)

    @derived
    def has_public_address(self) -> bool:
        """Whether it has, or will get, a public IPv4 address."""
        if any(True for _ in self.addresses):
            return True
        if self.attachments:
            return any(one.has_public_address for one in self.attachments)
        if self.template and any(one.public for one in self.template.interfaces):
            return True
        if not self.subnet:
            return cast(bool, DEFAULT_SUBNET)
        return bool(self.subnet.public_ip_on_launch)

    @derived
    def internet_facing(self) -> bool:
        """Whether it has a public address in a subnet that an internet gateway serves."""
        if not self.has_public_address:
            return False
        if not self.subnet and not self.attachments:
            return cast(bool, DEFAULT_SUBNET)
        if self.subnet and self.subnet.internet_facing:
            return True
        return any(one.subnet and one.subnet.internet_facing for one in self.attachments)

    @derived
    def user_data_secret(self) -> bool:
        """Whether a secret stands in its user data."""
        return user_data_has_secret(self.user_data)


class TemplateInterface(Part):
    """A network interface of a launch template."""

    public: bool = field("AssociatePublicIpAddress", False, "Whether it gets a public IPv4 address")


class LaunchTemplate(
    Resource,
    type="AWS::EC2::LaunchTemplate",
    ids="LaunchTemplateName LaunchTemplateId",
    arn="arn:{partition}:ec2:{region}:{account}:launch-template/{LaunchTemplateId}",
):
    """A launch template; live, its default version."""

    metadata: MetadataOptions = part("LaunchTemplateData.MetadataOptions", MetadataOptions, "Metadata service")
    interfaces: tuple[TemplateInterface, ...] = parts(
        "LaunchTemplateData.NetworkInterfaces", TemplateInterface, "Network interfaces of what it starts"
    )
    disks: tuple[BlockDevice, ...] = parts("LaunchTemplateData.BlockDeviceMappings", BlockDevice, "Disks")
    user_data: str = field("LaunchTemplateData.UserData", "", "The script; live, only whether there is one")
    key_pair: Any = link("LaunchTemplateData.KeyName", "AWS::EC2::KeyPair", "The key pair that opens what it starts")

    @derived
    def user_data_secret(self) -> bool:
        """Whether a secret stands in its user data."""
        return user_data_has_secret(self.user_data)


class FleetSpecification(Part):
    """What a spot fleet starts, where it names no launch template."""

    disks: tuple[BlockDevice, ...] = parts("BlockDeviceMappings", BlockDevice, "The disks of its machines")


class SpotFleet(
    Resource,
    type="AWS::EC2::SpotFleet",
    ids="Id",
    arn="arn:{partition}:ec2:{region}:{account}:spot-fleet-request/{Id}",
):
    """A request for a fleet of spot instances."""

    specifications: tuple[FleetSpecification, ...] = parts(
        "SpotFleetRequestConfigData.LaunchSpecifications", FleetSpecification, "What it starts"
    )


class Image(
    Resource, type="Koban::EC2::Image", ids="ImageId ImageName", arn="arn:{partition}:ec2:{region}::image/{ImageId}"
):
    """A machine image (AMI) that the account owns."""

    public: bool = field("Public", False, "Whether anyone may start machines from it")
    shared_with: tuple[str, ...] = field("SharedWith", (), "Accounts, organisations and units that may use it")
    disks: tuple[BlockDevice, ...] = parts("BlockDeviceMappings", BlockDevice, "The disks it comes with")
    age_days: float = age("CreationDate", "Days since it was made")


class KeyPair(
    Resource, type="AWS::EC2::KeyPair", ids="KeyName", arn="arn:{partition}:ec2:{region}:{account}:key-pair/{KeyPairId}"
):
    """A key pair that opens machines over SSH."""

    instances: tuple[Instance, ...] = referring("AWS::EC2::Instance", "key_pair", "The instances it opens")
    templates: tuple[LaunchTemplate, ...] = referring(
        "AWS::EC2::LaunchTemplate", "key_pair", "The launch templates that name it"
    )
    age_days: float = as_fact(age("CreateTime", "Days since it was made"))


class Defaults(
    Resource, type="Koban::EC2::Defaults", ids="Region", arn="arn:{partition}:ec2:{region}:{account}:defaults"
):
    """What an account sets for all of EC2 in one region."""

    ebs_encrypted: bool = field("EbsEncryptionByDefault", False, "New volumes are encrypted whatever is asked for")
    snapshot_block: str = field(
        "SnapshotBlockPublicAccess", "unblocked", "block-all-sharing, block-new-sharing or unblocked"
    )
    image_block: str = field("ImageBlockPublicAccess", "unblocked", "block-new-sharing or unblocked")
    metadata_tokens: str = field("InstanceMetadataDefaults.HttpTokens", "", "required, optional; empty: not set")
    serial_console: bool = field("SerialConsoleAccess", False, "Whether serial consoles may be used")
    vpc_block: str = field(
        "VpcBlockPublicAccess", "off", "block-bidirectional, block-ingress or off: what internet gateways refuse"
    )
