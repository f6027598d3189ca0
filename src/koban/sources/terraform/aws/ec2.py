"""Amazon EC2: instances, images, launch templates, spot fleets, key pairs, and what holds for all of a region."""

from __future__ import annotations

import re
from typing import Any

from koban.model.aws.ec2 import Defaults, Image, Instance, KeyPair, LaunchTemplate, SpotFleet
from koban.model.unknown import NON_EMPTY_SHAPE, Maybe, OpenList, Unknown
from koban.sources.terraform.mapping import (
    ABSENT,
    Body,
    EntryLike,
    arg,
    block,
    blocks,
    choice,
    constant,
    elements,
    entry,
    first,
    folds,
    gathers,
    group,
    listed,
    made,
    mapped,
    maps,
    together,
)

HASHED = re.compile(r"[0-9a-f]{40}")  # plans and states of older providers keep a hash in place of the script


def set_or_absent(given: Any) -> Any:
    """The value; absent where the provider keeps an empty text or list for what is not set."""
    return ABSENT if given in ("", []) else given


def script(given: Any) -> Any:
    """User data, unless what is kept of it is only a hash."""
    if isinstance(given, str) and HASHED.fullmatch(given):
        return Unknown("user_data", "only its hash is kept")
    return set_or_absent(given)


USER_DATA = first(arg("user_data", script), arg("user_data_base64", set_or_absent))
METADATA = block(
    "metadata_options",
    HttpEndpoint=arg("http_endpoint", set_or_absent),
    HttpTokens=arg("http_tokens", set_or_absent),
    HttpPutResponseHopLimit="http_put_response_hop_limit",
)
# An EBS volume is one even if nothing else is said of it.
EBS: dict[str, EntryLike] = {
    "Encrypted": arg("encrypted", lambda given: False if given == "" else given, default=False),
    "KmsKeyId": "kms_key_id",
    "SnapshotId": "snapshot_id",
    "VolumeSize": "volume_size",
    "VolumeType": "volume_type",
    "DeleteOnTermination": "delete_on_termination",
}
ROOT = blocks("root_block_device", DeviceName="device_name", Ebs=group(**EBS))
EPHEMERAL = blocks("ephemeral_block_device", DeviceName="device_name", VirtualName="virtual_name")


EBS_ENTRIES = {name: entry(one) for name, one in EBS.items()}
EBS_ARGUMENTS = tuple(name for one in EBS_ENTRIES.values() for name in one.arguments())


def volume(body: Body) -> Any:
    """The volume of a device; none where the device is one of the image that is left out."""
    left_out = body.get("no_device")
    if isinstance(left_out, Unknown) or left_out in (None, "", False, "false"):
        return mapped(EBS_ENTRIES, body)
    return ABSENT


def argument_of(path: tuple[Any, ...], value: Any) -> dict[str, Any] | None:
    """The argument that makes a property of a volume a value."""
    entry_of = EBS_ENTRIES.get(path[0]) if len(path) == 1 else None
    return None if entry_of is None else {entry_of.arguments()[0]: value}


DISKS = together(
    ROOT,
    blocks(
        "ebs_block_device",
        DeviceName="device_name",
        Ebs=made(volume, *EBS_ARGUMENTS, careful=True, back=argument_of),
    ),
    EPHEMERAL,
)
INTERFACE_DECIDES = Unknown(
    "network_interface", "what is attached has a subnet and groups of its own", shape=NON_EMPTY_SHAPE
)


def interfaces(body: Body) -> Any:
    """The network interfaces: those that were made apart, and what is said of the public address of the first."""
    public, subnet = body.get("associate_public_ip_address"), body.get("subnet_id")
    own = {} if public is None else {"AssociatePublicIpAddress": public}
    if public is not None and subnet is not None:
        own["SubnetId"] = subnet
    apart = elements(body.get("network_interface"))
    if not apart and not own:
        apart = elements(body.get("primary_network_interface"))
    found: list[Any] = [interface_of(one) for one in apart]
    if own and not found:
        return [own]
    if own and isinstance(found[0], dict):
        found[0] |= own
    return (OpenList(found) if any(isinstance(one, Maybe) for one in found) else found) or ABSENT


def interface_of(body: Any) -> Any:
    """An interface that was made apart."""
    if isinstance(body, Maybe):
        return body._with(tuple(map(interface_of, body._values)))
    if isinstance(body, Unknown):
        return body
    return {
        "NetworkInterfaceId": body.get("network_interface_id", INTERFACE_DECIDES),
        "SubnetId": INTERFACE_DECIDES,
        "GroupSet": INTERFACE_DECIDES,
    }


