"""Reads Amazon S3."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from koban.model.aws.s3 import (
    AccessPoint,
    AccountPublicAccessBlock,
    Bucket,
    BucketPolicy,
    DirectoryBucket,
    MultiRegionAccessPoint,
)
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags
from koban.sources.aws.tagging import GET_RESOURCES, BulkTags

HOME = "us-east-1"  # the region that answers for buckets whose own is not told
ACCESS_POINT_HOME = "us-west-2"  # the one region that answers for multi-region access points
BLOCK_OFF = {
    "BlockPublicAcls": False,
    "IgnorePublicAcls": False,
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": False,
}


def bucket_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """A bucket's document from what ``ListBuckets`` says of it and, under their operations' names, its details."""
    document: dict[str, Any] = {"BucketName": raw["Name"]}
    for name, source, shaped in (
        ("VersioningConfiguration", "GetBucketVersioning", _versioning),
        ("BucketEncryption", "GetBucketEncryption", _encryption),
        ("LoggingConfiguration", "GetBucketLogging", _logging),
        ("LifecycleConfiguration", "GetBucketLifecycleConfiguration", lifecycle_from_api),
        ("NotificationConfiguration", "GetBucketNotificationConfiguration", _notifications),
        ("OwnershipControls", "GetBucketOwnershipControls", _ownership),
        ("PublicAccessBlockConfiguration", "GetPublicAccessBlock", dict),
        ("ReplicationConfiguration", "GetBucketReplication", _replication),
        ("ObjectLockConfiguration", "GetObjectLockConfiguration", _lock),
        ("AclGrants", "GetBucketAcl", _grants),
        ("Tags", "Tags", tags),
    ):
        answer = raw.get(source)
        if isinstance(answer, Unknown):
            document[name] = answer
        elif answer:
            document[name] = shaped(answer)
    locked = raw.get("GetObjectLockConfiguration")
    document["ObjectLockEnabled"] = locked if isinstance(locked, Unknown) else bool(locked)
    return document


def _versioning(answer: dict[str, Any]) -> dict[str, Any]:
    return {"Status": answer.get("Status", "Suspended"), "MfaDelete": answer.get("MFADelete", "Disabled")}


def _encryption(answer: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {
            "ServerSideEncryptionByDefault": pick(
                one.get("ApplyServerSideEncryptionByDefault", {}), "SSEAlgorithm", KMSMasterKeyID="KMSMasterKeyID"
            ),
            "BucketKeyEnabled": bool(one.get("BucketKeyEnabled")),
        }
        for one in answer.get("Rules", ())
    ]
    return {"ServerSideEncryptionConfiguration": rules}


def _logging(answer: dict[str, Any]) -> dict[str, Any]:
    return pick(answer, DestinationBucketName="TargetBucket", LogFilePrefix="TargetPrefix")


def lifecycle_from_api(rules: list[dict[str, Any]]) -> dict[str, Any]:
    """A lifecycle as the document spells it, with what rules read of it."""

    def one(raw: dict[str, Any]) -> dict[str, Any]:
        document = pick(
            raw,
            "Status",
            "AbortIncompleteMultipartUpload",
            Id="ID",
            Prefix="Prefix",
            ExpirationInDays="Expiration.Days",
        )
        narrowed = raw.get("Filter", {})
        prefix = narrowed.get("Prefix") or narrowed.get("And", {}).get("Prefix")
        return {**document, "Prefix": prefix} if prefix else document

    return {"Rules": [one(raw) for raw in rules]}


def _notifications(answer: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, source, arn, target in (
        ("LambdaConfigurations", "LambdaFunctionConfigurations", "LambdaFunctionArn", "Function"),
        ("QueueConfigurations", "QueueConfigurations", "QueueArn", "Queue"),
        ("TopicConfigurations", "TopicConfigurations", "TopicArn", "Topic"),
    ):
        if answer.get(source):
            document[name] = [{target: one[arn]} for one in answer[source]]
    if "EventBridgeConfiguration" in answer:
        document["EventBridgeConfiguration"] = {"EventBridgeEnabled": True}
    return document


def _or_else(answer: Any, default: Any) -> Any:
    """The answer, known or unknown, and what AWS does where it is empty."""
    return answer if isinstance(answer, Unknown) or answer else default


def _ownership(rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Rules": rules}


def _replication(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "Rules": [
            {"Status": one.get("Status", "Disabled"), "Destination": pick(one.get("Destination", {}), "Bucket")}
            for one in answer.get("Rules", ())
        ]
    }


def _lock(answer: dict[str, Any]) -> dict[str, Any]:
    return pick(answer, "ObjectLockEnabled", "Rule")


def _grants(answer: dict[str, Any]) -> list[dict[str, str]]:
    owner = answer.get("Owner", {}).get("ID")
    found = []
    for grant in answer.get("Grants", ()):
        grantee = grant.get("Grantee", {})
        who = grantee.get("URI", "").rsplit("/", 1)[-1] or grantee.get("ID") or grantee.get("EmailAddress", "")
        if who != owner:
            found.append({"Grantee": who, "Permission": grant.get("Permission", "")})
    return found


def policy_from_api(text: Any) -> Any:
    """A policy that an API gives as JSON text, as a mapping."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return Unknown("PolicyDocument", "the policy is not JSON")


