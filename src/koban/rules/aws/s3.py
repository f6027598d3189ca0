"""Posture rules for Amazon S3."""

from __future__ import annotations

from koban.model.aws.s3 import (
    ANYONE,
    PUBLIC_ACLS,
    AccessPoint,
    AccountPublicAccessBlock,
    Bucket,
    BucketPolicy,
    DirectoryBucket,
    MultiRegionAccessPoint,
)
from koban.model.rule import rule
from koban.model.unknown import Unknown

GIVEN_AWAY = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
)

DENIED = Unknown("PolicyDocument", "AccessDenied s3:GetBucketPolicy")
OPEN_POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
OPEN = {"PublicAccessBlockConfiguration": {"IgnorePublicAcls": False, "RestrictPublicBuckets": False}}
ACLS_ON = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}
ALL_ON = {
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
}
SOME_OFF = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}
EXPIRING = {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 400}]}}


@rule("critical", Bucket, "aws-fsbp:S3.2", "cis-aws-7.0:3.1.4", "cis-aws-3.0:2.1.4", "nist-csf-2.0:PR.AA-05")
def s3_bucket_public(bucket: Bucket) -> bool:
    """Anyone on the internet can reach this bucket.

    Why: buckets left open by an ACL or a policy are the most common way in which cloud data leaks.
    Fix: turn on Block Public Access for the bucket, and for the whole account.
    """
    return bucket.public


s3_bucket_public.cases(
    bad=[
        {**OPEN, **ACLS_ON, "AclGrants": [{"Grantee": "AllUsers", "Permission": "READ"}]},
        {**OPEN, **ACLS_ON, "AccessControl": "PublicRead"},
        ({**OPEN, "BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": OPEN_POLICY})),
        (
            {**OPEN, **ACLS_ON, "BucketName": "b", "AclGrants": [{"Grantee": "AllUsers"}]},
            BucketPolicy({"Bucket": "b", "PolicyDocument": DENIED}),
        ),
    ],
    good=[
        {},
        {**OPEN, "AclGrants": [{"Grantee": "AllUsers"}]},
        ({"BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": DENIED})),
        (
            {**OPEN, "BucketName": "b"},
            BucketPolicy({"Bucket": "b", "PolicyDocument": OPEN_POLICY}),
            AccountPublicAccessBlock({"AccountId": "111122223333", **ALL_ON}),
        ),
    ],
    unknown=[({**OPEN, "BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": DENIED}))],
)


@rule("critical", Bucket, "aws-fsbp:S3.3", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def s3_bucket_public_write(bucket: Bucket) -> bool:
    """Anyone on the internet can change what is in this bucket.

    Why: strangers can delete or encrypt the data, plant malware in downloads, or store their own files at your cost.
    Fix: remove the public grants, and turn on Block Public Access for the bucket and the account.
    """
    return bucket.acl_public_write or (bucket.policy_public_write and not bucket.restrict_public_buckets)


WRITE_POLICY = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*"}]}

s3_bucket_public_write.cases(
    bad=[
        {**OPEN, **ACLS_ON, "AclGrants": [{"Grantee": "AllUsers", "Permission": "WRITE"}]},
        ({**OPEN, "BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": WRITE_POLICY})),
    ],
    good=[
        {},
        {**OPEN, **ACLS_ON, "AclGrants": [{"Grantee": "AllUsers", "Permission": "READ"}]},
        ({**OPEN, "BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": OPEN_POLICY})),
    ],
    unknown=[({**OPEN, "BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": DENIED}))],
)


@rule("high", Bucket, "aws-fsbp:S3.2", "nist-csf-2.0:PR.AA-05", only="code")
def s3_bucket_public_acl_asked(bucket: Bucket) -> bool:
    """The template asks for an ACL that lets in the public.

    Why: the bucket becomes public as soon as somebody turns its Block Public Access off to make the template work.
    Fix: remove AccessControl; serve public content through CloudFront with an origin access control.
    """
    return bucket.acl in PUBLIC_ACLS


s3_bucket_public_acl_asked.cases(
    bad=[{"AccessControl": "PublicRead"}, {"AccessControl": "AuthenticatedRead"}],
    good=[{}, {"AccessControl": "Private"}, {"AccessControl": "LogDeliveryWrite"}],
)


@rule(
    "medium",
    Bucket,
    "aws-fsbp:S3.8",
    "cis-aws-7.0:3.1.4",
    "cis-aws-3.0:2.1.4",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.PS-01",
)
def s3_bucket_public_access_block_off(bucket: Bucket) -> bool:
    """The bucket does not block every kind of public access.

    Why: with a switch off, one careless ACL or policy is enough to open the bucket to the internet.
    Fix: turn on all four settings of Block Public Access for the bucket.
    """
    return not bucket.own_block_all_on


