"""Posture rules for Amazon EFS."""

from __future__ import annotations

from koban.model.aws.backup import ProtectedResource
from koban.model.aws.efs import AccessPoint, FileSystem, MountTarget
from koban.model.aws.vpc import Subnet
from koban.model.rule import rule
from koban.model.unknown import Unknown

READ = "elasticfilesystem:ClientMount"
ANYONE = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": READ}
THROUGH_THE_VPC = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}


@rule(
    "high",
    FileSystem,
    "cis-aws-7.0:3.3.1",
    "cis-aws-3.0:2.4.1",
    "aws-fsbp:EFS.1",
    "aws-fsbp:EFS.8",
    "nist-csf-2.0:PR.DS-01",
)
def efs_file_system_unencrypted(system: FileSystem) -> bool:
    """The file system is not encrypted.

    Why: whoever gets hold of a disk or a backup can read all files, and it cannot be encrypted later.
    Fix: create an encrypted file system with a KMS key and copy the files to it with DataSync.
    """
    return not system.encrypted


efs_file_system_unencrypted.cases(
    bad=[{}, {"Encrypted": False}],
    good=[{"Encrypted": True}],
    unknown=[{"Encrypted": Unknown("Encrypted", "parameter Encrypt has no default")}],
)


@rule("medium", FileSystem, "aws-fsbp:EFS.7", "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def efs_file_system_not_backed_up(system: FileSystem) -> bool:
    """The file system has no automatic backups.

    Why: files that are deleted or encrypted by malware are gone.
    Fix: set BackupPolicy with Status ENABLED, or add the file system to a backup plan of your own.
    """
    return system.backups not in ("ENABLED", "ENABLING")


efs_file_system_not_backed_up.cases(
    bad=[{}, {"BackupPolicy": {"Status": "DISABLED"}}],
    good=[{"BackupPolicy": {"Status": "ENABLED"}}],
    unknown=[{"BackupPolicy": Unknown("BackupPolicy", "AccessDenied efs:DescribeBackupPolicy")}],
)


@rule("high", FileSystem, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def efs_file_system_public(system: FileSystem) -> bool:
    """The file system's policy lets in anyone.

    Why: every client that can reach a mount target, or calls the API, has the rights that the policy gives.
    Fix: name roles as principals, or add a condition on AccessedViaMountTarget or the organisation.
    """
    return system.public


efs_file_system_public.cases(
    bad=[{"FileSystemPolicy": {"Statement": [ANYONE]}}],
    good=[{}, {"FileSystemPolicy": {"Statement": [{**ANYONE, "Condition": THROUGH_THE_VPC}]}}],
    unknown=[{"FileSystemPolicy": Unknown("FileSystemPolicy", "AccessDenied efs:DescribeFileSystemPolicy")}],
)


@rule("medium", FileSystem, "nist-csf-2.0:PR.DS-02")
def efs_file_system_tls_not_required(system: FileSystem) -> bool:
    """The file system can be mounted without TLS.

    Why: files cross the network in plain text whenever a client does not ask for TLS.
    Fix: add a statement to the file system's policy that denies what has aws:SecureTransport false.
    """
    return not system.policy.tls_only


TLS_ONLY = {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
efs_file_system_tls_not_required.cases(
    bad=[{}, {"FileSystemPolicy": {"Statement": [ANYONE]}}],
    good=[{"FileSystemPolicy": {"Statement": [TLS_ONLY]}}],
    unknown=[{"FileSystemPolicy": Unknown("FileSystemPolicy", "AccessDenied efs:DescribeFileSystemPolicy")}],
)


@rule("low", FileSystem, "nist-csf-2.0:PR.IR-04")
def efs_file_system_single_zone(system: FileSystem) -> bool:
    """The file system is kept in one availability zone only.

    Why: when the zone fails, no file can be reached; when it is destroyed, they are lost.
    Fix: create a regional file system and copy the files to it.
    """
    return bool(system.zone)


efs_file_system_single_zone.cases(bad=[{"AvailabilityZoneName": "eu-west-1a"}], good=[{}])


@rule("medium", AccessPoint, "aws-fsbp:EFS.3", "nist-csf-2.0:PR.AA-05")
def efs_access_point_whole_tree(point: AccessPoint) -> bool:
    """The access point shows the whole file system.

    Why: one application then sees the files of all others.
    Fix: set RootDirectory.Path to the application's own directory.
    """
    return point.root == "/"


efs_access_point_whole_tree.cases(
    bad=[{}, {"RootDirectory": {"Path": "/"}}], good=[{"RootDirectory": {"Path": "/orders"}}]
)


@rule("medium", AccessPoint, "aws-fsbp:EFS.4", "nist-csf-2.0:PR.AA-05")
def efs_access_point_any_user(point: AccessPoint) -> bool:
    """Clients of the access point act as whichever user they say they are.

    Why: a client that says it is root reads and changes every file.
    Fix: set PosixUser with a Uid and Gid for the application.
    """
    return not point.uid_enforced


efs_access_point_any_user.cases(bad=[{}], good=[{"PosixUser": {"Uid": "1001", "Gid": "1001"}}])


@rule("medium", MountTarget, "aws-fsbp:EFS.6", "nist-csf-2.0:PR.IR-01")
def efs_mount_target_in_public_subnet(target: MountTarget) -> bool:
    """The mount target is in a subnet that gives out public addresses.

    Why: machines with public addresses are the first to fall, and reach the files from there.
    Fix: place mount targets in private subnets.
    """
    return bool(target.subnet) and target.subnet.public_ip_on_launch


IN_SUBNET = {"Id": "fsmt-1", "SubnetId": "subnet-1"}
efs_mount_target_in_public_subnet.cases(
    bad=[(IN_SUBNET, Subnet({"SubnetId": "subnet-1", "MapPublicIpOnLaunch": True}))],
    good=[(IN_SUBNET, Subnet({"SubnetId": "subnet-1"}))],
    unknown=[IN_SUBNET],
)


@rule(
    "medium",
    FileSystem,
    "aws-fsbp:EFS.2",
    "nist-csf-2.0:PR.DS-11",
    "nist-csf-2.0:RC.RP-03",
    only="live",
)
def efs_file_system_no_backup_plan(system: FileSystem, *, backup_age_days_max: int = 35) -> bool:
    """AWS Backup has no recent backup of the file system.

    Why: backups that only the service itself keeps go when the file system or the account does.
    Fix: add the file system to a backup plan, with copies in a locked vault of another account.
    """
    return not any(one.backup_age_days <= backup_age_days_max for one in system.protections)


efs_file_system_no_backup_plan.cases(
    bad=[
        {"Arn": "arn:it"},
        (
            {"Arn": "arn:it"},
            ProtectedResource({"ResourceArn": "arn:it", "LastBackupTime": "2020-01-01T00:00:00+00:00"}, uid="p"),
        ),
    ],
    good=[
        (
            {"Arn": "arn:it"},
            ProtectedResource({"ResourceArn": "arn:it", "LastBackupTime": "2999-01-01T00:00:00+00:00"}, uid="p"),
        )
    ],
)
