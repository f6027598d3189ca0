"""Amazon Redshift, provisioned and serverless."""

from __future__ import annotations

from typing import Any

from koban.model.aws.redshift import Cluster, ClusterParameterGroup, ClusterSubnetGroup, Namespace, Workgroup
from koban.model.unknown import Unknown
from koban.sources.terraform.conversions import doubtful, given
from koban.sources.terraform.mapping import (
    ABSENT,
    Body,
    arg,
    argument_at,
    blocks,
    folds,
    group,
    json,
    made,
    mapped,
    maps,
)

# What these arguments mean where they are not set changed from false (true) to true (false) with version 6.0.
ENCRYPTED = Unknown("Encrypted", "not set, which is false before version 6.0 of the provider and true since")
PUBLIC = Unknown("PubliclyAccessible", "not set, which is true before version 6.0 of the provider and false since")
RESTORED = Unknown("DBName", "the snapshot that it is restored from says it")
LOGGING = {
    "BucketName": arg("bucket_name"),
    "S3KeyPrefix": arg("s3_key_prefix"),
    "LogDestinationType": arg("log_destination_type"),
    "LogExports": arg("log_exports"),
}
AWS_OWNED_KEY = "AWS_OWNED_KMS_KEY"  # what state says where no key was named


def logging(body: Body) -> Any:
    """What the block of versions before 6.0 says, where it turns logging on."""
    enabled = argument_at(body, "logging.enable")
    if isinstance(enabled, Unknown):
        return doubtful(enabled)
    if enabled in (True, "true"):
        return mapped(LOGGING, body["logging"][0]) or {"LogDestinationType": "s3"}
    return ABSENT


def database(body: Body) -> Any:
    """The first database's name; of a cluster that is restored, the snapshot's."""
    told = body.get("database_name")
    if given(told):
        return told
    return RESTORED if given(body.get("snapshot_identifier")) or given(body.get("snapshot_arn")) else ABSENT


maps(
    "aws_redshift_cluster",
    Cluster,
    ClusterIdentifier="cluster_identifier",
    PubliclyAccessible=arg("publicly_accessible", default=PUBLIC),
    Encrypted=arg("encrypted", default=ENCRYPTED),
    KmsKeyId="kms_key_id",
    AutomatedSnapshotRetentionPeriod="automated_snapshot_retention_period",
    AllowVersionUpgrade="allow_version_upgrade",
    EnhancedVpcRouting="enhanced_vpc_routing",
    MasterUsername="master_username",
    DBName=made(database, "database_name", "snapshot_identifier", "snapshot_arn", careful=True),
    MultiAZ="multi_az",
    Port="port",
    NodeType="node_type",
    LoggingProperties=made(logging, "logging", careful=True),
    ClusterParameterGroupName="cluster_parameter_group_name",
    ClusterSubnetGroupName="cluster_subnet_group_name",
    VpcSecurityGroupIds="vpc_security_group_ids",
)
folds("aws_redshift_logging", Cluster, "cluster_identifier", LoggingProperties=group(**LOGGING))
maps(
    "aws_redshift_parameter_group",
    ClusterParameterGroup,
    ParameterGroupName="name",
    ParameterGroupFamily="family",
    Parameters=blocks("parameter", ParameterName="name", ParameterValue="value"),
)
maps("aws_redshift_subnet_group", ClusterSubnetGroup, ClusterSubnetGroupName="name", SubnetIds="subnet_ids")
maps(
    "aws_redshiftserverless_namespace",
    Namespace,
    NamespaceName="namespace_name",
    Arn="arn",
    KmsKeyId=arg("kms_key_id", lambda key: ABSENT if key == AWS_OWNED_KEY else key),
    AdminUsername="admin_username",
    DbName="db_name",
    LogExports="log_exports",
    ManageAdminPassword="manage_admin_password",
)
for source in ("aws_redshift_resource_policy", "aws_redshiftserverless_resource_policy"):
    folds(source, Namespace, "resource_arn", NamespaceResourcePolicy=json("policy"))
maps(
    "aws_redshiftserverless_workgroup",
    Workgroup,
    WorkgroupName="workgroup_name",
    Arn="arn",
    NamespaceName="namespace_name",
    PubliclyAccessible="publicly_accessible",
    EnhancedVpcRouting="enhanced_vpc_routing",
    ConfigParameters=blocks("config_parameter", ParameterKey="parameter_key", ParameterValue="parameter_value"),
)
