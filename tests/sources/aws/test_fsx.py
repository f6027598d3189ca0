from koban.model.aws.fsx import FileSystem
from koban.model.estate import MemoryEstate
from koban.sources.aws.fsx import file_system_from_api


def test_file_systems(aws, collect):
    aws("fsx").create_file_system(FileSystemType="LUSTRE", SubnetIds=["subnet-0123456789abcdef0"], StorageCapacity=1200)
    (system,) = collect("fsx.file_systems")
    assert system.kind == "LUSTRE"
    assert collect.failures == []


def test_a_file_system_is_the_same_from_the_api_and_from_a_template():
    settings = {"DeploymentType": "MULTI_AZ_1", "AutomaticBackupRetentionDays": 14, "CopyTagsToBackups": True}
    live = FileSystem(
        file_system_from_api(
            {"FileSystemId": "fs-1", "FileSystemType": "WINDOWS", "WindowsConfiguration": {**settings, "Aliases": []}}
        )
    )
    code = FileSystem({"FileSystemType": "WINDOWS", "WindowsConfiguration": settings})
    MemoryEstate([live, code])
    assert {n: getattr(live, n) for n in FileSystem.fields} == {n: getattr(code, n) for n in FileSystem.fields}
    assert live.multi_az
    assert live.backup_days == 14


def test_an_answer_without_backup_days_makes_no_backups():
    live = file_system_from_api({"FileSystemId": "fs-1", "FileSystemType": "ONTAP", "OntapConfiguration": {}})
    assert FileSystem(live).backup_days == 0
