"""Code to cloud over HTTP: live findings name the code, and what differs, is gone or was made by hand is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import urllib3

from koban.app.aws import AwsOptions, scan_aws
from koban.app.baseline import Use
from koban.app.baseline.file import parse
from koban.app.code import Code
from koban.app.scan import Scan
from koban.model.result import Result
from koban.model.rule import Rule
from koban.rules.catalog import catalog
from koban.rules.iac import CODE_RULES
from koban.sources.terraform.state import StateError

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
        denied = [{"calls": list(operations), "code": "AccessDenied", "status": 403, "times": 99}]
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
    scan = scan_aws(options, [*catalog(), *CODE_RULES], code=Code(paths, states))
    return list(scan.results), scan


def of(results: list[Result], rule: str, verdict: str = "fail") -> dict[str, tuple[str, ...]]:
    """The reasons by the name of the resource."""
    return {
        one.resource.name or one.resource.uid: one.because
        for one in results
        if (one.rule, one.verdict) == (rule, verdict)
    }


def lines_of(file: Path, text: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line)


def test_a_finding_names_the_code_and_the_line_that_decided_it(shop: Shop, options: AwsOptions) -> None:
    shop.open(22, "by hand")
    plain = {one.fingerprint: one for one in scan_aws(options, catalog()).results}
    results, scan = scanned(options, "infra")
    by_rule = {one.rule: one for one in results if one.resource.name in (shop.group, shop.bucket)}
    found = by_rule["s3-bucket-without-lifecycle"]
    assert (found.resource.address, found.resource.file) == ("aws_s3_bucket.logs", "infra/main.tf")
    assert found.resource.line == lines_of(shop.directory / "main.tf", '"aws_s3_bucket" "logs"')
    said = f"made by aws_s3_bucket.logs in infra/main.tf line {found.resource.line}"
    assert found.because == (f"{said} (exact: Terraform state infra/terraform.tfstate)",)
    assert found.resource.uid == f"arn:aws:s3:::{shop.bucket}"
    # Everything else about the findings is as it was without code.
    with_code = {one.fingerprint: one for one in results if not one.rule.startswith("iac-")}
    assert with_code.keys() == plain.keys()
    for fingerprint, one in plain.items():
        linked = with_code[fingerprint]
        assert (linked.rule, linked.verdict, linked.resource.uid) == (one.rule, one.verdict, one.resource.uid)
        assert [why for why in linked.because if not why.startswith("made by ")] == list(one.because)
    assert scan.title == f"AWS account {ACCOUNT}"


def test_the_line_is_that_of_the_element_that_decided_it(shop: Shop, options: AwsOptions) -> None:
    """A rule of a group that code has stands on the line of that rule, in whatever order AWS tells of the rules."""
    main = shop.directory / "main.tf"
    state = shop.state()
    group = state["resources"][1]["instances"][0]["attributes"]
    shop.ec2.authorize_security_group_ingress(
        GroupId=shop.group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    rule = """
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    description = "shoppers"
"""
    main.write_text(MAIN.replace('\n  ingress {\n    description = "shoppers"\n', rule, 1))
    group["ingress"] = [{**group["ingress"][0], "from_port": 22, "to_port": 22, "description": ""}, *group["ingress"]]
    (shop.directory / "terraform.tfstate").write_text(json.dumps(state))
    results, _ = scanned(options, "infra")
    (found,) = [one for one in results if one.rule == "ec2-security-group-ssh-open" and one.verdict == "fail"]
    start = lines_of(main, "from_port   = 22")
    assert start - 2 <= (found.resource.line or 0) <= start + 2
    assert of(results, "iac-drift") == {}


def test_what_is_as_the_code_says_does_not_drift(shop: Shop, options: AwsOptions) -> None:
    results, scan = scanned(options, "infra")
    assert of(results, "iac-drift") == of(results, "iac-missing") == of(results, "iac-unmanaged") == {}
    names = {shop.vpc, shop.group, shop.bucket, shop.volume}
    assert of(results, "iac-drift", "pass").keys() == names
    assert of(results, "iac-missing", "pass").keys() == names
    assert of(results, "iac-unmanaged", "pass").keys() == names
    (section,) = scan.sections
    assert section.lines == [("linked", "4 exact", "")]


def test_what_was_changed_by_hand_is_named_exactly(shop: Shop, options: AwsOptions) -> None:
    shop.open(22, "by hand")
    shop.version("Suspended")
    shop.s3.put_bucket_tagging(
        Bucket=shop.bucket, Tagging={"TagSet": [{"Key": "owner", "Value": "nobody"}, {"Key": "more", "Value": "x"}]}
    )
    results, scan = scanned(options, "infra")
    drift = of(results, "iac-drift")
    assert drift.keys() == {shop.group, shop.bucket}
    added = '{"CidrIp":"0.0.0.0/0","Description":"by hand","FromPort":22,"IpProtocol":"tcp","ToPort":22}'
    assert drift[shop.group][:-1] == (f"SecurityGroupIngress: (nothing) -> {added}",)
    assert drift[shop.bucket][:-1] == (
        "VersioningConfiguration.Status: Enabled -> Suspended",
        "Tags.more: (nothing) -> x",
        "Tags.owner: shop -> nobody",
    )
    (bucket,) = [one for one in results if one.rule == "iac-drift" and one.resource.name == shop.bucket]
    assert bucket.resource.line == lines_of(shop.directory / "main.tf", 'status = "Enabled"')
    assert (bucket.severity, bucket.resource.account, bucket.resource.region) == ("low", ACCOUNT, REGION)
    assert [word for word, _, _ in scan.sections[0].lines] == ["linked", "drift", "drift"]


def test_rules_about_code_are_chosen_and_excepted_like_others(shop: Shop, options: AwsOptions) -> None:
    shop.version("Suspended")
    shop.ec2.delete_volume(VolumeId=shop.volume)

    def found(rules: list[Rule], amend: Callable[..., Result] | None = None) -> tuple[list[Result], Scan]:
        scan = scan_aws(options, rules, amend, code=Code(("infra",), ()))
        return list(scan.results), scan

    results, scan = found([one for one in CODE_RULES if one.id == "iac-missing"])
    assert {one.rule for one in results} == {"iac-missing"}
    assert [word for word, _, _ in scan.sections[0].lines] == ["linked", "gone"]
    results, scan = found(catalog())
    assert not {one.rule for one in results} & {one.id for one in CODE_RULES}
    text = f"""
