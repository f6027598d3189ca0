import json

from koban.model.aws.dms import Endpoint, ReplicationInstance, ReplicationTask
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")
SETTINGS = json.dumps({"Logging": {"EnableLogging": True}})


def test_an_instance(twins):
    twins(
        "aws_dms_replication_instance",
        {
            "replication_instance_id": "i",
            "publicly_accessible": True,
            "auto_minor_version_upgrade": True,
            "multi_az": True,
        },
        ReplicationInstance,
        {
            "ReplicationInstanceIdentifier": "i",
            "PubliclyAccessible": True,
            "AutoMinorVersionUpgrade": True,
            "MultiAZ": True,
        },
    )


def test_an_instance_of_which_little_is_said_is_private_and_not_upgraded(twins):
    twins(
        "aws_dms_replication_instance",
        {"replication_instance_id": "i"},
        ReplicationInstance,
        {"PubliclyAccessible": False, "AutoMinorVersionUpgrade": False},
    )


def test_an_endpoint(twins):
    twins(
        "aws_dms_endpoint",
        {
            "endpoint_id": "e",
            "engine_name": "mongodb",
            "endpoint_type": "source",
            "ssl_mode": "verify-full",
            "password": "not-a-real-one",
            "mongodb_settings": [{"auth_type": "no"}],
            "redis_settings": [{"ssl_security_protocol": "plaintext"}],
        },
        Endpoint,
        {
            "EndpointIdentifier": "e",
            "EngineName": "mongodb",
            "EndpointType": "source",
            "SslMode": "verify-full",
            "Password": "not-a-real-one",
            "MongoDbSettings": {"AuthType": "no"},
            "RedisSettings": {"SslSecurityProtocol": "plaintext"},
        },
    )
    twins("aws_dms_endpoint", {"engine_name": "mysql"}, Endpoint, {"EngineName": "mysql"})


def test_an_endpoint_for_s3(twins):
    twins(
        "aws_dms_s3_endpoint",
        {"endpoint_id": "e", "endpoint_type": "target", "ssl_mode": "none"},
        Endpoint,
        {"EndpointIdentifier": "e", "EngineName": "s3", "EndpointType": "target", "SslMode": "none"},
    )


def test_a_task(twins, document):
    twins(
        "aws_dms_replication_task",
        {"replication_task_id": "t", "replication_task_settings": SETTINGS},
        ReplicationTask,
        {"ReplicationTaskIdentifier": "t", "ReplicationTaskSettings": SETTINGS},
    )
    twins("aws_dms_replication_task", {"replication_task_id": "t"}, ReplicationTask, {})
    made = document("aws_dms_replication_task", {"replication_task_settings": NOT_KNOWN})
    assert made["ReplicationTaskSettings"] is NOT_KNOWN
