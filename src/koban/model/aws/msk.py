"""Amazon MSK: managed Kafka, and its connectors."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Resource, derived, field, link


class Cluster(Resource, type="AWS::MSK::Cluster", ids="ClusterName Arn"):
    """A Kafka cluster with brokers of its own."""

    between_brokers: bool = field(
        "EncryptionInfo.EncryptionInTransit.InCluster", True, "Whether brokers use TLS among themselves"
    )
    with_clients: str = field(
        "EncryptionInfo.EncryptionInTransit.ClientBroker", "TLS", "TLS, TLS_PLAINTEXT or PLAINTEXT"
    )
    key: Any = link("EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId", "AWS::KMS::Key", "The KMS key of its disks")
    monitoring: str = field("EnhancedMonitoring", "DEFAULT", "DEFAULT, PER_BROKER, PER_TOPIC_PER_BROKER, ...")
    public_access: str = field(
        "BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type", "DISABLED", "DISABLED or SERVICE_PROVIDED_EIPS"
    )
    unauthenticated: bool = field("ClientAuthentication.Unauthenticated.Enabled", False, "Whether anyone may connect")
    iam: bool = field("ClientAuthentication.Sasl.Iam.Enabled", False, "Whether clients sign in with IAM")
    scram: bool = field("ClientAuthentication.Sasl.Scram.Enabled", False, "Whether clients sign in with passwords")
    mutual_tls: bool = field("ClientAuthentication.Tls.Enabled", False, "Whether clients sign in with certificates")
    version: str = field("KafkaVersion", "", "The version of Kafka")
    log_to_cloudwatch: bool = field("LoggingInfo.BrokerLogs.CloudWatchLogs.Enabled", False, "Broker logs go there")
    log_to_firehose: bool = field("LoggingInfo.BrokerLogs.Firehose.Enabled", False, "Broker logs go there")
    log_to_s3: bool = field("LoggingInfo.BrokerLogs.S3.Enabled", False, "Broker logs go there")

    @derived
    def open(self) -> bool:
        """Whether clients may connect without signing in: allowed, or nothing else is set up."""
        return self.unauthenticated or not (self.iam or self.scram or self.mutual_tls)

    @derived
    def logs(self) -> bool:
        """Whether broker logs go anywhere."""
        return self.log_to_cloudwatch or self.log_to_firehose or self.log_to_s3


class Connector(Resource, type="AWS::KafkaConnect::Connector", ids="ConnectorName ConnectorArn"):
    """A program of MSK Connect that copies data from or to Kafka."""

    encryption: str = field("KafkaClusterEncryptionInTransit.EncryptionType", "", "TLS or PLAINTEXT")
    authentication: str = field("KafkaClusterClientAuthentication.AuthenticationType", "", "IAM or NONE")
    log_to_cloudwatch: bool = field("LogDelivery.WorkerLogDelivery.CloudWatchLogs.Enabled", False, "Logs go there")
    log_to_firehose: bool = field("LogDelivery.WorkerLogDelivery.Firehose.Enabled", False, "Logs go there")
    log_to_s3: bool = field("LogDelivery.WorkerLogDelivery.S3.Enabled", False, "Logs go there")

    @derived
    def logs(self) -> bool:
        """Whether its logs go anywhere."""
        return self.log_to_cloudwatch or self.log_to_firehose or self.log_to_s3
