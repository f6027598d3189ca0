"""EC2 Auto Scaling: groups, and the launch configurations of the old kind."""

from __future__ import annotations

from typing import Any

from koban.model.aws.autoscaling import AutoScalingGroup, LaunchConfiguration
from koban.model.unknown import Maybe, OpenList, Unknown
from koban.sources.terraform.aws.ec2 import DISKS, METADATA, USER_DATA, set_or_absent
from koban.sources.terraform.mapping import (
    ABSENT,
    Body,
    Entry,
    arg,
    block,
    blocks,
    elements,
    first,
    folds,
    listed,
    made,
    maps,
    together,
)

# What the identifier of a traffic source is, where its type is not said.
TARGET_GROUP, CLASSIC = "elbv2", "elb"


def sources(kind: str) -> Entry:
    """The traffic sources of one type: what they name."""

    def found(body: Body) -> Any:
        named: list[Any] = []
        for one in elements(body.get("traffic_source")):
            if isinstance(one, Unknown):
                named.append(Maybe(one._path, one._why, (one,), one._root))
                continue
            said = one.get("type", TARGET_GROUP)
            if isinstance(said, Unknown):
                named.append(Maybe(said._path, said._why, (one.get("identifier"),), said._root))
            elif (said or TARGET_GROUP) == kind:
                named.append(one.get("identifier"))
        if any(isinstance(one, Maybe) for one in named):
            return OpenList(named)
        return named or ABSENT

    return made(found, "traffic_source", careful=True)


maps(
    "aws_autoscaling_group",
    AutoScalingGroup,
    AutoScalingGroupName="name",
    HealthCheckType=arg("health_check_type", set_or_absent),
    AvailabilityZones=arg("availability_zones", set_or_absent),
    VPCZoneIdentifier="vpc_zone_identifier",
    LoadBalancerNames=together("load_balancers", sources(CLASSIC)),
    TargetGroupARNs=together("target_group_arns", sources(TARGET_GROUP)),
    LaunchConfigurationName=arg("launch_configuration", set_or_absent),
    MixedInstancesPolicy=block(
        "mixed_instances_policy",
        LaunchTemplate=block(
            "launch_template",
            Overrides=blocks(
                "override",
                InstanceType=arg("instance_type", set_or_absent),
                InstanceRequirements=block(
                    "instance_requirements",
                    VCpuCount=block("vcpu_count", Min="min", Max="max"),
                    MemoryMiB=block("memory_mib", Min="min", Max="max"),
                ),
            ),
        ),
    ),
    Tags=blocks("tag", Key="key", Value="value", PropagateAtLaunch="propagate_at_launch"),
)
folds(
    "aws_autoscaling_attachment",
    AutoScalingGroup,
    "autoscaling_group_name",
    adds=True,
    LoadBalancerNames=listed(arg("elb", set_or_absent)),
    TargetGroupARNs=listed(
        first(arg("lb_target_group_arn", set_or_absent), arg("alb_target_group_arn", set_or_absent))
    ),
)
folds(
    "aws_autoscaling_traffic_source_attachment",
    AutoScalingGroup,
    "autoscaling_group_name",
    adds=True,
    LoadBalancerNames=sources(CLASSIC),
    TargetGroupARNs=sources(TARGET_GROUP),
)
maps(
    "aws_launch_configuration",
    LaunchConfiguration,
    LaunchConfigurationName="name",
    MetadataOptions=METADATA,
    AssociatePublicIpAddress="associate_public_ip_address",
    BlockDeviceMappings=DISKS,
    UserData=USER_DATA,
)
