"""Reads Amazon API Gateway: HTTP and WebSocket APIs.

Their domain names are those that :mod:`koban.sources.aws.apigateway` reads: both services list the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from koban.model.aws.apigatewayv2 import Api, Integration, Route, Stage
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags


def api_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return {**pick(raw, "ApiId", "Name", "ProtocolType", "CorsConfiguration"), "Tags": tags(raw.get("Tags"))}


def stage_from_api(raw: dict[str, Any], api: str) -> dict[str, Any]:
    document = pick(raw, "StageName", "AccessLogSettings", "DefaultRouteSettings")
    return {**document, "ApiId": api, "Tags": tags(raw.get("Tags"))}


def route_from_api(raw: dict[str, Any], api: str) -> dict[str, Any]:
    return {**pick(raw, "RouteId", "RouteKey", "AuthorizationType", "ApiKeyRequired"), "ApiId": api}


def integration_from_api(raw: dict[str, Any], api: str) -> dict[str, Any]:
    document = pick(raw, "IntegrationId", "ConnectionType", "IntegrationType", "IntegrationUri", "TlsConfig")
    return {**document, "ApiId": api}


@reads(Api, "apigatewayv2:GetApis")
def apis(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(api_from_api, aws.pages("apigatewayv2:GetApis", "Items"))


@reads(Stage, "apigatewayv2:GetStages", needs=(Api,))
def stages(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from _of_each_api(aws, "apigatewayv2:GetStages", stage_from_api)


@reads(Route, "apigatewayv2:GetRoutes", needs=(Api,))
def routes(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from _of_each_api(aws, "apigatewayv2:GetRoutes", route_from_api)


@reads(Integration, "apigatewayv2:GetIntegrations", needs=(Api,))
def integrations(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from _of_each_api(aws, "apigatewayv2:GetIntegrations", integration_from_api)


def _of_each_api(
    aws: Reader, operation: str, mapper: Callable[[dict[str, Any], str], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    def detail(api: Resource) -> list[dict[str, Any]]:
        name = str(api.name)
        return [mapper(raw, name) for raw in aws.pages(operation, "Items", ApiId=name)]

    for some in aws.each(aws.read(Api), detail):
        yield from some
