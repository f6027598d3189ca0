"""Posture rules for Amazon WorkSpaces."""

from __future__ import annotations

from koban.model.aws.workspaces import Directory, Workspace
from koban.model.rule import rule


@rule("medium", Workspace, "aws-fsbp:WorkSpaces.1", "nist-csf-2.0:PR.DS-01")
def workspaces_user_volume_unencrypted(workspace: Workspace) -> bool:
    """The user's disk of this virtual desktop is not encrypted.

    Why: documents on it can be read by whoever gets at the disk or a snapshot of it.
    Fix: make the desktop anew with UserVolumeEncryptionEnabled: it cannot be changed later.
    """
    return not workspace.user_volume_encrypted


workspaces_user_volume_unencrypted.cases(
    bad=[{}, {"UserVolumeEncryptionEnabled": False}], good=[{"UserVolumeEncryptionEnabled": True}]
)


@rule("medium", Workspace, "aws-fsbp:WorkSpaces.2", "nist-csf-2.0:PR.DS-01")
def workspaces_root_volume_unencrypted(workspace: Workspace) -> bool:
    """The system disk of this virtual desktop is not encrypted.

    Why: caches, passwords and tokens on it can be read by whoever gets at the disk or a snapshot of it.
    Fix: make the desktop anew with RootVolumeEncryptionEnabled: it cannot be changed later.
    """
    return not workspace.root_volume_encrypted


workspaces_root_volume_unencrypted.cases(bad=[{}], good=[{"RootVolumeEncryptionEnabled": True}])


@rule("medium", Directory, "nist-csf-2.0:PR.IR-01", "nist-csf-2.0:PR.AA-05")
def workspaces_directory_open_to_all(directory: Directory) -> bool:
    """Virtual desktops of this directory can be reached from every address.

    Why: a stolen password is then good from anywhere in the world.
    Fix: give the directory IP access control groups with the company's networks.
    """
    return not directory.ip_groups


workspaces_directory_open_to_all.cases(bad=[{"DirectoryId": "d-1"}], good=[{"IpGroupIds": ["wsipg-1"]}])


@rule("medium", Directory, "nist-csf-2.0:PR.AA-05")
def workspaces_directory_users_administer(directory: Directory) -> bool:
    """Users of this directory are administrators of their virtual desktops.

    Why: what a user runs by mistake then installs itself and turns off protection.
    Fix: turn off local administrator for the directory and install software centrally.
    """
    return directory.local_admin


workspaces_directory_users_administer.cases(
    bad=[{"WorkspaceCreationProperties": {"UserEnabledAsLocalAdministrator": True}}],
    good=[{"WorkspaceCreationProperties": {"UserEnabledAsLocalAdministrator": False}}],
)


@rule("medium", Directory, "nist-csf-2.0:PR.IR-01")
def workspaces_directory_public_addresses(directory: Directory) -> bool:
    """New virtual desktops of this directory get public addresses.

    Why: the desktop itself is then within reach of the internet, with a security group alone in between.
    Fix: turn off internet access for the directory and let desktops out through a NAT gateway or a proxy.
    """
    return directory.internet


workspaces_directory_public_addresses.cases(
    bad=[{"WorkspaceCreationProperties": {"EnableInternetAccess": True}}], good=[{"DirectoryId": "d-1"}]
)


@rule("low", Directory, "nist-csf-2.0:PR.AA-05")
def workspaces_directory_web_access(directory: Directory) -> bool:
    """Virtual desktops of this directory can be used from any browser.

    Why: browsers on shared or unmanaged machines are where sessions and documents are left behind.
    Fix: set DeviceTypeWeb of the access properties to DENY, or trust certain devices by certificate.
    """
    return directory.web_access == "ALLOW"


workspaces_directory_web_access.cases(
    bad=[{"WorkspaceAccessProperties": {"DeviceTypeWeb": "ALLOW"}}], good=[{"DirectoryId": "d-1"}]
)