@reads(
    (Bucket, BucketPolicy),
    "s3:ListBuckets",
    "s3:GetBucketLocation",
    "s3:GetBucketTagging",
    scope="global",
    VersioningConfiguration="s3:GetBucketVersioning",
    BucketEncryption="s3:GetBucketEncryption",
    LoggingConfiguration="s3:GetBucketLogging",
    LifecycleConfiguration="s3:GetBucketLifecycleConfiguration",
    NotificationConfiguration="s3:GetBucketNotificationConfiguration",
    OwnershipControls="s3:GetBucketOwnershipControls",
    PublicAccessBlockConfiguration="s3:GetPublicAccessBlock",
    ReplicationConfiguration="s3:GetBucketReplication",
    ObjectLockConfiguration="s3:GetObjectLockConfiguration",
    ObjectLockEnabled="s3:GetObjectLockConfiguration",
    AclGrants="s3:GetBucketAcl",
    PolicyDocument="s3:GetBucketPolicy",
    Tags=GET_RESOURCES,
)
def buckets(aws: Reader) -> Iterator[Resource]:
    """Every bucket and its policy: 8 to 11 calls a bucket, each to the bucket's own region; one more for its tags where
    they are not told in bulk, and one where the list does not say in which region it is.
    """
    in_bulk = BulkTags(aws, "s3")

    def detail(raw: dict[str, Any]) -> list[Resource]:
        region = raw.get("BucketRegion") or _location(aws, raw["Name"])
        ask = _asker(aws, raw["Name"], region)
        found = {
            **raw,
            "GetBucketVersioning": ask("GetBucketVersioning", ""),
            "GetBucketEncryption": ask(
                "GetBucketEncryption",
                "ServerSideEncryptionConfiguration",
                "ServerSideEncryptionConfigurationNotFoundError",
            ),
            "GetBucketLogging": ask("GetBucketLogging", "LoggingEnabled"),
            "GetBucketLifecycleConfiguration": ask(
                "GetBucketLifecycleConfiguration", "Rules", "NoSuchLifecycleConfiguration"
            ),
            "GetBucketNotificationConfiguration": ask("GetBucketNotificationConfiguration", ""),
            "GetBucketOwnershipControls": _or_else(
                ask("GetBucketOwnershipControls", "OwnershipControls.Rules", "OwnershipControlsNotFoundError"),
                [{"ObjectOwnership": "ObjectWriter"}],
            ),
            "GetPublicAccessBlock": _or_else(
                ask("GetPublicAccessBlock", "PublicAccessBlockConfiguration", "NoSuchPublicAccessBlockConfiguration"),
                BLOCK_OFF,
            ),
            "Tags": in_bulk.of(f"arn:{aws.partition}:s3:::{raw['Name']}", region),
        }
        if found["Tags"] is None:
            found["Tags"] = ask("GetBucketTagging", "TagSet", "NoSuchTagSet")
        versioning = found["GetBucketVersioning"]
        if isinstance(versioning, Unknown) or versioning.get("Status"):  # both work on versions alone
            found["GetObjectLockConfiguration"] = ask(
                "GetObjectLockConfiguration", "ObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"
            )
            found["GetBucketReplication"] = ask(
                "GetBucketReplication", "ReplicationConfiguration", "ReplicationConfigurationNotFoundError"
            )
        ownership = found["GetBucketOwnershipControls"]
        if isinstance(ownership, Unknown) or ownership != [{"ObjectOwnership": "BucketOwnerEnforced"}]:
            found["GetBucketAcl"] = ask("GetBucketAcl", "")
        made = [aws.made(Bucket, bucket_from_api(found), region=region)]
        policy = ask("GetBucketPolicy", "Policy", "NoSuchBucketPolicy")
        if isinstance(policy, Unknown) or policy:
            document = {"Bucket": raw["Name"], "PolicyDocument": policy_from_api(policy)}
            made.append(aws.made(BucketPolicy, document, region=region))
        return made

    for made in aws.each(aws.pages("s3:ListBuckets", "Buckets", MaxBuckets=1000), detail):
        yield from made


