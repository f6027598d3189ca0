from koban.model.aws.docdb import DBCluster, DBClusterParameterGroup, DBInstance
from koban.model.estate import MemoryEstate
from koban.sources.aws.docdb import cluster_from_api, instance_from_api, settings_from_api

LIVE = {
    "DBClusterIdentifier": "catalog",
    "Engine": "docdb",
    "EngineVersion": "5.0.0",
    "StorageEncrypted": True,
    "DeletionProtection": True,
    "BackupRetentionPeriod": 7,
    "MasterUsername": "catalog_owner",
    "EnabledCloudwatchLogsExports": ["audit"],
    "DBClusterParameterGroup": "strict",
    "MultiAZ": True,
    "TagList": [{"Key": "env", "Value": "prod"}],
}


def test_a_cluster_is_the_same_from_the_api_and_from_a_template():
    live = DBCluster(cluster_from_api(LIVE))
    code = DBCluster(
        {
            "DBClusterIdentifier": "catalog",
            "EngineVersion": "5.0.0",
            "StorageEncrypted": True,
            "DeletionProtection": True,
            "BackupRetentionPeriod": 7,
            "MasterUsername": "catalog_owner",
            "EnableCloudwatchLogsExports": ["audit"],
            "DBClusterParameterGroupName": "strict",
            "Tags": [{"Key": "env", "Value": "prod"}],
        }
    )
    assert {k: v for k, v in live.document.items() if k != "MultiAZ"} == code.document
    assert live.spans_zones


def test_a_cluster_finds_its_settings():
    group = DBClusterParameterGroup(
        {"Name": "strict", "Parameters": settings_from_api([{"ParameterName": "tls", "ParameterValue": "disabled"}])}
    )
    cluster = DBCluster(cluster_from_api(LIVE))
    MemoryEstate([cluster, group])
    assert cluster.parameter_group.tls == "disabled"
    assert cluster.parameter_group.audit_logs == "disabled"


def test_an_instance_with_its_certificate():
    instance = DBInstance(
        instance_from_api(
            {"DBInstanceIdentifier": "i", "CertificateDetails": {"ValidTill": "2061-05-18T22:53:38+00:00"}}
        )
    )
    assert instance.certificate_end.startswith("2061")
    assert instance.certificate_age_days < 0
