"""Posture rules for Amazon S3."""

from __future__ import annotations

from koban.model.aws.s3 import Bucket, BucketPolicy
from koban.model.rule import rule
from koban.model.unknown import Unknown

ANYONE = ("AllUsers", "AuthenticatedUsers")
DENIED = Unknown("PolicyDocument", "AccessDenied s3:GetBucketPolicy")
OPEN_POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}


@rule("critical", Bucket, "cis-aws-7.0:3.1.4", "nist-csf-2.0:PR.AA-05")
def s3_bucket_public(bucket: Bucket) -> bool:
    """Anyone on the internet can reach this bucket.

    Why: buckets left open by an ACL or a policy are the most common way in which cloud data leaks.
    Fix: turn on Block Public Access for the bucket, and for the whole account.
    """
    open_by_acl = any(who in ANYONE for who in bucket.acl_grantees) and not bucket.ignore_public_acls
    open_by_policy = bucket.policy_public and not bucket.restrict_public_buckets
    return open_by_acl or open_by_policy


OPEN = {"PublicAccessBlockConfiguration": {"IgnorePublicAcls": False, "RestrictPublicBuckets": False}}

s3_bucket_public.cases(
    bad=[
        {**OPEN, "AclGrants": [{"Grantee": "AllUsers"}]},
        ({**OPEN, "BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": OPEN_POLICY})),
        (
            {**OPEN, "BucketName": "b", "AclGrants": [{"Grantee": "AllUsers"}]},
            BucketPolicy({"Bucket": "b", "PolicyDocument": DENIED}),
        ),
    ],
    good=[
        {},
        ({"BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": DENIED})),
    ],
    unknown=[({**OPEN, "BucketName": "b"}, BucketPolicy({"Bucket": "b", "PolicyDocument": DENIED}))],
)
