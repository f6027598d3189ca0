"""AWS Glue."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.aws.secret_names import secret_names
from koban.model.resource import Resource, derived, field, link
from koban.model.unknown import Unknown


class SecurityConfiguration(Resource, type="AWS::Glue::SecurityConfiguration", ids="Name"):
    """How jobs, crawlers and endpoints encrypt what they write."""

    logs: str = field(
        "EncryptionConfiguration.CloudWatchEncryption.CloudWatchEncryptionMode", "DISABLED", "DISABLED or SSE-KMS"
    )
    bookmarks: str = field(
        "EncryptionConfiguration.JobBookmarksEncryption.JobBookmarksEncryptionMode", "DISABLED", "DISABLED or CSE-KMS"
    )
    s3: tuple[str, ...] = field(
        "EncryptionConfiguration.S3Encryptions[].S3EncryptionMode", (), "DISABLED, SSE-S3 or SSE-KMS"
    )


class Job(Resource, type="AWS::Glue::Job", ids="Name", arn="arn:{partition}:glue:{region}:{account}:job/{Name}"):
    """A job that transforms data."""

    command: str = field("Command.Name", "", "glueetl, gluestreaming, pythonshell or glueray")
    version: str = field("GlueVersion", "", "The version of Glue, which fixes those of Spark and Python")
    security: Any = link("SecurityConfiguration", "AWS::Glue::SecurityConfiguration", "How it encrypts what it writes")
    arguments: dict[str, Any] = field("DefaultArguments", {}, "Its arguments; live, without their values")

    @derived
    def secrets(self) -> tuple[str, ...]:
        """The names of arguments that look as if they held a secret in plain text."""
        arguments = self.arguments
        if isinstance(arguments, Unknown):
            return secret_names(arguments)
        return secret_names(arguments.items())

    def argument(self, name: str) -> Any:
        """One argument's value; empty where it is not given."""
        arguments = self.arguments
        return arguments._child(f".{name}") if isinstance(arguments, Unknown) else arguments.get(name, "")


class DataCatalogEncryptionSettings(
    Resource,
    type="AWS::Glue::DataCatalogEncryptionSettings",
    ids="CatalogId",
    arn="arn:{partition}:glue:{region}:{account}:catalog",
):
    """How a region's data catalog is encrypted."""

    mode: str = field(
        "DataCatalogEncryptionSettings.EncryptionAtRest.CatalogEncryptionMode", "DISABLED", "DISABLED or SSE-KMS"
    )
    passwords: bool = field(
        "DataCatalogEncryptionSettings.ConnectionPasswordEncryption.ReturnConnectionPasswordEncrypted",
        False,
        "Whether the passwords of connections are encrypted",
    )


class CatalogPolicy(Resource, type="Koban::Glue::CatalogPolicy", ids="CatalogId"):
    """The resource policy of a region's data catalog."""

    policy: Policy = policy("Policy", "Who may use databases and tables")


class MLTransform(Resource, type="AWS::Glue::MLTransform", ids="TransformId Name"):
    """A machine learning transform."""

    encryption: str = field(
        "TransformEncryption.MLUserDataEncryption.MLUserDataEncryptionMode", "DISABLED", "DISABLED or SSE-KMS"
    )


class Connection(
    Resource,
    type="AWS::Glue::Connection",
    ids="Name",
    arn="arn:{partition}:glue:{region}:{account}:connection/{Name}",
):
    """How jobs and crawlers reach a database."""

    kind: str = field("ConnectionInput.ConnectionType", "", "JDBC, KAFKA, MONGODB, NETWORK, ...")
    properties: dict[str, Any] = field("ConnectionInput.ConnectionProperties", {}, "Its settings, without passwords")

    def setting(self, name: str) -> Any:
        """One setting's value; empty where it is not given."""
        found = self.properties
        return found._child(f".{name}") if isinstance(found, Unknown) else found.get(name, "")


class DevEndpoint(Resource, type="AWS::Glue::DevEndpoint", ids="EndpointName"):
    """A machine on which people write jobs."""

    security: Any = link("SecurityConfiguration", "AWS::Glue::SecurityConfiguration", "How it encrypts what it writes")
    subnet_id: str = field("SubnetId", "", "Its subnet; empty: it is on the internet")
