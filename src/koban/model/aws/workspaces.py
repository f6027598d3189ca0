"""Amazon WorkSpaces."""

from __future__ import annotations

from koban.model.resource import Resource, field


class Workspace(
    Resource,
    type="AWS::WorkSpaces::Workspace",
    ids="WorkspaceId",
    arn="arn:{partition}:workspaces:{region}:{account}:workspace/{WorkspaceId}",
):
    """A virtual desktop."""

    user_volume_encrypted: bool = field("UserVolumeEncryptionEnabled", False, "Whether the user's disk is encrypted")
    root_volume_encrypted: bool = field("RootVolumeEncryptionEnabled", False, "Whether the system disk is encrypted")


class Directory(
    Resource,
    type="Koban::WorkSpaces::Directory",
    ids="DirectoryId",
    arn="arn:{partition}:workspaces:{region}:{account}:directory/{DirectoryId}",
):
    """The directory of a group of virtual desktops, and what their users may do."""

    ip_groups: tuple[str, ...] = field("IpGroupIds", (), "Groups of addresses that may connect; none: every address")
    local_admin: bool = field(
        "WorkspaceCreationProperties.UserEnabledAsLocalAdministrator", True, "Whether users are administrators"
    )
    internet: bool = field(
        "WorkspaceCreationProperties.EnableInternetAccess", False, "Whether new desktops get a public address"
    )
    web_access: str = field("WorkspaceAccessProperties.DeviceTypeWeb", "DENY", "ALLOW: from any browser; DENY")
