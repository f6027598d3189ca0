from koban.model.aws.workspaces import Directory, Workspace
from koban.sources.aws.workspaces import workspace_from_api


def test_workspaces_and_their_directory(answered):
    answers = {
        "workspaces:DescribeWorkspaces": {"Workspaces": [{"WorkspaceId": "ws-1", "RootVolumeEncryptionEnabled": True}]},
        "workspaces:DescribeWorkspaceDirectories": {
            "Directories": [
                {
                    "DirectoryId": "d-1",
                    "ipGroupIds": ["wsipg-1"],
                    "WorkspaceCreationProperties": {
                        "UserEnabledAsLocalAdministrator": False,
                        "EnableInternetAccess": True,
                    },
                    "WorkspaceAccessProperties": {"DeviceTypeWeb": "ALLOW"},
                }
            ]
        },
    }
    assert answered("workspaces.workspaces", answers) == []
    (workspace,) = answered("workspaces.workspaces", answers, Directory({"DirectoryId": "d-1"}))
    assert workspace.uid == "arn:aws:workspaces:eu-west-1:123456789012:workspace/ws-1"
    assert workspace.root_volume_encrypted
    assert not workspace.user_volume_encrypted
    (directory,) = answered("workspaces.directories", answers)
    assert directory.ip_groups == ("wsipg-1",)
    assert directory.internet
    assert not directory.local_admin
    assert directory.web_access == "ALLOW"


def test_a_live_workspace_and_its_template_agree():
    live = Workspace(workspace_from_api({"WorkspaceId": "ws-1", "UserVolumeEncryptionEnabled": True, "State": "X"}))
    template = Workspace({"UserVolumeEncryptionEnabled": "true"})
    assert live.user_volume_encrypted
    assert template.user_volume_encrypted
