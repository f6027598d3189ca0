"""Reads Amazon Elastic Container Service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from koban.model.aws.ecs import CapacityProvider, Cluster, Service, TaskDefinition, TaskSet
from koban.model.aws.secret_names import masked
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pascal, pick, tags

CLUSTERS_A_CALL = 100
SERVICES_A_CALL = 10
TASKS_A_CALL = 100


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        Arn="clusterArn",
        ClusterName="clusterName",
        ActiveServicesCount="activeServicesCount",
        RunningTasksCount="runningTasksCount",
        PendingTasksCount="pendingTasksCount",
    )
    document["ClusterSettings"] = pascal(raw.get("settings") or [])
    if raw.get("configuration"):
        document["Configuration"] = pascal(raw["configuration"])
    return {**document, "Tags": tags(raw.get("tags"))}


def service_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        Arn="serviceArn",
        ServiceArn="serviceArn",
        ServiceName="serviceName",
        Cluster="clusterArn",
        TaskDefinition="taskDefinition",
        LaunchType="launchType",
        PlatformVersion="platformVersion",
        PlatformFamily="platformFamily",
        EnableExecuteCommand="enableExecuteCommand",
        RunningCount="runningCount",
        PendingCount="pendingCount",
    )
    versions = {one.get("taskDefinition", "") for kind in ("deployments", "taskSets") for one in raw.get(kind) or ()}
    document["TaskDefinitionsInUse"] = sorted({*versions, raw.get("taskDefinition", "")} - {""})
    if raw.get("networkConfiguration"):
        document["NetworkConfiguration"] = pascal(raw["networkConfiguration"])
    return {**document, "Tags": tags(raw.get("tags"))}


def task_set_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, Arn="taskSetArn", Id="id")
    network = (raw.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if network:
        document["NetworkConfiguration"] = {"AwsVpcConfiguration": pascal(network)}
    return document


def container_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """One container.  Commands are left out and the values of variables masked: both may hold secrets."""
    document = pick(
        raw,
        Name="name",
        Image="image",
        Privileged="privileged",
        ReadonlyRootFilesystem="readonlyRootFilesystem",
        User="user",
    )
    if raw.get("logConfiguration"):
        document["LogConfiguration"] = pick(raw["logConfiguration"], LogDriver="logDriver")
    if (raw.get("linuxParameters") or {}).get("capabilities"):
        document["LinuxParameters"] = {"Capabilities": pascal(raw["linuxParameters"]["capabilities"])}
    if raw.get("environment"):
        document["Environment"] = [
            {"Name": one.get("name", ""), "Value": masked(one.get("value", ""))} for one in raw["environment"]
        ]
    return document


def volume_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, Name="name")
    if (raw.get("host") or {}).get("sourcePath"):
        document["Host"] = {"SourcePath": raw["host"]["sourcePath"]}
    efs = raw.get("efsVolumeConfiguration")
    if efs:
        document["EFSVolumeConfiguration"] = pick(
            efs, FilesystemId="fileSystemId", RootDirectory="rootDirectory", TransitEncryption="transitEncryption"
        )
    return document


def task_definition_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        Arn="taskDefinitionArn",
        TaskDefinitionArn="taskDefinitionArn",
        Family="family",
        NetworkMode="networkMode",
        PidMode="pidMode",
        IpcMode="ipcMode",
        TaskRoleArn="taskRoleArn",
    )
    if raw.get("runtimePlatform"):
        document["RuntimePlatform"] = pascal(raw["runtimePlatform"])
    document["ContainerDefinitions"] = [container_from_api(one) for one in raw.get("containerDefinitions") or ()]
    if raw.get("volumes"):
        document["Volumes"] = [volume_from_api(one) for one in raw["volumes"]]
    return document


def _batches(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for one in things:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


@reads(Cluster, "ecs:DescribeClusters", "ecs:ListClusters")
def clusters(aws: Reader) -> Iterator[dict[str, Any]]:
    for arns in _batches(aws.pages("ecs:ListClusters", "clusterArns"), CLUSTERS_A_CALL):
        found = aws.call("ecs:DescribeClusters", clusters=arns, include=["SETTINGS", "CONFIGURATIONS", "TAGS"])
        yield from map(cluster_from_api, found.get("clusters", ()))


NOT_COUNTED = -1


def _sum(resource: Resource, *counts: str) -> int:
    """What a resource counts in all; `NOT_COUNTED` where it does not say."""
    found = [resource.document.get(count) for count in counts]
    return sum(found) if all(isinstance(one, int) for one in found) else NOT_COUNTED


@reads((Service, TaskSet), "ecs:DescribeServices", "ecs:ListServices", needs=(Cluster,))
def services(aws: Reader) -> Iterator[Resource]:
    for cluster in aws.read(Cluster):
        if _sum(cluster, "ActiveServicesCount") == 0:
            continue
        arns = aws.pages("ecs:ListServices", "serviceArns", cluster=cluster.uid, PaginationConfig={"PageSize": 100})
        batches = _batches(arns, SERVICES_A_CALL)

        def detail(some: list[str], cluster: Resource = cluster) -> list[dict[str, Any]]:
            found = aws.call("ecs:DescribeServices", cluster=cluster.uid, services=some, include=["TAGS"])
            return list(found.get("services", ()))

        for described in aws.each(batches, detail):
            for raw in described:
                yield aws.made(Service, service_from_api(raw))
                for task_set in raw.get("taskSets") or ():
                    yield aws.made(TaskSet, task_set_from_api(task_set))


@reads(TaskDefinition, "ecs:DescribeTaskDefinition", "ecs:ListTasks", "ecs:DescribeTasks", needs=(Cluster, Service))
def task_definitions(aws: Reader) -> Iterator[dict[str, Any]]:
    """Those in use: by a service, or by a task that runs now.

    Where all tasks that a cluster counts are those that its services count, there is no other to ask for.
    """
    used: dict[str, None] = {}
    of_services: dict[str, int] = {}
    for service in aws.read(Service):
        used.update(dict.fromkeys(service.document.get("TaskDefinitionsInUse", ())))
        cluster_arn = service.document.get("Cluster", "")
        of_services[cluster_arn] = of_services.get(cluster_arn, 0) + _sum(service, "RunningCount", "PendingCount")
    for cluster in aws.read(Cluster):
        if _sum(cluster, "RunningTasksCount", "PendingTasksCount") == of_services.get(cluster.uid, 0):
            continue
        for arns in _batches(aws.pages("ecs:ListTasks", "taskArns", cluster=cluster.uid), TASKS_A_CALL):
            for task in aws.call("ecs:DescribeTasks", cluster=cluster.uid, tasks=arns).get("tasks", ()):
                if task.get("taskDefinitionArn"):
                    used.setdefault(task["taskDefinitionArn"])

    def detail(arn: str) -> dict[str, Any]:
        found = aws.call("ecs:DescribeTaskDefinition", taskDefinition=arn, include=["TAGS"])
        return {**task_definition_from_api(found["taskDefinition"]), "Tags": tags(found.get("tags"))}

    yield from aws.each(used, detail)


@reads(CapacityProvider, "ecs:DescribeCapacityProviders")
def capacity_providers(aws: Reader) -> Iterator[dict[str, Any]]:
    token: dict[str, str] = {}
    while True:
        page = aws.call("ecs:DescribeCapacityProviders", **token)
        for raw in page.get("capacityProviders", ()):
            if raw.get("autoScalingGroupProvider"):
                document = pick(raw, Arn="capacityProviderArn", Name="name")
                yield {**document, "AutoScalingGroupProvider": pascal(raw["autoScalingGroupProvider"])}
        if not page.get("nextToken"):
            return
        token = {"nextToken": page["nextToken"]}
