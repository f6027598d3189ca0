from koban.model.aws.memorydb import Cluster, User


def test_a_cluster(twins):
    twins(
        "aws_memorydb_cluster",
        {
            "name": "c",
            "tls_enabled": False,
            "acl_name": "open-access",
            "snapshot_retention_limit": 7,
            "auto_minor_version_upgrade": False,
            "num_replicas_per_shard": 0,
        },
        Cluster,
        {
            "ClusterName": "c",
            "TLSEnabled": False,
            "ACLName": "open-access",
            "SnapshotRetentionLimit": 7,
            "AutoMinorVersionUpgrade": False,
            "NumReplicasPerShard": 0,
        },
    )
    twins("aws_memorydb_cluster", {"acl_name": "app"}, Cluster, {"ACLName": "app"})


def test_a_user(twins):
    twins(
        "aws_memorydb_user",
        {
            "user_name": "app",
            "access_string": "on ~* +@all",
            "authentication_mode": [{"type": "password", "passwords": ["not-a-real-one-either"]}],
        },
        User,
        {"UserName": "app", "AccessString": "on ~* +@all", "AuthenticationMode": {"Type": "password"}},
    )
    twins("aws_memorydb_user", {"user_name": "app"}, User, {"UserName": "app"})
