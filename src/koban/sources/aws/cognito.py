"""Reads Amazon Cognito."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.cognito import IdentityPool, UserPool, UserPoolClient
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

A_PAGE = 60  # the most that a page of pools may hold; the services demand that it is said


def user_pool_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "Arn",
        "MfaConfiguration",
        "Policies",
        "UserPoolAddOns",
        "DeletionProtection",
        UserPoolName="Name",
        UserPoolId="Id",
    )
    if (raw.get("LambdaConfig") or {}).get("DefineAuthChallenge"):
        document["LambdaConfig"] = pick(raw["LambdaConfig"], "DefineAuthChallenge")
    if raw.get("AdminCreateUserConfig"):
        document["AdminCreateUserConfig"] = pick(raw["AdminCreateUserConfig"], "AllowAdminCreateUserOnly")
    return {**document, "Tags": tags(raw.get("UserPoolTags"))}


def client_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    """An application client, without its secret."""
    document = pick(
        raw,
        "ClientId",
        "ClientName",
        "UserPoolId",
        "PreventUserExistenceErrors",
        "ExplicitAuthFlows",
        "AllowedOAuthFlows",
        "CallbackURLs",
    )
    # Clients from before token revocation existed do not have it, and say nothing of it.
    return {**document, "EnableTokenRevocation": bool(raw.get("EnableTokenRevocation"))}


def identity_pool_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "IdentityPoolName", "AllowUnauthenticatedIdentities", "AllowClassicFlow", Id="IdentityPoolId")
    return {**document, "Tags": tags(raw.get("IdentityPoolTags"))}


@reads(UserPool, "cognito-idp:DescribeUserPool", "cognito-idp:ListUserPools")
def user_pools(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return user_pool_from_api(aws.call("cognito-idp:DescribeUserPool", UserPoolId=raw["Id"])["UserPool"])

    yield from aws.each(aws.pages("cognito-idp:ListUserPools", "UserPools", MaxResults=A_PAGE), detail)


@reads(UserPoolClient, "cognito-idp:DescribeUserPoolClient", "cognito-idp:ListUserPoolClients", needs=(UserPool,))
def user_pool_clients(aws: Reader) -> Iterator[dict[str, Any]]:
    def found() -> Iterator[dict[str, Any]]:
        pool: Resource
        for pool in aws.read(UserPool):
            named = pool.document["UserPoolId"]
            yield from aws.pages("cognito-idp:ListUserPoolClients", "UserPoolClients", UserPoolId=named)

    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        answer = aws.call("cognito-idp:DescribeUserPoolClient", UserPoolId=raw["UserPoolId"], ClientId=raw["ClientId"])
        return client_from_api(answer["UserPoolClient"])

    yield from aws.each(found(), detail)


@reads(IdentityPool, "cognito-identity:DescribeIdentityPool", "cognito-identity:ListIdentityPools")
def identity_pools(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        found = aws.call("cognito-identity:DescribeIdentityPool", IdentityPoolId=raw["IdentityPoolId"])
        return identity_pool_from_api(found)

    yield from aws.each(aws.pages("cognito-identity:ListIdentityPools", "IdentityPools", MaxResults=A_PAGE), detail)
