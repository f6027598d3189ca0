"""Posture rules for Amazon MSK."""

from __future__ import annotations

from koban.model.aws.msk import Cluster, Connector
from koban.model.rule import rule
from koban.model.unknown import Unknown


def transit(**settings: object) -> dict[str, object]:
    """A cluster with these settings of encryption in transit."""
    return {"EncryptionInfo": {"EncryptionInTransit": settings}}


@rule("medium", Cluster, "aws-fsbp:MSK.1", "nist-csf-2.0:PR.DS-02")
def msk_cluster_brokers_without_tls(cluster: Cluster) -> bool:
    """The Kafka cluster's brokers talk to each other without TLS.

    Why: messages cross the network in plain text between the brokers.
    Fix: create the cluster anew with InCluster true; it cannot be changed later.
    """
    return not cluster.between_brokers


msk_cluster_brokers_without_tls.cases(bad=[transit(InCluster=False)], good=[{}, transit(InCluster=True)])


@rule("medium", Cluster, "nist-csf-2.0:PR.DS-02")
def msk_cluster_clients_without_tls(cluster: Cluster) -> bool:
    """The Kafka cluster accepts clients without TLS.

    Why: passwords and messages cross the network in plain text.
    Fix: set ClientBroker to TLS.
    """
    return cluster.with_clients != "TLS"


msk_cluster_clients_without_tls.cases(
    bad=[transit(ClientBroker="TLS_PLAINTEXT"), transit(ClientBroker="PLAINTEXT")],
    good=[{}, transit(ClientBroker="TLS")],
)


@rule("low", Cluster, "aws-fsbp:MSK.2", "nist-csf-2.0:DE.CM-09")
def msk_cluster_monitored_coarsely(cluster: Cluster) -> bool:
    """The Kafka cluster does not publish metrics of its topics and brokers.

    Why: a topic that is drained or flooded does not show.
    Fix: set EnhancedMonitoring to PER_TOPIC_PER_BROKER or finer.
    """
    return cluster.monitoring not in ("PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION")


msk_cluster_monitored_coarsely.cases(
    bad=[{}, {"EnhancedMonitoring": "PER_BROKER"}], good=[{"EnhancedMonitoring": "PER_TOPIC_PER_BROKER"}]
)


@rule("critical", Cluster, "aws-fsbp:MSK.4", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def msk_cluster_public(cluster: Cluster) -> bool:
    """The Kafka cluster's brokers have public addresses.

    Why: they can be reached from the internet as soon as a firewall rule lets it.
    Fix: set PublicAccess to DISABLED and connect through the VPC or PrivateLink.
    """
    return cluster.public_access != "DISABLED"


def public_access(kind: str) -> dict[str, object]:
    """A cluster with this access from the internet."""
    return {"BrokerNodeGroupInfo": {"ConnectivityInfo": {"PublicAccess": {"Type": kind}}}}


msk_cluster_public.cases(
    bad=[public_access("SERVICE_PROVIDED_EIPS")],
    good=[{}, public_access("DISABLED")],
    unknown=[{"BrokerNodeGroupInfo": Unknown("BrokerNodeGroupInfo", "parameter Access has no default")}],
)


@rule("high", Cluster, "aws-fsbp:MSK.6", "nist-csf-2.0:PR.AA-03")
def msk_cluster_unauthenticated(cluster: Cluster) -> bool:
    """Clients may use the Kafka cluster without signing in.

    Why: everyone who can reach a broker can read and write every topic.
    Fix: turn on IAM, SCRAM or TLS authentication and set Unauthenticated.Enabled to false.
    """
    return cluster.open


IAM = {"Sasl": {"Iam": {"Enabled": True}}}
msk_cluster_unauthenticated.cases(
    bad=[{}, {"ClientAuthentication": {**IAM, "Unauthenticated": {"Enabled": True}}}],
    good=[{"ClientAuthentication": IAM}, {"ClientAuthentication": {"Tls": {"Enabled": True}}}],
)


@rule("medium", Cluster, "nist-csf-2.0:PR.PS-04")
def msk_cluster_not_logged(cluster: Cluster) -> bool:
    """The Kafka cluster's broker logs go nowhere.

    Why: refused clients and failing brokers leave no trace.
    Fix: set BrokerLogs to CloudWatch Logs, S3 or Firehose.
    """
    return not cluster.logs


msk_cluster_not_logged.cases(
    bad=[{}], good=[{"LoggingInfo": {"BrokerLogs": {"S3": {"Enabled": True, "Bucket": "logs"}}}}]
)


@rule("medium", Connector, "aws-fsbp:MSK.3", "nist-csf-2.0:PR.DS-02")
def msk_connector_no_tls(connector: Connector) -> bool:
    """The connector reaches Kafka without TLS.

    Why: messages cross the network in plain text.
    Fix: create the connector anew with EncryptionType TLS.
    """
    return connector.encryption != "TLS"


msk_connector_no_tls.cases(
    bad=[{}, {"KafkaClusterEncryptionInTransit": {"EncryptionType": "PLAINTEXT"}}],
    good=[{"KafkaClusterEncryptionInTransit": {"EncryptionType": "TLS"}}],
)


@rule("low", Connector, "aws-fsbp:MSK.5", "nist-csf-2.0:PR.PS-04")
def msk_connector_not_logged(connector: Connector) -> bool:
    """The connector's logs go nowhere.

    Why: failures, and data that was skipped, leave no trace.
    Fix: set WorkerLogDelivery to CloudWatch Logs, S3 or Firehose.
    """
    return not connector.logs


msk_connector_not_logged.cases(
    bad=[{}], good=[{"LogDelivery": {"WorkerLogDelivery": {"CloudWatchLogs": {"Enabled": True}}}}]
)


@rule("medium", Connector, "nist-csf-2.0:PR.AA-03")
def msk_connector_no_authentication(connector: Connector) -> bool:
    """The connector uses Kafka without signing in.

    Why: it works only with a cluster that lets in everyone who can reach it.
    Fix: create the connector anew with IAM authentication.
    """
    return connector.authentication == "NONE"


msk_connector_no_authentication.cases(
    bad=[{"KafkaClusterClientAuthentication": {"AuthenticationType": "NONE"}}],
    good=[{"KafkaClusterClientAuthentication": {"AuthenticationType": "IAM"}}],
)