s3_bucket_public_access_block_off.cases(
    bad=[SOME_OFF, OPEN],
    good=[{}, ALL_ON],
    unknown=[{"PublicAccessBlockConfiguration": Unknown("x", "AccessDenied s3:GetBucketPublicAccessBlock")}],
)


@rule(
    "high",
    AccountPublicAccessBlock,
    "aws-fsbp:S3.1",
    "cis-aws-7.0:3.1.4",
    "cis-aws-3.0:2.1.4",
    "nist-csf-2.0:PR.AA-05",
    "nist-csf-2.0:PR.PS-01",
)
def s3_account_public_access_block_off(account: AccountPublicAccessBlock) -> bool:
    """The account does not block every kind of public access to its buckets.

    Why: the account's setting covers every bucket, those made tomorrow included; without it each bucket stands alone.
    Fix: turn on all four settings of Block Public Access for the account.
    """
    return not account.block.all_on


s3_account_public_access_block_off.cases(bad=[SOME_OFF, {}], good=[ALL_ON])


@rule("medium", Bucket, "aws-fsbp:S3.5", "cis-aws-7.0:3.1.1", "cis-aws-3.0:2.1.1", "nist-csf-2.0:PR.DS-02")
def s3_bucket_without_tls(bucket: Bucket) -> bool:
    """The bucket answers requests that do not come over TLS.

    Why: whoever is on the network path reads and changes what is sent in plain HTTP.
    Fix: add a statement to the bucket policy that denies s3:* to everyone where aws:SecureTransport is false.
    """
    return not any(one.policy.tls_only for one in bucket.policies)


TLS_ONLY = {
    "Statement": {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
}

s3_bucket_without_tls.cases(
    bad=[{}, ({"BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": OPEN_POLICY}))],
    good=[({"BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": TLS_ONLY}))],
    unknown=[({"BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": DENIED}))],
)


@rule("high", BucketPolicy, "aws-fsbp:S3.6", "nist-csf-2.0:PR.AA-05", only="live")
def s3_bucket_policy_gives_control_away(policy: BucketPolicy) -> bool:
    """The bucket policy lets another account change the bucket's policy, ACLs or encryption.

    Why: who may rewrite the policy can lock you out of your own data or hand it to anyone.
    Fix: leave only the object actions that the other account needs, such as s3:GetObject.
    """
    return any(
        s.allows and any(s.does(action) for action in GIVEN_AWAY) and s.accounts_beside(policy.account)
        for s in policy.policy.statements
    )


def _to(who: str, action: str, **more: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, "Resource": "*", **more}
    return {"Bucket": "b", "PolicyDocument": {"Statement": [statement]}}


OWN, OTHER = "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"

s3_bucket_policy_gives_control_away.cases(
    bad=[_to(OTHER, "s3:PutBucketPolicy"), _to(OTHER, "s3:*")],
    good=[_to(OWN, "s3:PutBucketPolicy"), _to(OTHER, "s3:GetObject")],
    unknown=[{"Bucket": "b", "PolicyDocument": DENIED}],
)


