"""Reads Amazon Elastic Kubernetes Service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.eks import Addon, Cluster, Nodegroup
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pascal, pick, tags


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        Arn="arn",
        Name="name",
        Version="version",
        RoleArn="roleArn",
        DeletionProtection="deletionProtection",
    )
    document["ResourcesVpcConfig"] = {
        name: value
        for name, value in pascal(raw.get("resourcesVpcConfig") or {}).items()
        if name not in ("VpcId", "ClusterSecurityGroupId")
    }
    kept = [
        {"Type": kind}
        for one in (raw.get("logging") or {}).get("clusterLogging") or ()
        if one.get("enabled")
        for kind in one.get("types") or ()
    ]
    document["Logging"] = {"ClusterLogging": {"EnabledTypes": kept}}
    if raw.get("encryptionConfig"):
        document["EncryptionConfig"] = pascal(raw["encryptionConfig"])
    if raw.get("accessConfig"):
        document["AccessConfig"] = pascal(raw["accessConfig"])
    return {**document, "Tags": tags(raw.get("tags"))}


def nodegroup_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        Arn="nodegroupArn",
        NodegroupName="nodegroupName",
        ClusterName="clusterName",
        Version="version",
        AmiType="amiType",
        NodeRole="nodeRole",
    )
    if raw.get("remoteAccess"):
        document["RemoteAccess"] = pascal(raw["remoteAccess"])
    return {**document, "Tags": tags(raw.get("tags"))}


def addon_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        Arn="addonArn",
        AddonName="addonName",
        ClusterName="clusterName",
        AddonVersion="addonVersion",
        ServiceAccountRoleArn="serviceAccountRoleArn",
        ConfigurationValues="configurationValues",
    )
    return {**document, "Tags": tags(raw.get("tags"))}


@reads(Cluster, "eks:DescribeCluster", "eks:ListClusters")
def clusters(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(name: str) -> dict[str, Any]:
        return cluster_from_api(aws.call("eks:DescribeCluster", name=name)["cluster"])

    yield from aws.each(aws.pages("eks:ListClusters", "clusters"), detail)


@reads(Nodegroup, "eks:DescribeNodegroup", "eks:ListNodegroups", needs=(Cluster,))
def nodegroups(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(pair: tuple[str, str]) -> dict[str, Any]:
        found = aws.call("eks:DescribeNodegroup", clusterName=pair[0], nodegroupName=pair[1])
        return nodegroup_from_api(found["nodegroup"])

    yield from aws.each(_in_clusters(aws, "eks:ListNodegroups", "nodegroups"), detail)


@reads(Addon, "eks:DescribeAddon", "eks:ListAddons", needs=(Cluster,))
def addons(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(pair: tuple[str, str]) -> dict[str, Any]:
        return addon_from_api(aws.call("eks:DescribeAddon", clusterName=pair[0], addonName=pair[1])["addon"])

    yield from aws.each(_in_clusters(aws, "eks:ListAddons", "addons"), detail)


def _in_clusters(aws: Reader, operation: str, key: str) -> Iterator[tuple[str, str]]:
    cluster: Resource
    for cluster in aws.read(Cluster):
        name = str(cluster.name)
        for one in aws.pages(operation, key, clusterName=name):
            yield name, one
