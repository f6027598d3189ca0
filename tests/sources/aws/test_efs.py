import json

from koban.model.aws.efs import AccessPoint, FileSystem
from koban.sources.aws.efs import access_point_from_api, file_system_from_api


def test_file_systems_with_policy_and_backups(aws, collect):
    efs = aws("efs")
    name = efs.create_file_system(CreationToken="files", Encrypted=True, Tags=[{"Key": "env", "Value": "prod"}])[
        "FileSystemId"
    ]
    efs.put_file_system_policy(
        FileSystemId=name,
        Policy=json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}),
    )
    (system,) = collect("efs.file_systems")
    assert (system.encrypted, system.public, system.backups) == (True, True, "DISABLED")
    assert system.uid == f"arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/{name}"
    assert system.tags == {"env": "prod"}
    assert collect.failures == []


def test_access_points(aws, collect):
    efs = aws("efs")
    name = efs.create_file_system(CreationToken="files")["FileSystemId"]
    efs.create_access_point(
        ClientToken="a", FileSystemId=name, PosixUser={"Uid": 1001, "Gid": 1001}, RootDirectory={"Path": "/orders"}
    )
    (point,) = collect("efs.access_points")
    assert (point.root, point.uid_enforced) == ("/orders", "1001")


def test_mount_targets(aws, collect):
    ec2, efs = aws("ec2"), aws("efs")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    name = efs.create_file_system(CreationToken="files")["FileSystemId"]
    efs.create_mount_target(FileSystemId=name, SubnetId=subnet)
    (target,) = collect("efs.mount_targets")
    assert target.document["SubnetId"] == subnet
    assert target.document["FileSystemId"] == name
    assert collect.failures == []


def test_both_spellings_give_the_same():
    live = FileSystem(
        file_system_from_api({"FileSystemId": "fs-1", "Encrypted": True, "Tags": [{"Key": "env", "Value": "prod"}]})
    )
    code = FileSystem({"Encrypted": "true", "FileSystemTags": [{"Key": "env", "Value": "prod"}]})
    assert (live.encrypted, live.backups, live.tags) == (code.encrypted, code.backups, code.tags)
    point = AccessPoint(access_point_from_api({"AccessPointId": "fsap-1", "PosixUser": {"Uid": 0, "Gid": 0}}))
    assert point.uid_enforced == AccessPoint({"PosixUser": {"Uid": "0", "Gid": "0"}}).uid_enforced == "0"


def test_a_file_system_without_mount_targets_is_not_asked_for_them(answered):
    described = {"efs:DescribeMountTargets": lambda FileSystemId: {"MountTargets": [{"MountTargetId": FileSystemId}]}}
    systems = [FileSystem({"FileSystemId": f"fs-{n}", "NumberOfMountTargets": n}) for n in (0, 1)]
    found = answered("efs.mount_targets", described, *systems, FileSystem({"FileSystemId": "fs-old"}))
    assert [one.name for one in found] == ["fs-1", "fs-old"]
