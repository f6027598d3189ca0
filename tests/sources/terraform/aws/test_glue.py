import pytest

from koban.model.aws.glue import (
    CatalogPolicy,
    Connection,
    DataCatalogEncryptionSettings,
    DevEndpoint,
    Job,
    MLTransform,
    SecurityConfiguration,
)
from koban.model.unknown import Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")
POLICY = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "glue:*", "Resource": "*"}]}'


def test_a_security_configuration(twins):
    twins(
        "aws_glue_security_configuration",
        {
            "name": "strict",
            "encryption_configuration": [
                {
                    "cloudwatch_encryption": [{"cloudwatch_encryption_mode": "SSE-KMS", "kms_key_arn": "arn:k"}],
                    "job_bookmarks_encryption": [{"job_bookmarks_encryption_mode": "CSE-KMS"}],
                    "s3_encryption": [{"s3_encryption_mode": "SSE-S3"}],
                }
            ],
        },
        SecurityConfiguration,
        {
            "Name": "strict",
            "EncryptionConfiguration": {
                "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS"},
                "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS"},
                "S3Encryptions": [{"S3EncryptionMode": "SSE-S3"}],
            },
        },
    )
    twins("aws_glue_security_configuration", {"name": "s"}, SecurityConfiguration, {"Name": "s"})


def test_modes_that_are_not_said_or_not_known(document):
    empty = {"cloudwatch_encryption": [{}], "job_bookmarks_encryption": [{}], "s3_encryption": [{}]}
    made = SecurityConfiguration(document("aws_glue_security_configuration", {"encryption_configuration": [empty]}))
    assert (made.logs, made.bookmarks, made.s3) == ("DISABLED", "DISABLED", ("DISABLED",))
    open_ones = [{"s3_encryption": [{"s3_encryption_mode": NOT_KNOWN}]}]
    made = SecurityConfiguration(document("aws_glue_security_configuration", {"encryption_configuration": open_ones}))
    assert isinstance(made.s3[0], Unknown)


def test_a_job(twins):
    twins(
        "aws_glue_job",
        {
            "name": "j",
            "command": [{"name": "pythonshell", "script_location": "s3://b/j.py"}],
            "glue_version": "5.0",
            "security_configuration": "strict",
            "default_arguments": {"--enable-continuous-cloudwatch-log": True, "--days": 7},
        },
        Job,
        {
            "Name": "j",
            "Command": {"Name": "pythonshell"},
            "GlueVersion": "5.0",
            "SecurityConfiguration": "strict",
            "DefaultArguments": {"--enable-continuous-cloudwatch-log": "true", "--days": "7"},
        },
    )


def test_a_job_is_one_of_spark_unless_told_otherwise(twins):
    twins(
        "aws_glue_job",
        {"name": "j", "command": [{"script_location": "s3://b/j.py"}]},
        Job,
        {"Name": "j", "Command": {"Name": "glueetl"}},
    )


@pytest.mark.parametrize("arguments", [NOT_KNOWN, {"--enable-continuous-cloudwatch-log": NOT_KNOWN}])
def test_arguments_of_a_job_that_are_not_known(document, arguments):
    made = Job(document("aws_glue_job", {"default_arguments": arguments}))
    assert isinstance(made.argument("--enable-continuous-cloudwatch-log"), Unknown)


def test_encryption_of_the_catalog(twins):
    twins(
        "aws_glue_data_catalog_encryption_settings",
        {
            "catalog_id": "111122223333",
            "data_catalog_encryption_settings": [
                {
                    "encryption_at_rest": [{"catalog_encryption_mode": "SSE-KMS"}],
                    "connection_password_encryption": [{"return_connection_password_encrypted": True}],
                }
            ],
        },
        DataCatalogEncryptionSettings,
        {
            "CatalogId": "111122223333",
            "DataCatalogEncryptionSettings": {
                "EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS"},
                "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": True},
            },
        },
    )
    twins("aws_glue_data_catalog_encryption_settings", {}, DataCatalogEncryptionSettings, {})


def test_a_policy_of_the_catalog(document):
    assert CatalogPolicy(document("aws_glue_resource_policy", {"policy": POLICY})).policy.public
    assert isinstance(document("aws_glue_resource_policy", {"policy": NOT_KNOWN})["Policy"], Unknown)


def test_a_transform(twins):
    twins("aws_glue_ml_transform", {"name": "t"}, MLTransform, {"Name": "t"})


def test_a_connection(twins):
    twins(
        "aws_glue_connection",
        {"name": "c", "connection_type": "NETWORK", "connection_properties": {"JDBC_ENFORCE_SSL": True}},
        Connection,
        {
            "Name": "c",
            "ConnectionInput": {
                "Name": "c",
                "ConnectionType": "NETWORK",
                "ConnectionProperties": {"JDBC_ENFORCE_SSL": "true"},
            },
        },
    )


def test_a_connection_is_one_of_jdbc_unless_told_otherwise(twins, document):
    twins("aws_glue_connection", {"name": "c"}, Connection, {"ConnectionInput": {"ConnectionType": "JDBC"}})
    made = Connection(document("aws_glue_connection", {"connection_properties": NOT_KNOWN}))
    assert isinstance(made.setting("JDBC_ENFORCE_SSL"), Unknown)


def test_a_development_endpoint(twins):
    twins(
        "aws_glue_dev_endpoint",
        {"name": "e", "security_configuration": "strict", "subnet_id": "subnet-1"},
        DevEndpoint,
        {"EndpointName": "e", "SecurityConfiguration": "strict", "SubnetId": "subnet-1"},
    )
    twins("aws_glue_dev_endpoint", {"name": "e"}, DevEndpoint, {"EndpointName": "e"})
