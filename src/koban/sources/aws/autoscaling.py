"""Reads EC2 Auto Scaling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.autoscaling import AutoScalingGroup, LaunchConfiguration
from koban.model.aws.user_data import user_data_masked
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

Document = dict[str, Any]


def group_from_api(raw: Document) -> Document:
    document = pick(
        raw,
        "AutoScalingGroupName",
        "HealthCheckType",
        "AvailabilityZones",
        "LoadBalancerNames",
        "TargetGroupARNs",
        "LaunchConfigurationName",
        "LaunchTemplate",
        "MixedInstancesPolicy",
    )
    subnets = [one for one in (raw.get("VPCZoneIdentifier") or "").split(",") if one]
    return {**document, "VPCZoneIdentifier": subnets, "Tags": tags(raw.get("Tags"))}


@reads(AutoScalingGroup, "autoscaling:DescribeAutoScalingGroups")
def groups(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("autoscaling:DescribeAutoScalingGroups", "AutoScalingGroups"):
        yield aws.made(AutoScalingGroup, group_from_api(raw), uid=raw.get("AutoScalingGroupARN", ""))


def launch_configuration_from_api(raw: Document) -> Document:
    document = pick(
        raw,
        "LaunchConfigurationName",
        "ImageId",
        "InstanceType",
        "KeyName",
        "SecurityGroups",
        "AssociatePublicIpAddress",
        "MetadataOptions",
        "BlockDeviceMappings",
        "IamInstanceProfile",
    )
    return {**document, "UserData": user_data_masked(raw.get("UserData", ""))}


@reads(LaunchConfiguration, "autoscaling:DescribeLaunchConfigurations")
def launch_configurations(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("autoscaling:DescribeLaunchConfigurations", "LaunchConfigurations"):
        document = launch_configuration_from_api(raw)
        yield aws.made(LaunchConfiguration, document, uid=raw.get("LaunchConfigurationARN", ""))
