from koban.model.aws.msk import Cluster, Connector
from koban.model.unknown import Unknown

CLUSTER = {
    "cluster_name": "c",
    "kafka_version": "3.6.0",
    "enhanced_monitoring": "PER_TOPIC_PER_BROKER",
    "encryption_info": [
        {
            "encryption_at_rest_kms_key_arn": "k",
            "encryption_in_transit": [{"in_cluster": False, "client_broker": "TLS_PLAINTEXT"}],
        }
    ],
    "broker_node_group_info": [
        {"connectivity_info": [{"public_access": [{"type": "SERVICE_PROVIDED_EIPS"}]}], "instance_type": "t"}
    ],
    "client_authentication": [
        {
            "unauthenticated": True,
            "sasl": [{"iam": True, "scram": True}],
            "tls": [{"certificate_authority_arns": ["arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/a"]}],
        }
    ],
    "logging_info": [
        {
            "broker_logs": [
                {
                    "cloudwatch_logs": [{"enabled": True, "log_group": "g"}],
                    "firehose": [{"enabled": True}],
                    "s3": [{"enabled": True}],
                }
            ]
        }
    ],
}


def test_a_cluster(twins):
    twins(
        "aws_msk_cluster",
        CLUSTER,
        Cluster,
        {
            "KafkaVersion": "3.6.0",
            "EnhancedMonitoring": "PER_TOPIC_PER_BROKER",
            "EncryptionInfo": {
                "EncryptionAtRest": {"DataVolumeKMSKeyId": "k"},
                "EncryptionInTransit": {"InCluster": False, "ClientBroker": "TLS_PLAINTEXT"},
            },
            "BrokerNodeGroupInfo": {"ConnectivityInfo": {"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}}},
            "ClientAuthentication": {
                "Unauthenticated": {"Enabled": True},
                "Sasl": {"Iam": {"Enabled": True}, "Scram": {"Enabled": True}},
                "Tls": {"Enabled": True},
            },
            "LoggingInfo": {
                "BrokerLogs": {
                    "CloudWatchLogs": {"Enabled": True},
                    "Firehose": {"Enabled": True},
                    "S3": {"Enabled": True},
                }
            },
        },
    )
    twins("aws_msk_cluster", {"cluster_name": "c", "kafka_version": "3.6.0"}, Cluster, {"KafkaVersion": "3.6.0"})


def test_certificates_count_where_an_authority_is_named(twins, document):
    twins("aws_msk_cluster", {"client_authentication": [{"tls": [{}], "sasl": []}]}, Cluster, {})
    twins("aws_msk_cluster", {"client_authentication": [{"tls": [{"certificate_authority_arns": []}]}]}, Cluster, {})
    unknown = Unknown("var.authorities", "no default")
    body = {"client_authentication": [{"tls": [{"certificate_authority_arns": unknown}]}]}
    assert document("aws_msk_cluster", body)["ClientAuthentication"]["Tls"]["Enabled"] is unknown


def test_a_connector(twins):
    twins(
        "aws_mskconnect_connector",
        {
            "name": "c",
            "kafka_cluster_encryption_in_transit": [{"encryption_type": "TLS"}],
            "kafka_cluster_client_authentication": [{"authentication_type": "IAM"}],
            "log_delivery": [
                {
                    "worker_log_delivery": [
                        {
                            "cloudwatch_logs": [{"enabled": True}],
                            "firehose": [{"enabled": True}],
                            "s3": [{"enabled": True}],
                        }
                    ]
                }
            ],
        },
        Connector,
        {
            "KafkaClusterEncryptionInTransit": {"EncryptionType": "TLS"},
            "KafkaClusterClientAuthentication": {"AuthenticationType": "IAM"},
            "LogDelivery": {
                "WorkerLogDelivery": {
                    "CloudWatchLogs": {"Enabled": True},
                    "Firehose": {"Enabled": True},
                    "S3": {"Enabled": True},
                }
            },
        },
    )
    twins(
        "aws_mskconnect_connector",
        {"kafka_cluster_encryption_in_transit": [{}], "kafka_cluster_client_authentication": [{}]},
        Connector,
        {
            "KafkaClusterEncryptionInTransit": {"EncryptionType": "PLAINTEXT"},
            "KafkaClusterClientAuthentication": {"AuthenticationType": "NONE"},
        },
    )
