import pytest

from koban.model.aws.fsx import FileSystem
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")


def test_windows(twins):
    twins(
        "aws_fsx_windows_file_system",
        {
            "kms_key_id": "k",
            "deployment_type": "MULTI_AZ_1",
            "automatic_backup_retention_days": 14,
            "copy_tags_to_backups": True,
            "audit_log_configuration": [{"file_access_audit_log_level": "SUCCESS_AND_FAILURE"}],
        },
        FileSystem,
        {
            "FileSystemType": "WINDOWS",
            "KmsKeyId": "k",
            "WindowsConfiguration": {
                "DeploymentType": "MULTI_AZ_1",
                "AutomaticBackupRetentionDays": 14,
                "CopyTagsToBackups": True,
                "AuditLogConfiguration": {"FileAccessAuditLogLevel": "SUCCESS_AND_FAILURE"},
            },
        },
    )
    twins(
        "aws_fsx_windows_file_system",
        {"throughput_capacity": 32},
        FileSystem,
        {"FileSystemType": "WINDOWS", "WindowsConfiguration": {"AutomaticBackupRetentionDays": 7}},
    )


def test_ontap(twins):
    twins(
        "aws_fsx_ontap_file_system",
        {"kms_key_id": "k", "deployment_type": "MULTI_AZ_1", "automatic_backup_retention_days": 14},
        FileSystem,
        {
            "FileSystemType": "ONTAP",
            "KmsKeyId": "k",
            "OntapConfiguration": {"DeploymentType": "MULTI_AZ_1", "AutomaticBackupRetentionDays": 14},
        },
    )
    twins(
        "aws_fsx_ontap_file_system",
        {"deployment_type": "SINGLE_AZ_1"},
        FileSystem,
        {
            "FileSystemType": "ONTAP",
            "OntapConfiguration": {"DeploymentType": "SINGLE_AZ_1", "AutomaticBackupRetentionDays": 0},
        },
    )


def test_openzfs(twins):
    twins(
        "aws_fsx_openzfs_file_system",
        {
            "kms_key_id": "k",
            "deployment_type": "SINGLE_AZ_1",
            "automatic_backup_retention_days": 14,
            "copy_tags_to_backups": True,
            "copy_tags_to_volumes": True,
        },
        FileSystem,
        {
            "FileSystemType": "OPENZFS",
            "KmsKeyId": "k",
            "OpenZFSConfiguration": {
                "DeploymentType": "SINGLE_AZ_1",
                "AutomaticBackupRetentionDays": 14,
                "CopyTagsToBackups": True,
                "CopyTagsToVolumes": True,
            },
        },
    )
    twins(
        "aws_fsx_openzfs_file_system",
        {"deployment_type": "SINGLE_AZ_1"},
        FileSystem,
        {
            "FileSystemType": "OPENZFS",
            "OpenZFSConfiguration": {"DeploymentType": "SINGLE_AZ_1", "AutomaticBackupRetentionDays": 0},
        },
    )


def test_lustre(twins):
    twins(
        "aws_fsx_lustre_file_system",
        {
            "kms_key_id": "k",
            "deployment_type": "PERSISTENT_2",
            "automatic_backup_retention_days": 14,
            "copy_tags_to_backups": True,
        },
        FileSystem,
        {
            "FileSystemType": "LUSTRE",
            "KmsKeyId": "k",
            "LustreConfiguration": {
                "DeploymentType": "PERSISTENT_2",
                "AutomaticBackupRetentionDays": 14,
                "CopyTagsToBackups": True,
            },
        },
    )
    twins("aws_fsx_lustre_file_system", {"storage_capacity": 1200}, FileSystem, {"FileSystemType": "LUSTRE"})


@pytest.mark.parametrize("kind", ["windows", "ontap", "openzfs", "lustre"])
def test_days_that_are_not_known(document, kind):
    made = document(f"aws_fsx_{kind}_file_system", {"automatic_backup_retention_days": NOT_KNOWN})
    assert isinstance(FileSystem(made).backup_days, Unknown)
