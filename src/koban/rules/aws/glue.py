"""Posture rules for AWS Glue."""

from __future__ import annotations

from koban.model.aws.glue import (
    CatalogPolicy,
    Connection,
    DataCatalogEncryptionSettings,
    DevEndpoint,
    Job,
    MLTransform,
    SecurityConfiguration,
)
from koban.model.resource import matches
from koban.model.rule import rule
from koban.model.unknown import Unknown

OLD_VERSIONS = r"^(0[.]9|1[.]0|2[.]0)$"  # support of these ended in April 2026
SPARK = {"Command": {"Name": "glueetl"}}


@rule("medium", MLTransform, "aws-fsbp:Glue.3", "nist-csf-2.0:PR.DS-01")
def glue_transform_unencrypted(transform: MLTransform) -> bool:
    """The machine learning transform does not encrypt its user data.

    Why: the samples and labels that it learnt from lie readable in the service's storage.
    Fix: create the transform with MLUserDataEncryptionMode SSE-KMS.
    """
    return transform.encryption == "DISABLED"


glue_transform_unencrypted.cases(
    bad=[{}],
    good=[{"TransformEncryption": {"MLUserDataEncryption": {"MLUserDataEncryptionMode": "SSE-KMS"}}}],
)


@rule(
    "medium",
    Job,
    "aws-fsbp:Glue.4",
    "nist-csf-2.0:PR.PS-02",
    when=lambda job: job.command == "glueetl" or job.command == "gluestreaming",
)
def glue_job_old_version(job: Job) -> bool:
    """The Spark job runs on a version of Glue that is out of support.

    Why: its Spark, Python and libraries get no security fixes any more.
    Fix: set GlueVersion to 5.0 or newer and run the job's tests.
    """
    return not job.version or bool(matches(OLD_VERSIONS, job.version))


glue_job_old_version.cases(
    bad=[SPARK, {**SPARK, "GlueVersion": "2.0"}],
    good=[{**SPARK, "GlueVersion": "5.0"}],
    unknown=[{**SPARK, "GlueVersion": Unknown("GlueVersion", "parameter Version has no default")}],
    skipped=[{"Command": {"Name": "pythonshell"}, "GlueVersion": "1.0"}],
)


@rule("high", Job, "nist-csf-2.0:PR.AA-01")
def glue_job_secret_in_arguments(job: Job) -> bool:
    """An argument of the job seems to hold a secret in plain text.

    Why: everyone who can read the job, its runs or the template reads the secret.
    Fix: keep the secret in Secrets Manager and pass the job its name; change the secret that leaked.
    """
    return bool(job.secrets)


glue_job_secret_in_arguments.cases(
    bad=[{"DefaultArguments": {"--db_password": "not-a-real-one"}}],
    good=[
        {},
        {
            "DefaultArguments": {
                "--job-language": "python",
                "--db_password": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db",
            }
        },
    ],
)


@rule("medium", Job, "nist-csf-2.0:PR.DS-01")
def glue_job_unencrypted(job: Job) -> bool:
    """The job has no security configuration.

    Why: its logs, bookmarks and temporary files are written without a KMS key.
    Fix: set SecurityConfiguration to one that encrypts logs, bookmarks and S3.
    """
    return not job.security


STRICT = {
    "Name": "strict",
    "EncryptionConfiguration": {
        "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS"},
        "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS"},
        "S3Encryptions": [{"S3EncryptionMode": "SSE-KMS"}],
    },
}
glue_job_unencrypted.cases(bad=[{}], good=[({"SecurityConfiguration": "strict"}, SecurityConfiguration(STRICT))])


@rule(
    "low",
    Job,
    "nist-csf-2.0:PR.PS-04",
    when=lambda job: job.command == "glueetl" or job.command == "gluestreaming",
)
def glue_job_not_logged(job: Job) -> bool:
    """The job does not write a continuous log.

    Why: what a job did is only known when it ends, and of one that was killed hardly at all.
    Fix: set the argument --enable-continuous-cloudwatch-log to true.
    """
    return bool(job.argument("--enable-continuous-cloudwatch-log") != "true")


glue_job_not_logged.cases(
    bad=[SPARK],
    good=[{**SPARK, "DefaultArguments": {"--enable-continuous-cloudwatch-log": "true"}}],
    skipped=[{"Command": {"Name": "pythonshell"}}],
)


