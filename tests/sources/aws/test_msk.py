from koban.model.aws.msk import Cluster, Connector
from koban.model.estate import MemoryEstate
from koban.sources.aws.msk import cluster_from_api, connector_from_api

LIVE = {
    "clusterType": "PROVISIONED",
    "clusterArn": "arn:aws:kafka:eu-west-1:111122223333:cluster/events/1",
    "clusterName": "events",
    "tags": {"env": "prod"},
    "provisioned": {
        "brokerNodeGroupInfo": {
            "clientSubnets": ["subnet-1"],
            "connectivityInfo": {"publicAccess": {"type": "SERVICE_PROVIDED_EIPS"}},
        },
        "currentBrokerSoftwareInfo": {"kafkaVersion": "3.6.0"},
        "clientAuthentication": {"sasl": {"iam": {"enabled": True}}, "unauthenticated": {"enabled": False}},
        "encryptionInfo": {
            "encryptionAtRest": {"dataVolumeKMSKeyId": "arn:k"},
            "encryptionInTransit": {"clientBroker": "TLS_PLAINTEXT", "inCluster": True},
        },
        "enhancedMonitoring": "PER_BROKER",
        "loggingInfo": {"brokerLogs": {"cloudWatchLogs": {"enabled": True, "logGroup": "g"}}},
    },
}


def test_a_cluster_is_the_same_from_the_api_and_from_a_template():
    live = Cluster(cluster_from_api(LIVE))
    code = Cluster(
        {
            "ClusterName": "events",
            "KafkaVersion": "3.6.0",
            "Tags": {"env": "prod"},
            "BrokerNodeGroupInfo": {"ConnectivityInfo": {"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}}},
            "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}},
            "EncryptionInfo": {
                "EncryptionAtRest": {"DataVolumeKMSKeyId": "arn:k"},
                "EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT"},
            },
            "EnhancedMonitoring": "PER_BROKER",
            "LoggingInfo": {"BrokerLogs": {"CloudWatchLogs": {"Enabled": True}}},
        }
    )
    MemoryEstate([live, code])
    assert {n: repr(getattr(live, n)) for n in Cluster.fields} == {n: repr(getattr(code, n)) for n in Cluster.fields}
    assert live.tags == code.tags == {"env": "prod"}
    assert (live.open, live.logs) == (False, True)
    assert live.uid == LIVE["clusterArn"]


def test_clusters(aws, collect):
    aws("kafka").create_cluster(
        ClusterName="events",
        BrokerNodeGroupInfo={"ClientSubnets": ["subnet-1"], "InstanceType": "kafka.m5.large"},
        KafkaVersion="3.6.0",
        NumberOfBrokerNodes=3,
        EnhancedMonitoring="PER_TOPIC_PER_BROKER",
        EncryptionInfo={"EncryptionInTransit": {"ClientBroker": "PLAINTEXT", "InCluster": True}},
    )
    aws("kafka").create_cluster_v2(ClusterName="light", Serverless={"VpcConfigs": [{"SubnetIds": ["subnet-1"]}]})
    (cluster,) = collect("msk.clusters")
    assert cluster.name == "events"
    assert (cluster.with_clients, cluster.between_brokers) == ("PLAINTEXT", True)
    assert cluster.monitoring == "PER_TOPIC_PER_BROKER"
    assert collect.failures == []


def test_a_connector():
    connector = Connector(
        connector_from_api(
            {
                "connectorName": "c",
                "connectorArn": "arn:c",
                "kafkaClusterEncryptionInTransit": {"encryptionType": "TLS"},
                "kafkaClusterClientAuthentication": {"authenticationType": "IAM"},
                "logDelivery": {"workerLogDelivery": {"s3": {"enabled": True, "bucket": "b"}}},
            }
        )
    )
    assert (connector.encryption, connector.authentication, connector.logs) == ("TLS", "IAM", True)
