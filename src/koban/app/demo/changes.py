"""What happens between the two scans of the demo: some of what was found is mended, and something new breaks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from koban.app.demo.estate import REGIONS, Account, template_directory

MENDED_IN_CODE = ("rds-instance-public", "rds-instance-backups-short", "dynamodb-table-not-recoverable")
IMPORTS = "imports.yaml"
_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: Where suppliers leave their price lists.
Resources:
  Imports:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: shop-supplier-imports
      PublicAccessBlockConfiguration: {BlockPublicAcls: false, IgnorePublicAcls: false, BlockPublicPolicy: false, RestrictPublicBuckets: false}
  ImportsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Imports
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: "*", Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::shop-supplier-imports/*"}]
"""  # noqa: E501  as people write templates


def own_templates(directory: Path) -> Path:
    """The estate's templates, copied to where they may be changed."""
    place = directory / "templates"
    shutil.rmtree(place, ignore_errors=True)
    with template_directory() as original:
        shutil.copytree(original, place)
    return place


def mend(accounts: Sequence[Account], say: Callable[[str], None]) -> None:
    """Mend some of what the first scan found, by API calls as an operator would."""
    by_name = {account.name: account for account in accounts}
    production, staging = by_name["shop-production"], by_name["shop-staging"]
    for account, regions in ((production, REGIONS[:2]), (staging, REGIONS[:1])):
        for region in regions:
            rds = account.client("rds", region)
            for database in rds.describe_db_instances()["DBInstances"]:
                if database["PubliclyAccessible"]:
                    rds.modify_db_instance(
                        DBInstanceIdentifier=database["DBInstanceIdentifier"],
                        PubliclyAccessible=False,
                        BackupRetentionPeriod=7,
                        ApplyImmediately=True,
                    )
            dynamodb = account.client("dynamodb", region)
            for table in dynamodb.list_tables()["TableNames"]:
                dynamodb.update_continuous_backups(
                    TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
                )
    say("mended: the databases for reports lose their public addresses and get backups, as the templates now say")
    ec2 = production.client("ec2", REGIONS[0])
    for snapshot in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        ec2.modify_snapshot_attribute(
            SnapshotId=snapshot["SnapshotId"],
            Attribute="createVolumePermission",
            OperationType="remove",
            GroupNames=["all"],
        )
    say("mended: no snapshot is public any more")
    kms = staging.client("kms", REGIONS[0])
    for key in kms.list_keys()["Keys"]:
        kms.enable_key_rotation(KeyId=key["KeyId"])
    say("mended: staging's keys are rotated")


def break_anew(accounts: Sequence[Account], templates: Path, say: Callable[[str], None]) -> None:
    """What goes wrong meanwhile: a port opened by hand, and a template that makes a public bucket."""
    production = next(account for account in accounts if account.name == "shop-production")
    ec2 = production.client("ec2", REGIONS[0])
    group = next(
        one["GroupId"]
        for one in ec2.describe_security_groups()["SecurityGroups"]
        if one["Description"].startswith("PostgreSQL")
    )
    anywhere = [{"CidrIp": "0.0.0.0/0", "Description": "only for today"}]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": anywhere}]
    )
    say("broken: somebody opens production's database port to the internet, by hand")
    (templates / IMPORTS).write_text(_TEMPLATE, encoding="utf-8")
    s3 = production.client("s3", REGIONS[0])
    bucket = "shop-supplier-imports"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGIONS[0]})
    switches = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(switches, False))
    anyone = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [anyone]}))
    say(f"broken: a new template, {IMPORTS}, makes a bucket that anyone may read and write")
