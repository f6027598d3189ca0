"""Amazon FSx."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Resource, derived, field, link, matches


class FileSystem(
    Resource,
    type="AWS::FSx::FileSystem",
    ids="Id",
    arn="arn:{partition}:fsx:{region}:{account}:file-system/{Id}",
):
    """A file system of FSx, always encrypted."""

    kind: str = field("FileSystemType", "", "WINDOWS, LUSTRE, ONTAP or OPENZFS")
    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The KMS key; None: the service's own")
    windows_deployment: str = field(
        "WindowsConfiguration.DeploymentType", "SINGLE_AZ_1", "MULTI_AZ_1, SINGLE_AZ_2, ..."
    )
    windows_backup_days: int = field("WindowsConfiguration.AutomaticBackupRetentionDays", 30, "0: no backups")
    windows_tags: bool = field("WindowsConfiguration.CopyTagsToBackups", False, "Whether backups get its tags")
    windows_audit: str = field(
        "WindowsConfiguration.AuditLogConfiguration.FileAccessAuditLogLevel", "DISABLED", "Which file access is audited"
    )
    ontap_deployment: str = field("OntapConfiguration.DeploymentType", "", "MULTI_AZ_1, SINGLE_AZ_1, ...")
    ontap_backup_days: int = field("OntapConfiguration.AutomaticBackupRetentionDays", 30, "0: no backups")
    openzfs_deployment: str = field("OpenZFSConfiguration.DeploymentType", "", "MULTI_AZ_1, SINGLE_AZ_HA_2, ...")
    openzfs_backup_days: int = field("OpenZFSConfiguration.AutomaticBackupRetentionDays", 30, "0: no backups")
    openzfs_tags: bool = field("OpenZFSConfiguration.CopyTagsToBackups", False, "Whether backups get its tags")
    openzfs_volume_tags: bool = field("OpenZFSConfiguration.CopyTagsToVolumes", False, "Whether volumes get its tags")
    lustre_deployment: str = field("LustreConfiguration.DeploymentType", "SCRATCH_1", "SCRATCH_*, PERSISTENT_*")
    lustre_backup_days: int = field("LustreConfiguration.AutomaticBackupRetentionDays", 0, "0: no backups")
    lustre_tags: bool = field("LustreConfiguration.CopyTagsToBackups", False, "Whether backups get its tags")

    @derived
    def multi_az(self) -> bool:
        """Whether it runs in more than one zone."""
        if self.kind == "WINDOWS":
            return bool(matches("^MULTI_AZ", self.windows_deployment))
        if self.kind == "ONTAP":
            return bool(matches("^MULTI_AZ", self.ontap_deployment))
        return bool(matches("^MULTI_AZ", self.openzfs_deployment))

    @derived
    def backup_days(self) -> int:
        """Days that automatic backups are kept; 0: none are made."""
        if self.kind == "WINDOWS":
            return self.windows_backup_days
        if self.kind == "ONTAP":
            return self.ontap_backup_days
        return self.openzfs_backup_days if self.kind == "OPENZFS" else self.lustre_backup_days

    @derived
    def scratch(self) -> bool:
        """Whether it is Lustre for data that may be lost at any time."""
        return self.kind == "LUSTRE" and bool(matches("^SCRATCH", self.lustre_deployment))
