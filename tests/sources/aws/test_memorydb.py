from koban.model.aws.memorydb import Cluster, User
from koban.sources.aws.memorydb import cluster_from_api, user_from_api


def test_clusters(aws, collect):
    aws("memorydb").create_cluster(
        ClusterName="ledger", NodeType="db.t4g.small", ACLName="open-access", TLSEnabled=False, NumReplicasPerShard=2
    )
    (cluster,) = collect("memorydb.clusters")
    assert (cluster.acl, cluster.tls, cluster.replicas) == ("open-access", False, 2)
    assert cluster.uid == "arn:aws:memorydb:eu-west-1:123456789012:cluster/ledger"
    assert collect.failures == []


def test_a_cluster_is_the_same_from_the_api_and_from_a_template():
    live = Cluster(
        cluster_from_api(
            {
                "Name": "ledger",
                "ACLName": "app",
                "TLSEnabled": True,
                "SnapshotRetentionLimit": 7,
                "AutoMinorVersionUpgrade": True,
                "Shards": [{"Name": "0001", "NumberOfNodes": 2}],
            }
        )
    )
    code = Cluster({"ClusterName": "ledger", "ACLName": "app", "SnapshotRetentionLimit": 7})
    assert {n: getattr(live, n) for n in Cluster.fields} == {n: getattr(code, n) for n in Cluster.fields}


def test_a_user():
    user = User(user_from_api({"Name": "app", "AccessString": "on ~* +@all", "Authentication": {"Type": "iam"}}))
    assert (user.unlimited, user.kind) == (True, "iam")
