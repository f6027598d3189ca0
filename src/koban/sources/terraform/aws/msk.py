"""Amazon MSK: managed Kafka, and its connectors."""

from __future__ import annotations

from koban.model.aws.msk import Cluster, Connector
from koban.sources.terraform.mapping import EntryLike, arg, block, group, maps

LOGS: dict[str, EntryLike] = {
    "CloudWatchLogs": block("cloudwatch_logs", Enabled="enabled"),
    "Firehose": block("firehose", Enabled="enabled"),
    "S3": block("s3", Enabled="enabled"),
}

maps(
    "aws_msk_cluster",
    Cluster,
    ClusterName="cluster_name",
    Arn="arn",
    KafkaVersion="kafka_version",
    EnhancedMonitoring="enhanced_monitoring",
    EncryptionInfo=block(
        "encryption_info",
        EncryptionAtRest=group(DataVolumeKMSKeyId="encryption_at_rest_kms_key_arn"),
        EncryptionInTransit=block("encryption_in_transit", InCluster="in_cluster", ClientBroker="client_broker"),
    ),
    BrokerNodeGroupInfo=block(
        "broker_node_group_info",
        ConnectivityInfo=block("connectivity_info", PublicAccess=block("public_access", Type="type")),
    ),
    ClientAuthentication=block(
        "client_authentication",
        Unauthenticated=group(Enabled="unauthenticated"),
        Sasl=block("sasl", Iam=group(Enabled="iam"), Scram=group(Enabled="scram")),
        # The provider turns it on where it names an authority.
        Tls=block("tls", Enabled=arg("certificate_authority_arns", bool)),
    ),
    LoggingInfo=block("logging_info", BrokerLogs=block("broker_logs", **LOGS)),
)
maps(
    "aws_mskconnect_connector",
    Connector,
    ConnectorName="name",
    ConnectorArn="arn",
    KafkaClusterEncryptionInTransit=block(
        "kafka_cluster_encryption_in_transit", EncryptionType=arg("encryption_type", default="PLAINTEXT")
    ),
    KafkaClusterClientAuthentication=block(
        "kafka_cluster_client_authentication", AuthenticationType=arg("authentication_type", default="NONE")
    ),
    LogDelivery=block("log_delivery", WorkerLogDelivery=block("worker_log_delivery", **LOGS)),
)
