"""Amazon Elastic Kubernetes Service."""

from __future__ import annotations

from koban.model.aws.eks import Addon, Cluster, Nodegroup
from koban.sources.terraform.mapping import Argument, arg, block, blocks, group, maps, over
from koban.sources.terraform.values import text_with_holes

maps(
    "aws_eks_cluster",
    Cluster,
    Name="name",
    Version="version",
    RoleArn="role_arn",
    ResourcesVpcConfig=block(
        "vpc_config",
        EndpointPublicAccess="endpoint_public_access",
        EndpointPrivateAccess="endpoint_private_access",
        PublicAccessCidrs="public_access_cidrs",
    ),
    Logging=group(
        ClusterLogging=group(
            EnabledTypes=arg("enabled_cluster_log_types", lambda kinds: over(kinds, lambda one: {"Type": one}))
        )
    ),
    EncryptionConfig=blocks("encryption_config", Resources="resources", Provider=block("provider", KeyArn="key_arn")),
    AccessConfig=block("access_config", AuthenticationMode="authentication_mode"),
    DeletionProtection="deletion_protection",
)
maps(
    "aws_eks_node_group",
    Nodegroup,
    NodegroupName="node_group_name",
    Id="id",
    ClusterName="cluster_name",
    Version="version",
    AmiType="ami_type",
    RemoteAccess=block("remote_access", Ec2SshKey="ec2_ssh_key", SourceSecurityGroups="source_security_group_ids"),
    NodeRole="node_role_arn",
)
maps(
    "aws_eks_addon",
    Addon,
    AddonName="addon_name",
    ClusterName="cluster_name",
    ConfigurationValues=Argument("configuration_values", unknown=text_with_holes),
    ServiceAccountRoleArn="service_account_role_arn",
)
