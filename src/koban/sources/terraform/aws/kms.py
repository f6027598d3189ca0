"""AWS KMS: keys, and what apart from them sets a policy or a name."""

from __future__ import annotations

from typing import Any

from koban.model.aws.kms import Key, ReplicaKey
from koban.sources.terraform.mapping import ABSENT, Body, constant, folds, json, listed, made, maps


def origin(body: Body) -> Any:
    """Where a key's material comes from, by the store that it is kept in."""
    if body.get("xks_key_id"):
        return "EXTERNAL_KEY_STORE"
    return "AWS_CLOUDHSM" if body.get("custom_key_store_id") else ABSENT


maps(
    "aws_kms_key",
    Key,
    KeyId="key_id",
    EnableKeyRotation="enable_key_rotation",
    RotationPeriodInDays="rotation_period_in_days",
    Enabled="is_enabled",
    KeyPolicy=json("policy"),
    KeySpec="customer_master_key_spec",
    KeyUsage="key_usage",
    Origin=made(origin, "custom_key_store_id", "xks_key_id"),
    MultiRegion="multi_region",
)
maps(
    "aws_kms_external_key",
    Key,
    KeyId="id",
    Enabled="enabled",
    KeyPolicy=json("policy"),
    KeySpec="key_spec",
    KeyUsage="key_usage",
    Origin=constant("EXTERNAL"),
    MultiRegion="multi_region",
)
maps("aws_kms_replica_key", ReplicaKey, KeyId="key_id", KeyPolicy=json("policy"))
maps("aws_kms_replica_external_key", ReplicaKey, KeyId="key_id", KeyPolicy=json("policy"))
folds("aws_kms_key_policy", Key, "key_id", KeyPolicy=json("policy"))
folds("aws_kms_key_policy", ReplicaKey, "key_id", KeyPolicy=json("policy"))
folds("aws_kms_alias", Key, "target_key_id", adds=True, Aliases=listed("name"))
