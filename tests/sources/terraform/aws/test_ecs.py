import json

import pytest

from koban.model.aws.ecs import CapacityProvider, Cluster, Service, TaskDefinition, TaskSet
from koban.model.unknown import Maybe, OpenList, Unknown
from koban.sources.terraform.values import JsonText

GROUP = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:x:autoScalingGroupName/g"
ROLE = "arn:aws:iam::111122223333:role/web"


def test_a_cluster(twins):
    twins(
        "aws_ecs_cluster",
        {
            "name": "c",
            "setting": [{"name": "containerInsights", "value": "enhanced"}],
            "configuration": [{"execute_command_configuration": [{"logging": "NONE"}]}],
        },
        Cluster,
        {
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}],
            "Configuration": {"ExecuteCommandConfiguration": {"Logging": "NONE"}},
        },
    )
    twins("aws_ecs_cluster", {"name": "c"}, Cluster, {})


@pytest.mark.parametrize(("assigned", "word"), [(True, "ENABLED"), (False, "DISABLED"), ("true", "ENABLED")])
def test_a_service(twins, assigned, word):
    twins(
        "aws_ecs_service",
        {
            "name": "s",
            "cluster": "c",
            "task_definition": "t:1",
            "launch_type": "FARGATE",
            "platform_version": "1.4.0",
            "network_configuration": [{"assign_public_ip": assigned, "subnets": ["subnet-1"]}],
            "enable_execute_command": True,
        },
        Service,
        {
            "Cluster": "c",
            "TaskDefinition": "t:1",
            "LaunchType": "FARGATE",
            "PlatformVersion": "1.4.0",
            "NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": word}},
            "EnableExecuteCommand": True,
        },
    )


def test_a_service_with_nothing_set(twins):
    twins("aws_ecs_service", {"name": "s", "network_configuration": [{"subnets": ["subnet-1"]}]}, Service, {})


def test_a_task_set(twins):
    twins(
        "aws_ecs_task_set",
        {"network_configuration": [{"assign_public_ip": True}]},
        TaskSet,
        {"NetworkConfiguration": {"AwsVpcConfiguration": {"AssignPublicIp": "ENABLED"}}},
    )
    twins("aws_ecs_task_set", {"service": "s"}, TaskSet, {})


def test_a_capacity_provider(twins):
    twins(
        "aws_ecs_capacity_provider",
        {
            "name": "p",
            "auto_scaling_group_provider": [
                {"auto_scaling_group_arn": GROUP, "managed_termination_protection": "ENABLED"}
            ],
        },
        CapacityProvider,
        {"AutoScalingGroupProvider": {"AutoScalingGroupArn": GROUP, "ManagedTerminationProtection": "ENABLED"}},
    )
    twins("aws_ecs_capacity_provider", {"name": "p"}, CapacityProvider, {})


CONTAINERS = [
    {
        "name": "web",
        "image": "nginx:1.27.2",
        "privileged": True,
        "readonlyRootFilesystem": True,
        "user": "1000",
        "command": ["serve"],
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "web"}},
        "linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}, "initProcessEnabled": True},
        "environment": [{"name": "STAGE", "value": "prod"}],
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:ssm:eu-west-1:111122223333:parameter/db"}],
    }
]


def test_a_task_definition(twins):
    twins(
        "aws_ecs_task_definition",
        {
            "family": "web",
            "network_mode": "awsvpc",
            "pid_mode": "host",
            "ipc_mode": "host",
            "task_role_arn": ROLE,
            "runtime_platform": [{"operating_system_family": "WINDOWS_SERVER_2022_CORE"}],
            "container_definitions": json.dumps(CONTAINERS),
            "volume": [
                {"name": "socket", "host_path": "/var/run/docker.sock"},
                {"name": "files", "efs_volume_configuration": [{"file_system_id": "fs-1"}]},
                {
                    "name": "more",
                    "host_path": "",
                    "efs_volume_configuration": [{"file_system_id": "fs-2", "transit_encryption": "ENABLED"}],
                },
            ],
        },
        TaskDefinition,
        {
            "Family": "web",
            "NetworkMode": "awsvpc",
            "PidMode": "host",
            "IpcMode": "host",
            "TaskRoleArn": ROLE,
            "RuntimePlatform": {"OperatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
            "ContainerDefinitions": [
                {
                    "Name": "web",
                    "Image": "nginx:1.27.2",
                    "Privileged": True,
                    "ReadonlyRootFilesystem": True,
                    "User": "1000",
                    "LogConfiguration": {"LogDriver": "awslogs"},
                    "LinuxParameters": {"Capabilities": {"Add": ["SYS_ADMIN"], "Drop": ["ALL"]}},
                    "Environment": [{"Name": "STAGE", "Value": "prod"}],
                }
            ],
            "Volumes": [
                {"Name": "socket", "Host": {"SourcePath": "/var/run/docker.sock"}},
                {"Name": "files", "EFSVolumeConfiguration": {"FilesystemId": "fs-1"}},
                {
                    "Name": "more",
                    "Host": {"SourcePath": ""},
                    "EFSVolumeConfiguration": {"FilesystemId": "fs-2", "TransitEncryption": "ENABLED"},
                },
            ],
        },
    )
    twins(
        "aws_ecs_task_definition",
        {"family": "web", "container_definitions": '[{"name": "web", "image": "nginx"}]'},
        TaskDefinition,
        {"ContainerDefinitions": [{"Name": "web", "Image": "nginx"}]},
    )


def test_names_in_container_definitions_are_read_in_any_case(document):
    text = '[{"Name": "web", "readOnlyRootFilesystem": true, "user": null}]'
    made = document("aws_ecs_task_definition", {"container_definitions": text})
    assert made["ContainerDefinitions"] == [{"Name": "web", "ReadonlyRootFilesystem": True}]


def test_what_is_not_known_of_containers_stays_so(document):
    secret, container = Unknown("var.secret", "no default"), Unknown("module.sidecar", "not read")
    text = JsonText([{"name": "web", "environment": [{"name": "DB_PASSWORD", "value": secret}]}, container])
    web, sidecar = document("aws_ecs_task_definition", {"container_definitions": text})["ContainerDefinitions"]
    assert web["Environment"][0]["Value"] is secret
    assert sidecar is container
    whole = Unknown("container_definitions", "the file was not read")
    assert document("aws_ecs_task_definition", {"container_definitions": whole})["ContainerDefinitions"] is whole


def test_a_volume_that_may_be_there_stays_open(document):
    maybe = Maybe("volume", "var.mount has no default", ({"name": "socket", "host_path": "/"},))
    made = document("aws_ecs_task_definition", {"volume": OpenList([maybe])})["Volumes"]
    assert made[0]._values == ({"Name": "socket", "Host": {"SourcePath": "/"}},)


def test_a_public_address_that_is_not_known(document):
    unknown = Unknown("var.public", "no default")
    made = document("aws_ecs_service", {"network_configuration": [{"assign_public_ip": unknown}]})
    found = made["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"]
    assert isinstance(found, Unknown)
    assert found._root is unknown
