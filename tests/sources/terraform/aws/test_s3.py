import pytest

from koban.model.aws.s3 import (
    AccessPoint,
    AccountPublicAccessBlock,
    Bucket,
    BucketPolicy,
    DirectoryBucket,
    MultiRegionAccessPoint,
)
from koban.model.unknown import Partial, Unknown
from koban.sources.terraform.values import JsonText

OPEN = Unknown("var.x", "variable x has no default")
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
BLOCKED = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")


def test_a_bucket_in_the_old_spelling(twins):
    twins(
        "aws_s3_bucket",
        {
            "bucket": "b",
            "acl": "public-read",
            "server_side_encryption_configuration": [
                {
                    "rule": [
                        {
                            "apply_server_side_encryption_by_default": [
                                {"sse_algorithm": "aws:kms", "kms_master_key_id": "k"}
                            ],
                            "bucket_key_enabled": True,
                        }
                    ]
                }
            ],
            "versioning": [{"enabled": True, "mfa_delete": False}],
            "object_lock_configuration": [
                {
                    "object_lock_enabled": "Enabled",
                    "rule": [{"default_retention": [{"mode": "GOVERNANCE", "days": 3}]}],
                }
            ],
            "logging": [{"target_bucket": "logs", "target_prefix": "s3/"}],
            "lifecycle_rule": [
                {
                    "enabled": True,
                    "prefix": "tmp/",
                    "expiration": [{"days": 30}],
                    "abort_incomplete_multipart_upload_days": 7,
                },
                {"enabled": False},
            ],
            "replication_configuration": [
                {"role": "r", "rules": [{"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::c"}]}]}
            ],
        },
        Bucket,
        {
            "BucketName": "b",
            "AccessControl": "PublicRead",
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
                        "BucketKeyEnabled": True,
                    }
                ]
            },
            "VersioningConfiguration": {"Status": "Enabled"},
            "ObjectLockEnabled": True,
            "ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE"}}},
            "LoggingConfiguration": {"DestinationBucketName": "logs", "LogFilePrefix": "s3/"},
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Status": "Enabled",
                        "Prefix": "tmp/",
                        "ExpirationInDays": 30,
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                    },
                    {"Status": "Disabled"},
                ]
            },
            "ReplicationConfiguration": {"Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::c"}}]},
        },
    )


def test_a_bucket_of_which_nothing_is_said(twins, every_document):
    twins("aws_s3_bucket", {}, Bucket, {})
    twins("aws_s3_bucket", {"versioning": [{}]}, Bucket, {"VersioningConfiguration": {"Status": "Suspended"}})
    twins("aws_s3_bucket", {"object_lock_configuration": [{}]}, Bucket, {})
    assert every_document("aws_s3_bucket", {"id": "b", "policy": ""}, BucketPolicy) == []


def test_object_lock_in_the_new_spelling(twins):
    twins("aws_s3_bucket", {"object_lock_enabled": True}, Bucket, {"ObjectLockEnabled": True})


def test_grants_in_the_bucket(document):
    body = {"grant": [{"type": "Group", "uri": ALL_USERS, "id": "", "permissions": ["READ", "WRITE"]}]}
    assert document("aws_s3_bucket", body, Bucket)["AclGrants"] == [
        {"Grantee": "AllUsers", "Permission": "READ"},
        {"Grantee": "AllUsers", "Permission": "WRITE"},
    ]
    (grant,) = document("aws_s3_bucket", {"grant": [{"uri": ALL_USERS, "permissions": OPEN}]}, Bucket)["AclGrants"]
    assert grant == {"Grantee": "AllUsers", "Permission": OPEN}


def test_a_grantee_of_whom_only_a_piece_is_known_may_be_everyone(document):
    uri = Partial("grant.uri", ("http://acs.amazonaws.com/groups/global/", OPEN))
    body = {"grant": [{"uri": uri, "permissions": ["READ"]}]}
    (grant,) = document("aws_s3_bucket", body, Bucket)["AclGrants"]
    assert isinstance(grant["Grantee"] == "AllUsers", Unknown)


