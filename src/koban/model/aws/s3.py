"""Amazon S3."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import (
    Part,
    Resource,
    as_fact,
    asked,
    derived,
    fact,
    field,
    link,
    links,
    part,
    parts,
    referring,
)
from koban.model.unknown import Maybe, Several, Unknown

ANYONE = ("AllUsers", "AuthenticatedUsers")
PUBLIC_ACLS = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")
WRITING = ("WRITE", "WRITE_ACP", "FULL_CONTROL")
WRITES = ("s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl")


class PublicAccessBlock(Part):
    """The four switches of Block Public Access; one that is left out of a block that is there is off."""

    block_public_acls: bool = field("BlockPublicAcls", False, "New public ACLs are refused")
    ignore_public_acls: bool = field("IgnorePublicAcls", False, "Public ACLs have no effect")
    block_public_policy: bool = field("BlockPublicPolicy", False, "New public policies are refused")
    restrict_public_buckets: bool = field("RestrictPublicBuckets", False, "A public policy lets in only this account")

    @derived
    def all_on(self) -> bool:
        return (
            self.block_public_acls
            and self.ignore_public_acls
            and self.block_public_policy
            and self.restrict_public_buckets
        )


def of_account(found: Any, near: Resource) -> Any:
    """Those of `found` in code that are surely made in the account of `near`, and those of which that is not known."""
    if isinstance(found, Unknown | Several) or all(one.login == near.login for one in found):
        return found
    why = "whether the two providers are of one account is not known"
    known = near.login.startswith("account ")
    others = [one for one in found if one.login != near.login and not (known and one.login.startswith("account "))]
    gaps = (Maybe("account", why, tuple(others)),) if others else ()
    return Several(tuple(one for one in found if one.login == near.login), gaps)


class AccountPublicAccessBlock(Resource, type="Koban::S3::AccountPublicAccessBlock", ids="AccountId"):
    """Block Public Access of a whole account; it holds for all of its buckets and access points."""

    block: PublicAccessBlock = part("PublicAccessBlockConfiguration", PublicAccessBlock, "The four switches")


class AclGrant(Part):
    """One grant of a bucket's ACL, the owner's own left out."""

    grantee: str = field("Grantee", "", "AllUsers, AuthenticatedUsers, LogDelivery, or a canonical user id")
    permission: str = field("Permission", "", "READ, WRITE, READ_ACP, WRITE_ACP or FULL_CONTROL")


class LifecycleRule(Part):
    """One rule of a bucket's lifecycle."""

    status: str = field("Status", "Disabled", "Enabled or Disabled")
    prefix: str = field("Prefix", "", "The start of the names of the objects it is for; empty: all")
    expiration_days: int = field("ExpirationInDays", 0, "Days after which objects are deleted; 0: never")
    abort_uploads_days: int = field(
        "AbortIncompleteMultipartUpload.DaysAfterInitiation", 0, "Days after which unfinished uploads go; 0: never"
    )

    @asked
    def concerns(self, start: str) -> bool:
        """Whether it is for objects whose names begin with `start`, or for some of them."""
        if isinstance(self.prefix, Unknown):
            return bool(self.prefix.concerns(start))
        if isinstance(start, Unknown):
            return bool(start.concerns(self.prefix)) if self.prefix else True
        return start.startswith(self.prefix) or self.prefix.startswith(start)


class ReplicationRule(Part):
    """One rule of a bucket's replication."""

    status: str = field("Status", "Disabled", "Enabled or Disabled")
    destination: str = field("Destination.Bucket", "", "The ARN of the bucket that gets the copies")


