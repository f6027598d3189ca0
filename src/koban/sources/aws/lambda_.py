"""Reads AWS Lambda."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.lambda_ import EventInvokeConfig, Function, LayerVersion, Url
from koban.model.aws.secret_names import masked
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

NOT_SET = ("ResourceNotFoundException",)


def function_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """A function as `ListFunctions` gives it.  The values of environment variables are masked."""
    document = pick(
        raw, "FunctionName", "PackageType", "Runtime", "Role", "TracingConfig", Arn="FunctionArn", KmsKeyArn="KMSKeyArn"
    )
    vpc = raw.get("VpcConfig") or {}
    if vpc.get("SubnetIds"):
        document["VpcConfig"] = pick(vpc, "SubnetIds", "SecurityGroupIds")
    if (raw.get("DeadLetterConfig") or {}).get("TargetArn"):
        document["DeadLetterConfig"] = pick(raw["DeadLetterConfig"], "TargetArn")
    if raw.get("Layers"):
        document["Layers"] = [layer["Arn"] for layer in raw["Layers"]]
    environment = raw.get("Environment") or {}
    if environment.get("Error"):
        why = environment["Error"].get("ErrorCode", "the variables could not be decrypted")
        document["Environment"] = {"Variables": Unknown("Environment.Variables", why)}
    elif environment.get("Variables"):
        variables = environment["Variables"].items()
        document["Environment"] = {"Variables": {name: masked(value) for name, value in variables}}
    return document


def url_from_api(raw: dict[str, Any], function_arn: str) -> dict[str, Any]:
    return {**pick(raw, "FunctionUrl", "FunctionArn", "AuthType", "Cors"), "TargetFunctionArn": function_arn}


@reads(Function, "lambda:ListFunctions", Policy="lambda:GetPolicy")
def functions(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        granted = aws.ask("lambda:GetPolicy", "Policy", absent=NOT_SET, otherwise="", FunctionName=raw["FunctionName"])
        return {**function_from_api(raw), "Policy": granted}

    yield from aws.each(aws.pages("lambda:ListFunctions", "Functions"), detail)


@reads(Url, "lambda:ListFunctionUrlConfigs", needs=(Function,))
def urls(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(function: Resource) -> list[dict[str, Any]]:
        found = aws.pages("lambda:ListFunctionUrlConfigs", "FunctionUrlConfigs", FunctionName=function.name)
        return [url_from_api(raw, function.uid) for raw in found]

    for some in aws.each(aws.read(Function), detail):
        yield from some


@reads(EventInvokeConfig, "lambda:ListFunctionEventInvokeConfigs", needs=(Function,))
def invoke_configs(aws: Reader) -> Iterator[dict[str, Any]]:
    """Where the events go that a function fails to handle, unless its dead-letter queue says so already."""

    def detail(function: Resource) -> list[dict[str, Any]]:
        found = aws.pages(
            "lambda:ListFunctionEventInvokeConfigs", "FunctionEventInvokeConfigs", FunctionName=function.name
        )
        return [{"FunctionName": function.name, **pick(raw, "DestinationConfig")} for raw in found]

    without = (one for one in aws.read(Function) if "DeadLetterConfig" not in one.document)
    for some in aws.each(without, detail):
        yield from some


@reads(LayerVersion, "lambda:ListLayers", Policy="lambda:GetLayerVersionPolicy")
def layers(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        latest = raw["LatestMatchingVersion"]
        granted = aws.ask(
            "lambda:GetLayerVersionPolicy",
            "Policy",
            absent=NOT_SET,
            otherwise="",
            LayerName=raw["LayerArn"],
            VersionNumber=latest["Version"],
        )
        document = pick(latest, "LayerVersionArn", "CompatibleRuntimes", Arn="LayerVersionArn")
        return {**document, "LayerName": raw["LayerName"], "Policy": granted}

    yield from aws.each(aws.pages("lambda:ListLayers", "Layers"), detail)
