"""Posture rules for Amazon FSx."""

from __future__ import annotations

from koban.model.aws.fsx import FileSystem
from koban.model.rule import rule


@rule("low", FileSystem, "aws-fsbp:FSx.1", "nist-csf-2.0:ID.AM-08", when=lambda system: system.kind == "OPENZFS")
def fsx_openzfs_tags_not_copied(system: FileSystem) -> bool:
    """Backups and volumes do not get the OpenZFS file system's tags.

    Why: permissions and clean-up that go by tags miss the copies, which hold the same data.
    Fix: set CopyTagsToBackups and CopyTagsToVolumes to true.
    """
    return not system.openzfs_tags or not system.openzfs_volume_tags


ZFS = {"FileSystemType": "OPENZFS"}
fsx_openzfs_tags_not_copied.cases(
    bad=[ZFS, {**ZFS, "OpenZFSConfiguration": {"CopyTagsToBackups": True}}],
    good=[{**ZFS, "OpenZFSConfiguration": {"CopyTagsToBackups": True, "CopyTagsToVolumes": True}}],
    skipped=[{"FileSystemType": "LUSTRE"}],
)


@rule(
    "low",
    FileSystem,
    "aws-fsbp:FSx.2",
    "nist-csf-2.0:ID.AM-08",
    when=lambda system: system.kind == "LUSTRE" and not system.scratch,
)
def fsx_lustre_tags_not_copied(system: FileSystem) -> bool:
    """Backups do not get the Lustre file system's tags.

    Why: permissions and clean-up that go by tags miss the backups, which hold the same data.
    Fix: set CopyTagsToBackups to true.
    """
    return not system.lustre_tags


KEPT = {"DeploymentType": "PERSISTENT_2"}
fsx_lustre_tags_not_copied.cases(
    bad=[{"FileSystemType": "LUSTRE", "LustreConfiguration": KEPT}],
    good=[{"FileSystemType": "LUSTRE", "LustreConfiguration": {**KEPT, "CopyTagsToBackups": True}}],
    skipped=[{"FileSystemType": "LUSTRE"}, ZFS],
)


@rule("low", FileSystem, "nist-csf-2.0:ID.AM-08", when=lambda system: system.kind == "WINDOWS")
def fsx_windows_tags_not_copied(system: FileSystem) -> bool:
    """Backups do not get the Windows file system's tags.

    Why: permissions and clean-up that go by tags miss the backups, which hold the same data.
    Fix: set CopyTagsToBackups to true.
    """
    return not system.windows_tags


WINDOWS = {"FileSystemType": "WINDOWS"}
fsx_windows_tags_not_copied.cases(
    bad=[WINDOWS], good=[{**WINDOWS, "WindowsConfiguration": {"CopyTagsToBackups": True}}], skipped=[ZFS]
)


@rule(
    "low",
    FileSystem,
    "aws-fsbp:FSx.3",
    "aws-fsbp:FSx.4",
    "aws-fsbp:FSx.5",
    "nist-csf-2.0:PR.IR-04",
    when=lambda system: system.kind != "LUSTRE",
)
def fsx_file_system_single_zone(system: FileSystem) -> bool:
    """The file system runs in one availability zone only.

    Why: when the zone fails, no file can be reached.
    Fix: create the file system anew from a backup with a MULTI_AZ deployment type.
    """
    return not system.multi_az


fsx_file_system_single_zone.cases(
    bad=[WINDOWS, {**ZFS, "OpenZFSConfiguration": {"DeploymentType": "SINGLE_AZ_1"}}],
    good=[
        {**WINDOWS, "WindowsConfiguration": {"DeploymentType": "MULTI_AZ_1"}},
        {"FileSystemType": "ONTAP", "OntapConfiguration": {"DeploymentType": "MULTI_AZ_2"}},
    ],
    skipped=[{"FileSystemType": "LUSTRE"}],
)


@rule("medium", FileSystem, "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03", when=lambda system: not system.scratch)
def fsx_file_system_backups_short(system: FileSystem, *, backup_days_min: int = 7) -> bool:
    """Automatic backups of the file system are off or kept too briefly.

    Why: files that are deleted or encrypted by malware are gone once the last backup is.
    Fix: set AutomaticBackupRetentionDays to at least 7 days.
    """
    return system.backup_days < backup_days_min


fsx_file_system_backups_short.cases(
    bad=[{**WINDOWS, "WindowsConfiguration": {"AutomaticBackupRetentionDays": 0}}],
    good=[WINDOWS, {**ZFS, "OpenZFSConfiguration": {"AutomaticBackupRetentionDays": 14}}],
    skipped=[{"FileSystemType": "LUSTRE"}],
)


@rule("low", FileSystem, "nist-csf-2.0:PR.PS-04", when=lambda system: system.kind == "WINDOWS")
def fsx_windows_access_not_audited(system: FileSystem) -> bool:
    """Nobody records who opens files on the Windows file system.

    Why: after a leak or a wave of encrypted files, nobody can tell which account did it.
    Fix: set AuditLogConfiguration to audit success and failure of file access.
    """
    return system.windows_audit == "DISABLED"


fsx_windows_access_not_audited.cases(
    bad=[WINDOWS],
    good=[
        {
            **WINDOWS,
            "WindowsConfiguration": {"AuditLogConfiguration": {"FileAccessAuditLogLevel": "SUCCESS_AND_FAILURE"}},
        }
    ],
    skipped=[ZFS],
)
