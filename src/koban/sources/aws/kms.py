"""Reads AWS KMS."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from koban.model.aws.kms import Key
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

AWS_ALIAS = "alias/aws/"
METADATA = (
    "Enabled",
    "KeySpec",
    "KeyUsage",
    "Origin",
    "MultiRegion",
    "KeyState",
    "KeyManager",
    "ValidTo",
    "Description",
)


def aws_key_from_api(raw: dict[str, Any], aliases: list[str]) -> dict[str, Any]:
    """A key that AWS made, of which its aliases say all there is to know: AWS rotates it once a year."""
    document = pick(raw, "KeyId", Arn="KeyArn")
    return document | {"Aliases": aliases, "KeyManager": "AWS", "EnableKeyRotation": True}


def key_from_api(metadata: dict[str, Any], aliases: list[str], rotation: Any, policy: Any) -> dict[str, Any]:
    """`rotation` is an answer of GetKeyRotationStatus, {} where the key cannot be rotated; `policy` a JSON text."""
    document = pick(metadata, "KeyId", "Arn", *METADATA) | {"Aliases": aliases, "KeyPolicy": policy}
    if isinstance(rotation, dict):
        document["EnableKeyRotation"] = rotation.get("KeyRotationEnabled", False)
        document |= pick(rotation, "RotationPeriodInDays")
    else:
        document |= {"EnableKeyRotation": rotation, "RotationPeriodInDays": rotation}
    return document


@reads(
    Key,
    "kms:ListKeys",
    Aliases="kms:ListAliases",
    Enabled="kms:DescribeKey",
    EnableKeyRotation="kms:GetKeyRotationStatus",
    RotationPeriodInDays="kms:GetKeyRotationStatus",
    KeyPolicy="kms:GetKeyPolicy",
    KeySpec="kms:DescribeKey",
    KeyUsage="kms:DescribeKey",
    Origin="kms:DescribeKey",
    MultiRegion="kms:DescribeKey",
    KeyState="kms:DescribeKey",
    KeyManager="kms:DescribeKey",
    ValidTo="kms:DescribeKey",
)
def keys(aws: Reader) -> Iterator[dict[str, Any]]:
    """Keys that AWS manages are told by their aliases, without a call for each."""
    listed = aws.pages("kms:ListKeys", "Keys")
    first = next(listed, None)
    if first is None:
        return
    aliases: dict[str, list[str]] = {}
    for alias in aws.pages("kms:ListAliases", "Aliases"):
        if alias.get("TargetKeyId"):
            aliases.setdefault(alias["TargetKeyId"], []).extend((alias["AliasName"], alias["AliasArn"]))

    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        named = aliases.get(raw["KeyId"], [])
        if any(name.startswith(AWS_ALIAS) for name in named):
            return aws_key_from_api(raw, named)
        metadata = aws.ask("kms:DescribeKey", "KeyMetadata", otherwise={}, KeyId=raw["KeyId"])
        if not isinstance(metadata, dict):
            metadata = {**dict.fromkeys(METADATA, metadata), "KeyId": raw["KeyId"], "Arn": raw["KeyArn"]}
        manager = metadata.get("KeyManager")
        if isinstance(manager, str) and manager == "AWS":
            return aws_key_from_api(raw, named)
        rotation: Any = {}
        if _may_rotate(metadata):
            gone = ("UnsupportedOperationException", "KMSInvalidStateException", "NotFoundException")
            rotation = aws.ask("kms:GetKeyRotationStatus", absent=gone, otherwise={}, KeyId=raw["KeyId"])
        policy = aws.ask("kms:GetKeyPolicy", "Policy", otherwise="", KeyId=raw["KeyId"], PolicyName="default")
        return key_from_api(metadata, named, rotation, policy)

    yield from aws.each(chain((first,), listed), detail)


def _may_rotate(metadata: dict[str, Any]) -> bool:
    """Whether KMS answers for the key's rotation; where nothing is known of the key, ask."""
    spec, origin = metadata.get("KeySpec", "SYMMETRIC_DEFAULT"), metadata.get("Origin", "AWS_KMS")
    return not (isinstance(spec, str) and spec != "SYMMETRIC_DEFAULT") and not (
        isinstance(origin, str) and origin != "AWS_KMS"
    )