@rule("low", BucketPolicy, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:GV.SC-07", only="live")
def s3_bucket_policy_cross_account(policy: BucketPolicy) -> bool:
    """The bucket policy lets in another account by name.

    Why: data leaves your control through accounts that somebody trusted once and nobody looks at since.
    Fix: confirm that the account is yours or a partner's; else remove it. Record an exception for those you trust.
    """
    return bool(policy.policy.accounts_beside(policy.account))


s3_bucket_policy_cross_account.cases(
    bad=[_to(OTHER, "s3:GetObject")],
    good=[_to(OWN, "s3:GetObject")],
    unknown=[{"Bucket": "b", "PolicyDocument": DENIED}],
)


@rule("high", BucketPolicy, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def s3_bucket_policy_open_to_anyone(policy: BucketPolicy) -> bool:
    """The bucket policy names everyone as its principal and no condition says who.

    Why: only Block Public Access, a setting that one call turns off, stands between this policy and the internet.
    Fix: name the principals, or add a condition such as aws:PrincipalOrgID.
    """
    return policy.policy.public


s3_bucket_policy_open_to_anyone.cases(
    bad=[_to("*", "s3:GetObject")],
    good=[
        _to(OTHER, "s3:GetObject"),
        _to("*", "s3:GetObject", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        {"Bucket": "b", "PolicyDocument": TLS_ONLY},
    ],
    unknown=[{"Bucket": "b", "PolicyDocument": DENIED}],
)


@rule("medium", Bucket, "aws-fsbp:S3.12", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.PS-01")
def s3_bucket_acls_enabled(bucket: Bucket) -> bool:
    """Access control lists still decide about access to this bucket.

    Why: ACLs hide on single objects, where no policy review sees them; policies do all that they do.
    Fix: set object ownership to BucketOwnerEnforced, after moving needed grants into the bucket policy.
    """
    return bucket.acls_count


s3_bucket_acls_enabled.cases(
    bad=[ACLS_ON, {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}}],
    good=[{}, {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}],
    unknown=[{"OwnershipControls": Unknown("x", "AccessDenied s3:GetBucketOwnershipControls")}],
)


@rule("medium", Bucket, "nist-csf-2.0:PR.AA-05", only="live", when=lambda bucket: bucket.acls_count)
def s3_bucket_acl_grants_other_accounts(bucket: Bucket) -> bool:
    """The bucket's ACL gives rights to another AWS account.

    Why: such grants name an account by a long code that nobody recognises, so they outlive their reason.
    Fix: move the grant into the bucket policy, then turn ACLs off.
    """
    return any(who not in (*ANYONE, "LogDelivery") for who in bucket.acl_grantees)


s3_bucket_acl_grants_other_accounts.cases(
    bad=[{**ACLS_ON, "AclGrants": [{"Grantee": "79a5", "Permission": "READ"}]}],
    good=[ACLS_ON, {**ACLS_ON, "AclGrants": [{"Grantee": "LogDelivery", "Permission": "WRITE"}]}],
    skipped=[{"AclGrants": [{"Grantee": "79a5", "Permission": "READ"}]}],
)


@rule("medium", Bucket, "aws-fsbp:S3.14", "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def s3_bucket_not_versioned(bucket: Bucket) -> bool:
    """The bucket does not keep earlier versions of its objects.

    Why: what is overwritten or deleted, by mistake or by ransomware, is gone.
    Fix: turn on versioning, with a lifecycle rule that expires old versions.
    """
    return bucket.versioning != "Enabled"


s3_bucket_not_versioned.cases(
    bad=[{}, {"VersioningConfiguration": {"Status": "Suspended"}}],
    good=[VERSIONED],
    unknown=[{"VersioningConfiguration": Unknown("x", "AccessDenied s3:GetBucketVersioning")}],
)


@rule(
    "low",
    Bucket,
    "aws-fsbp:S3.20",
    "cis-aws-7.0:3.1.2",
    "cis-aws-3.0:2.1.2",
    "nist-csf-2.0:PR.DS-11",
    only="live",
    when=lambda bucket: not bucket.lifecycle,
)
def s3_bucket_mfa_delete_off(bucket: Bucket) -> bool:
    """Versions of this bucket's objects can be deleted for good without MFA.

    Why: with stolen keys alone an attacker erases the versions that would bring the data back.
    Fix: as root, turn on versioning with MFA delete; S3 allows it on buckets without lifecycle rules only.
    """
    return bucket.versioning != "Enabled" or bucket.mfa_delete != "Enabled"


s3_bucket_mfa_delete_off.cases(
    bad=[{}, VERSIONED, {"VersioningConfiguration": {"Status": "Suspended", "MfaDelete": "Enabled"}}],
    good=[{"VersioningConfiguration": {"Status": "Enabled", "MfaDelete": "Enabled"}}],
    skipped=[{**VERSIONED, **EXPIRING}],
)


@rule("medium", Bucket, "aws-fsbp:S3.9", "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-09")
def s3_bucket_not_logged(bucket: Bucket) -> bool:
    """Requests to this bucket are not logged.

    Why: after a leak nobody can say which objects were read, by whom, or from where.
    Fix: turn on server access logging to a bucket for logs, or record its data events with CloudTrail.
    """
    return not bucket.log_bucket_name


s3_bucket_not_logged.cases(
    bad=[{}],
    good=[{"LoggingConfiguration": {"DestinationBucketName": "logs"}}],
    unknown=[{"LoggingConfiguration": Unknown("x", "AccessDenied s3:GetBucketLogging")}],
)


@rule("low", Bucket, "nist-csf-2.0:PR.PS-04", when=lambda bucket: bucket.log_bucket_name)
def s3_bucket_logs_into_itself(bucket: Bucket) -> bool:
    """The bucket's access log goes to the bucket itself.

    Why: each log object that is written is logged again, so the log grows without end and hides what matters.
    Fix: send the access log to another bucket that is kept for logs.
    """
    return bucket.log_bucket_name == bucket.name


s3_bucket_logs_into_itself.cases(
    bad=[{"BucketName": "b", "LoggingConfiguration": {"DestinationBucketName": "b"}}],
    good=[{"BucketName": "b", "LoggingConfiguration": {"DestinationBucketName": "logs"}}],
    skipped=[{"BucketName": "b"}],
)


@rule("low", Bucket, "aws-fsbp:S3.10", "nist-csf-2.0:ID.AM-08", when=lambda bucket: bucket.versioning == "Enabled")
def s3_bucket_versions_kept_forever(bucket: Bucket) -> bool:
    """The bucket keeps versions and no lifecycle rule ever removes any.

    Why: deleted personal data stays readable in old versions, and the cost only grows.
    Fix: add a lifecycle rule that expires noncurrent versions after the time that you agreed to keep them.
    """
    return not bucket.live_lifecycle


s3_bucket_versions_kept_forever.cases(bad=[VERSIONED], good=[{**VERSIONED, **EXPIRING}], skipped=[{}])


@rule("low", Bucket, "aws-fsbp:S3.13", "nist-csf-2.0:ID.AM-08")
def s3_bucket_without_lifecycle(bucket: Bucket) -> bool:
    """No lifecycle rule says how long the bucket keeps its objects.

    Why: data that nobody needs any more can still leak, and still costs money.
    Fix: add lifecycle rules that move or expire objects by age.
    """
    return not bucket.live_lifecycle


s3_bucket_without_lifecycle.cases(
    bad=[{}, {"LifecycleConfiguration": {"Rules": [{"Status": "Disabled", "ExpirationInDays": 400}]}}],
    good=[EXPIRING],
    unknown=[{"LifecycleConfiguration": Unknown("x", "AccessDenied s3:GetLifecycleConfiguration")}],
)


@rule("info", Bucket, "nist-csf-2.0:ID.AM-08", when=lambda bucket: bucket.live_lifecycle)
def s3_bucket_keeps_unfinished_uploads(bucket: Bucket) -> bool:
    """Parts of uploads that were never finished stay in the bucket for ever.

    Why: the parts hold data that no listing of objects shows and no policy of retention counts.
    Fix: add a lifecycle rule that aborts incomplete multipart uploads after 7 days.
    """
    return not any(one.abort_uploads_days > 0 for one in bucket.live_lifecycle)


ABORTING = {"Rules": [{"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]}

s3_bucket_keeps_unfinished_uploads.cases(bad=[EXPIRING], good=[{"LifecycleConfiguration": ABORTING}], skipped=[{}])


@rule("info", Bucket, "aws-fsbp:S3.11", "nist-csf-2.0:DE.CM-09")
def s3_bucket_without_event_notifications(bucket: Bucket) -> bool:
    """Nothing is told when objects of this bucket are written or deleted.

    Why: a program that reacts to odd writes or deletions needs to hear of them.
    Fix: send the bucket's events to EventBridge, or to a topic, queue or function.
    """
    return not (
        bucket.notifies_eventbridge or bucket.notified_functions or bucket.notified_queues or bucket.notified_topics
    )


s3_bucket_without_event_notifications.cases(
    bad=[{}],
    good=[
        {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
        {"NotificationConfiguration": {"QueueConfigurations": [{"Queue": "q"}]}},
    ],
)


@rule("low", Bucket, "aws-fsbp:S3.7", "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:PR.IR-03")
def s3_bucket_not_replicated(bucket: Bucket) -> bool:
    """No copy of this bucket's objects is kept in another bucket.

    Why: when a region fails, or an attacker destroys the bucket, there is no second copy.
    Fix: replicate what matters to a bucket in another region, best in another account.
    """
    return not any(one.status == "Enabled" for one in bucket.replication)


REPLICATED = {
    "ReplicationConfiguration": {"Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::c"}}]}
}

s3_bucket_not_replicated.cases(
    bad=[{}, {"ReplicationConfiguration": {"Rules": [{"Status": "Disabled"}]}}], good=[REPLICATED]
)


@rule("low", Bucket, "aws-fsbp:S3.15", "nist-csf-2.0:PR.DS-11")
def s3_bucket_without_object_lock(bucket: Bucket) -> bool:
    """Objects in this bucket cannot be locked against deletion.

    Why: logs, backups and evidence are what an attacker erases first; a lock holds even against an administrator.
    Fix: turn on object lock, with a default retention where the bucket holds records.
    """
    return not bucket.object_lock


s3_bucket_without_object_lock.cases(
    bad=[{}],
    good=[{"ObjectLockEnabled": True}],
    unknown=[{"ObjectLockEnabled": Unknown("x", "AccessDenied s3:GetBucketObjectLockConfiguration")}],
)


@rule("low", Bucket, "aws-fsbp:S3.17", "nist-csf-2.0:PR.DS-01")
def s3_bucket_not_encrypted_with_kms(bucket: Bucket) -> bool:
    """New objects are encrypted with keys of S3, not with a KMS key.

    Why: a KMS key has a policy of its own and a log of every use, so that reading needs a second right.
    Fix: set default encryption to aws:kms with a customer managed key and a bucket key.
    """
    return not any(one in ("aws:kms", "aws:kms:dsse") for one in bucket.algorithms)


def _encrypted(algorithm: str, **more: object) -> dict[str, object]:
    one = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}, **more}
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": [one]}}


s3_bucket_not_encrypted_with_kms.cases(
    bad=[{}, _encrypted("AES256")],
    good=[_encrypted("aws:kms"), _encrypted("aws:kms:dsse")],
    unknown=[{"BucketEncryption": Unknown("x", "AccessDenied s3:GetEncryptionConfiguration")}],
)


@rule(
    "info",
    Bucket,
    "nist-csf-2.0:PR.DS-01",
    when=lambda bucket: any(one == "aws:kms" for one in bucket.algorithms),
)
def s3_bucket_without_bucket_key(bucket: Bucket) -> bool:
    """Every object read or written costs a call to KMS.

    Why: KMS limits calls per second, so a busy bucket starts to refuse requests; the calls also cost money.
    Fix: turn on the S3 bucket key of the default encryption.
    """
    return not any(on for on in bucket.bucket_keys)


s3_bucket_without_bucket_key.cases(
    bad=[_encrypted("aws:kms")], good=[_encrypted("aws:kms", BucketKeyEnabled=True)], skipped=[{}]
)


@rule("medium", AccessPoint, "aws-fsbp:S3.19", "nist-csf-2.0:PR.AA-05")
def s3_access_point_public_access_block_off(point: AccessPoint) -> bool:
    """The access point does not block every kind of public access.

    Why: an access point has its own policy; one with a switch off can open the bucket behind it.
    Fix: make the access point anew with all four settings of Block Public Access on; they cannot be changed later.
    """
    return not point.block_all_on


s3_access_point_public_access_block_off.cases(bad=[SOME_OFF], good=[{}, ALL_ON])


@rule("high", AccessPoint, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def s3_access_point_policy_open_to_anyone(point: AccessPoint) -> bool:
    """The access point's policy names everyone as its principal and no condition says who.

    Why: whoever knows the access point's name may try what the policy allows.
    Fix: name the principals, or add a condition such as aws:PrincipalOrgID.
    """
    return point.policy.public


s3_access_point_policy_open_to_anyone.cases(
    bad=[{"Policy": OPEN_POLICY}], good=[{}, {"Policy": TLS_ONLY}], unknown=[{"Policy": DENIED}]
)


@rule("low", AccessPoint, "nist-csf-2.0:PR.IR-01")
def s3_access_point_open_to_internet(point: AccessPoint) -> bool:
    """The access point answers requests from the internet, not from one VPC only.

    Why: stolen credentials work from anywhere through it; through a VPC's access point they do not.
    Fix: make an access point that is bound to the VPC of its users.
    """
    return not point.vpc


s3_access_point_open_to_internet.cases(bad=[{}], good=[{"VpcConfiguration": {"VpcId": "vpc-1"}}])


@rule("high", MultiRegionAccessPoint, "aws-fsbp:S3.24", "nist-csf-2.0:PR.AA-05")
def s3_multi_region_access_point_public_access_block_off(point: MultiRegionAccessPoint) -> bool:
    """The multi-region access point does not block every kind of public access.

    Why: it opens buckets of several regions at once, and the setting cannot be changed after it is made.
    Fix: make it anew with all four settings of Block Public Access on.
    """
    return not point.block_all_on


s3_multi_region_access_point_public_access_block_off.cases(bad=[SOME_OFF], good=[{}, ALL_ON])


@rule("low", DirectoryBucket, "aws-fsbp:S3.25", "nist-csf-2.0:ID.AM-08")
def s3_directory_bucket_without_lifecycle(bucket: DirectoryBucket) -> bool:
    """No lifecycle rule says how long the directory bucket keeps its objects.

    Why: fast storage costs much, and working data that nobody removes can still leak.
    Fix: add a lifecycle rule that expires objects by age.
    """
    return not any(one.status == "Enabled" for one in bucket.lifecycle)


s3_directory_bucket_without_lifecycle.cases(bad=[{}], good=[EXPIRING])
