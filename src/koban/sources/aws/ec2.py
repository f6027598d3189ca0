"""Reads Amazon EC2: instances, images, launch templates, key pairs and the settings of the region."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from koban.model.aws.ec2 import Defaults, Image, Instance, KeyPair, LaunchTemplate, SpotFleet
from koban.model.aws.user_data import user_data_masked
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

Document = dict[str, Any]
STOPPED = re.compile(r"\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) GMT\)")
METADATA = ("HttpEndpoint", "HttpTokens", "HttpPutResponseHopLimit", "InstanceMetadataTags")


def disks_from_api(raw: list[Document]) -> list[Document]:
    """Block device mappings; those of an instance name volumes, those of images and templates describe them."""
    kept = ("Encrypted", "KmsKeyId", "SnapshotId", "VolumeSize", "VolumeType", "DeleteOnTermination")
    return [
        {**pick(one, "DeviceName", "VirtualName"), **({"Ebs": pick(one["Ebs"], *kept)} if one.get("Ebs") else {})}
        for one in raw
    ]


def instance_from_api(raw: Document) -> Document:
    document = pick(
        raw,
        "InstanceId",
        "ImageId",
        "InstanceType",
        "KeyName",
        "SubnetId",
        "VpcId",
        "LaunchTime",
        "VirtualizationType",
        AvailabilityZone="Placement.AvailabilityZone",
        PublicIp="PublicIpAddress",
        State="State",
    )
    document["SecurityGroupIds"] = [one["GroupId"] for one in raw.get("SecurityGroups", ())]
    document["Monitoring"] = raw.get("Monitoring", {}).get("State") in ("enabled", "pending")
    document["NetworkInterfaces"] = [
        {
            **pick(one, "NetworkInterfaceId", "SubnetId"),
            "GroupSet": [group["GroupId"] for group in one.get("Groups", ())],
            "AssociatePublicIpAddress": bool(one.get("Association", {}).get("PublicIp")),
        }
        for one in raw.get("NetworkInterfaces", ())
    ]
    if raw.get("IamInstanceProfile"):
        document["IamInstanceProfile"] = raw["IamInstanceProfile"].get("Arn", "").rsplit("/", 1)[-1]
    if raw.get("MetadataOptions"):
        document["MetadataOptions"] = pick(raw["MetadataOptions"], *METADATA)
    stopped = STOPPED.search(raw.get("StateTransitionReason") or "")
    if stopped and document.get("State", {}).get("Name") == "stopped":
        document["StoppedTime"] = f"{stopped[1]}T{stopped[2]}+00:00"
    return {**document, "Tags": tags(raw.get("Tags"))}


@reads(Instance, "ec2:DescribeInstances", UserData="ec2:DescribeInstanceAttribute")
def instances(aws: Reader) -> Iterator[Document]:
    def detail(raw: Document) -> Document:
        data = aws.ask(
            "ec2:DescribeInstanceAttribute",
            "UserData.Value",
            otherwise="",
            InstanceId=raw["InstanceId"],
            Attribute="userData",
        )
        return {**instance_from_api(raw), "UserData": user_data_masked(data)}

    there = (
        one
        for reservation in aws.pages("ec2:DescribeInstances", "Reservations")
        for one in reservation.get("Instances", ())
        if one.get("State", {}).get("Name") not in ("terminated", "shutting-down")
    )
    yield from aws.each(there, detail)


def launch_template_from_api(raw: Document) -> Document:
    """One version of a launch template."""
    data = raw.get("LaunchTemplateData", {})
    document = pick(data, "ImageId", "InstanceType", "KeyName", "SecurityGroupIds", "IamInstanceProfile", "Monitoring")
    if data.get("MetadataOptions"):
        document["MetadataOptions"] = pick(data["MetadataOptions"], *METADATA)
    if data.get("BlockDeviceMappings"):
        document["BlockDeviceMappings"] = disks_from_api(data["BlockDeviceMappings"])
    if data.get("NetworkInterfaces"):
        kept = ("DeviceIndex", "AssociatePublicIpAddress", "Groups", "SubnetId")
        document["NetworkInterfaces"] = [pick(one, *kept) for one in data["NetworkInterfaces"]]
    if data.get("UserData"):
        document["UserData"] = user_data_masked(data["UserData"])
    return {**pick(raw, "LaunchTemplateId", "LaunchTemplateName"), "LaunchTemplateData": document}


@reads(LaunchTemplate, "ec2:DescribeLaunchTemplateVersions")
def launch_templates(aws: Reader) -> Iterator[Document]:
    """The default version of each, all in one call."""
    versions = aws.pages("ec2:DescribeLaunchTemplateVersions", "LaunchTemplateVersions", Versions=["$Default"])
    yield from map(launch_template_from_api, versions)


def spot_fleet_from_api(raw: Document) -> Document:
    """A fleet request, without the user data of its machines."""
    specifications = [
        {
            **pick(one, "ImageId", "InstanceType", "SubnetId"),
            "BlockDeviceMappings": disks_from_api(one.get("BlockDeviceMappings", [])),
        }
        for one in raw.get("SpotFleetRequestConfig", {}).get("LaunchSpecifications", ())
    ]
    return {"Id": raw["SpotFleetRequestId"], "SpotFleetRequestConfigData": {"LaunchSpecifications": specifications}}


@reads(SpotFleet, "ec2:DescribeSpotFleetRequests")
def spot_fleets(aws: Reader) -> Iterator[Document]:
    for raw in aws.pages("ec2:DescribeSpotFleetRequests", "SpotFleetRequestConfigs"):
        if not str(raw.get("SpotFleetRequestState", "")).startswith(("cancelled", "failed")):
            yield spot_fleet_from_api(raw)


def image_from_api(raw: Document) -> Document:
    document = pick(raw, "ImageId", "Public", "CreationDate", "State", ImageName="Name")
    return {
        **document,
        "BlockDeviceMappings": disks_from_api(raw.get("BlockDeviceMappings", [])),
        "Tags": tags(raw.get("Tags")),
    }


def shared_with(permissions: Any) -> list[str]:
    """The accounts, organisations and units of an image's launch permissions."""
    names = ("UserId", "OrganizationArn", "OrganizationalUnitArn")
    return sorted(one[name] for one in permissions for name in names if one.get(name))


