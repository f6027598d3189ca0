"""Amazon FSx: each kind of file system is a type of its own."""

from __future__ import annotations

from koban.model.aws.fsx import FileSystem
from koban.sources.terraform.mapping import arg, block, constant, group, maps

maps(
    "aws_fsx_windows_file_system",
    FileSystem,
    Id="id",
    FileSystemType=constant("WINDOWS"),
    KmsKeyId="kms_key_id",
    WindowsConfiguration=group(
        DeploymentType="deployment_type",
        AutomaticBackupRetentionDays=arg("automatic_backup_retention_days", default=7),
        CopyTagsToBackups="copy_tags_to_backups",
        AuditLogConfiguration=block("audit_log_configuration", FileAccessAuditLogLevel="file_access_audit_log_level"),
    ),
)
maps(
    "aws_fsx_ontap_file_system",
    FileSystem,
    Id="id",
    FileSystemType=constant("ONTAP"),
    KmsKeyId="kms_key_id",
    OntapConfiguration=group(
        DeploymentType="deployment_type",
        AutomaticBackupRetentionDays=arg("automatic_backup_retention_days", default=0),
    ),
)
maps(
    "aws_fsx_openzfs_file_system",
    FileSystem,
    Id="id",
    FileSystemType=constant("OPENZFS"),
    KmsKeyId="kms_key_id",
    OpenZFSConfiguration=group(
        DeploymentType="deployment_type",
        AutomaticBackupRetentionDays=arg("automatic_backup_retention_days", default=0),
        CopyTagsToBackups="copy_tags_to_backups",
        CopyTagsToVolumes="copy_tags_to_volumes",
    ),
)
maps(
    "aws_fsx_lustre_file_system",
    FileSystem,
    Id="id",
    FileSystemType=constant("LUSTRE"),
    KmsKeyId="kms_key_id",
    LustreConfiguration=group(
        DeploymentType="deployment_type",
        AutomaticBackupRetentionDays="automatic_backup_retention_days",
        CopyTagsToBackups="copy_tags_to_backups",
    ),
)
