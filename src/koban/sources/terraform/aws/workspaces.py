"""Amazon WorkSpaces."""

from __future__ import annotations

from koban.model.aws.workspaces import Directory, Workspace
from koban.sources.terraform.mapping import arg, block, maps

maps(
    "aws_workspaces_workspace",
    Workspace,
    WorkspaceId="id",
    UserVolumeEncryptionEnabled="user_volume_encryption_enabled",
    RootVolumeEncryptionEnabled="root_volume_encryption_enabled",
)
maps(
    "aws_workspaces_directory",
    Directory,
    DirectoryId="directory_id",
    IpGroupIds="ip_group_ids",
    WorkspaceCreationProperties=block(
        "workspace_creation_properties",
        # A block that does not say it says no; without the block AWS says yes.
        UserEnabledAsLocalAdministrator=arg("user_enabled_as_local_administrator", default=False),
        EnableInternetAccess="enable_internet_access",
    ),
    WorkspaceAccessProperties=block("workspace_access_properties", DeviceTypeWeb="device_type_web"),
)
