import pytest

from koban.model.aws.ecs import Cluster, Service, TaskDefinition
from koban.sources.aws.ecs import cluster_from_api, service_from_api, task_definition_from_api, task_set_from_api


def _register(client):
    client.register_task_definition(
        family="web",
        networkMode="awsvpc",
        containerDefinitions=[
            {
                "name": "web",
                "image": "nginx:latest",
                "memory": 64,
                "privileged": True,
                "user": "root",
                "environment": [{"name": "DB_PASSWORD", "value": "hunter2hunter2"}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "web"}},
            }
        ],
    )


def test_a_cluster_with_its_settings(aws, collect):
    aws("ecs").create_cluster(clusterName="main", settings=[{"name": "containerInsights", "value": "enabled"}])
    (cluster,) = collect("ecs.clusters")
    assert cluster.uid == "arn:aws:ecs:eu-west-1:123456789012:cluster/main"
    assert cluster.insights
    assert collect.failures == []


def test_task_definitions_are_those_that_services_use(aws, collect):
    client = aws("ecs")
    client.create_cluster(clusterName="main")
    _register(client)
    assert collect("ecs.task_definitions") == []
    client.create_service(cluster="main", serviceName="web", taskDefinition="web", desiredCount=0, launchType="FARGATE")
    (task,) = collect("ecs.task_definitions")
    (container,) = task.containers
    assert task.network_mode == "awsvpc"
    assert container.privileged
    assert container.root
    assert container.floating_tag
    assert container.secret_variables == ("DB_PASSWORD",)
    assert "hunter2" not in str(task.document)
    (service,) = collect("ecs.services")
    assert service.launch_type == "FARGATE"
    assert collect.failures == []


def _counts(active=1, running=2, pending=0):
    raw = {"clusterArn": "c", "clusterName": "c", "activeServicesCount": active}
    return Cluster(cluster_from_api({**raw, "runningTasksCount": running, "pendingTasksCount": pending}))


WEB = Service(
    service_from_api(
        {
            "serviceArn": "s",
            "clusterArn": "c",
            "taskDefinition": "web:2",
            "runningCount": 1,
            "pendingCount": 1,
            "deployments": [{"taskDefinition": "web:2"}, {"taskDefinition": "web:1"}],
        }
    )
)
DESCRIBED = {"ecs:DescribeTaskDefinition": lambda taskDefinition, **_: {"taskDefinition": {"family": taskDefinition}}}


def test_tasks_are_not_listed_where_services_account_for_all(answered):
    found = answered("ecs.task_definitions", DESCRIBED, _counts(), WEB)
    assert [one.document["Family"] for one in found] == ["web:1", "web:2"]


@pytest.mark.parametrize("cluster", [_counts(running=3), Cluster({"Arn": "c"})], ids=["one more", "not counted"])
def test_tasks_are_listed_where_they_may_be_others(answered, cluster):
    listed = {
        "ecs:ListTasks": {"taskArns": ["t"]},
        "ecs:DescribeTasks": {"tasks": [{"taskDefinitionArn": "batch:1"}]},
    }
    found = answered("ecs.task_definitions", {**DESCRIBED, **listed}, cluster, WEB)
    assert [one.document["Family"] for one in found] == ["web:1", "web:2", "batch:1"]


def test_services_of_an_empty_cluster_are_not_listed(answered):
    assert answered("ecs.services", {}, _counts(active=0)) == []


def test_a_live_task_definition_and_its_template_are_twins():
    live = task_definition_from_api(
        {
            "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1",
            "family": "web",
            "networkMode": "awsvpc",
            "pidMode": "task",
            "runtimePlatform": {"operatingSystemFamily": "LINUX"},
            "containerDefinitions": [
                {
                    "name": "web",
                    "image": "web:1",
                    "readonlyRootFilesystem": True,
                    "user": "1000",
                    "logConfiguration": {"logDriver": "awslogs"},
                    "linuxParameters": {"capabilities": {"add": [], "drop": ["ALL"]}},
                    "environment": [{"name": "WORKERS", "value": "4"}],
                }
            ],
            "volumes": [
                {"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "transitEncryption": "ENABLED"}}
            ],
        }
    )
    template = {
        "Family": "web",
        "NetworkMode": "awsvpc",
        "PidMode": "task",
        "RuntimePlatform": {"OperatingSystemFamily": "LINUX"},
        "ContainerDefinitions": [
            {
                "Name": "web",
                "Image": "web:1",
                "ReadonlyRootFilesystem": True,
                "User": "1000",
                "LogConfiguration": {"LogDriver": "awslogs"},
                "LinuxParameters": {"Capabilities": {"Add": [], "Drop": ["ALL"]}},
                "Environment": [{"Name": "WORKERS", "Value": "4"}],
            }
        ],
        "Volumes": [
            {"Name": "data", "EFSVolumeConfiguration": {"FilesystemId": "fs-1", "TransitEncryption": "ENABLED"}}
        ],
    }
    assert {k: v for k, v in live.items() if k not in ("Arn", "TaskDefinitionArn")} == template
    assert TaskDefinition(template).volumes[0].file_system == "fs-1"


def test_a_service_and_its_task_set_keep_their_network():
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}
    service = service_from_api({"serviceArn": "a", "serviceName": "web", "networkConfiguration": network})
    assert service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "ENABLED"
    task_set = task_set_from_api({"taskSetArn": "a", "id": "ecs-svc/1", "networkConfiguration": network})
    assert task_set["NetworkConfiguration"]["AwsVpcConfiguration"]["AssignPublicIp"] == "ENABLED"


def test_capacity_providers_of_groups_only(answered):
    group = {"autoScalingGroupArn": "arn:aws:autoscaling:::g", "managedTerminationProtection": "ENABLED"}

    def page(nextToken=""):
        if not nextToken:
            return {"capacityProviders": [{"name": "FARGATE", "capacityProviderArn": "f"}], "nextToken": "more"}
        spot = {"name": "spot", "capacityProviderArn": "s", "autoScalingGroupProvider": group}
        return {"capacityProviders": [spot]}

    (provider,) = answered("ecs.capacity_providers", {"ecs:DescribeCapacityProviders": page})
    assert provider.name == "spot"
    assert provider.termination_protection == "ENABLED"
