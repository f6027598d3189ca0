"""AWS Glue."""

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
from koban.sources.terraform.conversions import texts
from koban.sources.terraform.mapping import arg, block, group, json, listed, maps

maps(
    "aws_glue_security_configuration",
    SecurityConfiguration,
    Name="name",
    EncryptionConfiguration=block(
        "encryption_configuration",
        CloudWatchEncryption=block("cloudwatch_encryption", CloudWatchEncryptionMode="cloudwatch_encryption_mode"),
        JobBookmarksEncryption=block(
            "job_bookmarks_encryption", JobBookmarksEncryptionMode="job_bookmarks_encryption_mode"
        ),
        S3Encryptions=listed(block("s3_encryption", S3EncryptionMode=arg("s3_encryption_mode", default="DISABLED"))),
    ),
)
maps(
    "aws_glue_job",
    Job,
    Name="name",
    Command=block("command", Name=arg("name", default="glueetl")),
    GlueVersion="glue_version",
    SecurityConfiguration="security_configuration",
    DefaultArguments=arg("default_arguments", texts),
)
maps(
    "aws_glue_data_catalog_encryption_settings",
    DataCatalogEncryptionSettings,
    CatalogId="catalog_id",
    DataCatalogEncryptionSettings=block(
        "data_catalog_encryption_settings",
        EncryptionAtRest=block("encryption_at_rest", CatalogEncryptionMode="catalog_encryption_mode"),
        ConnectionPasswordEncryption=block(
            "connection_password_encryption", ReturnConnectionPasswordEncrypted="return_connection_password_encrypted"
        ),
    ),
)
maps("aws_glue_resource_policy", CatalogPolicy, Policy=json("policy"))
maps(
    "aws_glue_ml_transform",
    MLTransform,
    lacks={"TransformEncryption": "the provider has no argument for it: what it makes is not encrypted"},
    TransformId="id",
    Name="name",
)
maps(
    "aws_glue_connection",
    Connection,
    Name="name",
    ConnectionInput=group(
        Name="name",
        ConnectionType=arg("connection_type", default="JDBC"),
        ConnectionProperties=arg("connection_properties", texts),
    ),
)
maps(
    "aws_glue_dev_endpoint",
    DevEndpoint,
    EndpointName="name",
    SecurityConfiguration="security_configuration",
    SubnetId="subnet_id",
)
