"""Fixes for Amazon S3."""

from __future__ import annotations

from koban.model.fix import ARN, THIS, Reference, beside, default, fixes, put

BLOCK = [
    put(f"PublicAccessBlockConfiguration.{name}", True)
    for name in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
]
SHUT = "whoever reads or writes it without signing in no longer can"

fixes("s3-bucket-public-access-block-off", *BLOCK, note=SHUT)
fixes("s3-bucket-public", *BLOCK, note=SHUT)
fixes(
    "s3-bucket-without-tls",
    beside(
        "AWS::S3::BucketPolicy",
        "TlsOnly",
        Bucket=THIS,
        PolicyDocument={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [ARN, Reference("Arn", "/*")],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        },
    ),
    note="requests over plain HTTP are refused",
    when=lambda bucket: not bucket.policies,
)
KEEP_VERSIONS = [
    {
        "Id": "old-versions",
        "Status": "Enabled",
        "Prefix": "",
        "NoncurrentVersionExpiration": {"NoncurrentDays": 365},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
]
fixes(
    "s3-bucket-not-versioned",
    put("VersioningConfiguration.Status", "Enabled"),
    default("LifecycleConfiguration.Rules", KEEP_VERSIONS),
    note="earlier versions are kept, and paid for, for a year",
)
fixes(
    "s3-bucket-public-acl-asked",
    put("AccessControl", "Private"),
    note=SHUT,
)
fixes(
    "s3-bucket-acls-enabled",
    put("OwnershipControls.Rules[].ObjectOwnership", "BucketOwnerEnforced"),
    note="its access control list, and those of its objects, no longer count",
    when=lambda bucket: bucket.acl == "Private" or not bucket.acl,
)
fixes("s3-bucket-public-write", *BLOCK, note=SHUT)
fixes(
    "s3-bucket-without-bucket-key",
    put("BucketEncryption.ServerSideEncryptionConfiguration[].BucketKeyEnabled", True),
)
fixes("s3-account-public-access-block-off", *BLOCK, note=SHUT)
fixes("s3-access-point-public-access-block-off", *BLOCK, replaces=True, note=SHUT)
fixes("s3-multi-region-access-point-public-access-block-off", *BLOCK, replaces=True, note=SHUT)
