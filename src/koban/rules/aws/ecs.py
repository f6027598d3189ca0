"""Posture rules for Amazon Elastic Container Service."""

from __future__ import annotations

from koban.model.aws.ecs import (
    DANGEROUS_CAPABILITIES,
    CapacityProvider,
    Cluster,
    Service,
    TaskDefinition,
    TaskSet,
)
from koban.model.aws.iam import Role
from koban.model.rule import rule
from koban.model.unknown import Unknown

FARGATE_CURRENT = ("LATEST", "1.4.0")
FARGATE_WINDOWS_CURRENT = ("LATEST", "1.0.0")
DOCKER_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/var/run", "/run", "/run/containerd/containerd.sock")


def _task(container: object, **properties: object) -> dict[str, object]:
    return {"ContainerDefinitions": [container], **properties}


@rule("medium", Cluster, "aws-fsbp:ECS.12", "nist-csf-2.0:DE.CM-09")
def ecs_cluster_insights_off(cluster: Cluster) -> bool:
    """Container Insights does not watch this cluster.

    Why: without its metrics nobody sees that tasks crash, restart or use far more than they should.
    Fix: set the cluster setting containerInsights to enabled or enhanced.
    """
    return not cluster.insights


ecs_cluster_insights_off.cases(
    bad=[{}, {"ClusterSettings": [{"Name": "containerInsights", "Value": "disabled"}]}],
    good=[
        {"ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}]},
        {"ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}]},
    ],
    unknown=[{"ClusterSettings": [{"Name": "containerInsights", "Value": Unknown("Value", "parameter Insights")}]}],
)


@rule("medium", Cluster, "nist-csf-2.0:PR.PS-04")
def ecs_cluster_exec_unlogged(cluster: Cluster) -> bool:
    """Shell sessions into the containers of this cluster are not recorded.

    Why: what people or intruders type in a container through ECS Exec leaves no trace to look back at.
    Fix: set Logging of the cluster's ExecuteCommandConfiguration to DEFAULT, or to OVERRIDE with a log group or bucket.
    """
    return cluster.exec_logging == "NONE"


ecs_cluster_exec_unlogged.cases(
    bad=[{"Configuration": {"ExecuteCommandConfiguration": {"Logging": "NONE"}}}],
    good=[{}, {"Configuration": {"ExecuteCommandConfiguration": {"Logging": "OVERRIDE"}}}],
)


@rule("high", Service, "aws-fsbp:ECS.2", "nist-csf-2.0:PR.IR-01")
def ecs_service_public_ip(service: Service) -> bool:
    """Tasks of this service get public IP addresses.

    Why: a public address puts each container within reach of the internet, with a security group alone in between.
    Fix: set AssignPublicIp to DISABLED, and let a load balancer and a NAT gateway or endpoints connect the tasks.
    """
    return service.public_ip == "ENABLED"


ecs_service_public_ip.cases(
    bad=[{"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED"}}}],
    good=[{}, {"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "DISABLED"}}}],
    unknown=[{"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": Unknown("AssignPublicIp", "Ref")}}}],
)


@rule("high", TaskSet, "aws-fsbp:ECS.16", "nist-csf-2.0:PR.IR-01")
def ecs_task_set_public_ip(task_set: TaskSet) -> bool:
    """Tasks of this task set get public IP addresses.

    Why: a public address puts each container within reach of the internet, with a security group alone in between.
    Fix: set AssignPublicIp to DISABLED in the task set's network configuration.
    """
    return task_set.public_ip == "ENABLED"


ecs_task_set_public_ip.cases(
    bad=[{"NetworkConfiguration": {"AwsVpcConfiguration": {"AssignPublicIp": "ENABLED"}}}],
    good=[{}, {"NetworkConfiguration": {"AwsVpcConfiguration": {"AssignPublicIp": "DISABLED"}}}],
)


@rule(
    "medium",
    Service,
    "aws-fsbp:ECS.10",
    "nist-csf-2.0:PR.PS-02",
    when=lambda service: service.launch_type == "FARGATE",
)
def ecs_service_platform_outdated(service: Service) -> bool:
    """This Fargate service runs on an old platform version.

    Why: old platform versions miss security fixes of the kernel and the container runtime.
    Fix: set PlatformVersion to LATEST, or leave it out, and deploy the service again.
    """
    if service.platform_family.startswith("Windows"):
        return not any(service.platform_version == one for one in FARGATE_WINDOWS_CURRENT)
    return not any(service.platform_version == one for one in FARGATE_CURRENT)


