"""Reads AWS Glue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.glue import (
    CatalogPolicy,
    Connection,
    DataCatalogEncryptionSettings,
    DevEndpoint,
    Job,
    MLTransform,
    SecurityConfiguration,
)
from koban.model.aws.secret_names import masked
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

SETTINGS_KEPT = ("JDBC_ENFORCE_SSL", "KAFKA_SSL_ENABLED", "SECRET_ID", "ENCRYPTED_PASSWORD")


def job_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "Name", "GlueVersion", "SecurityConfiguration", "Role")
    document["Command"] = pick(raw.get("Command") or {}, "Name")
    arguments = raw.get("DefaultArguments") or {}
    document["DefaultArguments"] = {name: masked(value) for name, value in sorted(arguments.items())}
    return document


@reads(Job, "glue:GetJobs")
def jobs(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(job_from_api, aws.pages("glue:GetJobs", "Jobs"))


@reads(SecurityConfiguration, "glue:GetSecurityConfigurations")
def security_configurations(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("glue:GetSecurityConfigurations", "SecurityConfigurations"):
        found = raw.get("EncryptionConfiguration") or {}
        document = pick(raw, "Name")
        # The API says S3Encryption for what templates call S3Encryptions.
        document["EncryptionConfiguration"] = pick(
            found, "CloudWatchEncryption", "JobBookmarksEncryption", S3Encryptions="S3Encryption"
        )
        yield document


@reads(DataCatalogEncryptionSettings, "glue:GetDataCatalogEncryptionSettings")
def catalog_encryption(aws: Reader) -> Iterator[dict[str, Any]]:
    answer = aws.call("glue:GetDataCatalogEncryptionSettings")
    found = answer.get("DataCatalogEncryptionSettings") or {}
    yield {"CatalogId": aws.account, "DataCatalogEncryptionSettings": found}


@reads(CatalogPolicy, "glue:GetResourcePolicy")
def catalog_policy(aws: Reader) -> Iterator[dict[str, Any]]:
    document: dict[str, Any] = {"CatalogId": aws.account}
    found = aws.ask("glue:GetResourcePolicy", "PolicyInJson", absent=("EntityNotFoundException",))
    if found is not None:
        document["Policy"] = found
    yield document


def transform_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "TransformId", "Name")
    encryption = (raw.get("TransformEncryption") or {}).get("MlUserDataEncryption") or {}
    mode = encryption.get("MlUserDataEncryptionMode")
    if mode:
        document["TransformEncryption"] = {"MLUserDataEncryption": {"MLUserDataEncryptionMode": mode}}
    return document


@reads(MLTransform, "glue:GetMLTransforms")
def ml_transforms(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(transform_from_api, aws.pages_by_token("glue:GetMLTransforms", "Transforms"))


def connection_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    settings = raw.get("ConnectionProperties") or {}
    kept = {name: masked(settings[name]) for name in SETTINGS_KEPT if name in settings}
    return {**pick(raw, "Name"), "ConnectionInput": {**pick(raw, "ConnectionType"), "ConnectionProperties": kept}}


@reads(Connection, "glue:GetConnections")
def connections(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(connection_from_api, aws.pages("glue:GetConnections", "ConnectionList", HidePassword=True))


@reads(DevEndpoint, "glue:GetDevEndpoints")
def dev_endpoints(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("glue:GetDevEndpoints", "DevEndpoints"):
        yield pick(raw, "EndpointName", "SecurityConfiguration", "SubnetId", "RoleArn")