version: 1
exceptions:
  - id: E-1
    rule: iac-drift
    match: {{account: "{ACCOUNT}"}}
    owner: us
    reason: a trial
    expires: 2099-01-01
  - id: E-2
    rule: iac-missing
    match: {{region: {REGION}}}
    owner: us
    reason: moved
    expires: 2099-01-01
"""
    use = Use(parse(text, "koban.yaml", CODE_RULES), CODE_RULES, date(2027, 1, 1))
    results, scan = found(list(CODE_RULES), use.amend)
    assert of(results, "iac-drift") == of(results, "iac-missing") == {}
    assert of(results, "iac-drift", "excepted") == {shop.bucket: ("exception E-1 until 2099-01-01: a trial",)}
    assert of(results, "iac-missing", "excepted") == {shop.volume: ("exception E-2 until 2099-01-01: moved",)}
    assert [word for word, _, _ in scan.sections[0].lines] == ["linked"]
    assert use.unused() == []


def test_what_was_deleted_is_missing_and_what_was_made_by_hand_is_not_managed(shop: Shop, options: AwsOptions) -> None:
    shop.ec2.delete_volume(VolumeId=shop.volume)
    by_hand = shop.ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
    results, _ = scanned(options, "infra")
    assert of(results, "iac-missing").keys() == {shop.volume}
    assert of(results, "iac-unmanaged") == {by_hand: ("nothing in the code names it",)}
    (missing,) = [one for one in results if one.rule == "iac-missing" and one.verdict == "fail"]
    assert missing.resource.uid == f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{shop.volume}"
    assert (missing.resource.address, missing.resource.file) == ("aws_ebs_volume.orders", "infra/main.tf")


def test_what_could_not_be_read_is_unknown_never_missing(
    shop: Shop, options: AwsOptions, faults: Callable[..., None]
) -> None:
    faults("ec2:DescribeVolumes", "s3:GetBucketVersioning")
    shop.version("Suspended")
    results, _ = scanned(options, "infra")
    assert of(results, "iac-missing") == of(results, "iac-drift") == {}
    assert of(results, "iac-missing", "unknown")[shop.volume][0] == "AccessDenied ec2:DescribeVolumes"


def test_what_was_not_asked_for_is_neither(shop: Shop, options: AwsOptions) -> None:
    results, scan = scanned(replace(options, services=("s3",)), "infra")
    assert {one.resource.type for one in results if one.rule == "iac-missing"} == {"AWS::S3::Bucket"}
    assert (
        "elsewhere",
        "3 of the code lie in accounts, regions or services that were not scanned",
        "",
    ) in scan.sections[0].lines
    results, _ = scanned(replace(options, regions=("us-east-1",)), "infra")
    assert of(results, "iac-missing") == of(results, "iac-missing", "unknown") == {}


def test_a_state_given_by_name_finds_its_configuration(shop: Shop, options: AwsOptions, tmp_path: Path) -> None:
    elsewhere = tmp_path / "prod.json"
    (shop.directory / "terraform.tfstate").rename(elsewhere)
    other = tmp_path / "infra" / "other"
    other.mkdir()
    (other / "main.tf").write_text('resource "aws_vpc" "main" {\n  cidr_block = "10.9.0.0/16"\n}\n')
    results, _ = scanned(options, "infra", states=(str(elsewhere),))
    assert {one.resource.file for one in results if one.rule == "iac-drift"} == {"infra/main.tf"}
    # Without any configuration the address is still known.
    results, _ = scanned(options, states=(str(elsewhere),))
    volume = next(one for one in results if one.rule == "iac-drift" and one.resource.name == shop.volume)
    assert (volume.resource.address, volume.resource.file, volume.resource.line) == (
        "aws_ebs_volume.orders",
        None,
        None,
    )


def test_a_state_as_terraform_shows_it(shop: Shop, options: AwsOptions, tmp_path: Path) -> None:
    shown = {
        "format_version": "1.0",
        "terraform_version": "1.9.8",
        "values": {
            "root_module": {
                "resources": [
                    {
                        "address": f"{one['type']}.{one['name']}",
                        "mode": "managed",
                        "type": one["type"],
                        "name": one["name"],
                        "provider_name": "registry.terraform.io/hashicorp/aws",
                        "values": one["instances"][0]["attributes"],
                        "sensitive_values": {},
                    }
                    for one in shop.state()["resources"]
                ]
            }
        },
    }
    (shop.directory / "terraform.tfstate").unlink()
    file = tmp_path / "shown.json"
    file.write_text(json.dumps(shown))
    results, _ = scanned(options, "infra", states=(str(file),))
    assert of(results, "iac-drift", "pass").keys() == {shop.vpc, shop.group, shop.bucket, shop.volume}


def test_without_a_state_a_bucket_is_linked_by_its_name_and_the_rest_is_open(shop: Shop, options: AwsOptions) -> None:
    (shop.directory / "terraform.tfstate").unlink()
    results, _ = scanned(options, "infra")
    (said,) = of(results, "iac-unmanaged", "pass")[shop.bucket]
    assert said.endswith("(high: the same name)")
    (why,) = of(results, "iac-unmanaged", "unknown")[shop.volume]
    assert why == (
        "aws_ebs_volume.orders in infra/main.tf line 35 may have made it, under a name that the code does not tell: "
        "give the state with --state"
    )
    assert of(results, "iac-missing") == of(results, "iac-unmanaged") == {}
    # Two that have its name: none is chosen, both are said.
    (shop.directory / "twin").mkdir()
    (shop.directory / "twin/main.tf").write_text('resource "aws_s3_bucket" "b" {\n  bucket = "shop-logs"\n}\n')
    results, _ = scanned(options, "infra")
    (said,) = of(results, "iac-unmanaged", "unknown")[shop.bucket]
    assert "made by one of" in said
    assert "aws_s3_bucket.logs in infra/main.tf line 19" in said
    assert "aws_s3_bucket.b in infra/twin/main.tf line 1" in said
    assert "(low: each has its name)" in said
    assert {one.resource.address for one in results if one.resource.name == shop.bucket} == {None}


def test_a_default_of_a_variable_is_no_drift(shop: Shop, options: AwsOptions) -> None:
    """Whoever applied it may have given another value; what is written out is compared."""
    (shop.directory / "terraform.tfstate").unlink()
    main = 'variable "on" {\n  default = "Suspended"\n}\n' + MAIN.replace('"Enabled"', "var.on")
    (shop.directory / "main.tf").write_text(main.replace('owner = "shop"', 'owner = "others"'))
    results, _ = scanned(options, "infra")
    assert of(results, "iac-drift")[shop.bucket][:-1] == ("Tags.owner: others -> shop",)


def test_a_secret_is_never_shown(shop: Shop, options: AwsOptions) -> None:
    state = shop.state()
    tags = {"owner": "shop", "db_password": "hunter2hunter2"}
    state["resources"][2]["instances"][0]["attributes"]["tags_all"] = tags
    (shop.directory / "terraform.tfstate").write_text(json.dumps(state))
    results, _ = scanned(options, "infra")
    assert of(results, "iac-drift")[shop.bucket][0] == "Tags.db_password: (a value) -> (nothing)"
    assert not [one for one in results if "hunter2" in json.dumps(one.as_json())]


def test_code_that_cannot_be_read_leaves_open_what_it_made(shop: Shop, options: AwsOptions) -> None:
    by_hand = shop.ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
    (shop.directory / "broken.tf").write_text("resource {")
    results, scan = scanned(options, "infra")
    assert of(results, "iac-unmanaged") == {}
    assert "infra/broken.tf line 1 could not be read" in of(results, "iac-unmanaged", "unknown")[by_hand][0]
    assert any("code not read: infra/broken.tf" in note for note in scan.notes)


def test_a_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tfstate").write_text("{}")
    with pytest.raises(StateError, match="it is no state of Terraform"):
        Code(states=(str(tmp_path / "x.tfstate"),))


def test_what_is_attached_to_a_role_by_other_code_is_no_drift_and_what_is_by_hand_is(
    shop: Shop, options: AwsOptions, aws: Callable[..., Any], tmp_path: Path
) -> None:
    iam = aws("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    reads = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="web", PolicyName="reads", PolicyDocument=json.dumps(reads))
    own, others, admin = (_own_policy(iam, name) for name in ("own", "others", "admin"))
    iam.attach_role_policy(RoleName="web", PolicyArn=own)
    iam.attach_role_policy(RoleName="web", PolicyArn=others)
    role = {
        "arn": f"arn:aws:iam::{ACCOUNT}:role/web",
        "assume_role_policy": json.dumps(trust, separators=(",", ":")),
        "id": "web",
        "inline_policy": [],
        "managed_policy_arns": [],
        "name": "web",
        "path": "/",
        "tags_all": {},
    }
    state = shop.state()
    state["resources"] += [
        resource("aws_iam_role", "web", role),
        resource(
            "aws_iam_role_policy",
            "reads",
            {"id": "web:reads", "name": "reads", "policy": json.dumps(reads), "role": "web"},
        ),
        resource("aws_iam_role_policy_attachment", "own", {"id": "web-1", "policy_arn": own, "role": "web"}),
    ]
    (shop.directory / "terraform.tfstate").write_text(json.dumps(state))
    elsewhere = {
        **state,
        "resources": [
            resource("aws_iam_role_policy_attachment", "o", {"id": "web-2", "policy_arn": others, "role": "web"})
        ],
    }
    (tmp_path / "other.tfstate").write_text(json.dumps(elsewhere))
    states = (str(tmp_path / "other.tfstate"),)
    results, _ = scanned(options, "infra", states=states)
    assert of(results, "iac-drift") == {}
    assert "web" in of(results, "iac-drift", "pass")
    iam.attach_role_policy(RoleName="web", PolicyArn=admin)
    iam.delete_role_policy(RoleName="web", PolicyName="reads")
    results, _ = scanned(options, "infra", states=states)
    attached, inline = of(results, "iac-drift")["web"][:-1]
    assert inline.startswith('Policies: {"PolicyDocument":')
    assert inline.endswith(" -> (nothing)")
    assert attached == f"ManagedPolicyArns: (nothing) -> {admin}"


def _own_policy(iam: Any, name: str) -> str:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}
    arn: str = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    return arn


# CloudFormation


NETWORK = """\
Parameters:
  Environment: {Type: String}
  Port: {Type: Number, Default: 80}
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.20.0.0/16
      Tags: [{Key: Name, Value: !Sub "shop-${Environment}"}]
  WebGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: from anywhere
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
        - {IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 10.0.0.0/8}
  Orders: {Type: AWS::SQS::Queue}
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: shop-reader
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]
"""


@pytest.fixture
def stack(aws: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Deploys the template; the emulator tags what EC2 makes, as AWS does, and names the rest as AWS does."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cfn").mkdir()
    (tmp_path / "cfn" / "network.yaml").write_text(NETWORK.replace("shop-reader", "shop-network-reader"))

    def deploy(name: str, **parameters: str) -> Callable[[str], str]:
        client = aws("cloudformation")
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        capabilities = ["CAPABILITY_NAMED_IAM"]
        body = NETWORK.replace("shop-reader", f"{name}-reader")
        client.create_stack(StackName=name, TemplateBody=body, Parameters=given, Capabilities=capabilities)
        made = client.list_stack_resources(StackName=name)["StackResourceSummaries"]
        ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in made}
        return ids.__getitem__

    return deploy


def test_a_stack_is_linked_by_its_tags(stack: Callable[..., Any], options: AwsOptions, aws: Callable[..., Any]) -> None:
    made = stack("shop-network", Environment="production", Port="8080")
    results, _ = scanned(options, "cfn")
    group, vpc = made("WebGroup"), made("Vpc")
    (said,) = of(results, "iac-unmanaged", "pass")[group]
    assert said == "made by WebGroup in cfn/network.yaml line 10 (exact: CloudFormation stack shop-network)"
    assert of(results, "iac-drift") == {}
    assert {group, vpc} <= of(results, "iac-drift", "pass").keys()
    # The parameter of the stack counts, not the default: 8080 is what was asked for.
    rule = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    aws("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
    rule = {**rule, "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    aws("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    results, _ = scanned(options, "cfn")
    assert of(results, "iac-drift")[group][:-1] == (
        "SecurityGroupIngress.1.FromPort: 8080 -> 22",
        "SecurityGroupIngress.1.ToPort: 8080 -> 22",
        "SecurityGroupIngress.1.CidrIp: 10.0.0.0/8 -> 0.0.0.0/0",
    )
    assert of(results, "iac-drift").keys() == {group}


def test_what_carries_no_tags_is_linked_by_the_name_that_the_stack_gave_it(
    stack: Callable[..., Any], options: AwsOptions
) -> None:
    made = stack("shop-network", Environment="production")
    results, _ = scanned(options, "cfn")
    queue = made("Orders").rsplit("/", 1)[-1]
    assert queue.startswith("shop-network-Orders-")
    (said,) = of(results, "iac-unmanaged", "pass")[queue]
    assert said.endswith("(high: the name that the CloudFormation stack shop-network gave it)")
    (said,) = of(results, "iac-unmanaged", "pass")["shop-network-reader"]
    assert said.endswith("(high: the same name, in CloudFormation stack shop-network)")


def test_what_a_stack_made_and_is_gone_and_what_was_made_beside_it(
    stack: Callable[..., Any], options: AwsOptions, aws: Callable[..., Any]
) -> None:
    made = stack("shop-network", Environment="production")
    ec2 = aws("ec2")
    ec2.delete_security_group(GroupId=made("WebGroup"))
    by_hand = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    aws("sqs").create_queue(QueueName="by-hand")
    results, _ = scanned(options, "cfn")
    gone = [one for one in results if one.rule == "iac-missing" and one.verdict != "pass"]
    # No other group carries a stack's tags now, so a default group might be it; nobody claims that it is gone.
    assert {(one.resource.address, one.verdict) for one in gone} == {("WebGroup", "unknown")}
    assert of(results, "iac-unmanaged").keys() == {by_hand}
    assert "by-hand" in of(results, "iac-unmanaged", "unknown")  # queues show no tags: it may be the stack's
    second = stack("shop-network-2", Environment="staging")
    results, _ = scanned(options, "cfn")
    gone = [one for one in results if one.rule == "iac-missing" and one.verdict == "fail"]
    assert [(one.resource.address, one.resource.line) for one in gone] == [("WebGroup", 10)]
    assert second("Vpc") in of(results, "iac-unmanaged", "pass")


def test_a_stack_whose_template_is_not_here_or_is_one_of_several(
    stack: Callable[..., Any], options: AwsOptions, tmp_path: Path
) -> None:
    made = stack("elsewhere", Environment="production")
    (tmp_path / "cfn" / "network.yaml").write_text("Resources: {Other: {Type: AWS::EC2::VPC}}\n")
    results, _ = scanned(options, "cfn")
    (why,) = of(results, "iac-unmanaged", "unknown")[made("Vpc")]
    assert why == "the CloudFormation stack elsewhere made it, as Vpc; its template is not among the code"
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / "cfn" / name).write_text(NETWORK)
    results, _ = scanned(options, "cfn")
    (why,) = of(results, "iac-unmanaged", "unknown")[made("Vpc")]
    assert why == "the CloudFormation stack elsewhere made it, as Vpc, from one of cfn/a.yaml, cfn/b.yaml"
    assert {one.resource.file for one in results if one.resource.name == made("Vpc")} == {None}
    sam = '[default.deploy.parameters]\nstack_name = "elsewhere"\ntemplate_file = "b.yaml"\n'
    (tmp_path / "cfn" / "samconfig.toml").write_text(sam)
    results, _ = scanned(options, "cfn")
    assert {one.resource.file for one in results if one.resource.name == made("Vpc")} == {"cfn/b.yaml"}


def test_every_format_takes_it(shop: Shop, options: AwsOptions, tmp_path: Path) -> None:
    from koban.interfaces.cli import run

    shop.version("Suspended")
    formats = ("table", "jsonl", "csv", "html", "sarif", "junit", "ocsf", "asff")
    outputs = [f"--output={tmp_path / one}" for one in formats]
    words = ["scan", "aws", "--regions", REGION, "--services", "s3,ebs,vpc,securitygroup", "--iac", "infra", "-q"]
    assert run([*words, "--no-baseline", "--spool", str(tmp_path / "spool"), "-f", ",".join(formats), *outputs]) in (
        1,
        3,
    )
    table = (tmp_path / "table").read_text()
    jsonl = [json.loads(line) for line in (tmp_path / "jsonl").read_text().splitlines()]
    assert any(one["resource"]["file"] == "infra/main.tf" and one["resource"]["account"] == ACCOUNT for one in jsonl)
    for name in ("html", "sarif", "junit", "ocsf", "asff", "csv"):
        assert "infra/main.tf" in (tmp_path / name).read_text(), name
    assert "Could not tell" not in table or "made by" not in table
