from koban.model.aws.elasticache import CacheCluster, ReplicationGroup, User
from koban.model.unknown import Unknown
from koban.sources.aws.elasticache import cluster_from_api, group_from_api, user_from_api


def test_clusters(aws, collect):
    aws("elasticache").create_cache_cluster(
        CacheClusterId="sessions",
        Engine="redis",
        CacheNodeType="cache.t4g.micro",
        NumCacheNodes=1,
        SnapshotRetentionLimit=3,
    )
    (cluster,) = collect("elasticache.clusters")
    assert cluster.uid == "arn:aws:elasticache:eu-west-1:123456789012:cluster:sessions"
    assert (cluster.alone, cluster.keeps_data, cluster.snapshot_days) == (True, True, 3)
    assert collect.failures == []


def test_replication_groups(aws, collect):
    aws("elasticache").create_replication_group(
        ReplicationGroupId="orders",
        ReplicationGroupDescription="-",
        Engine="redis",
        CacheNodeType="cache.t4g.micro",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True,
    )
    (group,) = collect("elasticache.replication_groups")
    assert (group.failover, group.tls, group.encrypted) == (True, True, True)
    assert collect.failures == []


def test_users(aws, collect):
    aws("elasticache").create_user(
        UserId="app", UserName="app", Engine="redis", AccessString="on ~* +@all", NoPasswordRequired=True
    )
    found = {one.name: one for one in collect("elasticache.users")}
    assert found["app"].open


def test_a_group_is_the_same_from_the_api_and_from_a_template():
    live = ReplicationGroup(
        group_from_api(
            {
                "ReplicationGroupId": "orders",
                "AutomaticFailover": "enabled",
                "MultiAZ": "enabled",
                "SnapshotRetentionLimit": 7,
                "AuthTokenEnabled": False,
                "TransitEncryptionEnabled": True,
                "TransitEncryptionMode": "required",
                "AtRestEncryptionEnabled": True,
                "AutoMinorVersionUpgrade": True,
                "UserGroupIds": ["app"],
                "LogDeliveryConfigurations": [
                    {"LogType": "engine-log", "DestinationType": "cloudwatch-logs", "Status": "active"}
                ],
            },
            cluster_from_api(
                {"CacheClusterId": "orders-001", "Engine": "redis", "EngineVersion": "7.1", "CacheSubnetGroupName": "p"}
            ),
        )
    )
    code = ReplicationGroup(
        {
            "ReplicationGroupId": "orders",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "AutomaticFailoverEnabled": "true",
            "MultiAZEnabled": True,
            "SnapshotRetentionLimit": 7,
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
            "UserGroupIds": ["app"],
            "CacheSubnetGroupName": "p",
            "LogDeliveryConfigurations": [{"LogType": "engine-log", "DestinationType": "cloudwatch-logs"}],
        }
    )
    names = ReplicationGroup.fields
    assert {n: repr(getattr(live, n)) for n in names} == {n: repr(getattr(code, n)) for n in names}


def test_a_member_is_told_from_a_cluster_on_its_own():
    assert not CacheCluster(cluster_from_api({"CacheClusterId": "c", "ReplicationGroupId": "g"})).alone


def test_a_user_that_is_switched_off_is_not_open():
    user = user_from_api({"UserId": "u", "AccessString": "off -@all", "Authentication": {"Type": "no-password"}})
    assert User(user).kind == "no-password-required"
    assert not User(user).open


def test_a_group_whose_clusters_were_not_read_has_unknown_subnets():
    group = group_from_api({"ReplicationGroupId": "orders", "Engine": "redis"})
    assert isinstance(group["CacheSubnetGroupName"], Unknown)
    assert group["Engine"] == "redis"