@reads(Image, "ec2:DescribeImages", SharedWith="ec2:DescribeImageAttribute")
def images(aws: Reader) -> Iterator[Document]:
    def detail(raw: Document) -> Document:
        found = aws.ask(
            "ec2:DescribeImageAttribute",
            "LaunchPermissions",
            otherwise=[],
            ImageId=raw["ImageId"],
            Attribute="launchPermission",
        )
        return {**image_from_api(raw), "SharedWith": shared_with(found) if isinstance(found, list) else found}

    yield from aws.each(aws.pages("ec2:DescribeImages", "Images", Owners=["self"]), detail)


@reads(KeyPair, "ec2:DescribeKeyPairs")
def key_pairs(aws: Reader) -> Iterator[Document]:
    for raw in aws.call("ec2:DescribeKeyPairs").get("KeyPairs", ()):
        yield {**pick(raw, "KeyName", "KeyPairId", "KeyType", "CreateTime"), "Tags": tags(raw.get("Tags"))}


@reads(
    Defaults,
    EbsEncryptionByDefault="ec2:GetEbsEncryptionByDefault",
    SnapshotBlockPublicAccess="ec2:GetSnapshotBlockPublicAccessState",
    ImageBlockPublicAccess="ec2:GetImageBlockPublicAccessState",
    InstanceMetadataDefaults="ec2:GetInstanceMetadataDefaults",
    SerialConsoleAccess="ec2:GetSerialConsoleAccessStatus",
    VpcBlockPublicAccess="ec2:DescribeVpcBlockPublicAccessOptions",
)
def defaults(aws: Reader) -> Iterator[Document]:
    metadata = aws.ask("ec2:GetInstanceMetadataDefaults", "AccountLevel", otherwise={})
    yield {
        "Region": aws.region,
        "EbsEncryptionByDefault": aws.ask("ec2:GetEbsEncryptionByDefault", "EbsEncryptionByDefault"),
        "SnapshotBlockPublicAccess": aws.ask("ec2:GetSnapshotBlockPublicAccessState", "State"),
        "ImageBlockPublicAccess": aws.ask("ec2:GetImageBlockPublicAccessState", "ImageBlockPublicAccessState"),
        "InstanceMetadataDefaults": pick(metadata, *METADATA) if isinstance(metadata, dict) else metadata,
        "SerialConsoleAccess": aws.ask("ec2:GetSerialConsoleAccessStatus", "SerialConsoleAccessEnabled"),
        "VpcBlockPublicAccess": aws.ask(
            "ec2:DescribeVpcBlockPublicAccessOptions", "VpcBlockPublicAccessOptions.InternetGatewayBlockMode"
        ),
    }
