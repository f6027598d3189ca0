"""Builds an ordinary company's estate in the emulated AWS: three accounts, three regions, good and bad."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1")
ROLE = "OrganizationAccountAccessRole"
Say = Callable[[str], None]


@dataclass
class Account:
    """One account of the emulated organisation; `client(service, region)` acts in it."""

    name: str
    id: str
    client: Callable[..., Any]


@contextmanager
def template_directory() -> Iterator[Path]:
    """Where the estate's CloudFormation templates lie."""
    with resources.as_file(resources.files("koban.app.demo").joinpath("templates")) as path:
        yield path


def build(endpoint: str, say: Say) -> list[Account]:
    """Make the organisation and everything in it.  `say` hears of each step, in one line."""
    accounts = _organisation(endpoint)
    by_name = {account.name: account for account in accounts}
    say(f"an organisation of {len(accounts)} accounts: {', '.join(f'{a.name} ({a.id})' for a in accounts)}")
    _log(by_name["shop-management"], "eu-west-1", "management")
    _people(by_name["shop-management"], "eu-west-1")
    for account, environment, regions in (
        (by_name["shop-production"], "production", REGIONS[:2]),
        (by_name["shop-staging"], "staging", REGIONS[:1]),
    ):
        _people(account, regions[0])
        for region in regions:
            flow_logs = "yes" if environment == "production" else "no"
            _deploy(account, region, "network", Environment=environment, FlowLogs=flow_logs)
            _deploy(account, region, "web", Environment=environment, Image=_image(account, region))
            _data(account, region, environment)
            _deploy(account, region, "functions", Environment=environment)
            say(f"{account.name} in {region}: network, web servers, data and functions")
    _log(by_name["shop-production"], "us-east-1", "production")
    for account in accounts:
        _by_hand(account)
    say("users, keys, snapshots and settings that somebody once made by hand")
    return accounts


def _organisation(endpoint: str) -> list[Account]:
    import boto3

    def session(**credentials: str) -> Callable[..., Any]:
        made = boto3.Session(**credentials)
        return lambda service, region="us-east-1": made.client(service, region_name=region, endpoint_url=endpoint)

    management = session(aws_access_key_id="demo", aws_secret_access_key="demo")  # noqa: S106  the emulator takes any
    organizations = management("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    accounts = [Account("shop-management", management("sts").get_caller_identity()["Account"], management)]
    for name in ("shop-production", "shop-staging"):
        status = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        account = status["AccountId"]
        organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
        assumed = management("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="demo")
        key = assumed["Credentials"]
        accounts.append(
            Account(
                name,
                account,
                session(
                    aws_access_key_id=key["AccessKeyId"],
                    aws_secret_access_key=key["SecretAccessKey"],
                    aws_session_token=key["SessionToken"],
                ),
            )
        )
    return accounts


def _deploy(account: Account, region: str, template: str, **parameters: str) -> None:
    with template_directory() as directory:
        body = (directory / f"{template}.yaml").read_text(encoding="utf-8")
    cloudformation = account.client("cloudformation", region)
    cloudformation.create_stack(
        StackName=f"shop-{template}",
        TemplateBody=body,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )


# The emulator makes most of what the templates declare; what it passes over is made here, the same, by API calls.


def _people(account: Account, region: str) -> None:
    iam = account.client("iam")
    for group in ("developers", "operators"):
        iam.create_group(GroupName=group)
    _deploy(account, region, "identity")
    iam.add_user_to_group(GroupName="developers", UserName="anna")
    iam.add_user_to_group(GroupName="operators", UserName="ben")


def _data(account: Account, region: str, environment: str) -> None:
    suffix = f"{environment}-{region}"
    _deploy(account, region, "data", Environment=environment, Suffix=suffix)
    _key_policies(account, region)
    pictures, invoices = f"shop-{environment}-pictures-{suffix}", f"shop-{environment}-invoices-{suffix}"
    s3 = account.client("s3", region)
    exports = f"shop-{environment}-exports-{suffix}"
    for bucket in (pictures, invoices, exports):
        _as_aws_makes_buckets(s3, bucket, public=bucket == pictures, versioned=bucket == invoices)
    _put_policy(s3, pictures, {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}, "/*")
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": insecure}
    _put_policy(s3, invoices, deny, "/*")


def _key_policies(account: Account, region: str) -> None:
    kms = account.client("kms", region)
    root = {"AWS": f"arn:aws:iam::{account.id}:root"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}],
    }
    for key in kms.list_keys()["Keys"]:
        kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps(policy))


def _as_aws_makes_buckets(s3: Any, bucket: str, public: bool = False, versioned: bool = True) -> None:
    """What AWS sets on every new bucket since April 2023, and the emulator does not."""
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    switches = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(switches, not public))
    if versioned:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def _put_policy(s3: Any, bucket: str, statement: dict[str, Any], path: str) -> None:
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": f"arn:aws:s3:::{bucket}{path}"}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def _log(account: Account, region: str, suffix: str) -> None:
    _deploy(account, region, "logging", Suffix=suffix)
    _key_policies(account, region)
    s3 = account.client("s3", region)
    bucket = f"shop-trails-{suffix}"
    _as_aws_makes_buckets(s3, bucket)
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject"}
    _put_policy(s3, bucket, service, "/*")
    key = account.client("kms", region).list_keys()["Keys"][0]["KeyArn"]
    cloudtrail = account.client("cloudtrail", region)
    cloudtrail.create_trail(
        Name="shop",
        S3BucketName=bucket,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        KmsKeyId=key,
    )
    cloudtrail.start_logging(Name="shop")
    account.client("logs", region).put_metric_filter(
        logGroupName="shop-trail",
        filterName="root-use",
        filterPattern='{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS }',
        metricTransformations=[{"metricName": "RootUse", "metricNamespace": "Shop", "metricValue": "1"}],
    )
    topic = account.client("sns", region).list_topics()["Topics"][0]["TopicArn"]
    account.client("cloudwatch", region).put_metric_alarm(
        AlarmName="root-use",
        MetricName="RootUse",
        Namespace="Shop",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[topic],
    )


def _image(account: Account, region: str) -> str:
    made = account.client("ec2", region).register_image(Name="shop-web", RootDeviceName="/dev/xvda")
    return str(made["ImageId"])


def _by_hand(account: Account) -> None:
    iam = account.client("iam")
    names = {user["UserName"] for user in iam.list_users()["Users"]}
    if "anna" not in names:
        iam.create_user(UserName="anna")
    iam.create_login_profile(UserName="anna", Password="not-a-real-Passw0rd")  # noqa: S106  of an emulated user
    iam.create_access_key(UserName="anna")
    if account.name == "shop-production":
        iam.update_account_password_policy(
            MinimumPasswordLength=14,
            RequireSymbols=True,
            RequireNumbers=True,
            RequireUppercaseCharacters=True,
            RequireLowercaseCharacters=True,
            MaxPasswordAge=90,
            PasswordReusePrevention=24,
        )
        account.client("guardduty", "eu-west-1").create_detector(Enable=True)
        ec2 = account.client("ec2", "eu-west-1")
        ec2.enable_ebs_encryption_by_default()
        volume = ec2.describe_volumes()["Volumes"][0]["VolumeId"]
        for public in (False, True):
            snapshot = ec2.create_snapshot(VolumeId=volume, Description="before the move")["SnapshotId"]
            if public:
                ec2.modify_snapshot_attribute(
                    SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
                )
    if account.name == "shop-staging":
        account.client("secretsmanager", "eu-west-1").create_secret(Name="shop-orders", SecretString="{}")
