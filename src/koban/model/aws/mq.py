"""Amazon MQ."""

from __future__ import annotations

from koban.model.resource import Resource, derived, field


class Broker(Resource, type="AWS::AmazonMQ::Broker", ids="BrokerName Id"):
    """A message broker."""

    engine: str = field("EngineType", "", "ACTIVEMQ or RABBITMQ")
    mode: str = field("DeploymentMode", "SINGLE_INSTANCE", "SINGLE_INSTANCE, ACTIVE_STANDBY_MULTI_AZ, CLUSTER_MULTI_AZ")
    public: bool = field("PubliclyAccessible", False, "Whether it has public addresses")
    minor_updates: bool = field("AutoMinorVersionUpgrade", False, "Whether minor versions come by themselves")
    audit_log: bool = field("Logs.Audit", False, "Of ActiveMQ: whether changes in its console are logged")
    general_log: bool = field("Logs.General", False, "Whether its general log is kept")
    key_owned_by_aws: bool = field("EncryptionOptions.UseAwsOwnedKey", True, "Whether it uses a key that AWS owns")

    @derived
    def active_mq(self) -> bool:
        """Whether its engine is ActiveMQ, however a template spells it."""
        return bool(self.engine.upper() == "ACTIVEMQ")

    @derived
    def rabbit_mq(self) -> bool:
        """Whether its engine is RabbitMQ, however a template spells it."""
        return bool(self.engine.upper() == "RABBITMQ")