ecs_service_platform_outdated.cases(
    bad=[{"LaunchType": "FARGATE", "PlatformVersion": "1.3.0"}],
    good=[
        {"LaunchType": "FARGATE"},
        {"LaunchType": "FARGATE", "PlatformVersion": "1.4.0"},
        {"LaunchType": "FARGATE", "PlatformVersion": "1.0.0", "PlatformFamily": "Windows Server 2022 Core"},
    ],
    skipped=[{}],
)


@rule("low", Service, "nist-csf-2.0:PR.AA-05")
def ecs_service_exec_enabled(service: Service) -> bool:
    """People can open a shell in the running containers of this service.

    Why: whoever may call ExecuteCommand acts with the task's role and sees its secrets; it is meant for debugging.
    Fix: set EnableExecuteCommand to false once the debugging is done.
    """
    return service.execute_command


ecs_service_exec_enabled.cases(bad=[{"EnableExecuteCommand": True}], good=[{}, {"EnableExecuteCommand": False}])


@rule(
    "low",
    CapacityProvider,
    "aws-fsbp:ECS.19",
    "nist-csf-2.0:PR.IR-04",
    when=lambda provider: provider.group,
)
def ecs_capacity_provider_unprotected(provider: CapacityProvider) -> bool:
    """Scaling in may end instances on which tasks of this capacity provider still run.

    Why: tasks that are cut off in the middle lose work, and services lose capacity when they need it.
    Fix: turn on managed termination protection, with managed scaling and scale-in protection of the group.
    """
    return provider.termination_protection != "ENABLED"


GROUP = {"AutoScalingGroupArn": "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:x:autoScalingGroupName/g"}

ecs_capacity_provider_unprotected.cases(
    bad=[{"AutoScalingGroupProvider": GROUP}],
    good=[{"AutoScalingGroupProvider": {**GROUP, "ManagedTerminationProtection": "ENABLED"}}],
    skipped=[{}],
)


