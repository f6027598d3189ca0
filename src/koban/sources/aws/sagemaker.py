"""Reads Amazon SageMaker AI."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from koban.model.aws.sagemaker import Domain, EndpointConfig, Model, NotebookInstance
from koban.model.aws.secret_names import masked
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

GONE = ("ValidationException", "ResourceNotFound", "ResourceNotFoundException")  # deleted since it was listed
DETAILS = {
    "NotebookInstanceName": (
        "DirectInternetAccess",
        "SubnetId",
        "RootAccess",
        "KmsKeyId",
        "PlatformIdentifier",
        "InstanceMetadataServiceConfiguration",
    ),
    "ModelName": ("EnableNetworkIsolation", "VpcConfig", "PrimaryContainer", "Containers"),
    "EndpointConfigName": ("ProductionVariants", "KmsKeyId", "DataCaptureConfig"),
    "DomainId": ("AppNetworkAccessType", "KmsKeyId", "AuthMode", "DefaultUserSettings"),
}


def described(
    found: Any, raw: dict[str, Any], names: tuple[str, ...], mapper: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """What a Describe call tells; where it was refused, what the list told and the rest unknown."""
    if isinstance(found, Unknown):
        return {**pick(raw, *names), **dict.fromkeys(DETAILS[names[0]], found)}
    return mapper(found) if found is not None else {}


def notebook_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw,
        "NotebookInstanceName",
        "NotebookInstanceArn",
        "DirectInternetAccess",
        "SubnetId",
        "RootAccess",
        "KmsKeyId",
        "PlatformIdentifier",
        "InstanceMetadataServiceConfiguration",
        "RoleArn",
    )


@reads(NotebookInstance, "sagemaker:ListNotebookInstances", "sagemaker:DescribeNotebookInstance")
def notebooks(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        name = raw["NotebookInstanceName"]
        found = aws.ask("sagemaker:DescribeNotebookInstance", absent=GONE, NotebookInstanceName=name)
        return described(found, raw, ("NotebookInstanceName", "NotebookInstanceArn"), notebook_from_api)

    listed = aws.pages("sagemaker:ListNotebookInstances", "NotebookInstances")
    yield from (document for document in aws.each(listed, detail) if document)


def container_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "ContainerHostname", "Image", "ImageConfig")
    variables = raw.get("Environment") or {}
    if variables:
        document["Environment"] = {name: masked(value) for name, value in sorted(variables.items())}
    return document


def model_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "ModelName", "ModelArn", "EnableNetworkIsolation", "VpcConfig", "ExecutionRoleArn")
    if raw.get("PrimaryContainer"):
        document["PrimaryContainer"] = container_from_api(raw["PrimaryContainer"])
    if raw.get("Containers"):
        document["Containers"] = [container_from_api(one) for one in raw["Containers"]]
    return document


@reads(Model, "sagemaker:ListModels", "sagemaker:DescribeModel")
def models(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        found = aws.ask("sagemaker:DescribeModel", absent=GONE, ModelName=raw["ModelName"])
        return described(found, raw, ("ModelName", "ModelArn"), model_from_api)

    yield from (document for document in aws.each(aws.pages("sagemaker:ListModels", "Models"), detail) if document)


def endpoint_config_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "EndpointConfigName", "EndpointConfigArn", "KmsKeyId")
    document["ProductionVariants"] = [
        pick(one, "VariantName", "ModelName", "InitialInstanceCount") for one in raw.get("ProductionVariants") or ()
    ]
    if raw.get("DataCaptureConfig"):
        document["DataCaptureConfig"] = pick(raw["DataCaptureConfig"], "EnableCapture", "KmsKeyId")
    return document


@reads(EndpointConfig, "sagemaker:ListEndpointConfigs", "sagemaker:DescribeEndpointConfig")
def endpoint_configs(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        name = raw["EndpointConfigName"]
        found = aws.ask("sagemaker:DescribeEndpointConfig", absent=GONE, EndpointConfigName=name)
        return described(found, raw, ("EndpointConfigName", "EndpointConfigArn"), endpoint_config_from_api)

    listed = aws.pages("sagemaker:ListEndpointConfigs", "EndpointConfigs")
    yield from (document for document in aws.each(listed, detail) if document)


def domain_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "DomainId", "DomainArn", "DomainName", "AppNetworkAccessType", "KmsKeyId", "AuthMode")
    sharing = ((raw.get("DefaultUserSettings") or {}).get("SharingSettings") or {}).get("NotebookOutputOption")
    if sharing:
        document["DefaultUserSettings"] = {"SharingSettings": {"NotebookOutputOption": sharing}}
    return document


@reads(Domain, "sagemaker:ListDomains", "sagemaker:DescribeDomain")
def domains(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        found = aws.ask("sagemaker:DescribeDomain", absent=GONE, DomainId=raw["DomainId"])
        return described(found, raw, ("DomainId", "DomainArn"), domain_from_api)

    yield from (document for document in aws.each(aws.pages("sagemaker:ListDomains", "Domains"), detail) if document)