def test_an_account_that_is_not_known_is_not_everyone(document):
    body = {"grant": [{"id": OPEN, "type": "CanonicalUser", "permissions": ["FULL_CONTROL"]}]}
    (grant,) = document("aws_s3_bucket", body, Bucket)["AclGrants"]
    assert (grant["Grantee"] == "AllUsers") is False
    assert isinstance(grant["Grantee"], Unknown)


def test_the_policy_of_a_bucket(twins, document):
    code = {"Bucket": "b", "PolicyDocument": {"Statement": []}}
    twins("aws_s3_bucket", {"id": "b", "policy": '{"Statement": []}'}, BucketPolicy, code)
    twins("aws_s3_bucket_policy", {"bucket": "b", "policy": '{"Statement": []}'}, BucketPolicy, code)
    half = JsonText({"Statement": [{"Effect": "Allow", "Resource": OPEN}]})
    made = document("aws_s3_bucket_policy", {"bucket": "b", "policy": half}, BucketPolicy)
    assert made["PolicyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert document("aws_s3_bucket", {"id": "b", "policy": OPEN}, BucketPolicy)["PolicyDocument"] is OPEN


def folded(document, source, body, cls=Bucket):
    return document(source, {"bucket": "b", **body}, cls)


def test_what_sets_one_thing_of_a_bucket(document):
    grant = {"grantee": [{"type": "Group", "uri": ALL_USERS}], "permission": "READ"}
    assert folded(document, "aws_s3_bucket_acl", {"acl": "log-delivery-write"}) == {"AccessControl": "LogDeliveryWrite"}
    assert folded(document, "aws_s3_bucket_acl", {"access_control_policy": [{"grant": [grant]}]}) == {
        "AclGrants": [{"Grantee": "AllUsers", "Permission": "READ"}]
    }
    assert folded(document, "aws_s3_bucket_ownership_controls", {"rule": [{"object_ownership": "ObjectWriter"}]}) == {
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    }
    encrypted = {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]}
    assert folded(document, "aws_s3_bucket_server_side_encryption_configuration", encrypted) == {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        }
    }
    assert folded(document, "aws_s3_bucket_logging", {"target_bucket": "logs", "target_prefix": ""}) == {
        "LoggingConfiguration": {"DestinationBucketName": "logs", "LogFilePrefix": ""}
    }
    rules = [{"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::c"}]}]
    assert folded(document, "aws_s3_bucket_replication_configuration", {"rule": rules}) == {
        "ReplicationConfiguration": {"Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::c"}}]}
    }
    lock = {"rule": [{"default_retention": [{"mode": "COMPLIANCE", "years": 1}]}]}
    assert folded(document, "aws_s3_bucket_object_lock_configuration", lock) == {
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE"}}},
    }
    assert folded(document, "aws_s3_bucket_object_lock_configuration", {}) == {"ObjectLockEnabled": True}


