"""Amazon DynamoDB and DynamoDB Accelerator (DAX)."""

from __future__ import annotations

from koban.model.aws.dynamodb import DaxCluster, GlobalTable, ScalableTarget, Table
from koban.sources.terraform.conversions import given
from koban.sources.terraform.mapping import Body, arg, block, blocks, folds, group, json, listed, maps


def of_table(body: Body) -> bool:
    """Whether a policy is a table's: streams can have one, too."""
    arn = body.get("resource_arn")
    return not (isinstance(arn, str) and "/stream/" in arn)


maps(
    "aws_dynamodb_table",
    Table,
    TableName="name",
    Arn="arn",
    BillingMode="billing_mode",
    DeletionProtectionEnabled="deletion_protection_enabled",
    PointInTimeRecoverySpecification=block("point_in_time_recovery", PointInTimeRecoveryEnabled="enabled"),
    SSESpecification=block("server_side_encryption", SSEEnabled="enabled", KMSMasterKeyId="kms_key_arn"),
)
maps(
    "aws_dynamodb_table",
    GlobalTable,
    when=lambda body: given(body.get("replica")),
    TableName="name",
    Replicas=blocks(
        "replica",
        Region="region_name",
        DeletionProtectionEnabled="deletion_protection_enabled",
        PointInTimeRecoverySpecification=group(PointInTimeRecoveryEnabled="point_in_time_recovery"),
    ),
)
# A replica that is a resource of its own is a global table of which one replica is known.
maps(
    "aws_dynamodb_table_replica",
    GlobalTable,
    Replicas=listed(
        group(
            DeletionProtectionEnabled=arg("deletion_protection_enabled", default=False),
            PointInTimeRecoverySpecification=group(
                PointInTimeRecoveryEnabled=arg("point_in_time_recovery", default=False)
            ),
        )
    ),
)
folds(
    "aws_dynamodb_resource_policy",
    Table,
    "resource_arn",
    when=of_table,
    ResourcePolicy=group(PolicyDocument=json("policy")),
)
maps(
    "aws_appautoscaling_target",
    ScalableTarget,
    ServiceNamespace="service_namespace",
    ScalableDimension="scalable_dimension",
    ResourceId="resource_id",
    MinCapacity="min_capacity",
    MaxCapacity="max_capacity",
)
maps(
    "aws_dax_cluster",
    DaxCluster,
    ClusterName="cluster_name",
    SSESpecification=block("server_side_encryption", SSEEnabled="enabled"),
    ClusterEndpointEncryptionType="cluster_endpoint_encryption_type",
    ReplicationFactor="replication_factor",
)
