"""Reads Amazon OpenSearch Service, five domains with one call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.opensearch import Domain
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

DOMAINS_A_CALL = 5


def domain_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "DomainName",
        "EngineVersion",
        "ClusterConfig",
        "EncryptionAtRestOptions",
        "NodeToNodeEncryptionOptions",
        "DomainEndpointOptions",
        "AdvancedSecurityOptions",
        "CognitoOptions",
        "LogPublishingOptions",
        "ServiceSoftwareOptions",
        "SoftwareUpdateOptions",
        Arn="ARN",
    )
    if raw.get("AccessPolicies"):
        document["AccessPolicies"] = raw["AccessPolicies"]
    if raw.get("VPCOptions"):
        document["VPCOptions"] = pick(raw["VPCOptions"], "SubnetIds", "SecurityGroupIds")
    return document


@reads(Domain, "opensearch:ListDomainNames", "opensearch:DescribeDomains")
def domains(aws: Reader) -> Iterator[dict[str, Any]]:
    names = [one["DomainName"] for one in aws.pages("opensearch:ListDomainNames", "DomainNames")]
    for start in range(0, len(names), DOMAINS_A_CALL):
        batch = names[start : start + DOMAINS_A_CALL]
        answer = aws.call("opensearch:DescribeDomains", DomainNames=batch)
        yield from map(domain_from_api, answer.get("DomainStatusList") or ())
