"""Code to cloud over HTTP: live findings name the code, and what differs, is gone or was made by hand is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import urllib3

from koban.app.aws import AwsOptions, scan_aws
from koban.app.scan import Scan
from koban.app.code import Code
from koban.model.result import Result
from koban.rules.catalog import catalog

ACCOUNT = "123456789012"
REGION = "eu-west-1"
PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'

MAIN = """\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "HTTPS"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "shoppers"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_s3_bucket" "logs" {
  bucket = "shop-logs"

  tags = {
    owner = "shop"
  }
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_ebs_volume" "orders" {
  availability_zone = "eu-west-1a"
  size              = 20
  encrypted         = true
}
"""


class Shop:
    """An estate made by API calls, and the configuration and state of Terraform that say so."""

    def __init__(self, aws: Callable[..., Any], directory: Path) -> None:
        self.ec2, self.s3 = aws("ec2"), aws("s3")
        self.directory = directory
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made = self.ec2.create_security_group(GroupName="web", Description="HTTPS", VpcId=self.vpc)
        self.group = made["GroupId"]
        self.open(443, "shoppers")
        self.bucket = "shop-logs"
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.version("Enabled")
        self.s3.put_bucket_tagging(Bucket=self.bucket, Tagging={"TagSet": [{"Key": "owner", "Value": "shop"}]})
        volume = self.ec2.create_volume(AvailabilityZone="eu-west-1a", Size=20, Encrypted=True)
        self.volume, self.key = volume["VolumeId"], volume.get("KmsKeyId", "")
        (directory / "main.tf").write_text(MAIN)
        (directory / "terraform.tfstate").write_text(json.dumps(self.state(), indent=2))

    def open(self, port: int, description: str) -> None:
        peers = [{"CidrIp": "0.0.0.0/0", "Description": description}]
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": peers}
        self.ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[rule])

    def version(self, status: str) -> None:
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": status})

    def state(self) -> dict[str, Any]:
        """As Terraform 1.9 with version 5 of the provider writes it, shortened to what is looked at."""
        ec2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
        anywhere = {"cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": []}
        ingress = {"description": "shoppers", "from_port": 443, "protocol": "tcp", "self": False, "to_port": 443}
        egress = {"description": "", "from_port": 0, "protocol": "-1", "self": False, "to_port": 0}
        return {
            "version": 4,
            "terraform_version": "1.9.8",
            "serial": 7,
            "lineage": "6f1d9c1e-4a9e-8f0f-6a35-0d2a6d0c6e11",
            "outputs": {},
            "resources": [
                resource(
                    "aws_vpc",
                    "main",
                    {
                        "arn": f"{ec2}:vpc/{self.vpc}",
                        "cidr_block": "10.0.0.0/16",
                        "enable_dns_support": True,
                        "id": self.vpc,
                        "ipv6_cidr_block": "",
                        "owner_id": ACCOUNT,
                        "tags": None,
                        "tags_all": {},
                    },
                ),
                resource(
                    "aws_security_group",
                    "web",
                    {
                        "arn": f"{ec2}:security-group/{self.group}",
                        "description": "HTTPS",
                        "egress": [egress | anywhere],
                        "id": self.group,
                        "ingress": [ingress | anywhere],
                        "name": "web",
                        "owner_id": ACCOUNT,
                        "tags": None,
                        "tags_all": {},
                        "vpc_id": self.vpc,
                    },
                ),
                resource(
                    "aws_s3_bucket",
                    "logs",
                    {
                        "arn": f"arn:aws:s3:::{self.bucket}",
                        "bucket": self.bucket,
                        "id": self.bucket,
                        "region": REGION,
                        "tags": {"owner": "shop"},
                        "tags_all": {"owner": "shop"},
                        "versioning": [{"enabled": True, "mfa_delete": False}],
                    },
                ),
                resource(
                    "aws_s3_bucket_versioning",
                    "logs",
                    {
                        "bucket": self.bucket,
                        "id": self.bucket,
                        "versioning_configuration": [{"mfa_delete": "", "status": "Enabled"}],
                    },
                ),
                resource(
                    "aws_ebs_volume",
                    "orders",
                    {
                        "arn": f"{ec2}:volume/{self.volume}",
                        "availability_zone": "eu-west-1a",
                        "encrypted": True,
                        "id": self.volume,
                        "kms_key_id": self.key,
                        "size": 20,
                        "tags": None,
                        "tags_all": {},
                        "type": "gp2",
                    },
                ),
            ],
            "check_results": None,
        }


def resource(kind: str, name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}
    return {"mode": "managed", "type": kind, "name": name, "provider": PROVIDER, "instances": [instance]}


@pytest.fixture
def faults(aws: Any, emulator_url: str) -> Iterator[Callable[..., None]]:
    http = urllib3.PoolManager()

    def put(*operations: str) -> None:
        denied = [{"operation": one, "code": "AccessDenied", "status": 403} for one in operations]
        http.request("PUT", f"{emulator_url}/koban/faults", body=json.dumps(denied))

    yield put
    put()


@pytest.fixture
def shop(aws: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    infra = tmp_path / "infra"
    infra.mkdir()
    monkeypatch.chdir(tmp_path)
    return Shop(aws, infra)


@pytest.fixture
def options(tmp_path: Path) -> AwsOptions:
    services = ("s3", "vpc", "securitygroup", "ebs", "cloudformation", "sns", "sqs", "iam")
    return AwsOptions(regions=(REGION,), services=services, directory=tmp_path / "scans", max_rate=1000)


def scanned(options: AwsOptions, *paths: str, states: tuple[str, ...] = ()) -> tuple[list[Result], Scan]:
    scan = scan_aws(options, catalog(), code=Code(paths, states))
    return list(scan.results), scan


def of(results: list[Result], rule: str, verdict: str = "fail") -> dict[str, tuple[str, ...]]:
    """The reasons by the name of the resource."""
    return {one.resource.name or one.resource.uid: one.because for one in results if (one.rule, one.verdict) == (rule, verdict)}


def test_a_finding_names_the_code_and_the_line_that_decided_it(shop: Shop, options: AwsOptions) -> None:
    results, _ = scanned(options, "infra")
    for one in results:
        print(one.rule, one.verdict, one.resource.type, one.resource.name, one.because) if one.rule.startswith("iac") else 0
    assert False
