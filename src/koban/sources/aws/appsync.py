"""Reads AWS AppSync."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.appsync import ApiCache, GraphqlApi
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Failure, Reader, pascal, pick, tags


def api_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        Arn="arn",
        ApiId="apiId",
        Name="name",
        AuthenticationType="authenticationType",
        XrayEnabled="xrayEnabled",
        Visibility="visibility",
        IntrospectionConfig="introspectionConfig",
        QueryDepthLimit="queryDepthLimit",
        WafWebAclArn="wafWebAclArn",
    )
    if raw.get("logConfig"):
        document["LogConfig"] = pascal(raw["logConfig"])
    if raw.get("additionalAuthenticationProviders"):
        document["AdditionalAuthenticationProviders"] = [
            pick(one, AuthenticationType="authenticationType") for one in raw["additionalAuthenticationProviders"]
        ]
    return {**document, "Tags": tags(raw.get("tags"))}


def cache_from_api(raw: dict[str, Any], api: str) -> dict[str, Any]:
    document = pick(
        raw, AtRestEncryptionEnabled="atRestEncryptionEnabled", TransitEncryptionEnabled="transitEncryptionEnabled"
    )
    return {**document, "ApiId": api}


@reads(GraphqlApi, "appsync:ListGraphqlApis")
def apis(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(api_from_api, aws.pages("appsync:ListGraphqlApis", "graphqlApis"))


@reads(ApiCache, "appsync:GetApiCache", needs=(GraphqlApi,))
def caches(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(api: Resource) -> dict[str, Any] | None:
        name = str(api.name)
        try:
            return cache_from_api(aws.call("appsync:GetApiCache", apiId=name)["apiCache"], name)
        except Failure as failure:
            if failure.code == "NotFoundException":
                return None  # the API has no cache
            raise

    yield from (one for one in aws.each(aws.read(GraphqlApi), detail) if one)
