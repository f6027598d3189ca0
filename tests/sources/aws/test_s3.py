import json
import socket
from types import SimpleNamespace

import botocore.session
import pytest
import urllib3
from botocore.credentials import Credentials

from koban.model.aws.s3 import AccessPoint, Bucket, MultiRegionAccessPoint
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.sources.aws.api import BotoApi
from koban.sources.aws.s3 import access_point_from_api, bucket_from_api, multi_region_access_point_from_api

IRELAND = {"LocationConstraint": "eu-west-1"}
ALL_ON = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


@pytest.fixture
def account_hosts(monkeypatch):
    """s3control puts the account's number before the host's name; the emulator's is an address, which has none."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: resolve(host.split(".", 1)[-1] if host[:12].isdigit() else host, *rest, **more),
    )


def test_a_bucket_of_which_nothing_is_set(aws, collect):
    aws("s3").create_bucket(Bucket="logs", CreateBucketConfiguration=IRELAND)
    (bucket,) = collect("s3.buckets")
    assert bucket.uid == "arn:aws:s3:::logs"
    assert bucket.region == "eu-west-1"
    assert bucket.versioning == "Suspended"
    assert bucket.own_block_all_on
    assert not bucket.acls_count
    assert collect.failures == []


def test_a_bucket_of_before_april_2023(aws, collect):
    s3 = aws("s3")
    s3.create_bucket(Bucket="old", CreateBucketConfiguration=IRELAND)
    s3.delete_public_access_block(Bucket="old")
    s3.delete_bucket_ownership_controls(Bucket="old")
    (bucket,) = collect("s3.buckets")
    assert not bucket.own_block_all_on
    assert bucket.acls_count


def test_tags_come_for_all_at_once_and_one_by_one_where_they_cannot(aws, collect, emulator_url):
    http = urllib3.PoolManager()
    s3 = aws("s3")
    for name in ("a", "b", "c"):
        s3.create_bucket(Bucket=f"shop-{name}", CreateBucketConfiguration=IRELAND)
    s3.put_bucket_tagging(Bucket="shop-b", Tagging={"TagSet": [{"Key": "env", "Value": "prod"}]})

    def read():
        http.request("DELETE", f"{emulator_url}/koban/calls")
        tags = [one.tags for one in collect("s3.buckets")]
        calls = json.loads(http.request("GET", f"{emulator_url}/koban/calls").data)
        return (
            tags,
            calls.get("tagging:GetResources"),
            calls.get("s3:GetBucketTagging"),
            "s3:GetBucketLocation" in calls,
        )

    tags = [{}, {"env": "prod"}, {}]
    assert read() == (tags, 1, None, False)
    http.request("PUT", f"{emulator_url}/koban/faults", json=[{"calls": ["tagging:*"], "code": "AccessDenied"}])
    try:
        assert read() == (tags, 1, 3, False)
    finally:
        http.request("PUT", f"{emulator_url}/koban/faults", json=[])
    assert collect.failures == []


def test_a_bucket_with_everything_set(aws, collect):
    s3 = aws("s3")
    s3.create_bucket(Bucket="logs", CreateBucketConfiguration=IRELAND, ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket="data", CreateBucketConfiguration=IRELAND, ObjectOwnership="ObjectWriter")
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    s3.put_public_access_block(Bucket="data", PublicAccessBlockConfiguration=ALL_ON)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k-1"}
    encrypted = {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket="data", ServerSideEncryptionConfiguration=encrypted)
    s3.put_bucket_acl(Bucket="logs", ACL="log-delivery-write")
    s3.put_bucket_logging(
        Bucket="data", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "b/"}}
    )
    expire = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 400}}
    s3.put_bucket_lifecycle_configuration(Bucket="data", LifecycleConfiguration={"Rules": [expire]})
    s3.put_bucket_acl(Bucket="data", ACL="public-read")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}
    s3.put_bucket_policy(Bucket="data", Policy=json.dumps(policy))
    s3.put_bucket_tagging(Bucket="data", Tagging={"TagSet": [{"Key": "env", "Value": "prod"}]})
    found = {one.uid: one for one in collect("s3.buckets")}
    MemoryEstate(found.values())
    b, logs = found["arn:aws:s3:::data"], found["arn:aws:s3:::logs"]
    assert collect.failures == []
    assert (b.algorithms, b.bucket_keys, b.versioning) == (("aws:kms",), (True,), "Enabled")
    assert b.own_block_all_on
    assert b.acls_count
    assert not b.acl_public
    assert b.acl_grantees == ("AllUsers",)
    assert b.log_bucket is logs
    assert b.log_prefix == "b/"
    assert [(one.expiration_days, one.prefix) for one in b.live_lifecycle] == [(400, "x/")]
    assert b.policies[0].policy.public
    assert b.tags == {"env": "prod"}
    assert logs.object_lock


def test_the_api_and_a_template_tell_the_same_bucket():
    live = bucket_from_api(
        {
            "Name": "b",
            "GetBucketVersioning": {"Status": "Enabled"},
            "GetBucketLogging": {"TargetBucket": "logs", "TargetPrefix": "b/"},
            "GetBucketLifecycleConfiguration": [
                {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}
            ],
            "GetBucketNotificationConfiguration": {
                "LambdaFunctionConfigurations": [{"LambdaFunctionArn": "f", "Events": ["s3:ObjectCreated:*"]}],
                "EventBridgeConfiguration": {},
            },
            "GetBucketReplication": {
                "Role": "r",
                "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copy"}}],
            },
            "GetBucketOwnershipControls": [{"ObjectOwnership": "BucketOwnerEnforced"}],
            "GetPublicAccessBlock": ALL_ON,
            "GetObjectLockConfiguration": {
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}},
            },
        }
    )
    code = {
        "BucketName": "b",
        "VersioningConfiguration": {"Status": "Enabled"},
        "LoggingConfiguration": {"DestinationBucketName": "logs", "LogFilePrefix": "b/"},
        "LifecycleConfiguration": {"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 365}]},
        "NotificationConfiguration": {
            "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": "f"}],
            "EventBridgeConfiguration": {"EventBridgeEnabled": "true"},
        },
        "ReplicationConfiguration": {
            "Role": "r",
            "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copy"}}],
        },
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}},
    }
    api, template = Bucket(live), Bucket(code)
    MemoryEstate([api, template])
    for name in Bucket.fields:
        if name not in ("block", "log_bucket"):
            assert getattr(api, name) == getattr(template, name), name
    assert api.own_block_all_on
    assert template.own_block_all_on
    assert not api.public


def test_what_was_denied_is_unknown():
    denied = Unknown("Rules", "AccessDenied s3:GetBucketLifecycleConfiguration")
    bucket = Bucket(bucket_from_api({"Name": "b", "GetBucketLifecycleConfiguration": denied}))
    assert isinstance(bucket.lifecycle, Unknown)


def test_the_accounts_switches(account_hosts, aws, collect):
    aws("s3control").put_public_access_block(AccountId="123456789012", PublicAccessBlockConfiguration=ALL_ON)
    (found,) = collect("s3.account_public_access_blocks")
    assert found.block.all_on


def test_an_account_without_switches(account_hosts, aws, collect):
    (found,) = collect("s3.account_public_access_blocks")
    assert not found.block.all_on
    assert collect.failures == []


def test_an_access_point(account_hosts, aws, collect):
    aws("s3").create_bucket(Bucket="data", CreateBucketConfiguration=IRELAND)
    aws("s3control").create_access_point(AccountId="123456789012", Name="door", Bucket="data")
    (door,) = collect("s3.access_points")
    assert door.name == "door"
    twin = AccessPoint(access_point_from_api({"Name": "door", "Bucket": "b", "PublicAccessBlockConfiguration": ALL_ON}))
    assert twin.block_all_on
    assert twin.vpc == ""


def test_a_multi_region_access_point():
    raw = {"Name": "m", "Alias": "m.mrap", "Status": "READY", "PublicAccessBlock": {**ALL_ON, "BlockPublicAcls": False}}
    assert not MultiRegionAccessPoint(multi_region_access_point_from_api(raw)).block_all_on


def test_a_directory_bucket_is_asked_where_it_is_listed(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    api = BotoApi(botocore.session.Session(), Credentials("AKID", "secret"))
    asked = []

    def send(method, url, headers, body):
        asked.append((url, headers["Authorization"]))
        lifecycle = b"<LifecycleConfiguration><Rule><Status>Enabled</Status></Rule></LifecycleConfiguration>"
        return SimpleNamespace(status=200, headers={}, data=lifecycle)

    monkeypatch.setattr(api.shared.transport, "send", send)
    answer = api.call("s3", "GetBucketLifecycleConfiguration", "eu-north-1", {"Bucket": "fast--eun1-az1--x-s3"})
    assert answer["Rules"] == [{"Status": "Enabled"}]
    ((url, authorization),) = asked
    assert url == "https://s3express-control.eu-north-1.amazonaws.com/fast--eun1-az1--x-s3?lifecycle"
    assert "/eu-north-1/s3express/aws4_request" in authorization
