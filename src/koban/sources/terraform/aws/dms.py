"""AWS Database Migration Service."""

from __future__ import annotations

from koban.model.aws.dms import Endpoint, ReplicationInstance, ReplicationTask
from koban.sources.terraform.mapping import arg, block, constant, maps

maps(
    "aws_dms_replication_instance",
    ReplicationInstance,
    ReplicationInstanceIdentifier="replication_instance_id",
    # The provider sends false for both where nothing is said; the API's own default is true.
    PubliclyAccessible=arg("publicly_accessible", default=False),
    AutoMinorVersionUpgrade=arg("auto_minor_version_upgrade", default=False),
    MultiAZ="multi_az",
)
maps(
    "aws_dms_endpoint",
    Endpoint,
    lacks={"NeptuneSettings": "the provider makes endpoints for Neptune, and has no settings for them"},
    EndpointIdentifier="endpoint_id",
    EndpointArn="endpoint_arn",
    EngineName="engine_name",
    EndpointType="endpoint_type",
    SslMode="ssl_mode",
    MongoDbSettings=block("mongodb_settings", AuthType="auth_type"),
    RedisSettings=block("redis_settings", SslSecurityProtocol="ssl_security_protocol"),
    Password=arg("password"),
)
maps(
    "aws_dms_s3_endpoint",
    Endpoint,
    EndpointIdentifier="endpoint_id",
    EndpointArn="endpoint_arn",
    EngineName=constant("s3"),
    EndpointType="endpoint_type",
    SslMode="ssl_mode",
)
maps(
    "aws_dms_replication_task",
    ReplicationTask,
    ReplicationTaskIdentifier="replication_task_id",
    ReplicationTaskArn="replication_task_arn",
    ReplicationTaskSettings="replication_task_settings",
)
