"""Reads Amazon RDS and Aurora, and with the same calls Neptune and DocumentDB, for which the same API answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import koban.model.aws.docdb as docdb_model
import koban.model.aws.neptune as neptune_model
from koban.model.aws.rds import (
    DBCluster,
    DBClusterSnapshot,
    DBInstance,
    DBParameterGroup,
    DBProxy,
    DBSnapshot,
    DBSubnetGroup,
    EventSubscription,
    GlobalCluster,
)
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws import docdb, neptune
from koban.sources.aws.collector import reads, there
from koban.sources.aws.reader import Reader, pick, tags

# What is not Aurora or RDS, by engine.
Mapper = Callable[[dict[str, Any]], dict[str, Any]]
INSTANCES: dict[str, type[Resource]] = {"neptune": neptune_model.DBInstance, "docdb": docdb_model.DBInstance}
CLUSTERS: dict[str, type[Resource]] = {"neptune": neptune_model.DBCluster, "docdb": docdb_model.DBCluster}
CLUSTER_SNAPSHOTS: dict[str, type[Resource]] = {
    "neptune": neptune_model.DBClusterSnapshot,
    "docdb": docdb_model.DBClusterSnapshot,
}
INSTANCE_MAPPERS: dict[str, Mapper] = {"neptune": neptune.instance_from_api, "docdb": docdb.instance_from_api}
CLUSTER_MAPPERS: dict[str, Mapper] = {"neptune": neptune.cluster_from_api, "docdb": docdb.cluster_from_api}

LEADS_THE_REST = "us-east-1"
DEFAULT_GROUP = "default."
TLS_SETTINGS = ["rds.force_ssl", "require_secure_transport"]


def instance_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "DBInstanceIdentifier",
        "DBInstanceArn",
        "Engine",
        "EngineVersion",
        "DBClusterIdentifier",
        "StorageEncrypted",
        "KmsKeyId",
        "PubliclyAccessible",
        "AutoMinorVersionUpgrade",
        "MultiAZ",
        "DeletionProtection",
        "BackupRetentionPeriod",
        "CopyTagsToSnapshot",
        "MonitoringInterval",
        "MasterUsername",
        "CACertificateIdentifier",
        "CertificateDetails",
        EnableIAMDatabaseAuthentication="IAMDatabaseAuthenticationEnabled",
        EnableCloudwatchLogsExports="EnabledCloudwatchLogsExports",
        EnablePerformanceInsights="PerformanceInsightsEnabled",
        SourceDBInstanceIdentifier="ReadReplicaSourceDBInstanceIdentifier",
        DBSubnetGroupName="DBSubnetGroup.DBSubnetGroupName",
    )
    document["VPCSecurityGroups"] = [one["VpcSecurityGroupId"] for one in raw.get("VpcSecurityGroups") or ()]
    classic = [one["DBSecurityGroupName"] for one in raw.get("DBSecurityGroups") or ()]
    if classic:
        document["DBSecurityGroups"] = classic
    for group in (raw.get("DBParameterGroups") or ())[:1]:
        document["DBParameterGroupName"] = group["DBParameterGroupName"]
    port = (raw.get("Endpoint") or {}).get("Port") or raw.get("DbInstancePort")
    if port:
        document["Port"] = str(port)
    if raw.get("MasterUserSecret"):
        document["ManageMasterUserPassword"] = True
    document["Tags"] = tags(raw.get("TagList"))
    return document


def cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw,
        "DBClusterIdentifier",
        "DBClusterArn",
        "Engine",
        "EngineVersion",
        "EngineMode",
        "StorageEncrypted",
        "KmsKeyId",
        "DeletionProtection",
        "BackupRetentionPeriod",
        "CopyTagsToSnapshot",
        "AutoMinorVersionUpgrade",
        "MonitoringInterval",
        "PubliclyAccessible",
        "BacktrackWindow",
        "DBClusterInstanceClass",
        "MultiAZ",
        "MasterUsername",
        "Port",
        EnableIAMDatabaseAuthentication="IAMDatabaseAuthenticationEnabled",
        EnableCloudwatchLogsExports="EnabledCloudwatchLogsExports",
        ReplicationSourceIdentifier="ReplicationSourceIdentifier",
        ServerlessV2ScalingConfiguration="ServerlessV2ScalingConfiguration",
    )
    if raw.get("MasterUserSecret"):
        document["ManageMasterUserPassword"] = True
    document["Tags"] = tags(raw.get("TagList"))
    return document


def subnet_group_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "DBSubnetGroupName", "DBSubnetGroupArn")
    document["SubnetIds"] = [one["SubnetIdentifier"] for one in raw.get("Subnets") or ()]
    return document


@reads((DBInstance, DBSubnetGroup, neptune_model.DBInstance, docdb_model.DBInstance), "rds:DescribeDBInstances")
def instances(aws: Reader) -> Iterator[Resource]:
    """Each instance tells its subnet group whole; those that no instance uses are not judged."""
    groups: dict[str, None] = {}
    for raw in aws.pages("rds:DescribeDBInstances", "DBInstances"):
        group = raw.get("DBSubnetGroup") or {}
        if group.get("DBSubnetGroupName") and group["DBSubnetGroupName"] not in groups:
            groups[group["DBSubnetGroupName"]] = None
            yield aws.made(DBSubnetGroup, subnet_group_from_api(group))
        engine = raw.get("Engine", "")
        yield aws.made(INSTANCES.get(engine, DBInstance), INSTANCE_MAPPERS.get(engine, instance_from_api)(raw))


@reads((DBCluster, neptune_model.DBCluster, docdb_model.DBCluster), "rds:DescribeDBClusters")
def clusters(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("rds:DescribeDBClusters", "DBClusters"):
        engine = raw.get("Engine", "")
        yield aws.made(CLUSTERS.get(engine, DBCluster), CLUSTER_MAPPERS.get(engine, cluster_from_api)(raw))


def restorers_from_api(attributes: Any) -> Any:
    """Who may restore a snapshot: account ids, and ``all`` for everyone."""
    if isinstance(attributes, Unknown):
        return attributes
    return [
        who for one in attributes or () if one["AttributeName"] == "restore" for who in one.get("AttributeValues") or ()
    ]


def snapshot_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "DBSnapshotIdentifier", "DBSnapshotArn", "SnapshotType", "Encrypted", "Engine")
    document["Tags"] = tags(raw.get("TagList"))
    return document


def cluster_snapshot_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw, "DBClusterSnapshotIdentifier", "DBClusterSnapshotArn", "SnapshotType", "StorageEncrypted", "Engine"
    )
    document["Tags"] = tags(raw.get("TagList"))
    return document


@reads(DBSnapshot, "rds:DescribeDBSnapshots", SharedWith="rds:DescribeDBSnapshotAttributes")
def snapshots(aws: Reader) -> Iterator[Resource]:
    def detail(raw: dict[str, Any]) -> Resource:
        document = snapshot_from_api(raw)
        if raw.get("SnapshotType") == "manual":  # no other kind can be shared
            document["SharedWith"] = restorers_from_api(
                aws.ask(
                    "rds:DescribeDBSnapshotAttributes",
                    "DBSnapshotAttributesResult.DBSnapshotAttributes",
                    absent=("DBSnapshotNotFound", "DBSnapshotNotFoundFault"),
                    otherwise=[],
                    DBSnapshotIdentifier=raw["DBSnapshotIdentifier"],
                )
            )
        return aws.made(DBSnapshot, document)

    yield from aws.each(aws.pages("rds:DescribeDBSnapshots", "DBSnapshots"), detail)


@reads(
    (DBClusterSnapshot, neptune_model.DBClusterSnapshot, docdb_model.DBClusterSnapshot),
    "rds:DescribeDBClusterSnapshots",
    SharedWith="rds:DescribeDBClusterSnapshotAttributes",
)
def cluster_snapshots(aws: Reader) -> Iterator[Resource]:
    def detail(raw: dict[str, Any]) -> Resource:
        document = cluster_snapshot_from_api(raw)
        if raw.get("SnapshotType") == "manual":
            document["SharedWith"] = restorers_from_api(
                aws.ask(
                    "rds:DescribeDBClusterSnapshotAttributes",
                    "DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes",
                    absent=("DBClusterSnapshotNotFoundFault",),
                    otherwise=[],
                    DBClusterSnapshotIdentifier=raw["DBClusterSnapshotIdentifier"],
                )
            )
        return aws.made(CLUSTER_SNAPSHOTS.get(raw.get("Engine", ""), DBClusterSnapshot), document)

    yield from aws.each(aws.pages("rds:DescribeDBClusterSnapshots", "DBClusterSnapshots"), detail)


@reads(
    DBParameterGroup,
    "rds:DescribeDBParameterGroups",
    Parameters="rds:DescribeDBParameters",
    needs=(DBInstance,),
)
def parameter_groups(aws: Reader) -> Iterator[dict[str, Any]]:
    """The groups that instances use, each with the settings that rules ask for."""
    used = {one.document.get("DBParameterGroupName") for one in aws.read(DBInstance)} - {None}

    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        found = aws.ask_all(
            "rds:DescribeDBParameters",
            "Parameters",
            DBParameterGroupName=raw["DBParameterGroupName"],
            Filters=[{"Name": "parameter-name", "Values": TLS_SETTINGS}],
        )
        document = pick(raw, "DBParameterGroupName", Family="DBParameterGroupFamily")
        return {**document, "Parameters": docdb.settings_from_api(found)}

    # The engine's own group is named for its family; no other's name has a dot.
    own = sorted(name for name in used if name.startswith(DEFAULT_GROUP))
    yield from aws.each(
        ({"DBParameterGroupName": name, "DBParameterGroupFamily": name.removeprefix(DEFAULT_GROUP)} for name in own),
        detail,
    )
    others = used.difference(own)
    if others:
        groups = aws.pages("rds:DescribeDBParameterGroups", "DBParameterGroups")
        yield from aws.each((one for one in groups if one["DBParameterGroupName"] in others), detail)


def subscription_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw,
        "SnsTopicArn",
        "SourceType",
        "Enabled",
        SubscriptionName="CustSubscriptionId",
        SourceIds="SourceIdsList",
        EventCategories="EventCategoriesList",
    )


@reads(
    EventSubscription,
    "rds:DescribeEventSubscriptions",
    needs=(DBInstance, DBCluster),
    where=there(DBInstance, DBCluster),
)
def event_subscriptions(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(subscription_from_api, aws.pages("rds:DescribeEventSubscriptions", "EventSubscriptionsList"))


def proxy_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "DBProxyName", "DBProxyArn", "RequireTLS", "DebugLogging", Arn="DBProxyArn")
    document["Auth"] = [pick(one, "AuthScheme", "IAMAuth") for one in raw.get("Auth") or ()]
    return document


@reads(DBProxy, "rds:DescribeDBProxies")
def proxies(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(proxy_from_api, aws.pages("rds:DescribeDBProxies", "DBProxies"))


def global_cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    return pick(
        raw,
        "GlobalClusterIdentifier",
        "Engine",
        "EngineVersion",
        "StorageEncrypted",
        "DeletionProtection",
        Arn="GlobalClusterArn",
    )


def led_from(raw: dict[str, Any]) -> str:
    """The region of a global cluster's writer; the first region of all where it has none."""
    for one in raw.get("GlobalClusterMembers") or ():
        if one.get("IsWriter"):
            return str(one["DBClusterArn"]).split(":")[3]
    return LEADS_THE_REST


def may_lead(aws: Reader) -> bool:
    """Whether the region may be the one that tells of a global cluster; see :func:`led_from`."""
    aurora = (str(one.document.get("Engine", "")).startswith("aurora") for one in aws.read(DBCluster))
    return aws.region == LEADS_THE_REST or any(aurora)


@reads(GlobalCluster, "rds:DescribeGlobalClusters", needs=(DBCluster,), where=may_lead)
def global_clusters(aws: Reader) -> Iterator[dict[str, Any]]:
    """Every region with a member tells of a global cluster; the writer's counts."""
    for raw in aws.pages("rds:DescribeGlobalClusters", "GlobalClusters"):
        if str(raw.get("Engine", "")).startswith("aurora") and led_from(raw) == aws.region:
            yield global_cluster_from_api(raw)
