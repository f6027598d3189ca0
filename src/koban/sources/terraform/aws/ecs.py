"""Amazon Elastic Container Service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from koban.model.aws.ecs import CapacityProvider, Cluster, Service, TaskDefinition, TaskSet
from koban.sources.terraform.mapping import arg, block, blocks, choice, group, json_text, made, maps, over

PUBLIC_IP = choice("assign_public_ip", {True: "ENABLED", False: "DISABLED"})

maps(
    "aws_ecs_cluster",
    Cluster,
    ClusterName="name",
    ClusterSettings=blocks("setting", Name="name", Value="value"),
    Configuration=block(
        "configuration", ExecuteCommandConfiguration=block("execute_command_configuration", Logging="logging")
    ),
)
maps(
    "aws_ecs_service",
    Service,
    ServiceName="name",
    ServiceArn="arn",
    Cluster="cluster",
    TaskDefinition="task_definition",
    LaunchType="launch_type",
    PlatformVersion="platform_version",
    NetworkConfiguration=block("network_configuration", AwsvpcConfiguration=group(AssignPublicIp=PUBLIC_IP)),
    EnableExecuteCommand="enable_execute_command",
)
maps(
    "aws_ecs_task_set",
    TaskSet,
    Id="task_set_id",
    NetworkConfiguration=block("network_configuration", AwsVpcConfiguration=group(AssignPublicIp=PUBLIC_IP)),
)
maps(
    "aws_ecs_capacity_provider",
    CapacityProvider,
    Name="name",
    AutoScalingGroupProvider=block(
        "auto_scaling_group_provider",
        AutoScalingGroupArn="auto_scaling_group_arn",
        ManagedTerminationProtection="managed_termination_protection",
    ),
)

Shape = Callable[[Any], Any]


def _members(**shapes: Shape | None) -> Shape:
    """What makes a mapping of the document out of one of the JSON text; the provider reads its names in any case."""
    names = {name.lower(): (name, shape) for name, shape in shapes.items()}

    def convert(raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        known = ((*names[key.lower()], value) for key, value in raw.items() if key.lower() in names)
        return {name: shape(value) if shape is not None else value for name, shape, value in known if value is not None}

    return convert


def _each(shape: Shape) -> Shape:
    return lambda values: over(values, shape)


CONTAINER = _members(
    Name=None,
    Image=None,
    Privileged=None,
    ReadonlyRootFilesystem=None,
    User=None,
    LogConfiguration=_members(LogDriver=None),
    LinuxParameters=_members(Capabilities=_members(Add=None, Drop=None)),
    Environment=_each(_members(Name=None, Value=None)),
)

maps(
    "aws_ecs_task_definition",
    TaskDefinition,
    TaskDefinitionArn="arn",
    Family="family",
    NetworkMode="network_mode",
    PidMode="pid_mode",
    IpcMode="ipc_mode",
    TaskRoleArn="task_role_arn",
    RuntimePlatform=block("runtime_platform", OperatingSystemFamily="operating_system_family"),
    ContainerDefinitions=made(
        lambda body: over(json_text(body.get("container_definitions")), CONTAINER),
        "container_definitions",
        careful=True,
    ),
    Volumes=blocks(
        "volume",
        Name="name",
        Host=group(SourcePath=arg("host_path")),
        EFSVolumeConfiguration=block(
            "efs_volume_configuration", FilesystemId="file_system_id", TransitEncryption="transit_encryption"
        ),
    ),
)
