"""Amazon DynamoDB and DynamoDB Accelerator (DAX)."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Part, Resource, derived, fact, field, link, parts, referring


class ScalableTarget(Resource, type="AWS::ApplicationAutoScaling::ScalableTarget", ids=""):
    """A capacity that Application Auto Scaling may change."""

    namespace: str = field("ServiceNamespace", "", "dynamodb, ecs, ...")
    dimension: str = field("ScalableDimension", "", "dynamodb:table:ReadCapacityUnits, ...")
    resource_id: str = field("ResourceId", "", "What is scaled: table/NAME")
    table: Any = link("ResourceId", "AWS::DynamoDB::Table", "The table that is scaled")


class Table(Resource, type="AWS::DynamoDB::Table", ids="TableName", arn=""):
    """A DynamoDB table."""

    billing: str = field("BillingMode", "PROVISIONED", "PROVISIONED or PAY_PER_REQUEST")
    deletion_protection: bool = field("DeletionProtectionEnabled", False, "Whether deleting it is refused")
    recoverable: bool = field(
        "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", False, "Whether any past second can be restored"
    )
    kms: bool = field("SSESpecification.SSEEnabled", False, "Whether a KMS key of the account encrypts it")
    key: Any = link("SSESpecification.KMSMasterKeyId", "AWS::KMS::Key", "The KMS key; None: one of AWS's")
    policy: Policy = policy("ResourcePolicy.PolicyDocument", "Who may use it beside the account's own identities")
    protections: tuple[Any, ...] = referring("Koban::Backup::ProtectedResource", "resource", "Backups by AWS Backup")
    targets: tuple[ScalableTarget, ...] = referring(
        "AWS::ApplicationAutoScaling::ScalableTarget", "table", "What scales its capacity"
    )

    @property
    def names(self) -> tuple[str, ...]:
        """Also the name by which Application Auto Scaling speaks of it."""
        own = super().names
        return tuple(sorted({*own, f"table/{self.name}"})) if self.name else own

    @derived
    def scales(self) -> bool:
        """Whether its capacity follows demand."""
        if self.billing == "PAY_PER_REQUEST":
            return True
        return all(
            any(one.dimension == f"dynamodb:table:{kind}CapacityUnits" for one in self.targets)
            for kind in ("Read", "Write")
        )


class Replica(Part):
    """One region of a global table."""

    deletion_protection: bool = field("DeletionProtectionEnabled", False, "Whether deleting it is refused")
    recoverable: bool = field(
        "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", False, "Whether any past second can be restored"
    )


class GlobalTable(Resource, type="AWS::DynamoDB::GlobalTable", template_only=True, ids="TableName", arn=""):
    """A table with replicas in several regions, as templates declare it; live, each replica is a table."""

    replicas: tuple[Replica, ...] = parts("Replicas", Replica, "Its regions")


class DaxCluster(
    Resource,
    type="AWS::DAX::Cluster",
    ids="ClusterName",
    arn="arn:{partition}:dax:{region}:{account}:cache/{ClusterName}",
):
    """A cache in front of DynamoDB."""

    encrypted: bool = field("SSESpecification.SSEEnabled", False, "Whether its storage is encrypted")
    endpoint_encryption: str = field("ClusterEndpointEncryptionType", "NONE", "NONE or TLS")
    nodes: int = field("ReplicationFactor", 0, "How many nodes it has")
    zones: tuple[str, ...] = fact("NodeZones", (), "The zones its nodes run in")
