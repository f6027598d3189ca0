"""Posture rules for AWS Database Migration Service."""

from __future__ import annotations

import json

from koban.model.aws.dms import Endpoint, ReplicationInstance, ReplicationTask
from koban.model.resource import matches
from koban.model.rule import rule
from koban.model.unknown import Unknown

# Engines that speak TLS by the endpoint's SslMode; S3, Kinesis, DynamoDB and the like always use HTTPS.
SPEAK_TLS = (
    "^(mysql|mariadb|aurora|aurora-serverless|aurora-postgresql|aurora-postgresql-serverless|postgres|oracle|sqlserver|"
    "mongodb|docdb|sybase|db2|db2-zos|azuredb|azure-sql-managed-instance|babelfish|redshift|redshift-serverless)$"
)


@rule("critical", ReplicationInstance, "aws-fsbp:DMS.1", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def dms_instance_public(instance: ReplicationInstance) -> bool:
    """The replication instance has a public address.

    Why: it holds the passwords of the databases that it copies, and can be reached from the internet.
    Fix: create the instance with PubliclyAccessible false, in private subnets.
    """
    return instance.public


dms_instance_public.cases(bad=[{}, {"PubliclyAccessible": True}], good=[{"PubliclyAccessible": False}])


@rule("medium", ReplicationInstance, "aws-fsbp:DMS.6", "nist-csf-2.0:PR.PS-02")
def dms_instance_no_minor_upgrades(instance: ReplicationInstance) -> bool:
    """Minor engine versions are not installed by themselves on the replication instance.

    Why: minor versions carry security fixes; without them known holes stay open.
    Fix: set AutoMinorVersionUpgrade to true.
    """
    return not instance.minor_upgrades


dms_instance_no_minor_upgrades.cases(bad=[{"AutoMinorVersionUpgrade": False}], good=[{}])


@rule("medium", ReplicationInstance, "aws-fsbp:DMS.13", "nist-csf-2.0:PR.IR-04")
def dms_instance_single_zone(instance: ReplicationInstance) -> bool:
    """The replication instance runs in one availability zone only.

    Why: when the zone fails, copying stops and may have to start again from the beginning.
    Fix: set MultiAZ to true.
    """
    return not instance.multi_az


dms_instance_single_zone.cases(bad=[{}], good=[{"MultiAZ": True}])


@rule("medium", ReplicationTask, "aws-fsbp:DMS.7", "nist-csf-2.0:PR.PS-04")
def dms_task_target_not_logged(task: ReplicationTask) -> bool:
    """The replication task does not log what it does to the target.

    Why: rows that are lost or changed on the way go unnoticed.
    Fix: enable logging with TARGET_APPLY and TARGET_LOAD at the default severity or a finer one.
    """
    return not task.logs_target


def task(*components: str, on: bool = True, severity: str = "LOGGER_SEVERITY_DEFAULT") -> dict[str, object]:
    """A task that logs these components."""
    told = [{"Id": one, "Severity": severity} for one in components]
    return {"ReplicationTaskSettings": json.dumps({"Logging": {"EnableLogging": on, "LogComponents": told}})}


UNREAD = {"ReplicationTaskSettings": Unknown("ReplicationTaskSettings", "parameter Settings has no default")}
dms_task_target_not_logged.cases(
    bad=[
        {},
        task("TARGET_APPLY"),
        task("TARGET_APPLY", "TARGET_LOAD", on=False),
        task("TARGET_APPLY", "TARGET_LOAD", severity="LOGGER_SEVERITY_ERROR"),
    ],
    good=[task("TARGET_APPLY", "TARGET_LOAD")],
    unknown=[UNREAD],
)


@rule("medium", ReplicationTask, "aws-fsbp:DMS.8", "nist-csf-2.0:PR.PS-04")
def dms_task_source_not_logged(task: ReplicationTask) -> bool:
    """The replication task does not log what it reads from the source.

    Why: rows that are missed or read twice go unnoticed.
    Fix: enable logging with SOURCE_CAPTURE and SOURCE_UNLOAD at the default severity or a finer one.
    """
    return not task.logs_source


dms_task_source_not_logged.cases(
    bad=[{}, task("SOURCE_CAPTURE")], good=[task("SOURCE_CAPTURE", "SOURCE_UNLOAD")], unknown=[UNREAD]
)


@rule(
    "medium",
    Endpoint,
    "aws-fsbp:DMS.9",
    "nist-csf-2.0:PR.DS-02",
    when=lambda endpoint: matches(SPEAK_TLS, endpoint.engine),
)
def dms_endpoint_no_tls(endpoint: Endpoint) -> bool:
    """The endpoint's database is reached without TLS.

    Why: the database's password and every row cross the network in plain text.
    Fix: set SslMode to verify-full, with the certificate of the database's authority.
    """
    return endpoint.tls == "none"


dms_endpoint_no_tls.cases(
    bad=[{"EngineName": "mysql"}, {"EngineName": "postgres", "SslMode": "none"}],
    good=[{"EngineName": "postgres", "SslMode": "verify-full"}],
    skipped=[{"EngineName": "s3"}],
)


@rule(
    "medium",
    Endpoint,
    "aws-fsbp:DMS.10",
    "nist-csf-2.0:PR.AA-03",
    when=lambda endpoint: endpoint.engine == "neptune",
)
def dms_endpoint_neptune_no_iam(endpoint: Endpoint) -> bool:
    """The endpoint reaches Neptune without IAM authentication.

    Why: it works only with a graph that answers everyone who can reach it.
    Fix: set NeptuneSettings.IamAuthEnabled to true, and require IAM on the cluster.
    """
    return not endpoint.neptune_iam


dms_endpoint_neptune_no_iam.cases(
    bad=[{"EngineName": "neptune"}],
    good=[{"EngineName": "neptune", "NeptuneSettings": {"IamAuthEnabled": True}}],
    skipped=[{"EngineName": "mysql"}],
)


@rule(
    "medium",
    Endpoint,
    "aws-fsbp:DMS.11",
    "nist-csf-2.0:PR.AA-03",
    when=lambda endpoint: endpoint.engine == "mongodb",
)
def dms_endpoint_mongodb_no_password(endpoint: Endpoint) -> bool:
    """The endpoint reaches MongoDB without signing in.

    Why: it works only with a database that answers everyone who can reach it.
    Fix: set MongoDbSettings.AuthType to password with a mechanism such as scram_sha_1.
    """
    return endpoint.mongo_auth == "no"


dms_endpoint_mongodb_no_password.cases(
    bad=[{"EngineName": "mongodb", "MongoDbSettings": {"AuthType": "no"}}],
    good=[{"EngineName": "mongodb"}, {"EngineName": "mongodb", "MongoDbSettings": {"AuthType": "password"}}],
    skipped=[{"EngineName": "mysql"}],
)


@rule("medium", Endpoint, "aws-fsbp:DMS.12", "nist-csf-2.0:PR.DS-02", when=lambda endpoint: endpoint.engine == "redis")
def dms_endpoint_redis_no_tls(endpoint: Endpoint) -> bool:
    """The endpoint's Redis is reached without TLS.

    Why: the password and every value cross the network in plain text.
    Fix: set RedisSettings.SslSecurityProtocol to ssl-encryption.
    """
    return endpoint.redis_tls == "plaintext"


dms_endpoint_redis_no_tls.cases(
    bad=[{"EngineName": "redis", "RedisSettings": {"SslSecurityProtocol": "plaintext"}}],
    good=[{"EngineName": "redis"}],
    skipped=[{"EngineName": "mysql"}],
)


@rule("high", Endpoint, "nist-csf-2.0:PR.AA-01", only="code", when=lambda endpoint: bool(endpoint.password))
def dms_endpoint_password_in_template(endpoint: Endpoint) -> bool:
    """The endpoint's database password stands in the template.

    Why: everyone who can read the repository or the stack can sign in to the database.
    Fix: keep it in Secrets Manager and name the secret in the endpoint's settings; change the password that leaked.
    """
    return not endpoint.password.startswith("{{resolve:")


dms_endpoint_password_in_template.cases(
    bad=[{"Password": "not-a-real-one"}],
    good=[{"Password": "{{resolve:secretsmanager:db:SecretString:password}}"}],
    unknown=[{"Password": Unknown("Password", "parameter Password has no default")}],
    skipped=[{}],
)
