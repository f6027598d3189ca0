"""Reads Amazon FSx."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.fsx import FileSystem
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

NUMBERS_AND_WORDS = (
    "DeploymentType",
    "AutomaticBackupRetentionDays",
    "CopyTagsToBackups",
    "CopyTagsToVolumes",
    "AuditLogConfiguration",
)


def file_system_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "FileSystemType", "KmsKeyId", "SubnetIds", Id="FileSystemId", Arn="ResourceARN")
    for kind in ("Windows", "Lustre", "Ontap", "OpenZFS"):
        name = f"{kind}Configuration"
        if raw.get(name) is not None:
            # An answer that leaves out the days of backups makes none; a template that does makes some.
            document[name] = {"AutomaticBackupRetentionDays": 0, **pick(raw[name], *NUMBERS_AND_WORDS)}
    document["Tags"] = tags(raw.get("Tags"))
    return document


@reads(FileSystem, "fsx:DescribeFileSystems")
def file_systems(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(file_system_from_api, aws.pages("fsx:DescribeFileSystems", "FileSystems"))
