"""Amazon EFS."""

from __future__ import annotations

from koban.model.aws.efs import AccessPoint, FileSystem, MountTarget
from koban.sources.terraform.mapping import TAGS, block, folds, json, maps

maps(
    "aws_efs_file_system",
    FileSystem,
    FileSystemId="id",
    Arn="arn",
    Encrypted="encrypted",
    KmsKeyId="kms_key_id",
    AvailabilityZoneName="availability_zone_name",
    FileSystemTags=TAGS,
)
folds("aws_efs_backup_policy", FileSystem, "file_system_id", BackupPolicy=block("backup_policy", Status="status"))
folds("aws_efs_file_system_policy", FileSystem, "file_system_id", FileSystemPolicy=json("policy"))
maps(
    "aws_efs_access_point",
    AccessPoint,
    AccessPointId="id",
    FileSystemId="file_system_id",
    RootDirectory=block("root_directory", Path="path"),
    PosixUser=block("posix_user", Uid="uid", Gid="gid"),
    AccessPointTags=TAGS,
)
maps(
    "aws_efs_mount_target",
    MountTarget,
    Id="id",
    FileSystemId="file_system_id",
    SubnetId="subnet_id",
    SecurityGroups="security_groups",
)
