from koban.model.aws.neptune import DBCluster, DBInstance
from koban.sources.aws.neptune import cluster_from_api, instance_from_api

LIVE = {
    "DBClusterIdentifier": "graph",
    "Engine": "neptune",
    "EngineVersion": "1.4.5.0",
    "StorageEncrypted": True,
    "DeletionProtection": True,
    "BackupRetentionPeriod": 7,
    "CopyTagsToSnapshot": True,
    "IAMDatabaseAuthenticationEnabled": True,
    "EnabledCloudwatchLogsExports": ["audit"],
    "MultiAZ": True,
    "TagList": [{"Key": "env", "Value": "prod"}],
}


def test_a_cluster_is_the_same_from_the_api_and_from_a_template():
    live = DBCluster(cluster_from_api(LIVE))
    code = DBCluster(
        {
            "DBClusterIdentifier": "graph",
            "EngineVersion": "1.4.5.0",
            "StorageEncrypted": "true",
            "DeletionProtection": True,
            "BackupRetentionPeriod": 7,
            "CopyTagsToSnapshot": True,
            "IamAuthEnabled": True,
            "EnableCloudwatchLogsExports": ["audit"],
            "Tags": [{"Key": "env", "Value": "prod"}],
        }
    )
    names = ("version", "encrypted", "deletion_protection", "backup_days", "copies_tags", "iam_auth", "tags")
    assert [getattr(live, name) for name in names] == [getattr(code, name) for name in names]
    assert list(live.log_exports) == list(code.log_exports)
    assert live.spans_zones


def test_an_instance():
    instance = DBInstance(
        instance_from_api({"DBInstanceIdentifier": "i", "DBClusterIdentifier": "graph", "PubliclyAccessible": True})
    )
    assert instance.public
    assert instance.minor_upgrades
