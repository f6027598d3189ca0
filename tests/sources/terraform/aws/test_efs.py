from koban.model.aws.efs import AccessPoint, FileSystem, MountTarget
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")
POLICY = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:ClientMount"}]}'


def test_a_file_system(twins):
    twins(
        "aws_efs_file_system",
        {"encrypted": True, "kms_key_id": "k", "availability_zone_name": "eu-west-1a"},
        FileSystem,
        {"Encrypted": True, "KmsKeyId": "k", "AvailabilityZoneName": "eu-west-1a"},
    )
    twins("aws_efs_file_system", {"creation_token": "t"}, FileSystem, {})


def test_tags_are_called_otherwise_than_for_other_types(document):
    body = {"id": "fs-1", "tags": {"team": "orders"}}
    assert FileSystem(document("aws_efs_file_system", body)).tags == {"team": "orders"}
    assert AccessPoint(document("aws_efs_access_point", body)).tags == {"team": "orders"}


def test_backups_and_policy_as_resources_of_their_own(document):
    made = document("aws_efs_backup_policy", {"file_system_id": "fs-1", "backup_policy": [{"status": "ENABLED"}]})
    assert made == {"BackupPolicy": {"Status": "ENABLED"}}
    made = document("aws_efs_backup_policy", {"backup_policy": [{"status": NOT_KNOWN}]})
    assert isinstance(made["BackupPolicy"]["Status"], Unknown)
    assert FileSystem(document("aws_efs_file_system_policy", {"file_system_id": "fs-1", "policy": POLICY})).public
    made = document("aws_efs_file_system_policy", {"file_system_id": "fs-1", "policy": NOT_KNOWN})
    assert isinstance(made["FileSystemPolicy"], Unknown)


def test_an_access_point(twins):
    twins(
        "aws_efs_access_point",
        {"root_directory": [{"path": "/orders"}], "posix_user": [{"uid": 1001, "gid": 1001}]},
        AccessPoint,
        {"RootDirectory": {"Path": "/orders"}, "PosixUser": {"Uid": "1001", "Gid": "1001"}},
    )
    twins("aws_efs_access_point", {"file_system_id": "fs-1"}, AccessPoint, {"FileSystemId": "fs-1"})


def test_an_access_point_whose_clients_act_as_root_does_say_who_they_are(twins):
    twins("aws_efs_access_point", {"posix_user": [{"uid": 0, "gid": 0}]}, AccessPoint, {"PosixUser": {"Uid": "0"}})


def test_a_mount_target(twins):
    twins(
        "aws_efs_mount_target",
        {"file_system_id": "fs-1", "subnet_id": "subnet-1", "security_groups": ["sg-1"]},
        MountTarget,
        {"FileSystemId": "fs-1", "SubnetId": "subnet-1", "SecurityGroups": ["sg-1"]},
    )
    twins("aws_efs_mount_target", {"subnet_id": "subnet-1"}, MountTarget, {"SubnetId": "subnet-1"})
