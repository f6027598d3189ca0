"""Amazon Redshift, provisioned and serverless."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Part, Resource, derived, fact, field, link, links, parts


class Parameter(Part):
    """One setting of a parameter group."""

    name: str = field("ParameterName", "", "Its name")
    value: str = field("ParameterValue", "", "Its value")


class ClusterParameterGroup(
    Resource,
    type="AWS::Redshift::ClusterParameterGroup",
    ids="ParameterGroupName",
    arn="arn:{partition}:redshift:{region}:{account}:parametergroup:{ParameterGroupName}",
):
    """The settings that Redshift clusters share."""

    family: str = field("ParameterGroupFamily", "", "redshift-1.0 or redshift-2.0")
    parameters: tuple[Parameter, ...] = parts("Parameters", Parameter, "Settings that differ from the default")

    @derived
    def requires_tls(self) -> bool:
        """Whether connections without TLS are refused; families since 2.0 do so unless told otherwise."""
        if any(one.name == "require_ssl" and one.value.lower() == "false" for one in self.parameters):
            return False
        told = any(one.name == "require_ssl" and one.value.lower() == "true" for one in self.parameters)
        return told or self.family != "redshift-1.0"

    @derived
    def logs_activity(self) -> bool:
        """Whether users' statements are logged."""
        return any(
            one.name == "enable_user_activity_logging" and one.value.lower() == "true" for one in self.parameters
        )


class Cluster(
    Resource,
    type="AWS::Redshift::Cluster",
    ids="ClusterIdentifier",
    arn="arn:{partition}:redshift:{region}:{account}:cluster:{ClusterIdentifier}",
):
    """A Redshift cluster."""

    public: bool = field("PubliclyAccessible", False, "Whether it has a public address")
    encrypted: bool = field("Encrypted", True, "Whether its storage is encrypted")
    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The KMS key of its storage")
    snapshot_days: int = field("AutomatedSnapshotRetentionPeriod", 1, "Days that automatic snapshots are kept; 0: none")
    upgrades: bool = field("AllowVersionUpgrade", True, "Whether new engine versions are installed by themselves")
    enhanced_routing: bool = field("EnhancedVpcRouting", False, "Whether COPY and UNLOAD stay within the VPC")
    master_user: str = field("MasterUsername", "", "The administrator's name")
    database: str = field("DBName", "dev", "The first database's name")
    multi_az: bool = field("MultiAZ", False, "Whether it runs in two zones")
    port: int = field("Port", 5439, "The port that it listens on")
    node_type: str = field("NodeType", "", "ra3.xlplus, dc2.large, ...")
    log_bucket: str = field("LoggingProperties.BucketName", "", "The bucket that audit logs go to")
    log_destination: str = field("LoggingProperties.LogDestinationType", "", "s3 or cloudwatch")
    parameter_group: Any = link(
        "ClusterParameterGroupName", "AWS::Redshift::ClusterParameterGroup", "Its engine settings"
    )
    parameter_group_name: str = field("ClusterParameterGroupName", "", "Empty: the default of the newest family")
    subnet_group: Any = link("ClusterSubnetGroupName", "AWS::Redshift::ClusterSubnetGroup", "The subnets it may be in")
    security_groups: Any = links("VpcSecurityGroupIds", "AWS::EC2::SecurityGroup", "Its firewalls")

    @derived
    def logs(self) -> bool:
        """Whether it writes audit logs anywhere."""
        return bool(self.log_bucket) or bool(self.log_destination)


class ClusterSubnetGroup(
    Resource,
    type="AWS::Redshift::ClusterSubnetGroup",
    ids="ClusterSubnetGroupName",
    arn="arn:{partition}:redshift:{region}:{account}:subnetgroup:{ClusterSubnetGroupName}",
):
    """The subnets that a cluster may be in."""

    subnet_ids: tuple[str, ...] = field("SubnetIds", (), "Its subnets")
    zones: tuple[str, ...] = fact("AvailabilityZones", (), "The zones of its subnets")


class Namespace(Resource, type="AWS::RedshiftServerless::Namespace", ids="NamespaceName Arn"):
    """The data and users of a serverless warehouse."""

    key_name: str = field("KmsKeyId", "", "The KMS key; empty: one that AWS owns")
    admin_user: str = field("AdminUsername", "", "The administrator's name")
    database: str = field("DbName", "dev", "The first database's name")
    log_exports: tuple[str, ...] = field("LogExports", (), "userlog, connectionlog, useractivitylog")
    managed_password: bool = field("ManageAdminPassword", False, "Whether Secrets Manager keeps the password")
    policy: Policy = policy("NamespaceResourcePolicy", "Who may restore and share its data")


class ConfigParameter(Part):
    """One setting of a workgroup."""

    key: str = field("ParameterKey", "", "Its name")
    value: str = field("ParameterValue", "", "Its value")


class Workgroup(Resource, type="AWS::RedshiftServerless::Workgroup", ids="WorkgroupName Arn"):
    """The computing part of a serverless warehouse."""

    public: bool = field("PubliclyAccessible", False, "Whether it has a public address")
    enhanced_routing: bool = field("EnhancedVpcRouting", False, "Whether COPY and UNLOAD stay within the VPC")
    parameters: tuple[ConfigParameter, ...] = parts("ConfigParameters", ConfigParameter, "Its settings")

    @derived
    def requires_tls(self) -> bool:
        """Whether connections without TLS are refused, which they are unless told otherwise."""
        return not any(one.key == "require_ssl" and one.value.lower() == "false" for one in self.parameters)
