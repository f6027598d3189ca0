"""Amazon MemoryDB."""

from __future__ import annotations

from koban.model.aws.memorydb import Cluster, User
from koban.sources.terraform.mapping import block, maps

maps(
    "aws_memorydb_cluster",
    Cluster,
    ClusterName="name",
    TLSEnabled="tls_enabled",
    ACLName="acl_name",
    SnapshotRetentionLimit="snapshot_retention_limit",
    AutoMinorVersionUpgrade="auto_minor_version_upgrade",
    NumReplicasPerShard="num_replicas_per_shard",
)
maps(
    "aws_memorydb_user",
    User,
    UserName="user_name",
    AccessString="access_string",
    AuthenticationMode=block("authentication_mode", Type="type"),
)
