"""Reads Amazon Elastic Container Registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.ecr import PublicRepository, RegistryPolicy, Repository, Scanning
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pascal, pick


def repository_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, Arn="repositoryArn", RepositoryName="repositoryName", ImageTagMutability="imageTagMutability")
    for name in ("imageScanningConfiguration", "encryptionConfiguration"):
        if raw.get(name):
            document[name[0].upper() + name[1:]] = pascal(raw[name])
    return document


def scanning_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return {**pick(raw, RegistryId="registryId"), **pascal(raw.get("scanningConfiguration") or {})}


@reads(
    Repository,
    "ecr:DescribeRepositories",
    RepositoryPolicyText="ecr:GetRepositoryPolicy",
    LifecyclePolicy="ecr:GetLifecyclePolicy",
)
def repositories(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        name = raw["repositoryName"]
        document = repository_from_api(raw)
        document["RepositoryPolicyText"] = aws.ask(
            "ecr:GetRepositoryPolicy",
            "policyText",
            absent=("RepositoryPolicyNotFoundException",),
            otherwise="",
            repositoryName=name,
        )
        document["LifecyclePolicy"] = {
            "LifecyclePolicyText": aws.ask(
                "ecr:GetLifecyclePolicy",
                "lifecyclePolicyText",
                absent=("LifecyclePolicyNotFoundException",),
                otherwise="",
                repositoryName=name,
            )
        }
        return document

    yield from aws.each(aws.pages("ecr:DescribeRepositories", "repositories"), detail)


@reads(Scanning, "ecr:GetRegistryScanningConfiguration")
def scanning(aws: Reader) -> Iterator[dict[str, Any]]:
    yield scanning_from_api(aws.call("ecr:GetRegistryScanningConfiguration"))


@reads(RegistryPolicy, "ecr:GetRegistryPolicy")
def registry_policies(aws: Reader) -> Iterator[dict[str, Any]]:
    text = aws.ask("ecr:GetRegistryPolicy", "policyText", absent=("RegistryPolicyNotFoundException",), otherwise="")
    yield {"RegistryId": aws.account, "PolicyText": text}


@reads(
    PublicRepository,
    "ecr-public:DescribeRepositories",
    scope="global",
    RepositoryPolicyText="ecr-public:GetRepositoryPolicy",
)
def public_repositories(aws: Reader) -> Iterator[Resource]:
    def detail(raw: dict[str, Any]) -> Resource:
        document = pick(raw, Arn="repositoryArn", RepositoryName="repositoryName")
        document["RepositoryPolicyText"] = aws.ask(
            "ecr-public:GetRepositoryPolicy",
            "policyText",
            absent=("RepositoryPolicyNotFoundException",),
            otherwise="",
            repositoryName=raw["repositoryName"],
        )
        return aws.made(PublicRepository, document)

    yield from aws.each(aws.pages("ecr-public:DescribeRepositories", "repositories"), detail)
