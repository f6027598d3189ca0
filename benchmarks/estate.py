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
    return [
        _group,
        _volume,
        _snapshot,
        _bucket,
        _user,
        _role,
        _queue,
        _topic,
        _logs,
        _table,
        _key,
        _vpc,
        _secret,
        _alarm,
        _parameter,
    ]


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
