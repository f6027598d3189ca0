"""Reads Amazon EMR."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from koban.model.aws.emr import Cluster, PublicAccess, SecurityConfiguration
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

ALIVE = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"]


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw, "Id", "Name", "SecurityConfiguration", "LogUri", Arn="ClusterArn", MasterPublicDNS="MasterPublicDnsName"
    )
    profile = (raw.get("Ec2InstanceAttributes") or {}).get("IamInstanceProfile")
    if profile:
        document["JobFlowRole"] = profile
    return {**document, "Tags": tags(raw.get("Tags"))}


def security_configuration_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    text = raw.get("SecurityConfiguration") or "{}"
    try:
        settings: Any = json.loads(text)
    except ValueError:
        settings = Unknown("SecurityConfiguration", "it is not JSON")
    return {"Name": raw["Name"], "SecurityConfiguration": settings}


@reads(Cluster, "emr:DescribeCluster", "emr:ListClusters")
def clusters(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return cluster_from_api(aws.call("emr:DescribeCluster", ClusterId=raw["Id"])["Cluster"])

    yield from aws.each(aws.pages("emr:ListClusters", "Clusters", ClusterStates=ALIVE), detail)


@reads(SecurityConfiguration, "emr:DescribeSecurityConfiguration", "emr:ListSecurityConfigurations")
def security_configurations(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        return security_configuration_from_api(aws.call("emr:DescribeSecurityConfiguration", Name=raw["Name"]))

    yield from aws.each(aws.pages("emr:ListSecurityConfigurations", "SecurityConfigurations"), detail)


@reads(PublicAccess, "emr:GetBlockPublicAccessConfiguration")
def public_access(aws: Reader) -> Iterator[dict[str, Any]]:
    found = aws.call("emr:GetBlockPublicAccessConfiguration")["BlockPublicAccessConfiguration"]
    document = pick(found, "BlockPublicSecurityGroupRules", "PermittedPublicSecurityGroupRuleRanges")
    yield {**document, "Region": aws.region}
