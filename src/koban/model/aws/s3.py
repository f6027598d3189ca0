"""Amazon S3."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Part, Resource, derived, fact, field, link, parts, referring


class LifecycleRule(Part):
    """One rule of a bucket's lifecycle."""

    status: str = field("Status", "Disabled", "Enabled or Disabled")
    expiration_days: int = field("ExpirationInDays", 0, "Days after which objects are deleted; 0: never")


class Bucket(Resource, type="AWS::S3::Bucket", ids="BucketName", arn="arn:{partition}:s3:::{BucketName}"):
    """An S3 bucket."""

    acl: str = field("AccessControl", "Private", "The canned ACL a template sets")
    acl_grantees: tuple[str, ...] = fact("AclGrants[].Grantee", (), "Group names or ids in the live ACL")
    block_public_acls: bool = field("PublicAccessBlockConfiguration.BlockPublicAcls", True, "New public ACLs refused")
    ignore_public_acls: bool = field("PublicAccessBlockConfiguration.IgnorePublicAcls", True, "Public ACLs ignored")
    block_public_policy: bool = field(
        "PublicAccessBlockConfiguration.BlockPublicPolicy", True, "Public policies refused"
    )
    restrict_public_buckets: bool = field(
        "PublicAccessBlockConfiguration.RestrictPublicBuckets", True, "A public policy lets in only this account"
    )
    encryption: str = field(
        "BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.SSEAlgorithm", "", "..."
    )
    versioning: str = field("VersioningConfiguration.Status", "Suspended", "Enabled or Suspended")
    lifecycle: tuple[LifecycleRule, ...] = parts("LifecycleConfiguration.Rules", LifecycleRule, "...")
    log_bucket: Any = link("LoggingConfiguration.DestinationBucketName", "AWS::S3::Bucket", "Where access is logged")
    policies: tuple[BucketPolicy, ...] = referring("AWS::S3::BucketPolicy", "bucket", "The bucket's own policy")

    @derived
    def policy_public(self) -> bool:
        """Whether the bucket's policy lets in anyone."""
        return any(one.policy.public for one in self.policies)


class BucketPolicy(Resource, type="AWS::S3::BucketPolicy", ids="Bucket"):
    """The policy of a bucket."""

    bucket: Bucket = link("Bucket", "AWS::S3::Bucket", "The bucket that it is on")
    policy: Policy = policy("PolicyDocument", "Who may do what with the bucket")