INSTANCE: dict[str, Any] = {
    "ImageId": "ami",
    "InstanceType": "instance_type",
    "KeyName": arg("key_name", set_or_absent),
    "SubnetId": "subnet_id",
    "SecurityGroupIds": first(arg("vpc_security_group_ids", set_or_absent), arg("security_groups", set_or_absent)),
    "IamInstanceProfile": "iam_instance_profile",
    "Monitoring": "monitoring",
    "UserData": USER_DATA,
    "MetadataOptions": METADATA,
    "LaunchTemplate": block("launch_template", LaunchTemplateId="id", LaunchTemplateName="name", Version="version"),
    "NetworkInterfaces": made(
        interfaces,
        "network_interface",
        "primary_network_interface",
        "associate_public_ip_address",
        "subnet_id",
        careful=True,
    ),
    "BlockDeviceMappings": DISKS,
}
maps("aws_instance", Instance, InstanceId="id", State=group(Name="instance_state"), **INSTANCE)
maps("aws_spot_instance_request", Instance, InstanceId="spot_instance_id", **INSTANCE)

maps(
    "aws_launch_template",
    LaunchTemplate,
    LaunchTemplateId="id",
    LaunchTemplateName="name",
    LaunchTemplateData=group(
        MetadataOptions=METADATA,
        NetworkInterfaces=blocks(
            "network_interfaces",
            AssociatePublicIpAddress=arg("associate_public_ip_address", set_or_absent),
            SubnetId="subnet_id",
        ),
        BlockDeviceMappings=blocks(
            "block_device_mappings",
            DeviceName="device_name",
            VirtualName="virtual_name",
            Ebs=block("ebs", **EBS),
        ),
        UserData=arg("user_data", set_or_absent),
        KeyName=arg("key_name", set_or_absent),
    ),
)
maps(
    "aws_spot_fleet_request",
    SpotFleet,
    Id="id",
    SpotFleetRequestConfigData=group(
        LaunchSpecifications=blocks("launch_specification", BlockDeviceMappings=DISKS),
    ),
)
maps("aws_key_pair", KeyPair, KeyName="key_name", KeyPairId="key_pair_id")

SNAPSHOT_DECIDES = Unknown("ebs_block_device.encrypted", "the snapshot decides")


def encrypted(body: Body) -> Any:
    """Whether a disk of an image is encrypted: a snapshot that it is made of decides, and may say yes alone."""
    said, snapshot = body.get("encrypted"), body.get("snapshot_id")
    if said is True or isinstance(said, Unknown):
        return said
    return SNAPSHOT_DECIDES if isinstance(snapshot, Unknown) or snapshot else False


IMAGE_DISKS = together(
    blocks(
        "ebs_block_device",
        DeviceName="device_name",
        Ebs=group(
            Encrypted=made(encrypted, "encrypted", "snapshot_id", careful=True),
            SnapshotId="snapshot_id",
            VolumeSize="volume_size",
            VolumeType="volume_type",
        ),
    ),
    EPHEMERAL,
)
SOURCE_DECIDES = Unknown("ebs_block_device", "the disks are those of what the image is made from")


def copied_disks(body: Body) -> Any:
    """The disks of a copy: all encrypted if it is asked for, otherwise as those of the source."""
    asked = body.get("encrypted")
    return [{"Ebs": {"Encrypted": True}}] if asked is True or asked == "true" else SOURCE_DECIDES


maps(
    "aws_ami",
    Image,
    lacks={"CreationDate": "when an image was made is for AWS to say"},
    ImageId="id",
    ImageName="name",
    Public="public",
    BlockDeviceMappings=IMAGE_DISKS,
)
maps(
    "aws_ami_copy",
    Image,
    ImageId="id",
    ImageName="name",
    Public="public",
    BlockDeviceMappings=first(IMAGE_DISKS, made(copied_disks, "encrypted")),
)
maps(
    "aws_ami_from_instance",
    Image,
    ImageId="id",
    ImageName="name",
    Public="public",
    BlockDeviceMappings=first(IMAGE_DISKS, constant(SOURCE_DECIDES)),
)
folds(
    "aws_ami_launch_permission", Image, "image_id", Public=arg("group", lambda name: True if name == "all" else ABSENT)
)
folds(
    "aws_ami_launch_permission",
    Image,
    "image_id",
    adds=True,
    SharedWith=listed(
        first(*(arg(name, set_or_absent) for name in ("account_id", "organization_arn", "organizational_unit_arn")))
    ),
)

gathers("aws_ebs_encryption_by_default", Defaults, EbsEncryptionByDefault=arg("enabled", default=True))
gathers("aws_ebs_snapshot_block_public_access", Defaults, SnapshotBlockPublicAccess="state")
gathers("aws_ec2_image_block_public_access", Defaults, ImageBlockPublicAccess="state")
gathers(
    "aws_ec2_instance_metadata_defaults",
    Defaults,
    InstanceMetadataDefaults=group(HttpTokens=choice("http_tokens", {"no-preference": ""}, default="")),
)
gathers("aws_ec2_serial_console_access", Defaults, SerialConsoleAccess=arg("enabled", default=True))
gathers("aws_vpc_block_public_access_options", Defaults, VpcBlockPublicAccess="internet_gateway_block_mode")
