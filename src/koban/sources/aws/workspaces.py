"""Reads Amazon WorkSpaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.workspaces import Directory, Workspace
from koban.sources.aws.collector import reads, there
from koban.sources.aws.reader import Reader, pick


def workspace_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw, "WorkspaceId", "DirectoryId", "UserName", "UserVolumeEncryptionEnabled", "RootVolumeEncryptionEnabled"
    )


def directory_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(raw, "DirectoryId", "WorkspaceCreationProperties", "WorkspaceAccessProperties", IpGroupIds="ipGroupIds")


@reads(Workspace, "workspaces:DescribeWorkspaces", needs=(Directory,), where=there(Directory))
def workspaces(aws: Reader) -> Iterator[dict[str, Any]]:
    """Asked for where a directory is registered: no workspace is without one."""
    yield from map(workspace_from_api, aws.pages("workspaces:DescribeWorkspaces", "Workspaces"))


@reads(Directory, "workspaces:DescribeWorkspaceDirectories")
def directories(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(directory_from_api, aws.pages("workspaces:DescribeWorkspaceDirectories", "Directories"))