@rule("high", TaskDefinition, "aws-fsbp:ECS.1", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-01")
def ecs_task_root_on_host_network(task: TaskDefinition) -> bool:
    """This task has the host's network, and a container of it runs as root.

    Why: root on the host's network reaches the metadata service and every local port of the instance.
    Fix: use the network mode awsvpc, or set a User other than root for each container.
    """
    return task.network_mode == "host" and any(one.root and not one.privileged for one in task.containers)


ecs_task_root_on_host_network.cases(
    bad=[_task({}, NetworkMode="host"), _task({"User": "root"}, NetworkMode="host")],
    good=[_task({}), _task({"User": "1000"}, NetworkMode="host"), _task({"User": "root"}, NetworkMode="awsvpc")],
)


@rule("medium", TaskDefinition, "aws-fsbp:ECS.17", "nist-csf-2.0:PR.IR-01")
def ecs_task_host_network(task: TaskDefinition) -> bool:
    """This task shares the network of the instance it runs on.

    Why: in host mode no security group stands before the container, and it can reach what listens on the host alone.
    Fix: set NetworkMode to awsvpc.
    """
    return task.network_mode == "host"


ecs_task_host_network.cases(
    bad=[{"NetworkMode": "host"}],
    good=[{}, {"NetworkMode": "awsvpc"}],
    unknown=[{"NetworkMode": Unknown("NetworkMode", "parameter Mode has no default")}],
)


@rule("high", TaskDefinition, "aws-fsbp:ECS.3", "nist-csf-2.0:PR.PS-01")
def ecs_task_host_processes(task: TaskDefinition) -> bool:
    """This task sees the processes of the instance it runs on.

    Why: with the host's process namespace a container can watch, signal and read other tasks and the host's agents.
    Fix: leave PidMode out, or set it to task.
    """
    return task.pid_mode == "host"


ecs_task_host_processes.cases(bad=[{"PidMode": "host"}], good=[{}, {"PidMode": "task"}])


@rule("medium", TaskDefinition, "nist-csf-2.0:PR.PS-01")
def ecs_task_host_memory_shared(task: TaskDefinition) -> bool:
    """This task shares inter-process memory with the instance it runs on.

    Why: with the host's IPC namespace a container can read and change the shared memory of other processes.
    Fix: leave IpcMode out, or set it to task or none.
    """
    return task.ipc_mode == "host"


ecs_task_host_memory_shared.cases(bad=[{"IpcMode": "host"}], good=[{}, {"IpcMode": "none"}])


@rule("high", TaskDefinition, "aws-fsbp:ECS.4", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-01")
def ecs_task_privileged(task: TaskDefinition) -> bool:
    """A container of this task is privileged: it has the rights of root on the instance.

    Why: who breaks into a privileged container owns the instance and every task on it.
    Fix: set Privileged to false and add just the Linux capabilities that the container needs.
    """
    return any(one.privileged for one in task.containers)


ecs_task_privileged.cases(
    bad=[_task({"Privileged": True}), {"ContainerDefinitions": [{}, {"Privileged": True}]}],
    good=[_task({}), _task({"Privileged": False}), {}],
    unknown=[_task({"Privileged": Unknown("Privileged", "parameter Root has no default")})],
)


@rule("high", TaskDefinition, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-01")
def ecs_task_dangerous_capability(task: TaskDefinition) -> bool:
    """A container of this task has a Linux capability that lets it out of the container.

    Why: capabilities such as SYS_ADMIN or SYS_MODULE are as good as root on the instance.
    Fix: remove the capability from LinuxParameters.Capabilities.Add.
    """
    return any(any(added == one for one in DANGEROUS_CAPABILITIES) for c in task.containers for added in c.capabilities)


ecs_task_dangerous_capability.cases(
    bad=[_task({"LinuxParameters": {"Capabilities": {"Add": ["SYS_ADMIN"]}}})],
    good=[_task({}), _task({"LinuxParameters": {"Capabilities": {"Add": ["NET_BIND_SERVICE"], "Drop": ["ALL"]}}})],
)


@rule("high", TaskDefinition, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-01")
def ecs_task_container_runtime_mounted(task: TaskDefinition) -> bool:
    """This task mounts the control socket of the container runtime, or the root, of the instance.

    Why: whoever can talk to the runtime starts a privileged container and so owns the instance.
    Fix: remove the host volume; give agents that need data about containers the task metadata endpoint.
    """
    return any(
        volume.host_path == "/" or any(volume.host_path == one for one in DOCKER_SOCKETS) for volume in task.volumes
    )


ecs_task_container_runtime_mounted.cases(
    bad=[{"Volumes": [{"Host": {"SourcePath": "/var/run/docker.sock"}}]}, {"Volumes": [{"Host": {"SourcePath": "/"}}]}],
    good=[{}, {"Volumes": [{"Name": "scratch"}]}, {"Volumes": [{"Host": {"SourcePath": "/data"}}]}],
)


@rule(
    "medium",
    TaskDefinition,
    "aws-fsbp:ECS.5",
    "nist-csf-2.0:PR.PS-01",
    when=lambda task: not task.windows,
)
def ecs_task_root_filesystem_writable(task: TaskDefinition) -> bool:
    """A container of this task can write to its own root file system.

    Why: an intruder can then replace programs and leave tools in the container.
    Fix: set ReadonlyRootFilesystem to true and mount a volume for the directories that are written.
    """
    return any(not one.read_only_root for one in task.containers)


ecs_task_root_filesystem_writable.cases(
    bad=[_task({}), {"ContainerDefinitions": [{"ReadonlyRootFilesystem": True}, {}]}],
    good=[_task({"ReadonlyRootFilesystem": True}), _task({"ReadonlyRootFilesystem": "true"})],
    skipped=[_task({}, RuntimePlatform={"OperatingSystemFamily": "WINDOWS_SERVER_2022_CORE"})],
)


@rule("medium", TaskDefinition, "aws-fsbp:ECS.20", "nist-csf-2.0:PR.AA-05", when=lambda task: not task.windows)
def ecs_task_runs_as_root(task: TaskDefinition) -> bool:
    """A container of this task runs as root.

    Why: a flaw in the program then gives root in the container, the first half of the way to the host.
    Fix: set User of each container to a user that is not root.
    """
    return any(one.root for one in task.containers)


ecs_task_runs_as_root.cases(
    bad=[_task({}), _task({"User": "0:0"})],
    good=[_task({"User": "1000:1000"})],
    skipped=[_task({}, RuntimePlatform={"OperatingSystemFamily": "WINDOWS_SERVER_2022_CORE"})],
)


@rule("medium", TaskDefinition, "aws-fsbp:ECS.21", "nist-csf-2.0:PR.AA-05", when=lambda task: task.windows)
def ecs_task_runs_as_administrator(task: TaskDefinition) -> bool:
    """A Windows container of this task runs as administrator.

    Why: a flaw in the program then gives the highest rights in the container.
    Fix: set User of each container to ContainerUser or another user without administrator rights.
    """
    return any(one.administrator for one in task.containers)


WINDOWS = {"OperatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}

ecs_task_runs_as_administrator.cases(
    bad=[_task({}, RuntimePlatform=WINDOWS), _task({"User": "ContainerAdministrator"}, RuntimePlatform=WINDOWS)],
    good=[_task({"User": "ContainerUser"}, RuntimePlatform=WINDOWS)],
    skipped=[_task({})],
)


@rule("high", TaskDefinition, "aws-fsbp:ECS.8", "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01")
def ecs_task_secret_in_environment(task: TaskDefinition) -> bool:
    """An environment variable of this task looks like a secret in plain text.

    Why: everyone who may describe the task definition, many read-only roles among them, reads the secret too.
    Fix: pass it by Secrets with a ValueFrom of Secrets Manager or Parameter Store, then rotate it.
    """
    return any(one.secret_variables for one in task.containers)


ecs_task_secret_in_environment.cases(
    bad=[
        _task({"Environment": [{"Name": "DB_PASSWORD", "Value": "hunter2hunter2"}]}),
        _task({"Environment": [{"Name": "AWS_SECRET_ACCESS_KEY", "Value": "(a value)"}]}),
    ],
    good=[_task({}), _task({"Environment": [{"Name": "STAGE", "Value": "production"}]})],
    unknown=[_task({"Environment": [{"Name": "DB_PASSWORD", "Value": Unknown("Value", "parameter DbPassword")}]})],
)


@rule("high", TaskDefinition, "aws-fsbp:ECS.9", "nist-csf-2.0:PR.PS-04")
def ecs_task_unlogged(task: TaskDefinition) -> bool:
    """A container of this task sends its logs nowhere.

    Why: what a container printed is gone when its task ends, and with it the trace of what happened in it.
    Fix: set LogConfiguration of each container, with awslogs for instance.
    """
    return any(not one.log_driver or one.log_driver == "none" for one in task.containers)


ecs_task_unlogged.cases(
    bad=[_task({}), {"ContainerDefinitions": [{"LogConfiguration": {"LogDriver": "awslogs"}}, {}]}],
    good=[_task({"LogConfiguration": {"LogDriver": "awslogs"}})],
)


@rule(
    "medium",
    TaskDefinition,
    "aws-fsbp:ECS.18",
    "nist-csf-2.0:PR.DS-02",
    when=lambda task: any(volume.file_system for volume in task.volumes),
)
def ecs_task_file_system_in_clear(task: TaskDefinition) -> bool:
    """This task mounts an EFS file system without encryption in transit.

    Why: files cross the network in the clear, and IAM cannot authorise the mount.
    Fix: set TransitEncryption of the volume's EFSVolumeConfiguration to ENABLED.
    """
    return any(volume.file_system and volume.transit_encryption != "ENABLED" for volume in task.volumes)


ecs_task_file_system_in_clear.cases(
    bad=[{"Volumes": [{"EFSVolumeConfiguration": {"FilesystemId": "fs-1"}}]}],
    good=[{"Volumes": [{"EFSVolumeConfiguration": {"FilesystemId": "fs-1", "TransitEncryption": "ENABLED"}}]}],
    skipped=[{}, {"Volumes": [{"Name": "scratch"}]}],
)


@rule("low", TaskDefinition, "nist-csf-2.0:PR.PS-02", "nist-csf-2.0:ID.RA-09")
def ecs_task_image_not_pinned(task: TaskDefinition) -> bool:
    """A container image of this task is named by latest, or by no tag at all.

    Why: what runs can change at the next start, by mistake or by whoever can push to the repository.
    Fix: name the image by its digest, or by a tag in a repository whose tags cannot be changed.
    """
    return any(one.floating_tag for one in task.containers)


ecs_task_image_not_pinned.cases(
    bad=[
        _task({"Image": "nginx"}),
        _task({"Image": "registry:5000/app:latest"}),
        _task({"Image": "registry:5000/app"}),
    ],
    good=[_task({"Image": "nginx:1.27.2"}), _task({"Image": f"app@sha256:{'0' * 64}"})],
    unknown=[_task({"Image": Unknown("Image", "parameter Image has no default")})],
)


@rule("high", TaskDefinition, "nist-csf-2.0:PR.AA-05", when=lambda task: task.role)
def ecs_task_role_administrator(task: TaskDefinition) -> bool:
    """Containers of this task have the rights of an administrator.

    Why: whoever breaks into a container controls the whole account.
    Fix: give the task a role of its own with the few actions that it needs.
    """
    return task.role.has_aws_policy("AdministratorAccess") or any(one.admin for one in task.role.all_documents)


ROLE_ARN = "arn:aws:iam::111122223333:role/web"
ADMIN_ARN = "arn:aws:iam::aws:policy/AdministratorAccess"

ecs_task_role_administrator.cases(
    bad=[({"TaskRoleArn": ROLE_ARN}, Role({"RoleName": "web", "Arn": ROLE_ARN, "ManagedPolicyArns": [ADMIN_ARN]}))],
    good=[({"TaskRoleArn": ROLE_ARN}, Role({"RoleName": "web", "Arn": ROLE_ARN}))],
    skipped=[{}],
)
