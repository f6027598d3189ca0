import pytest

from koban.model.aws.elasticache import CacheCluster, ReplicationGroup, ServerlessCache, User
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")


def test_a_replication_group(twins):
    twins(
        "aws_elasticache_replication_group",
        {
            "replication_group_id": "sessions",
            "engine": "Valkey",
            "engine_version": "8.0",
            "snapshot_retention_limit": 7,
            "auto_minor_version_upgrade": "false",
            "automatic_failover_enabled": True,
            "multi_az_enabled": True,
            "at_rest_encryption_enabled": "true",
            "transit_encryption_enabled": True,
            "transit_encryption_mode": "preferred",
            "auth_token": "not-a-real-one",
            "user_group_ids": ["app"],
            "subnet_group_name": "private",
            "log_delivery_configuration": [{"log_type": "engine-log"}, {"log_type": "slow-log"}],
        },
        ReplicationGroup,
        {
            "ReplicationGroupId": "sessions",
            "Engine": "valkey",
            "EngineVersion": "8.0",
            "SnapshotRetentionLimit": 7,
            "AutoMinorVersionUpgrade": False,
            "AutomaticFailoverEnabled": True,
            "MultiAZEnabled": True,
            "AtRestEncryptionEnabled": True,
            "TransitEncryptionEnabled": True,
            "TransitEncryptionMode": "preferred",
            "AuthToken": "not-a-real-one",
            "UserGroupIds": ["app"],
            "CacheSubnetGroupName": "private",
            "LogDeliveryConfigurations": [{"LogType": "engine-log"}, {"LogType": "slow-log"}],
        },
    )
    twins("aws_elasticache_replication_group", {"description": "d"}, ReplicationGroup, {})


def test_valkey_is_encrypted_unless_told_otherwise(document):
    for engine, answer in (("valkey", True), ("redis", False)):
        made = document("aws_elasticache_replication_group", {"engine": engine})
        assert ReplicationGroup(made, file="main.tf").encrypted is answer


@pytest.mark.parametrize(
    "path", ["AtRestEncryptionEnabled", "TransitEncryptionEnabled", "TransitEncryptionMode", "EngineVersion"]
)
def test_a_secondary_of_a_global_group_takes_after_the_primary(document, path):
    made = document("aws_elasticache_replication_group", {"global_replication_group_id": "g"})
    assert isinstance(made[path], Unknown)
    made = document("aws_elasticache_replication_group", {"global_replication_group_id": ""})
    assert path not in made
    body = {"global_replication_group_id": "g", "at_rest_encryption_enabled": True}
    assert document("aws_elasticache_replication_group", body)["AtRestEncryptionEnabled"] is True


def test_a_write_only_password_stands_in_the_configuration_too(document):
    body = {"auth_token": "", "auth_token_wo": "not-a-real-one"}
    assert document("aws_elasticache_replication_group", body)["AuthToken"] == "not-a-real-one"


def test_logs_and_engines_that_are_not_known(document):
    made = document("aws_elasticache_replication_group", {"engine": NOT_KNOWN, "log_delivery_configuration": NOT_KNOWN})
    assert isinstance(made["Engine"], Unknown)
    assert isinstance(made["LogDeliveryConfigurations"], Unknown)


def test_a_cluster(twins):
    twins(
        "aws_elasticache_cluster",
        {
            "cluster_id": "c",
            "engine": "memcached",
            "engine_version": "1.6.22",
            "replication_group_id": "g",
            "snapshot_retention_limit": 3,
            "auto_minor_version_upgrade": "false",
            "transit_encryption_enabled": True,
            "subnet_group_name": "private",
        },
        CacheCluster,
        {
            "ClusterName": "c",
            "Engine": "memcached",
            "EngineVersion": "1.6.22",
            "ReplicationGroupId": "g",
            "SnapshotRetentionLimit": 3,
            "AutoMinorVersionUpgrade": False,
            "TransitEncryptionEnabled": True,
            "CacheSubnetGroupName": "private",
        },
    )
    twins("aws_elasticache_cluster", {"cluster_id": "c", "engine": "redis"}, CacheCluster, {"Engine": "redis"})


def test_a_member_of_a_group_does_not_stand_alone(document):
    group = Unknown("aws_elasticache_replication_group.g.id", "known after apply", shape="[a-z].*")
    assert not CacheCluster(document("aws_elasticache_cluster", {"replication_group_id": group})).alone


def test_a_serverless_cache(twins):
    twins(
        "aws_elasticache_serverless_cache",
        {"name": "c", "engine": "valkey", "user_group_id": "app", "snapshot_retention_limit": 1},
        ServerlessCache,
        {"ServerlessCacheName": "c", "Engine": "valkey", "UserGroupId": "app", "SnapshotRetentionLimit": 1},
    )
    twins("aws_elasticache_serverless_cache", {"engine": "redis"}, ServerlessCache, {"Engine": "redis"})


def test_a_user(twins):
    twins(
        "aws_elasticache_user",
        {
            "user_id": "u",
            "user_name": "app",
            "access_string": "on ~* +@all",
            "no_password_required": True,
            "authentication_mode": [{"type": "no-password-required"}],
        },
        User,
        {
            "UserId": "u",
            "UserName": "app",
            "AccessString": "on ~* +@all",
            "NoPasswordRequired": True,
            "AuthenticationMode": {"Type": "no-password-required"},
        },
    )
    twins("aws_elasticache_user", {"user_id": "u"}, User, {"UserId": "u"})
