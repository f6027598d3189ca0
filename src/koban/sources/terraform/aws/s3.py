"""Amazon S3: the bucket, and the many resources that each set one thing of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.s3 import (
    AccessPoint,
    AccountPublicAccessBlock,
    Bucket,
    BucketPolicy,
    DirectoryBucket,
    MultiRegionAccessPoint,
)
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import (
    ABSENT,
    Argument,
    Body,
    Entry,
    arg,
    block,
    blocks,
    choice,
    constant,
    first,
    folds,
    group,
    json,
    maps,
)

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
STATUSES = {True: "Enabled", False: "Disabled"}
VERSIONING = {"Enabled": "Enabled", "Suspended": "Suspended", "Disabled": "Suspended"}


def unless_empty(name: str) -> Entry:
    """A text that plans and states hold as an empty one where it is not set."""
    return arg(name, lambda value: ABSENT if value == "" else value)


def group_name(name: str) -> Entry:
    """The last part of a group's URI, ``AllUsers``; a URI of which only pieces are known may be that of any group."""

    def known(value: Any) -> Any:
        return str(value).rsplit("/", 1)[-1] or ABSENT

    return Argument(name, known, unknown=lambda value: Unknown(value._path, value._why, root=value._root))


def canonical_id(name: str) -> Entry:
    """The id of an account; one that is not known is surely not the name of a group."""

    def unknown(value: Unknown) -> Unknown:
        return Unknown(value._path, value._why, shape="[0-9a-f]{64}", root=value._root)

    return Argument(name, lambda value: value or ABSENT, unknown=unknown)


def each_permission(grant: Body) -> Iterator[Body]:
    """A grant for each of the permissions that one gives."""
    permissions = grant.get("permissions")
    for one in permissions if isinstance(permissions, list) else (permissions,):
        yield {**grant, "permissions": one}


def switches(default: bool) -> Entry:
    """The four switches of Block Public Access, which stand beside one another."""
    return group(
        BlockPublicAcls=arg("block_public_acls", default=default),
        IgnorePublicAcls=arg("ignore_public_acls", default=default),
        BlockPublicPolicy=arg("block_public_policy", default=default),
        RestrictPublicBuckets=arg("restrict_public_buckets", default=default),
    )


def switches_in(name: str) -> Entry:
    """The four switches in a block of their own, in which one that is left out is on."""
    return block(
        name,
        BlockPublicAcls=arg("block_public_acls", default=True),
        IgnorePublicAcls=arg("ignore_public_acls", default=True),
        BlockPublicPolicy=arg("block_public_policy", default=True),
        RestrictPublicBuckets=arg("restrict_public_buckets", default=True),
    )


ENCRYPTION_RULES = blocks(
    "rule",
    ServerSideEncryptionByDefault=block(
        "apply_server_side_encryption_by_default", SSEAlgorithm="sse_algorithm", KMSMasterKeyID="kms_master_key_id"
    ),
    BucketKeyEnabled="bucket_key_enabled",
)
LIFECYCLE = group(
    Rules=blocks(
        "rule",
        Status="status",
        Prefix=first(unless_empty("filter.prefix"), unless_empty("filter.and.prefix"), unless_empty("prefix")),
        ExpirationInDays="expiration.days",
        AbortIncompleteMultipartUpload=group(
            DaysAfterInitiation="abort_incomplete_multipart_upload.days_after_initiation"
        ),
    )
)

maps(
    "aws_s3_bucket",
    Bucket,
    BucketName="bucket",
    AccessControl=choice("acl", ACLS),
    AclGrants=blocks(
        "grant", each_permission, Grantee=first(group_name("uri"), canonical_id("id")), Permission="permissions"
    ),
    BucketEncryption=block("server_side_encryption_configuration", ServerSideEncryptionConfiguration=ENCRYPTION_RULES),
    VersioningConfiguration=block(
        "versioning",
        Status=choice("enabled", {True: "Enabled", False: "Suspended"}),
        MfaDelete=choice("mfa_delete", STATUSES),
    ),
    ObjectLockEnabled=first(
        "object_lock_enabled", choice("object_lock_configuration.object_lock_enabled", {"Enabled": True})
    ),
    ObjectLockConfiguration=block(
        "object_lock_configuration",
        Rule=block("rule", DefaultRetention=block("default_retention", Mode="mode")),
    ),
    LoggingConfiguration=block("logging", DestinationBucketName="target_bucket", LogFilePrefix="target_prefix"),
    LifecycleConfiguration=group(
        Rules=blocks(
            "lifecycle_rule",
            Status=choice("enabled", STATUSES),
            Prefix=unless_empty("prefix"),
            ExpirationInDays="expiration.days",
            AbortIncompleteMultipartUpload=group(DaysAfterInitiation="abort_incomplete_multipart_upload_days"),
        )
    ),
    ReplicationConfiguration=block(
        "replication_configuration",
        Rules=blocks("rules", Status="status", Destination=block("destination", Bucket="bucket")),
    ),
)
maps("aws_s3_bucket", BucketPolicy, when=lambda body: body.get("policy"), Bucket="id", PolicyDocument=json("policy"))
maps("aws_s3_bucket_policy", BucketPolicy, Bucket="bucket", PolicyDocument=json("policy"))

