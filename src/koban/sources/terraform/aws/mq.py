"""Amazon MQ."""

from __future__ import annotations

from koban.model.aws.mq import Broker
from koban.sources.terraform.mapping import block, maps

maps(
    "aws_mq_broker",
    Broker,
    BrokerName="broker_name",
    Id="id",
    EngineType="engine_type",
    DeploymentMode="deployment_mode",
    PubliclyAccessible="publicly_accessible",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    Logs=block("logs", Audit="audit", General="general"),
    EncryptionOptions=block("encryption_options", UseAwsOwnedKey="use_aws_owned_key", KmsKeyId="kms_key_id"),
)
