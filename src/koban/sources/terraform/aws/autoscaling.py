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

    def named(source: Any) -> list[Any]:
        if isinstance(source, Maybe):
            inside = tuple(one for value in source._values for one in named(value))
            return [source._with(inside)] if inside else []
        if isinstance(source, Unknown):
            return [Maybe(source._path, source._why, (source,), source._root)]
        said, identifier = source.get("type"), source.get("identifier")
        if isinstance(said, Unknown):
            return [Maybe(said._path, said._why, (identifier,), said._root)]
        return [identifier] if (said or TARGET_GROUP) == kind else []

    def found(body: Body) -> Any:
        every = [one for source in elements(body.get("traffic_source")) for one in named(source)]
        return (OpenList(every) if any(isinstance(one, Maybe) for one in every) else every) or ABSENT

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
