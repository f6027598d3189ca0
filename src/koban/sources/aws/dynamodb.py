"""Reads Amazon DynamoDB and DynamoDB Accelerator (DAX)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.dynamodb import DaxCluster, ScalableTarget, Table
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags
from koban.sources.aws.tagging import GET_RESOURCES, BulkTags

ON_DEMAND = "PAY_PER_REQUEST"


def table_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw, "TableName", "DeletionProtectionEnabled", Arn="TableArn", BillingMode="BillingModeSummary.BillingMode"
    )
    encryption = raw.get("SSEDescription") or {}
    if encryption.get("Status") in ("ENABLED", "ENABLING", "UPDATING"):
        document["SSESpecification"] = {
            "SSEEnabled": True,
            **pick(encryption, "SSEType", KMSMasterKeyId="KMSMasterKeyArn"),
        }
    return document


def recovery_from_api(raw: Any) -> Any:
    """The recovery specification, from what DescribeContinuousBackups says."""
    if isinstance(raw, Unknown):
        return raw
    return {"PointInTimeRecoveryEnabled": raw.get("PointInTimeRecoveryStatus") == "ENABLED"}


@reads(
    Table,
    "dynamodb:ListTables",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
    PointInTimeRecoverySpecification="dynamodb:DescribeContinuousBackups",
    ResourcePolicy="dynamodb:GetResourcePolicy",
    Tags=GET_RESOURCES,
)
def tables(aws: Reader) -> Iterator[dict[str, Any]]:
    """Four calls a table where its tags are not told in bulk, else three."""
    in_bulk = BulkTags(aws, "dynamodb:table")

    def tags_of(arn: str) -> Any:
        found = in_bulk.of(arn, aws.region)
        return tags(aws.ask_all("dynamodb:ListTagsOfResource", "Tags", ResourceArn=arn)) if found is None else found

    def detail(name: str) -> dict[str, Any]:
        raw = aws.ask("dynamodb:DescribeTable", "Table", absent=("ResourceNotFoundException",), TableName=name)
        if raw is None:
            return {}
        if isinstance(raw, Unknown):
            arn = aws.arn("dynamodb", f"table/{name}")
            return {
                "TableName": name,
                "Arn": arn,
                **dict.fromkeys(("DeletionProtectionEnabled", "BillingMode", "SSESpecification"), raw),
                "PointInTimeRecoverySpecification": raw,
                "ResourcePolicy": raw,
            }
        document = table_from_api(raw)
        document["PointInTimeRecoverySpecification"] = recovery_from_api(
            aws.ask(
                "dynamodb:DescribeContinuousBackups",
                "ContinuousBackupsDescription.PointInTimeRecoveryDescription",
                absent=("TableNotFoundException", "ContinuousBackupsUnavailableException"),
                otherwise={},
                TableName=name,
            )
        )
        found = aws.ask(
            "dynamodb:GetResourcePolicy",
            "Policy",
            absent=("PolicyNotFoundException", "ResourceNotFoundException"),
            ResourceArn=raw["TableArn"],
        )
        if found is not None:
            document["ResourcePolicy"] = {"PolicyDocument": found}
        document["Tags"] = tags_of(raw["TableArn"])
        return document

    names = aws.pages("dynamodb:ListTables", "TableNames")
    yield from (document for document in aws.each(names, detail) if document)


def provisioned(aws: Reader) -> bool:
    """Whether a table has, or may have, capacities: one that is paid by the request has none to scale."""
    modes = [table.document.get("BillingMode") for table in aws.read(Table)]
    return not all(isinstance(mode, str) and mode == ON_DEMAND for mode in modes)


@reads(ScalableTarget, "application-autoscaling:DescribeScalableTargets", needs=(Table,), where=provisioned)
def scalable_targets(aws: Reader) -> Iterator[Any]:
    """What scales DynamoDB's capacities, of every table at once."""
    for raw in aws.pages(
        "application-autoscaling:DescribeScalableTargets", "ScalableTargets", ServiceNamespace="dynamodb"
    ):
        document = pick(raw, "ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity")
        uid = raw.get("ScalableTargetARN") or aws.arn(
            "application-autoscaling", f"scalable-target/{raw['ResourceId']}/{raw['ScalableDimension']}"
        )
        yield aws.made(ScalableTarget, document, uid=uid)


def dax_cluster_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw, "ClusterName", "ClusterEndpointEncryptionType", Arn="ClusterArn", ReplicationFactor="TotalNodes"
    )
    document["SSESpecification"] = {"SSEEnabled": (raw.get("SSEDescription") or {}).get("Status") == "ENABLED"}
    zones = {one.get("AvailabilityZone") for one in raw.get("Nodes") or ()} - {None}
    document["NodeZones"] = sorted(str(one) for one in zones)
    return document


@reads(DaxCluster, "dax:DescribeClusters")
def dax_clusters(aws: Reader) -> Iterator[dict[str, Any]]:
    yield from map(dax_cluster_from_api, aws.pages("dax:DescribeClusters", "Clusters"))