folds(
    "aws_s3_bucket_acl",
    Bucket,
    "bucket",
    AccessControl=choice("acl", ACLS),
    AclGrants=blocks(
        "access_control_policy.grant",
        Grantee=first(group_name("grantee.uri"), canonical_id("grantee.id"), unless_empty("grantee.email_address")),
        Permission="permission",
    ),
)
folds(
    "aws_s3_bucket_ownership_controls",
    Bucket,
    "bucket",
    OwnershipControls=group(Rules=blocks("rule", ObjectOwnership="object_ownership")),
)
folds("aws_s3_bucket_public_access_block", Bucket, "bucket", PublicAccessBlockConfiguration=switches(default=False))
folds(
    "aws_s3_bucket_server_side_encryption_configuration",
    Bucket,
    "bucket",
    BucketEncryption=group(ServerSideEncryptionConfiguration=ENCRYPTION_RULES),
)
folds(
    "aws_s3_bucket_versioning",
    Bucket,
    "bucket",
    VersioningConfiguration=block(
        "versioning_configuration", Status=choice("status", VERSIONING), MfaDelete=unless_empty("mfa_delete")
    ),
)
folds(
    "aws_s3_bucket_object_lock_configuration",
    Bucket,
    "bucket",
    ObjectLockEnabled=constant(True),  # the argument has one value, which is also its default
    ObjectLockConfiguration=group(
        Rule=block("rule", DefaultRetention=block("default_retention", Mode=unless_empty("mode")))
    ),
)
folds(
    "aws_s3_bucket_logging",
    Bucket,
    "bucket",
    LoggingConfiguration=group(DestinationBucketName="target_bucket", LogFilePrefix="target_prefix"),
)
folds("aws_s3_bucket_lifecycle_configuration", Bucket, "bucket", LifecycleConfiguration=LIFECYCLE)
folds("aws_s3_bucket_lifecycle_configuration", DirectoryBucket, "bucket", LifecycleConfiguration=LIFECYCLE)
folds(
    "aws_s3_bucket_replication_configuration",
    Bucket,
    "bucket",
    ReplicationConfiguration=group(
        Rules=blocks("rule", Status="status", Destination=block("destination", Bucket="bucket"))
    ),
)
folds(
    "aws_s3_bucket_notification",
    Bucket,
    "bucket",
    NotificationConfiguration=group(
        LambdaConfigurations=blocks("lambda_function", Function="lambda_function_arn"),
        QueueConfigurations=blocks("queue", Queue="queue_arn"),
        TopicConfigurations=blocks("topic", Topic="topic_arn"),
        EventBridgeConfiguration=group(EventBridgeEnabled="eventbridge"),
    ),
)

maps(
    "aws_s3_account_public_access_block",
    AccountPublicAccessBlock,
    AccountId="account_id",
    PublicAccessBlockConfiguration=switches(default=False),
)
maps(
    "aws_s3_access_point",
    AccessPoint,
    Name="name",
    Alias="alias",
    Bucket="bucket",
    PublicAccessBlockConfiguration=switches_in("public_access_block_configuration"),
    VpcConfiguration=block("vpc_configuration", VpcId="vpc_id"),
    Policy=json("policy"),
)
folds("aws_s3control_access_point_policy", AccessPoint, "access_point_arn", Policy=json("policy"))
maps(
    "aws_s3control_multi_region_access_point",
    MultiRegionAccessPoint,
    Name="details.name",
    Alias="alias",
    PublicAccessBlockConfiguration=switches_in("details.public_access_block"),
)
maps("aws_s3_directory_bucket", DirectoryBucket, BucketName="bucket")
