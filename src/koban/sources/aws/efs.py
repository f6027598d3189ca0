"""Reads Amazon EFS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.efs import AccessPoint, FileSystem, MountTarget
from koban.sources.aws.collector import reads, there
from koban.sources.aws.reader import Reader, pick, tags


def file_system_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "FileSystemId",
        "Encrypted",
        "KmsKeyId",
        "AvailabilityZoneName",
        "NumberOfMountTargets",
        Arn="FileSystemArn",
    )
    document["FileSystemTags"] = tags(raw.get("Tags"))
    return document


@reads(
    FileSystem,
    "efs:DescribeFileSystems",
    FileSystemPolicy="efs:DescribeFileSystemPolicy",
    BackupPolicy="efs:DescribeBackupPolicy",
)
def file_systems(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        document = file_system_from_api(raw)
        name = raw["FileSystemId"]
        found = aws.ask(
            "efs:DescribeFileSystemPolicy",
            "Policy",
            absent=("PolicyNotFound", "FileSystemNotFound"),
            FileSystemId=name,
        )
        if found is not None:
            document["FileSystemPolicy"] = found
        document["BackupPolicy"] = aws.ask(
            "efs:DescribeBackupPolicy",
            "BackupPolicy",
            absent=("PolicyNotFound", "FileSystemNotFound"),
            otherwise={"Status": "DISABLED"},
            FileSystemId=name,
        )
        return document

    yield from aws.each(aws.pages("efs:DescribeFileSystems", "FileSystems"), detail)


def access_point_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "AccessPointId", "FileSystemId", "PosixUser", "RootDirectory", Arn="AccessPointArn")
    document["AccessPointTags"] = tags(raw.get("Tags"))
    return document


@reads(AccessPoint, "efs:DescribeAccessPoints", needs=(FileSystem,), where=there(FileSystem))
def access_points(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(access_point_from_api, aws.pages("efs:DescribeAccessPoints", "AccessPoints"))


def mount_target_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "FileSystemId", "SubnetId", Id="MountTargetId")


@reads(MountTarget, "efs:DescribeMountTargets", needs=(FileSystem,))
def mount_targets(aws: Reader) -> Iterator[dict[str, Any]]:
    """The API lists them for one file system at a time."""

    def detail(name: str) -> list[dict[str, Any]]:
        return [
            mount_target_from_api(one)
            for one in aws.pages("efs:DescribeMountTargets", "MountTargets", FileSystemId=name)
        ]

    systems = (one.document for one in aws.read(FileSystem))
    names = [one["FileSystemId"] for one in systems if one.get("NumberOfMountTargets") != 0]
    for found in aws.each(names, detail):
        yield from found
