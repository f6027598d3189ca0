"""Reads Amazon API Gateway: REST APIs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.apigateway import DomainName, Method, RestApi, Stage
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pascal, pick, tags


def rest_api_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, RestApiId="id", Name="name", SecurityPolicy="securityPolicy")
    if raw.get("endpointConfiguration"):
        document["EndpointConfiguration"] = pascal(raw["endpointConfiguration"])
    # The policy comes as JSON inside a JSON string: its quotes carry a backslash each.
    document["Policy"] = (raw.get("policy") or "").replace('\\"', '"')
    return {**document, "Tags": tags(raw.get("tags"))}


def stage_from_api(raw: dict[str, Any], api: str) -> dict[str, Any]:
    document = pick(
        raw,
        StageName="stageName",
        ClientCertificateId="clientCertificateId",
        TracingEnabled="tracingEnabled",
        WebAclArn="webAclArn",
        CacheClusterEnabled="cacheClusterEnabled",
    )
    if raw.get("accessLogSettings"):
        document["AccessLogSetting"] = pick(raw["accessLogSettings"], DestinationArn="destinationArn")
    if raw.get("methodSettings"):
        document["MethodSettings"] = [
            _setting_from_api(where, setting) for where, setting in raw["methodSettings"].items()
        ]
    return {**document, "RestApiId": api, "Tags": tags(raw.get("tags"))}


def _setting_from_api(where: str, raw: dict[str, Any]) -> dict[str, Any]:
    path, _, method = where.rpartition("/")
    document = pick(
        raw,
        LoggingLevel="loggingLevel",
        DataTraceEnabled="dataTraceEnabled",
        CachingEnabled="cachingEnabled",
        CacheDataEncrypted="cacheDataEncrypted",
    )
    return {**document, "ResourcePath": "/*" if path == "*" else f"/{path.lstrip('/')}", "HttpMethod": method}


def methods_from_api(raw: dict[str, Any], api: str) -> Iterator[dict[str, Any]]:
    """The methods of one path, as `GetResources` gives it."""
    for verb, method in sorted((raw.get("resourceMethods") or {}).items()):
        document = pick(method, AuthorizationType="authorizationType", ApiKeyRequired="apiKeyRequired")
        place = {"RestApiId": api, "ResourceId": raw["id"], "HttpMethod": verb}
        yield {**document, **place, "Operation": f"{verb} {raw.get('path', '')}"}


@reads(RestApi, "apigateway:GetRestApis")
def rest_apis(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(rest_api_from_api, aws.pages("apigateway:GetRestApis", "items"))


@reads(Stage, "apigateway:GetStages", needs=(RestApi,))
def stages(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(api: Resource) -> list[dict[str, Any]]:
        name = str(api.name)
        return [stage_from_api(raw, name) for raw in aws.pages("apigateway:GetStages", "item", restApiId=name)]

    for some in aws.each(aws.read(RestApi), detail):
        yield from some


@reads(Method, "apigateway:GetResources", needs=(RestApi,))
def methods(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(api: Resource) -> list[dict[str, Any]]:
        name = str(api.name)
        found = aws.pages("apigateway:GetResources", "items", restApiId=name, embed=["methods"], limit=500)
        return [document for raw in found for document in methods_from_api(raw, name)]

    for some in aws.each(aws.read(RestApi), detail):
        yield from some


@reads(DomainName, "apigateway:GetDomainNames")
def domain_names(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("apigateway:GetDomainNames", "items"):
        yield {**pick(raw, DomainName="domainName", SecurityPolicy="securityPolicy"), "Tags": tags(raw.get("tags"))}
