"""Shapes Amazon Neptune's resources; the RDS API answers for them, so the collectors are those of `rds`."""

from __future__ import annotations

from typing import Any

from koban.sources.aws.reader import pick, tags


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "DBClusterIdentifier",
        "EngineVersion",
        "StorageEncrypted",
        "KmsKeyId",
        "DeletionProtection",
        "BackupRetentionPeriod",
        "CopyTagsToSnapshot",
        "MultiAZ",
        IamAuthEnabled="IAMDatabaseAuthenticationEnabled",
        EnableCloudwatchLogsExports="EnabledCloudwatchLogsExports",
    )
    document["Tags"] = tags(raw.get("TagList"))
    return document


def instance_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "DBInstanceIdentifier", "DBClusterIdentifier", "AutoMinorVersionUpgrade", "PubliclyAccessible")
    document["Tags"] = tags(raw.get("TagList"))
    return document