@rule("medium", SecurityConfiguration, "nist-csf-2.0:PR.DS-01")
def glue_security_configuration_incomplete(settings: SecurityConfiguration) -> bool:
    """The security configuration leaves logs, bookmarks or S3 unencrypted.

    Why: everything that uses it writes a part of its data without a key.
    Fix: create one with KMS encryption for CloudWatch, job bookmarks and S3.
    """
    return (
        settings.logs == "DISABLED"
        or settings.bookmarks == "DISABLED"
        or not any(mode != "DISABLED" for mode in settings.s3)
    )


glue_security_configuration_incomplete.cases(
    bad=[{"Name": "s"}, {**STRICT, "EncryptionConfiguration": {"S3Encryptions": [{"S3EncryptionMode": "DISABLED"}]}}],
    good=[STRICT],
)


@rule("medium", DataCatalogEncryptionSettings, "nist-csf-2.0:PR.DS-01")
def glue_catalog_unencrypted(catalog: DataCatalogEncryptionSettings) -> bool:
    """The region's data catalog is not encrypted with a KMS key.

    Why: the catalog tells where all data is, what it looks like and how to reach it.
    Fix: set CatalogEncryptionMode to SSE-KMS in the catalog's settings.
    """
    return catalog.mode == "DISABLED"


def catalog(**settings: object) -> dict[str, object]:
    """Settings of a catalog."""
    return {"DataCatalogEncryptionSettings": settings}


glue_catalog_unencrypted.cases(
    bad=[{}, catalog(EncryptionAtRest={"CatalogEncryptionMode": "DISABLED"})],
    good=[catalog(EncryptionAtRest={"CatalogEncryptionMode": "SSE-KMS"})],
)


@rule("medium", DataCatalogEncryptionSettings, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.AA-01")
def glue_connection_passwords_unencrypted(catalog: DataCatalogEncryptionSettings) -> bool:
    """The passwords of the region's Glue connections are not encrypted.

    Why: everyone who may read a connection reads the database password in it.
    Fix: set ReturnConnectionPasswordEncrypted to true with a KMS key.
    """
    return not catalog.passwords


glue_connection_passwords_unencrypted.cases(
    bad=[{}], good=[catalog(ConnectionPasswordEncryption={"ReturnConnectionPasswordEncrypted": True})]
)


@rule("critical", CatalogPolicy, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def glue_catalog_public(catalog: CatalogPolicy) -> bool:
    """The data catalog's policy lets in anyone.

    Why: every AWS identity in the world can read or change what the policy speaks of.
    Fix: name accounts or roles as the principal, or add a condition on the organisation.
    """
    return catalog.policy.public


ANYONE = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "glue:*", "Resource": "*"}]}
glue_catalog_public.cases(
    bad=[{"Policy": ANYONE}],
    good=[{}],
    unknown=[{"Policy": Unknown("Policy", "AccessDenied glue:GetResourcePolicy")}],
)


@rule("medium", Connection, "nist-csf-2.0:PR.DS-02", when=lambda connection: connection.kind == "JDBC")
def glue_connection_tls_not_required(connection: Connection) -> bool:
    """The connection reaches its database without insisting on TLS.

    Why: the database's password and data cross the network in plain text.
    Fix: set JDBC_ENFORCE_SSL to true in the connection's properties.
    """
    return bool(connection.setting("JDBC_ENFORCE_SSL") != "true")


def jdbc(**properties: str) -> dict[str, object]:
    """A connection to a database."""
    return {"ConnectionInput": {"ConnectionType": "JDBC", "ConnectionProperties": properties}}


glue_connection_tls_not_required.cases(
    bad=[jdbc(), jdbc(JDBC_ENFORCE_SSL="false")],
    good=[jdbc(JDBC_ENFORCE_SSL="true")],
    skipped=[{"ConnectionInput": {"ConnectionType": "NETWORK"}}],
)


@rule("medium", DevEndpoint, "nist-csf-2.0:PR.IR-01")
def glue_dev_endpoint_outside_vpc(endpoint: DevEndpoint) -> bool:
    """The development endpoint is on the internet.

    Why: it has the rights of its role, and only a key stands between it and everyone.
    Fix: delete it and use notebooks or interactive sessions, or create it in a VPC.
    """
    return not endpoint.subnet_id


glue_dev_endpoint_outside_vpc.cases(bad=[{"EndpointName": "e"}], good=[{"SubnetId": "subnet-1"}])
