"""Amazon Neptune."""

from __future__ import annotations

from typing import Any

from koban.model.aws.rds import ClusterSnapshot, EngineCluster
from koban.model.resource import Resource, field, link, referring


class DBCluster(
    EngineCluster,
    type="AWS::Neptune::DBCluster",
    ids="DBClusterIdentifier",
    arn="arn:{partition}:rds:{region}:{account}:cluster:{DBClusterIdentifier}",
):
    """A Neptune graph database."""

    engine = "neptune"
    copies_tags: bool = field("CopyTagsToSnapshot", False, "Whether snapshots get its tags")
    iam_auth: bool = field("IamAuthEnabled", False, "Whether callers sign in with IAM")
    instances: tuple[Any, ...] = referring("AWS::Neptune::DBInstance", "cluster", "Its instances")


class DBInstance(
    Resource,
    type="AWS::Neptune::DBInstance",
    ids="DBInstanceIdentifier",
    arn="arn:{partition}:rds:{region}:{account}:db:{DBInstanceIdentifier}",
):
    """One instance of a Neptune cluster."""

    cluster: Any = link("DBClusterIdentifier", "AWS::Neptune::DBCluster", "The cluster that it is a member of")
    minor_upgrades: bool = field("AutoMinorVersionUpgrade", True, "Whether minor versions are installed by themselves")
    public: bool = field("PubliclyAccessible", False, "Whether its name resolves to a public address")


class DBClusterSnapshot(
    ClusterSnapshot,
    type="Koban::Neptune::DBClusterSnapshot",
    ids="DBClusterSnapshotIdentifier DBClusterSnapshotArn",
    arn="arn:{partition}:rds:{region}:{account}:cluster-snapshot:{DBClusterSnapshotIdentifier}",
):
    """A snapshot of a Neptune cluster."""
