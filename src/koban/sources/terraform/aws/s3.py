"""Amazon S3: the bucket, and the many resources that each set one thing of it."""

from __future__ import annotations

from koban.model.aws.s3 import Bucket, BucketPolicy
from koban.sources.terraform.mapping import arg, block, blocks, choice, folds, group, json, maps

ACLS = {
    "private": "Private",
    "public-read": "PublicRead",
    "public-read-write": "PublicReadWrite",
    "authenticated-read": "AuthenticatedRead",
    "aws-exec-read": "AwsExecRead",
    "bucket-owner-read": "BucketOwnerRead",
    "bucket-owner-full-control": "BucketOwnerFullControl",
    "log-delivery-write": "LogDeliveryWrite",
}

ENCRYPTION = block(
    "server_side_encryption_configuration",
    ServerSideEncryptionConfiguration=blocks(
        "rule",
        ServerSideEncryptionByDefault=block(
            "apply_server_side_encryption_by_default", SSEAlgorithm="sse_algorithm", KMSMasterKeyID="kms_master_key_id"
        ),
        BucketKeyEnabled="bucket_key_enabled",
    ),
)

maps(
    "aws_s3_bucket",
    Bucket,
    BucketName="bucket",
    AccessControl=choice("acl", ACLS),
    BucketEncryption=ENCRYPTION,
    VersioningConfiguration=block(
        "versioning",
        Status=choice("enabled", {True: "Enabled", False: "Suspended"}),
        MfaDelete=choice("mfa_delete", {True: "Enabled", False: "Disabled"}),
    ),
    ObjectLockEnabled="object_lock_enabled",
    LoggingConfiguration=block("logging", DestinationBucketName="target_bucket", LogFilePrefix="target_prefix"),
)
maps("aws_s3_bucket", BucketPolicy, when=lambda body: body.get("policy"), Bucket="id", PolicyDocument=json("policy"))
maps("aws_s3_bucket_policy", BucketPolicy, Bucket="bucket", PolicyDocument=json("policy"))
folds("aws_s3_bucket_acl", Bucket, "bucket", AccessControl=choice("acl", ACLS))
folds(
    "aws_s3_bucket_versioning",
    Bucket,
    "bucket",
    VersioningConfiguration=block(
        "versioning_configuration",
        Status=choice("status", {"Disabled": "Suspended"}),
        MfaDelete="mfa_delete",
    ),
)
folds(
    "aws_s3_bucket_public_access_block",
    Bucket,
    "bucket",
    PublicAccessBlockConfiguration=group(
        BlockPublicAcls=arg("block_public_acls", default=False),
        IgnorePublicAcls=arg("ignore_public_acls", default=False),
        BlockPublicPolicy=arg("block_public_policy", default=False),
        RestrictPublicBuckets=arg("restrict_public_buckets", default=False),
    ),
)