class Bucket(Resource, type="AWS::S3::Bucket", ids="BucketName", arn="arn:{partition}:s3:::{BucketName}"):
    """An S3 bucket."""

    acl: str = field("AccessControl", "Private", "The canned ACL that a template sets")
    acl_grants: tuple[AclGrant, ...] = as_fact(
        parts("AclGrants", AclGrant, "The live ACL's grants to others than the owner")
    )
    acl_grantees: tuple[str, ...] = fact("AclGrants[].Grantee", (), "Who the live ACL lets in, beside the owner")
    ownership: tuple[str, ...] = field(
        "OwnershipControls.Rules[].ObjectOwnership",
        ("BucketOwnerEnforced",),
        "BucketOwnerEnforced: ACLs are off; BucketOwnerPreferred or ObjectWriter: they count",
    )
    block: PublicAccessBlock = part("PublicAccessBlockConfiguration", PublicAccessBlock, "The bucket's own switches")
    algorithms: tuple[str, ...] = field(
        "BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.SSEAlgorithm",
        ("AES256",),
        "How objects are encrypted: AES256 (keys of S3), aws:kms or aws:kms:dsse",
    )
    keys: tuple[Any, ...] = links(
        "BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.KMSMasterKeyID",
        "AWS::KMS::Key",
        "The KMS key that objects are encrypted with",
    )
    bucket_keys: tuple[bool, ...] = field(
        "BucketEncryption.ServerSideEncryptionConfiguration[].BucketKeyEnabled",
        (),
        "Whether a key of the bucket spares a call to KMS for each object",
    )
    versioning: str = field("VersioningConfiguration.Status", "Suspended", "Enabled or Suspended")
    mfa_delete: str = fact("VersioningConfiguration.MfaDelete", "Disabled", "Whether deleting a version needs MFA")
    lifecycle: tuple[LifecycleRule, ...] = parts("LifecycleConfiguration.Rules", LifecycleRule, "What happens with age")
    object_lock: bool = field("ObjectLockEnabled", False, "Whether versions can be locked against deletion")
    lock_mode: str = field(
        "ObjectLockConfiguration.Rule.DefaultRetention.Mode", "", "GOVERNANCE or COMPLIANCE, for new objects"
    )
    log_bucket: Any = link("LoggingConfiguration.DestinationBucketName", "AWS::S3::Bucket", "Where access is logged")
    log_bucket_name: str = field("LoggingConfiguration.DestinationBucketName", "", "The name of the bucket for logs")
    log_prefix: str = field("LoggingConfiguration.LogFilePrefix", "", "The start of the log objects' names")
    replication: tuple[ReplicationRule, ...] = parts(
        "ReplicationConfiguration.Rules", ReplicationRule, "Where copies go"
    )
    notified_functions: tuple[str, ...] = field(
        "NotificationConfiguration.LambdaConfigurations[].Function", (), "Functions told of its events"
    )
    notified_queues: tuple[str, ...] = field(
        "NotificationConfiguration.QueueConfigurations[].Queue", (), "Queues told of its events"
    )
    notified_topics: tuple[str, ...] = field(
        "NotificationConfiguration.TopicConfigurations[].Topic", (), "Topics told of its events"
    )
    notifies_eventbridge: bool = field(
        "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", False, "EventBridge is told"
    )
    policies: tuple[BucketPolicy, ...] = referring("AWS::S3::BucketPolicy", "bucket", "The bucket's own policy")

    @derived
    def account_blocks(self) -> tuple[AccountPublicAccessBlock, ...]:
        """The switches of the account, which hold for this bucket too; in code, those beside it."""
        found: tuple[AccountPublicAccessBlock, ...] = self.in_account.every(AccountPublicAccessBlock)
        return of_account(found, self) if self.is_code else found

    @derived
    def own_block_all_on(self) -> bool:
        """Whether the bucket's own four switches are on, as they are where a template says nothing of them."""
        return self.block.all_on if self.block else True

    @derived
    def ignore_public_acls(self) -> bool:
        """Whether public ACLs have no effect, by the bucket's own switch or the account's."""
        own = self.block.ignore_public_acls if self.block else True
        return own or any(one.block.ignore_public_acls for one in self.account_blocks)

    @derived
    def restrict_public_buckets(self) -> bool:
        """Whether a public policy lets in this account alone, by the bucket's own switch or the account's."""
        own = self.block.restrict_public_buckets if self.block else True
        return own or any(one.block.restrict_public_buckets for one in self.account_blocks)

    @derived
    def acls_count(self) -> bool:
        """Whether ACLs have any effect."""
        return not any(one == "BucketOwnerEnforced" for one in self.ownership)

    @derived
    def acl_public(self) -> bool:
        """Whether an ACL with effect lets in everyone."""
        granted = self.acl in PUBLIC_ACLS or any(who in ANYONE for who in self.acl_grantees)
        return granted and self.acls_count and not self.ignore_public_acls

    @derived
    def acl_public_write(self) -> bool:
        """Whether an ACL with effect lets everyone write."""
        written = any(one.grantee in ANYONE and one.permission in WRITING for one in self.acl_grants)
        return (self.acl == "PublicReadWrite" or written) and self.acls_count and not self.ignore_public_acls

    @derived
    def policy_public(self) -> bool:
        """Whether the bucket's policy, where nothing restricts it, lets in anyone."""
        return any(one.policy.public for one in self.policies)

    @derived
    def policy_public_write(self) -> bool:
        """Whether the bucket's policy, where nothing restricts it, lets anyone change what is in the bucket."""
        return any(
            s.allows and s.anyone and not s.narrowed and any(s.does(action) for action in WRITES)
            for one in self.policies
            for s in one.policy.statements
        )

    @derived
    def public(self) -> bool:
        """Whether anyone on the internet reaches something in it."""
        return self.acl_public or (self.policy_public and not self.restrict_public_buckets)

    @derived
    def live_lifecycle(self) -> tuple[LifecycleRule, ...]:
        """The lifecycle rules that are on."""
        return tuple(one for one in self.lifecycle if one.status == "Enabled")


class BucketPolicy(Resource, type="AWS::S3::BucketPolicy", ids="Bucket"):
    """The policy of a bucket."""

    bucket: Bucket = link("Bucket", "AWS::S3::Bucket", "The bucket that it is on")
    policy: Policy = policy("PolicyDocument", "Who may do what with the bucket")


class AccessPoint(
    Resource,
    type="AWS::S3::AccessPoint",
    ids="Name Alias",
    arn="arn:{partition}:s3:{region}:{account}:accesspoint/{Name}",
):
    """A second door to a bucket, with its own policy and network."""

    bucket: Bucket = link("Bucket", "AWS::S3::Bucket", "The bucket behind it")
    block: PublicAccessBlock = part("PublicAccessBlockConfiguration", PublicAccessBlock, "Its own switches")
    vpc: str = field("VpcConfiguration.VpcId", "", "The only VPC that may use it; empty: the internet may")
    policy: Policy = policy("Policy", "Who may do what through it")

    @derived
    def block_all_on(self) -> bool:
        """Whether its four switches are on, as they are where a template says nothing of them."""
        return self.block.all_on if self.block else True


class MultiRegionAccessPoint(Resource, type="AWS::S3::MultiRegionAccessPoint", ids="Name Alias"):
    """One door to buckets in several regions."""

    block: PublicAccessBlock = part("PublicAccessBlockConfiguration", PublicAccessBlock, "Its own switches")

    @derived
    def block_all_on(self) -> bool:
        """Whether its four switches are on, as they are where a template says nothing of them."""
        return self.block.all_on if self.block else True


class DirectoryBucket(Resource, type="AWS::S3Express::DirectoryBucket", ids="BucketName"):
    """A bucket of S3 Express One Zone."""

    lifecycle: tuple[LifecycleRule, ...] = parts("LifecycleConfiguration.Rules", LifecycleRule, "What happens with age")
