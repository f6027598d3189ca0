"""Shapes Amazon DocumentDB's resources; the RDS API answers for them, so most of the reading is in `rds`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.docdb import DBCluster, DBClusterParameterGroup
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

SETTINGS = ["tls", "audit_logs"]


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "DBClusterIdentifier",
        "EngineVersion",
        "StorageEncrypted",
        "KmsKeyId",
        "DeletionProtection",
        "BackupRetentionPeriod",
        "MasterUsername",
        "MultiAZ",
        EnableCloudwatchLogsExports="EnabledCloudwatchLogsExports",
        DBClusterParameterGroupName="DBClusterParameterGroup",
    )
    document["Tags"] = tags(raw.get("TagList"))
    return document


def instance_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "DBInstanceIdentifier",
        "DBClusterIdentifier",
        "AutoMinorVersionUpgrade",
        "CACertificateIdentifier",
        "CertificateDetails",
    )
    document["Tags"] = tags(raw.get("TagList"))
    return document


def settings_from_api(raw: Any) -> Any:
    """Engine settings by name, from the list that the API gives."""
    if isinstance(raw, Unknown):
        return raw
    return {one["ParameterName"]: one["ParameterValue"] for one in raw if one.get("ParameterValue") not in (None, "")}


@reads(
    DBClusterParameterGroup,
    "rds:DescribeDBClusterParameters",
    needs=(DBCluster,),
)
def parameter_groups(aws: Reader) -> Iterator[dict[str, Any]]:
    """The groups that clusters use, each with the settings that rules ask for."""
    names = sorted({one.document.get("DBClusterParameterGroupName", "") for one in aws.read(DBCluster)} - {""})

    def detail(name: str) -> dict[str, Any]:
        found = aws.ask_all(
            "rds:DescribeDBClusterParameters",
            "Parameters",
            DBClusterParameterGroupName=name,
            Filters=[{"Name": "parameter-name", "Values": SETTINGS}],
        )
        return {"Name": name, "Parameters": settings_from_api(found)}

    yield from aws.each(names, detail)
