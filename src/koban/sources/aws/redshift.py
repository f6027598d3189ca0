"""Reads Amazon Redshift, provisioned and serverless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.redshift import Cluster, ClusterParameterGroup, ClusterSubnetGroup, Namespace, Workgroup
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads, there
from koban.sources.aws.reader import Reader, pascal, pick, tags

TLS_AND_LOGS = ("require_ssl", "enable_user_activity_logging")
DEFAULT_GROUP = "default."
AWS_OWNED_KEY = "AWS_OWNED_KMS_KEY"


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "ClusterIdentifier",
        "PubliclyAccessible",
        "Encrypted",
        "KmsKeyId",
        "AutomatedSnapshotRetentionPeriod",
        "AllowVersionUpgrade",
        "EnhancedVpcRouting",
        "MasterUsername",
        "DBName",
        "NodeType",
        "ClusterSubnetGroupName",
        Port="Endpoint.Port",
    )
    # The API spells this one as text.
    document["MultiAZ"] = str(raw.get("MultiAZ", "")).lower() in ("enabled", "true")
    document["VpcSecurityGroupIds"] = [one["VpcSecurityGroupId"] for one in raw.get("VpcSecurityGroups") or ()]
    for group in (raw.get("ClusterParameterGroups") or ())[:1]:
        document["ClusterParameterGroupName"] = group["ParameterGroupName"]
    document["Tags"] = tags(raw.get("Tags"))
    return document


def logging_from_api(raw: Any) -> Any:
    """The logging properties; nothing where logging is off."""
    if isinstance(raw, Unknown):
        return raw
    if not raw.get("LoggingEnabled"):
        return None
    found = pick(raw, "BucketName", "S3KeyPrefix", "LogDestinationType", "LogExports")
    return found or {"LogDestinationType": "s3"}


@reads(Cluster, "redshift:DescribeClusters", LoggingProperties="redshift:DescribeLoggingStatus")
def clusters(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        document = cluster_from_api(raw)
        logging = logging_from_api(
            aws.ask(
                "redshift:DescribeLoggingStatus",
                absent=("ClusterNotFound", "ClusterNotFoundFault"),
                otherwise={},
                ClusterIdentifier=raw["ClusterIdentifier"],
            )
        )
        if logging is not None:
            document["LoggingProperties"] = logging
        return document

    yield from aws.each(aws.pages("redshift:DescribeClusters", "Clusters"), detail)


def parameters_from_api(raw: Any) -> Any:
    if isinstance(raw, Unknown):
        return raw
    return [pick(one, "ParameterName", "ParameterValue") for one in raw if one.get("ParameterName") in TLS_AND_LOGS]


@reads(
    ClusterParameterGroup,
    "redshift:DescribeClusterParameterGroups",
    Parameters="redshift:DescribeClusterParameters",
    needs=(Cluster,),
)
def parameter_groups(aws: Reader) -> Iterator[dict[str, Any]]:
    """The groups that clusters use."""
    used = {one.document.get("ClusterParameterGroupName") for one in aws.read(Cluster)} - {None}

    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        name = raw["ParameterGroupName"]
        found = aws.ask_all("redshift:DescribeClusterParameters", "Parameters", ParameterGroupName=name)
        return {**pick(raw, "ParameterGroupName", "ParameterGroupFamily"), "Parameters": parameters_from_api(found)}

    # Redshift's own groups are named for their family; no other's name has a dot.
    own = sorted(name for name in used if name.startswith(DEFAULT_GROUP))
    yield from aws.each(
        ({"ParameterGroupName": name, "ParameterGroupFamily": name.removeprefix(DEFAULT_GROUP)} for name in own), detail
    )
    others = used.difference(own)
    if others:
        groups = aws.pages("redshift:DescribeClusterParameterGroups", "ParameterGroups")
        yield from aws.each((one for one in groups if one["ParameterGroupName"] in others), detail)


def subnet_group_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    subnets = raw.get("Subnets") or ()
    return {
        **pick(raw, "ClusterSubnetGroupName"),
        "SubnetIds": [one["SubnetIdentifier"] for one in subnets],
        "AvailabilityZones": sorted({one.get("SubnetAvailabilityZone", {}).get("Name", "") for one in subnets} - {""}),
        "Tags": tags(raw.get("Tags")),
    }


@reads(ClusterSubnetGroup, "redshift:DescribeClusterSubnetGroups")
def subnet_groups(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(subnet_group_from_api, aws.pages("redshift:DescribeClusterSubnetGroups", "ClusterSubnetGroups"))


def namespace_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    same = pascal(raw)
    document = pick(same, "NamespaceName", "AdminUsername", "DbName", "LogExports", Arn="NamespaceArn")
    if same.get("KmsKeyId") not in (None, "", AWS_OWNED_KEY):
        document["KmsKeyId"] = same["KmsKeyId"]
    if same.get("AdminPasswordSecretArn"):
        document["ManageAdminPassword"] = True
    return document


@reads(Namespace, "redshift-serverless:ListNamespaces", NamespaceResourcePolicy="redshift-serverless:GetResourcePolicy")
def namespaces(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        document = namespace_from_api(raw)
        found = aws.ask(
            "redshift-serverless:GetResourcePolicy",
            "resourcePolicy.policy",
            absent=("ResourceNotFoundException",),
            resourceArn=raw["namespaceArn"],
        )
        if found is not None:
            document["NamespaceResourcePolicy"] = found
        return document

    yield from aws.each(aws.pages("redshift-serverless:ListNamespaces", "namespaces"), detail)


def workgroup_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        pascal(raw),
        "WorkgroupName",
        "NamespaceName",
        "PubliclyAccessible",
        "EnhancedVpcRouting",
        "ConfigParameters",
        "SubnetIds",
        "SecurityGroupIds",
        Arn="WorkgroupArn",
    )


@reads(Workgroup, "redshift-serverless:ListWorkgroups", needs=(Namespace,), where=there(Namespace))
def workgroups(aws: Reader) -> Iterator[dict[str, Any]]:
    """Asked for where there is a namespace: no workgroup is without one."""
    yield from map(workgroup_from_api, aws.pages("redshift-serverless:ListWorkgroups", "workgroups"))
