from koban.model.aws.workspaces import Directory, Workspace


def test_a_workspace(twins):
    twins(
        "aws_workspaces_workspace",
        {"user_volume_encryption_enabled": True, "root_volume_encryption_enabled": True},
        Workspace,
        {"UserVolumeEncryptionEnabled": True, "RootVolumeEncryptionEnabled": True},
    )
    twins("aws_workspaces_workspace", {"directory_id": "d-1"}, Workspace, {})


def test_a_directory(twins):
    twins(
        "aws_workspaces_directory",
        {
            "directory_id": "d-1",
            "ip_group_ids": ["wsipg-1"],
            "workspace_creation_properties": [
                {"user_enabled_as_local_administrator": True, "enable_internet_access": True}
            ],
            "workspace_access_properties": [{"device_type_web": "ALLOW"}],
        },
        Directory,
        {
            "IpGroupIds": ["wsipg-1"],
            "WorkspaceCreationProperties": {"UserEnabledAsLocalAdministrator": True, "EnableInternetAccess": True},
            "WorkspaceAccessProperties": {"DeviceTypeWeb": "ALLOW"},
        },
    )
    twins("aws_workspaces_directory", {"directory_id": "d-1"}, Directory, {})


def test_a_block_that_does_not_speak_of_administrators_makes_none(twins):
    twins(
        "aws_workspaces_directory",
        {"workspace_creation_properties": [{"enable_internet_access": False}]},
        Directory,
        {"WorkspaceCreationProperties": {"UserEnabledAsLocalAdministrator": False}},
    )
