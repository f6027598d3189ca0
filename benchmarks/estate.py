"""Fills an emulated account for the measurements: ordinary resources, a known number of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from typing import Any

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}

Client = Callable[[str, str], Any]


def fill(client: Client, count: int, regions: tuple[str, ...] = REGIONS, prefix: str = "b") -> int:
    """Make `count` resources, kinds and regions in turn; returns how many were made."""
    kinds = cycle(_kinds())
    made = 0
    for number, (kind, region) in enumerate(islice(zip(kinds, cycle(_spread(regions))), count)):
        kind(client, region, f"{prefix}{number}")
        made += 1
    return made


def _spread(regions: tuple[str, ...]) -> Iterator[str]:
    """Regions in runs as long as the list of kinds, so that each region gets each kind."""
    for region in regions:
        yield from [region] * len(_kinds())


def _kinds() -> list[Callable[[Client, str, str], Any]]:
    """An ordinary account's mix: a good deal of the plain things, some of the rest."""
    plain = [_group, _volume, _snapshot, _bucket, _user, _role, _queue, _topic, _logs, _table, _key, _vpc, _secret]
    rest = [_alarm, _parameter, _function, _database, _cluster, _repository, _balancer, _files, _launch_template]
    rest += [_instance, _api, _stream, _vault, _machine, _build, _certificate, _cache, _search, _warehouse]
    return plain + plain + rest


def _group(client: Client, region: str, name: str) -> None:
    ec2 = client("ec2", region)
    group = ec2.create_security_group(GroupName=name, Description=name)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")


def _volume(client: Client, region: str, name: str) -> None:
    client("ec2", region).create_volume(Size=8, AvailabilityZone=f"{region}a", Encrypted=name.endswith("1"))


def _snapshot(client: Client, region: str, name: str) -> None:
    ec2 = client("ec2", region)
    volumes = ec2.describe_volumes(MaxResults=5)["Volumes"]
    volume = volumes[0]["VolumeId"] if volumes else ec2.create_volume(Size=8, AvailabilityZone=f"{region}a")["VolumeId"]
    ec2.create_snapshot(VolumeId=volume, Description=name)


def _bucket(client: Client, region: str, name: str) -> None:
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client("s3", region).create_bucket(Bucket=f"bench-{name}", **where)


def _user(client: Client, region: str, name: str) -> None:
    iam = client("iam", "us-east-1")
    iam.create_user(UserName=name)
    iam.create_access_key(UserName=name)


def _role(client: Client, region: str, name: str) -> None:
    iam = client("iam", "us-east-1")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=json.dumps(READ))


def _queue(client: Client, region: str, name: str) -> None:
    client("sqs", region).create_queue(QueueName=name)


def _topic(client: Client, region: str, name: str) -> None:
    client("sns", region).create_topic(Name=name)


def _logs(client: Client, region: str, name: str) -> None:
    client("logs", region).create_log_group(logGroupName=name)


def _table(client: Client, region: str, name: str) -> None:
    client("dynamodb", region).create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _key(client: Client, region: str, name: str) -> None:
    client("kms", region).create_key(Description=name)


def _vpc(client: Client, region: str, name: str) -> None:
    client("ec2", region).create_subnet(
        VpcId=client("ec2", region).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"], CidrBlock="10.0.0.0/24"
    )


def _secret(client: Client, region: str, name: str) -> None:
    client("secretsmanager", region).create_secret(Name=name, SecretString="{}")


def _alarm(client: Client, region: str, name: str) -> None:
    client("cloudwatch", region).put_metric_alarm(
        AlarmName=name,
        MetricName="m",
        Namespace="n",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def _parameter(client: Client, region: str, name: str) -> None:
    client("ssm", region).put_parameter(Name=name, Value="x", Type="String")


def _function(client: Client, region: str, name: str) -> None:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return event")
    iam = client("iam", "us-east-1")
    role = iam.create_role(RoleName=f"{name}-f", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    client("lambda", region).create_function(
        FunctionName=name, Runtime="python3.13", Handler="index.handler", Role=role, Code={"ZipFile": packed.getvalue()}
    )


def _database(client: Client, region: str, name: str) -> None:
    client("rds", region).create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        MasterUsername="shop",
        MasterUserPassword="not-a-real-one",
    )


def _cluster(client: Client, region: str, name: str) -> None:
    ecs = client("ecs", region)
    ecs.create_cluster(clusterName=name)
    task = ecs.register_task_definition(
        family=name, containerDefinitions=[{"name": "web", "image": "web:1", "memory": 128}]
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=task, desiredCount=1)


def _repository(client: Client, region: str, name: str) -> None:
    client("ecr", region).create_repository(repositoryName=name)


def _balancer(client: Client, region: str, name: str) -> None:
    ec2 = client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{i}.0/24", AvailabilityZone=f"{region}{zone}")["Subnet"][
            "SubnetId"
        ]
        for i, zone in enumerate("ab")
    ]
    client("elbv2", region).create_load_balancer(Name=name, Subnets=subnets)


def _files(client: Client, region: str, name: str) -> None:
    client("efs", region).create_file_system(CreationToken=name)


def _launch_template(client: Client, region: str, name: str) -> None:
    client("ec2", region).create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"InstanceType": "t3.micro"}
    )


def _instance(client: Client, region: str, name: str) -> None:
    ec2 = client("ec2", region)
    image = ec2.register_image(Name=f"image-{name}", RootDeviceName="/dev/xvda")["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")


def _api(client: Client, region: str, name: str) -> None:
    client("apigateway", region).create_rest_api(name=name)


def _stream(client: Client, region: str, name: str) -> None:
    client("kinesis", region).create_stream(StreamName=name, ShardCount=1)


def _vault(client: Client, region: str, name: str) -> None:
    client("backup", region).create_backup_vault(BackupVaultName=name)


def _machine(client: Client, region: str, name: str) -> None:
    iam = client("iam", "us-east-1")
    role = iam.create_role(RoleName=f"{name}-s", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    client("stepfunctions", region).create_state_machine(
        name=name, definition='{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', roleArn=role
    )


def _build(client: Client, region: str, name: str) -> None:
    client("codebuild", region).create_project(
        name=name,
        source={"type": "S3", "location": "builds/source.zip"},
        artifacts={"type": "S3", "location": "builds"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole="arn:aws:iam::123456789012:role/build",
    )


def _certificate(client: Client, region: str, name: str) -> None:
    client("acm", region).request_certificate(DomainName=f"{name}.example.com")


def _cache(client: Client, region: str, name: str) -> None:
    client("elasticache", region).create_replication_group(
        ReplicationGroupId=name, ReplicationGroupDescription=name, Engine="redis", CacheNodeType="cache.t3.micro"
    )


def _search(client: Client, region: str, name: str) -> None:
    client("opensearch", region).create_domain(DomainName=f"d{name}")


def _warehouse(client: Client, region: str, name: str) -> None:
    client("redshift", region).create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.large",
        MasterUsername="shop",
        MasterUserPassword="Not-a-real-1",
        ClusterType="single-node",
        DBName="shop",
    )
