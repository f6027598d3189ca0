"""AWS Database Migration Service."""

from __future__ import annotations

import json
from typing import Any

from koban.model.resource import Resource, derived, field
from koban.model.unknown import Unknown

# Severities at which a component logs anything worth reading.
LOUD = ("LOGGER_SEVERITY_DEFAULT", "LOGGER_SEVERITY_DEBUG", "LOGGER_SEVERITY_DETAILED_DEBUG", "LOGGER_SEVERITY_INFO")


class ReplicationInstance(
    Resource,
    type="AWS::DMS::ReplicationInstance",
    ids="ReplicationInstanceIdentifier Id",
    arn="arn:{partition}:dms:{region}:{account}:rep:{ReplicationInstanceIdentifier}",
):
    """A machine that copies databases."""

    public: bool = field("PubliclyAccessible", True, "Whether it has a public address")
    minor_upgrades: bool = field("AutoMinorVersionUpgrade", True, "Whether minor versions are installed by themselves")
    multi_az: bool = field("MultiAZ", False, "Whether a standby runs in another zone")


class Endpoint(Resource, type="AWS::DMS::Endpoint", ids="EndpointIdentifier EndpointArn"):
    """A database that is copied from or to."""

    engine: str = field("EngineName", "", "mysql, postgres, mongodb, s3, ...")
    kind: str = field("EndpointType", "", "source or target")
    tls: str = field("SslMode", "none", "none, require, verify-ca or verify-full")
    neptune_iam: bool = field("NeptuneSettings.IamAuthEnabled", False, "Neptune: whether it signs in with IAM")
    mongo_auth: str = field("MongoDbSettings.AuthType", "password", "MongoDB: password or no")
    redis_tls: str = field("RedisSettings.SslSecurityProtocol", "ssl-encryption", "Redis: ssl-encryption or plaintext")
    password: str = field("Password", "", "The password that a template sets")


class ReplicationTask(Resource, type="AWS::DMS::ReplicationTask", ids="ReplicationTaskIdentifier ReplicationTaskArn"):
    """One copying."""

    settings: str = field("ReplicationTaskSettings", "", "Its settings, as JSON text")

    def logs(self, *components: str) -> bool:
        """Whether each of the components (``SOURCE_CAPTURE``, ``TARGET_LOAD``, ...) writes a log."""
        text = self.settings
        if isinstance(text, Unknown):
            return bool(text._child(f" logs {', '.join(components)}"))
        try:
            logging = json.loads(text or "{}").get("Logging") or {}
        except (ValueError, AttributeError):
            return bool(Unknown("ReplicationTaskSettings", "the value is not JSON"))
        told: dict[str, Any] = {one.get("Id"): one.get("Severity") for one in logging.get("LogComponents") or ()}
        return bool(logging.get("EnableLogging")) and all(told.get(one) in LOUD for one in components)

    @derived
    def logs_source(self) -> bool:
        """Whether reading from the source is logged."""
        return self.logs("SOURCE_CAPTURE", "SOURCE_UNLOAD")

    @derived
    def logs_target(self) -> bool:
        """Whether writing to the target is logged."""
        return self.logs("TARGET_APPLY", "TARGET_LOAD")
