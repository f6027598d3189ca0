"""Posture rules for Amazon MQ."""

from __future__ import annotations

from koban.model.aws.mq import Broker
from koban.model.rule import rule
from koban.model.unknown import Unknown

ACTIVE = {"EngineType": "ACTIVEMQ"}
RABBIT = {"EngineType": "RabbitMQ"}


@rule("high", Broker, "nist-csf-2.0:PR.IR-01")
def mq_broker_public(broker: Broker) -> bool:
    """This message broker has public addresses.

    Why: its ports and its console answer the internet, with a user name and password alone in between.
    Fix: make the broker anew with PubliclyAccessible false: it cannot be changed later.
    """
    return broker.public


mq_broker_public.cases(
    bad=[{"PubliclyAccessible": True}],
    good=[{"PubliclyAccessible": False}, {}],
    unknown=[{"PubliclyAccessible": Unknown("PubliclyAccessible", "parameter Public has no default")}],
)


@rule("medium", Broker, "aws-fsbp:MQ.2", "nist-csf-2.0:PR.PS-04", when=lambda broker: broker.active_mq)
def mq_broker_audit_log_off(broker: Broker) -> bool:
    """Changes made in the console of this ActiveMQ broker are not logged.

    Why: without the audit log nobody can tell who made or emptied a queue.
    Fix: set Audit of Logs to true.
    """
    return not broker.audit_log


mq_broker_audit_log_off.cases(
    bad=[ACTIVE, {**ACTIVE, "Logs": {"General": True}}],
    good=[{**ACTIVE, "Logs": {"Audit": True}}],
    skipped=[RABBIT],
)


@rule("low", Broker, "nist-csf-2.0:PR.PS-04")
def mq_broker_general_log_off(broker: Broker) -> bool:
    """The general log of this message broker is not kept.

    Why: failed sign-ins and errors of the broker leave no trace.
    Fix: set General of Logs to true.
    """
    return not broker.general_log


mq_broker_general_log_off.cases(bad=[{}], good=[{"Logs": {"General": True}}])


@rule("low", Broker, "aws-fsbp:MQ.3", "nist-csf-2.0:PR.PS-02")
def mq_broker_minor_updates_off(broker: Broker) -> bool:
    """This message broker does not take minor versions by itself.

    Why: fixes of known holes in the engine wait until somebody remembers them.
    Fix: set AutoMinorVersionUpgrade to true.
    """
    return not broker.minor_updates


mq_broker_minor_updates_off.cases(bad=[{"AutoMinorVersionUpgrade": False}], good=[{"AutoMinorVersionUpgrade": True}])


@rule("low", Broker, "aws-fsbp:MQ.5", "nist-csf-2.0:PR.IR-04", when=lambda broker: broker.active_mq)
def mq_broker_no_standby(broker: Broker) -> bool:
    """This ActiveMQ broker has no standby in another Availability Zone.

    Why: when its instance or zone fails, messages wait until it is back.
    Fix: make the broker anew with ACTIVE_STANDBY_MULTI_AZ: it cannot be changed later.
    """
    return broker.mode != "ACTIVE_STANDBY_MULTI_AZ"


mq_broker_no_standby.cases(
    bad=[ACTIVE, {**ACTIVE, "DeploymentMode": "SINGLE_INSTANCE"}],
    good=[{**ACTIVE, "DeploymentMode": "ACTIVE_STANDBY_MULTI_AZ"}],
    skipped=[RABBIT],
)


@rule("low", Broker, "aws-fsbp:MQ.6", "nist-csf-2.0:PR.IR-04", when=lambda broker: broker.rabbit_mq)
def mq_broker_not_clustered(broker: Broker) -> bool:
    """This RabbitMQ broker is a single instance.

    Why: when its instance or zone fails, messages wait until it is back.
    Fix: make the broker anew with CLUSTER_MULTI_AZ: it cannot be changed later.
    """
    return broker.mode != "CLUSTER_MULTI_AZ"


mq_broker_not_clustered.cases(bad=[RABBIT], good=[{**RABBIT, "DeploymentMode": "CLUSTER_MULTI_AZ"}], skipped=[ACTIVE])


@rule("low", Broker, "nist-csf-2.0:PR.DS-01")
def mq_broker_key_default(broker: Broker) -> bool:
    """This message broker is not encrypted with a KMS key of your own.

    Why: with a key that AWS owns no key policy limits or records who decrypts the messages.
    Fix: make the broker anew with EncryptionOptions that name a key: it cannot be changed later.
    """
    return broker.key_owned_by_aws


mq_broker_key_default.cases(bad=[{}], good=[{"EncryptionOptions": {"UseAwsOwnedKey": False}}])