def test_switches_that_are_left_out_of_a_block_resource_are_off(document):
    off = {"BlockPublicAcls": False, "IgnorePublicAcls": False}
    assert folded(document, "aws_s3_bucket_public_access_block", {"block_public_policy": True}) == {
        "PublicAccessBlockConfiguration": {**off, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
    }


@pytest.mark.parametrize(
    ("status", "said"), [("Enabled", "Enabled"), ("Suspended", "Suspended"), ("Disabled", "Suspended")]
)
def test_versioning(document, status, said):
    body = {"versioning_configuration": [{"status": status}]}
    assert folded(document, "aws_s3_bucket_versioning", body) == {"VersioningConfiguration": {"Status": said}}


def test_versioning_that_is_not_known_may_be_on(document):
    made = folded(document, "aws_s3_bucket_versioning", {"versioning_configuration": [{"status": OPEN}]})
    status = made["VersioningConfiguration"]["Status"]
    assert isinstance(status == "Enabled", Unknown)
    assert isinstance(status == "Suspended", Unknown)


@pytest.mark.parametrize("cls", [Bucket, DirectoryBucket])
def test_a_lifecycle(document, cls):
    rules = [
        {
            "status": "Enabled",
            "prefix": "",
            "filter": [{"prefix": None, "and": [{"prefix": "tmp/"}]}],
            "expiration": [{"days": 30}],
            "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
        },
        {"status": "Disabled", "filter": [{"prefix": "old/", "and": []}], "expiration": []},
        {"status": "Enabled", "prefix": "deprecated/"},
        {"status": "Enabled", "filter": [{}], "expiration": [{"days": OPEN}]},
    ]
    made = folded(document, "aws_s3_bucket_lifecycle_configuration", {"rule": rules}, cls)
    assert made["LifecycleConfiguration"]["Rules"] == [
        {
            "Status": "Enabled",
            "Prefix": "tmp/",
            "ExpirationInDays": 30,
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {"Status": "Disabled", "Prefix": "old/"},
        {"Status": "Enabled", "Prefix": "deprecated/"},
        {"Status": "Enabled", "ExpirationInDays": OPEN},
    ]


def test_notifications(document):
    body = {
        "lambda_function": [{"lambda_function_arn": "f", "events": ["s3:*"]}],
        "queue": [{"queue_arn": "q"}],
        "topic": [{"topic_arn": "t"}],
        "eventbridge": True,
    }
    assert folded(document, "aws_s3_bucket_notification", body) == {
        "NotificationConfiguration": {
            "LambdaConfigurations": [{"Function": "f"}],
            "QueueConfigurations": [{"Queue": "q"}],
            "TopicConfigurations": [{"Topic": "t"}],
            "EventBridgeConfiguration": {"EventBridgeEnabled": True},
        }
    }


def test_the_switches_of_the_account(twins):
    on = dict.fromkeys(BLOCKED, True)
    all_on = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    code = {"PublicAccessBlockConfiguration": dict.fromkeys(all_on, True)}
    twins("aws_s3_account_public_access_block", on, AccountPublicAccessBlock, code)
    code = {"PublicAccessBlockConfiguration": dict.fromkeys(all_on, False)}
    twins("aws_s3_account_public_access_block", {}, AccountPublicAccessBlock, code)


def test_an_access_point(twins, document):
    twins(
        "aws_s3_access_point",
        {
            "name": "p",
            "bucket": "b",
            "public_access_block_configuration": [{"block_public_acls": False}],
            "vpc_configuration": [{"vpc_id": "vpc-1"}],
            "policy": '{"Statement": []}',
        },
        AccessPoint,
        {
            "Name": "p",
            "Bucket": "b",
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": False,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
            "VpcConfiguration": {"VpcId": "vpc-1"},
            "Policy": {"Statement": []},
        },
    )
    twins("aws_s3_access_point", {"name": "p", "bucket": "b"}, AccessPoint, {"Name": "p", "Bucket": "b"})
    policy = {"access_point_arn": "arn:aws:s3:eu-west-1:111122223333:accesspoint/p", "policy": '{"Statement": []}'}
    assert document("aws_s3control_access_point_policy", policy) == {"Policy": {"Statement": []}}


def test_a_multi_region_access_point(twins):
    off = {"block_public_policy": False, "restrict_public_buckets": False}
    twins(
        "aws_s3control_multi_region_access_point",
        {"details": [{"name": "m", "public_access_block": [off], "region": [{"bucket": "b"}]}]},
        MultiRegionAccessPoint,
        {
            "Name": "m",
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": False,
                "RestrictPublicBuckets": False,
            },
        },
    )
    twins(
        "aws_s3control_multi_region_access_point", {"details": [{"name": "m"}]}, MultiRegionAccessPoint, {"Name": "m"}
    )


def test_a_directory_bucket(document):
    assert document("aws_s3_directory_bucket", {"bucket": "b--x-s3"}) == {"BucketName": "b--x-s3"}