def _asker(aws: Reader, bucket: str, region: str) -> Callable[..., Any]:
    def ask(operation: str, key: str, *absent: str) -> Any:
        return aws.ask(f"s3:{operation}", key, absent=absent, otherwise={}, region=region, Bucket=bucket)

    return ask


def _location(aws: Reader, bucket: str) -> str:
    answer = aws.ask("s3:GetBucketLocation", "LocationConstraint", otherwise=HOME, Bucket=bucket)
    if isinstance(answer, Unknown):
        return HOME
    return "eu-west-1" if answer == "EU" else str(answer) or HOME


@reads(AccountPublicAccessBlock, "s3control:GetPublicAccessBlock", scope="global")
def account_public_access_blocks(aws: Reader) -> Iterator[dict[str, Any]]:
    """The account's own switches; an account that never set them has all of them off."""
    block = aws.ask(
        "s3control:GetPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        absent=("NoSuchPublicAccessBlockConfiguration",),
        otherwise=BLOCK_OFF,
        AccountId=aws.account,
    )
    yield {"AccountId": aws.account, "PublicAccessBlockConfiguration": block}


def access_point_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """A document from ``GetAccessPoint``, with the policy's text under ``Policy``."""
    document = pick(raw, "Name", "Bucket", "Alias", "VpcConfiguration", "NetworkOrigin", Arn="AccessPointArn")
    document["PublicAccessBlockConfiguration"] = raw.get("PublicAccessBlockConfiguration") or BLOCK_OFF
    if raw.get("Policy") is not None:
        document["Policy"] = policy_from_api(raw["Policy"])
    return document


@reads(
    AccessPoint,
    "s3control:ListAccessPoints",
    PublicAccessBlockConfiguration="s3control:GetAccessPoint",
    Policy="s3control:GetAccessPointPolicy",
)
def access_points(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        which = {"AccountId": aws.account, "Name": raw["Name"]}
        block = aws.ask("s3control:GetAccessPoint", "PublicAccessBlockConfiguration", **which)
        policy = aws.ask(
            "s3control:GetAccessPointPolicy", "Policy", absent=("NoSuchAccessPointPolicy",), otherwise={}, **which
        )
        return access_point_from_api({**raw, "PublicAccessBlockConfiguration": block, "Policy": policy})

    listed = aws.pages_by_token("s3control:ListAccessPoints", "AccessPointList", AccountId=aws.account)
    yield from aws.each(listed, detail)


def multi_region_access_point_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    block = raw.get("PublicAccessBlock") or BLOCK_OFF
    return {**pick(raw, "Name", "Alias"), "PublicAccessBlockConfiguration": block}


@reads(MultiRegionAccessPoint, "s3control:ListMultiRegionAccessPoints", scope="global")
def multi_region_access_points(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages_by_token(
        "s3control:ListMultiRegionAccessPoints",
        "AccessPoints",
        region=ACCESS_POINT_HOME,
        AccountId=aws.account,
    ):
        yield multi_region_access_point_from_api(raw)


@reads(DirectoryBucket, "s3:ListDirectoryBuckets", LifecycleConfiguration="s3:GetBucketLifecycleConfiguration")
def directory_buckets(aws: Reader) -> Iterator[dict[str, Any]]:
    """Buckets of S3 Express, which few regions have."""

    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        rules = aws.ask(
            "s3:GetBucketLifecycleConfiguration",
            "Rules",
            absent=("NoSuchLifecycleConfiguration",),
            otherwise=[],
            Bucket=raw["Name"],
        )
        lifecycle = rules if isinstance(rules, Unknown) else lifecycle_from_api(rules)
        return {"BucketName": raw["Name"], "LifecycleConfiguration": lifecycle}

    yield from aws.each(aws.pages("s3:ListDirectoryBuckets", "Buckets", MaxDirectoryBuckets=1000), detail)
