from koban.model.aws.mq import Broker


def test_a_broker(twins):
    twins(
        "aws_mq_broker",
        {
            "broker_name": "b",
            "engine_type": "ActiveMQ",
            "deployment_mode": "ACTIVE_STANDBY_MULTI_AZ",
            "publicly_accessible": True,
            "auto_minor_version_upgrade": True,
            "logs": [{"audit": "true", "general": True}],
            "encryption_options": [{"use_aws_owned_key": False, "kms_key_id": "k"}],
        },
        Broker,
        {
            "EngineType": "ActiveMQ",
            "DeploymentMode": "ACTIVE_STANDBY_MULTI_AZ",
            "PubliclyAccessible": True,
            "AutoMinorVersionUpgrade": True,
            "Logs": {"Audit": True, "General": True},
            "EncryptionOptions": {"UseAwsOwnedKey": False},
        },
    )
    twins("aws_mq_broker", {"engine_type": "RabbitMQ"}, Broker, {"EngineType": "RabbitMQ"})
