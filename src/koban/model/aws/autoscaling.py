"""EC2 Auto Scaling."""

from __future__ import annotations

from typing import Any

from koban.model.aws.ec2 import BlockDevice, MetadataOptions
from koban.model.aws.user_data import user_data_has_secret
from koban.model.resource import Resource, derived, field, link, part, parts


class AutoScalingGroup(Resource, type="AWS::AutoScaling::AutoScalingGroup", ids="AutoScalingGroupName"):
    """A group of machines that grows and shrinks."""

    health_check: str = field("HealthCheckType", "EC2", "EC2, ELB, EBS, ...; several joined by commas")
    zones: tuple[str, ...] = field("AvailabilityZones", (), "Its availability zones")
    subnets: tuple[str, ...] = field("VPCZoneIdentifier", (), "Its subnets")
    load_balancers: tuple[str, ...] = field("LoadBalancerNames", (), "Classic load balancers that it serves")
    target_groups: tuple[str, ...] = field("TargetGroupARNs", (), "Target groups that it serves")
    launch_configuration: str = field("LaunchConfigurationName", "", "The launch configuration it starts from")
    mixed_types: tuple[str, ...] = field(
        "MixedInstancesPolicy.LaunchTemplate.Overrides[].InstanceType", (), "Instance types it may choose from"
    )
    mixed_requirements: tuple[Any, ...] = field(
        "MixedInstancesPolicy.LaunchTemplate.Overrides[].InstanceRequirements", (), "Properties of types it may choose"
    )
    launches_from: Any = link(
        "LaunchConfigurationName", "AWS::AutoScaling::LaunchConfiguration", "The launch configuration it starts from"
    )

    @derived
    def places(self) -> tuple[str, ...]:
        """Its availability zones; its subnets where the zones are left to them."""
        return self.zones or self.subnets


class LaunchConfiguration(Resource, type="AWS::AutoScaling::LaunchConfiguration", ids="LaunchConfigurationName"):
    """What an Auto Scaling group of the old kind starts its machines from."""

    metadata: MetadataOptions = part("MetadataOptions", MetadataOptions, "How the metadata service answers")
    public_ip: bool = field("AssociatePublicIpAddress", False, "Whether its machines get a public IPv4 address")
    disks: tuple[BlockDevice, ...] = parts("BlockDeviceMappings", BlockDevice, "The disks of its machines")
    user_data: str = field("UserData", "", "The script; live, only whether there is one")

    @derived
    def user_data_secret(self) -> bool:
        """Whether a secret stands in its user data."""
        return user_data_has_secret(self.user_data)
