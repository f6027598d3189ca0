"""Amazon Elastic Container Service."""

from __future__ import annotations

from typing import Any

from koban.model.aws.secret_names import secret_names
from koban.model.resource import Part, Resource, derived, fact, field, link, parts
from koban.model.unknown import Unknown

INSIGHTS_ON = ("enabled", "enhanced")
ROOT_USERS = ("", "root", "0", "root:root", "0:0", "root:0", "0:root")
ADMINISTRATORS = ("", "containeradministrator")
# Linux capabilities that let a process out of its container, or change the host under it.
DANGEROUS_CAPABILITIES = (
    "ALL",
    "BPF",
    "DAC_READ_SEARCH",
    "NET_ADMIN",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
)


class Setting(Part):
    """One setting of a cluster."""

    name: str = field("Name", "", "containerInsights")
    value: str = field("Value", "", "enabled, enhanced or disabled")


class Cluster(
    Resource,
    type="AWS::ECS::Cluster",
    ids="ClusterName",
    arn="arn:{partition}:ecs:{region}:{account}:cluster/{ClusterName}",
):
    """An ECS cluster."""

    settings: tuple[Setting, ...] = parts("ClusterSettings", Setting, "Its settings")
    exec_logging: str = field(
        "Configuration.ExecuteCommandConfiguration.Logging", "DEFAULT", "DEFAULT, OVERRIDE or NONE: not recorded"
    )

    @derived
    def insights(self) -> bool:
        """Whether Container Insights collects its metrics."""
        return any(
            one.name == "containerInsights" and any(one.value == on for on in INSIGHTS_ON) for one in self.settings
        )


class Service(Resource, type="AWS::ECS::Service", ids="ServiceName ServiceArn"):
    """A service: tasks that ECS keeps running."""

    cluster: Any = link("Cluster", "AWS::ECS::Cluster", "The cluster that it runs in")
    task_definition: Any = link("TaskDefinition", "AWS::ECS::TaskDefinition", "What it runs")
    launch_type: str = field("LaunchType", "EC2", "EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES")
    platform_version: str = field("PlatformVersion", "LATEST", "The Fargate platform version, or LATEST")
    platform_family: str = fact("PlatformFamily", "Linux", "Linux, or a Windows Server release")
    public_ip: str = field("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", "DISABLED", "ENABLED or DISABLED")
    execute_command: bool = field("EnableExecuteCommand", False, "Whether people may open a shell in its containers")


class TaskSet(Resource, type="AWS::ECS::TaskSet", ids="Id"):
    """A set of tasks of a service that an outside deployment controller manages."""

    public_ip: str = field("NetworkConfiguration.AwsVpcConfiguration.AssignPublicIp", "DISABLED", "ENABLED or DISABLED")


class CapacityProvider(
    Resource,
    type="AWS::ECS::CapacityProvider",
    ids="Name",
    arn="arn:{partition}:ecs:{region}:{account}:capacity-provider/{Name}",
):
    """What gives a cluster its instances."""

    group: str = field("AutoScalingGroupProvider.AutoScalingGroupArn", "", "The auto scaling group, if it is one")
    termination_protection: str = field(
        "AutoScalingGroupProvider.ManagedTerminationProtection", "DISABLED", "ENABLED: busy instances are not ended"
    )


class Variable(Part):
    """An environment variable; a live value is masked."""

    name: str = field("Name", "", "Its name")
    value: str = field("Value", "", "Its value")


class Container(Part):
    """One container of a task definition."""

    name: str = field("Name", "", "Its name")
    image: str = field("Image", "", "Where it is pulled from")
    privileged: bool = field("Privileged", False, "Whether it has the host's own rights")
    read_only_root: bool = field("ReadonlyRootFilesystem", False, "Whether its root file system cannot be written")
    user: str = field("User", "", "The user that it runs as; empty: that of the image, root by default")
    log_driver: str = field("LogConfiguration.LogDriver", "", "awslogs, awsfirelens, splunk, ...; empty: none set")
    capabilities: tuple[str, ...] = field("LinuxParameters.Capabilities.Add", (), "Linux capabilities added")
    variables: tuple[Variable, ...] = parts("Environment", Variable, "Environment variables")

    @derived
    def secret_variables(self) -> tuple[str, ...]:
        """The names of variables that look as if they held a secret in plain text."""
        if isinstance(self.variables, Unknown):
            return self.variables
        return secret_names((one.name, one.value) for one in self.variables)

    @derived
    def root(self) -> bool:
        """Whether it runs as root: said, or left to the image."""
        return any(self.user.lower() == one for one in ROOT_USERS)

    @derived
    def administrator(self) -> bool:
        """Whether it runs as the administrator of a Windows container: said, or left to the image."""
        return any(self.user.lower() == one for one in ADMINISTRATORS)

    @derived
    def floating_tag(self) -> bool:
        """Whether its image is named by `latest` or by no tag, so that what runs can change under it."""
        image = self.image
        if isinstance(image, Unknown):
            return bool(image._child(" has no fixed tag")) if not image.endswith(":latest") else True
        if "@sha256:" in image:
            return False
        return image.endswith(":latest") or ":" not in image.rsplit("/", 1)[-1]


class Volume(Part):
    """A volume that a task may mount."""

    host_path: str = field("Host.SourcePath", "", "The directory of the host that it shows")
    file_system: str = field("EFSVolumeConfiguration.FilesystemId", "", "The EFS file system that it is")
    transit_encryption: str = field("EFSVolumeConfiguration.TransitEncryption", "DISABLED", "ENABLED: over TLS")


class TaskDefinition(Resource, type="AWS::ECS::TaskDefinition", ids="TaskDefinitionArn Family"):
    """What a task runs.  Of a live account, those that a service or a running task uses."""

    network_mode: str = field("NetworkMode", "bridge", "awsvpc, bridge, host or none")
    pid_mode: str = field("PidMode", "", "host: sees all the host's processes; task: those of the task")
    ipc_mode: str = field("IpcMode", "", "host: shares memory with the host's processes; task or none")
    os_family: str = field("RuntimePlatform.OperatingSystemFamily", "LINUX", "LINUX or a Windows Server release")
    containers: tuple[Container, ...] = parts("ContainerDefinitions", Container, "Its containers")
    volumes: tuple[Volume, ...] = parts("Volumes", Volume, "The volumes that containers may mount")
    role: Any = link("TaskRoleArn", "AWS::IAM::Role", "The role that its containers have")

    @derived
    def windows(self) -> bool:
        """Whether it runs on Windows."""
        return bool(self.os_family.startswith("WINDOWS"))
