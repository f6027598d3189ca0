"""Posture rules for Amazon Redshift, provisioned and serverless."""

from __future__ import annotations

from koban.model.aws.redshift import Cluster, ClusterParameterGroup, ClusterSubnetGroup, Namespace, Workgroup
from koban.model.aws.securitygroup import SecurityGroup
from koban.model.resource import matches, size
from koban.model.rule import rule
from koban.model.unknown import Unknown

DEFAULT_USERS = ("awsuser", "admin", "root", "master")
G = {"ClusterParameterGroupName": "g"}


@rule("critical", Cluster, "aws-fsbp:Redshift.1", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def redshift_cluster_public(cluster: Cluster) -> bool:
    """The Redshift cluster has a public address.

    Why: the whole warehouse can be reached from the internet as soon as a firewall rule lets it.
    Fix: set PubliclyAccessible to false and reach the cluster through the VPC.
    """
    return cluster.public


redshift_cluster_public.cases(bad=[{"PubliclyAccessible": True}], good=[{}, {"PubliclyAccessible": False}])


@rule("medium", Cluster, "aws-fsbp:Redshift.2", "nist-csf-2.0:PR.DS-02")
def redshift_cluster_tls_not_required(cluster: Cluster) -> bool:
    """The Redshift cluster accepts connections without TLS.

    Why: passwords and query results cross the network in plain text whenever a client does not ask for TLS.
    Fix: set require_ssl to true in the cluster's parameter group and reboot the cluster.
    """
    return bool(cluster.parameter_group_name) and not cluster.parameter_group.requires_tls


redshift_cluster_tls_not_required.cases(
    bad=[
        (G, ClusterParameterGroup({"ParameterGroupName": "g", "ParameterGroupFamily": "redshift-1.0"})),
        (
            G,
            ClusterParameterGroup(
                {
                    "ParameterGroupName": "g",
                    "ParameterGroupFamily": "redshift-2.0",
                    "Parameters": [{"ParameterName": "require_ssl", "ParameterValue": "false"}],
                }
            ),
        ),
    ],
    good=[
        {},
        (G, ClusterParameterGroup({"ParameterGroupName": "g", "ParameterGroupFamily": "redshift-2.0"})),
        (
            G,
            ClusterParameterGroup(
                {
                    "ParameterGroupName": "g",
                    "ParameterGroupFamily": "redshift-1.0",
                    "Parameters": [{"ParameterName": "require_ssl", "ParameterValue": "true"}],
                }
            ),
        ),
    ],
    unknown=[
        (
            G,
            ClusterParameterGroup(
                {"ParameterGroupName": "g", "Parameters": Unknown("Parameters", "AccessDenied redshift:Describe")}
            ),
        ),
        G,
    ],
)


@rule("medium", Cluster, "aws-fsbp:Redshift.3", "nist-csf-2.0:PR.DS-11", "nist-csf-2.0:RC.RP-03")
def redshift_cluster_snapshots_short(cluster: Cluster, *, snapshot_days_min: int = 7) -> bool:
    """Automatic snapshots of the Redshift cluster are off or kept too briefly.

    Why: damage that is noticed after the last snapshot has gone cannot be undone.
    Fix: set AutomatedSnapshotRetentionPeriod to at least 7 days.
    """
    return cluster.snapshot_days < snapshot_days_min


redshift_cluster_snapshots_short.cases(
    bad=[{}, {"AutomatedSnapshotRetentionPeriod": 0}], good=[{"AutomatedSnapshotRetentionPeriod": 7}]
)


@rule("medium", Cluster, "aws-fsbp:Redshift.4", "nist-csf-2.0:PR.PS-04")
def redshift_cluster_not_logged(cluster: Cluster) -> bool:
    """The Redshift cluster writes no audit log.

    Why: nobody can tell afterwards who signed in and what they queried.
    Fix: set LoggingProperties with a bucket, or with CloudWatch Logs as the destination.
    """
    return not cluster.logs


redshift_cluster_not_logged.cases(
    bad=[{}],
    good=[
        {"LoggingProperties": {"BucketName": "audit"}},
        {"LoggingProperties": {"LogDestinationType": "cloudwatch", "LogExports": ["userlog"]}},
    ],
    unknown=[{"LoggingProperties": Unknown("LoggingProperties", "AccessDenied redshift:DescribeLoggingStatus")}],
)


@rule("low", Cluster, "nist-csf-2.0:PR.PS-04", when=lambda cluster: cluster.logs)
def redshift_cluster_activity_not_logged(cluster: Cluster) -> bool:
    """The Redshift cluster's audit log leaves out what users run.

    Why: sign-ins alone do not show which data somebody read or copied.
    Fix: set enable_user_activity_logging to true in the cluster's own parameter group.
    """
    return not cluster.parameter_group or not cluster.parameter_group.logs_activity


LOGGED = {"LoggingProperties": {"BucketName": "audit"}}
redshift_cluster_activity_not_logged.cases(
    bad=[LOGGED, ({**LOGGED, **G}, ClusterParameterGroup({"ParameterGroupName": "g"}))],
    good=[
        (
            {**LOGGED, **G},
            ClusterParameterGroup(
                {
                    "ParameterGroupName": "g",
                    "Parameters": [{"ParameterName": "enable_user_activity_logging", "ParameterValue": "true"}],
                }
            ),
        )
    ],
    skipped=[{}],
)


@rule("medium", Cluster, "aws-fsbp:Redshift.6", "nist-csf-2.0:PR.PS-02")
def redshift_cluster_no_upgrades(cluster: Cluster) -> bool:
    """New engine versions are not installed by themselves on the Redshift cluster.

    Why: versions carry security fixes; without them known holes stay open.
    Fix: set AllowVersionUpgrade to true.
    """
    return not cluster.upgrades


redshift_cluster_no_upgrades.cases(bad=[{"AllowVersionUpgrade": False}], good=[{}])


@rule("medium", Cluster, "aws-fsbp:Redshift.7", "nist-csf-2.0:PR.IR-01")
def redshift_cluster_routes_outside_vpc(cluster: Cluster) -> bool:
    """COPY and UNLOAD of the Redshift cluster do not go through the VPC.

    Why: security groups, endpoints policies and flow logs neither limit nor record where data is copied to.
    Fix: set EnhancedVpcRouting to true and give the VPC an endpoint for S3.
    """
    return not cluster.enhanced_routing


redshift_cluster_routes_outside_vpc.cases(bad=[{}], good=[{"EnhancedVpcRouting": True}])


@rule("medium", Cluster, "aws-fsbp:Redshift.8", "nist-csf-2.0:PR.AA-01")
def redshift_cluster_default_user(cluster: Cluster) -> bool:
    """The Redshift cluster's administrator has a name that everyone guesses.

    Why: half of what an attacker must guess is known; password lists start with these names.
    Fix: create the cluster with a MasterUsername of your own; it cannot be changed later.
    """
    return any(cluster.master_user == name for name in DEFAULT_USERS)


redshift_cluster_default_user.cases(bad=[{"MasterUsername": "awsuser"}], good=[{"MasterUsername": "bi_owner"}])


@rule("low", Cluster, "aws-fsbp:Redshift.9", "nist-csf-2.0:PR.PS-01")
def redshift_cluster_default_database(cluster: Cluster) -> bool:
    """The Redshift cluster's database has the default name.

    Why: a name that everyone knows is one thing less to find out, and shows that defaults were left as they were.
    Fix: create the cluster with a DBName of your own; it cannot be changed later.
    """
    return cluster.database == "dev"


redshift_cluster_default_database.cases(bad=[{}, {"DBName": "dev"}], good=[{"DBName": "sales"}])


@rule("high", Cluster, "aws-fsbp:Redshift.10", "nist-csf-2.0:PR.DS-01")
def redshift_cluster_unencrypted(cluster: Cluster) -> bool:
    """The Redshift cluster's storage is not encrypted.

    Why: whoever gets hold of a disk or a snapshot can read the whole warehouse.
    Fix: set Encrypted to true with a KMS key; the cluster is then copied in the background.
    """
    return not cluster.encrypted


redshift_cluster_unencrypted.cases(bad=[{"Encrypted": False}], good=[{}, {"Encrypted": True}])


@rule("low", Cluster, "aws-fsbp:Redshift.18", "nist-csf-2.0:PR.IR-04", when=lambda c: matches("^ra3|^rg", c.node_type))
def redshift_cluster_single_zone(cluster: Cluster) -> bool:
    """The Redshift cluster runs in one availability zone only.

    Why: when the zone fails, queries stop until the cluster is brought up elsewhere.
    Fix: set MultiAZ to true.
    """
    return not cluster.multi_az


redshift_cluster_single_zone.cases(
    bad=[{"NodeType": "ra3.4xlarge"}],
    good=[{"NodeType": "ra3.4xlarge", "MultiAZ": True}],
    skipped=[{"NodeType": "dc2.large"}],
)


@rule("high", Cluster, "aws-fsbp:Redshift.15", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def redshift_cluster_port_open(cluster: Cluster) -> bool:
    """The Redshift cluster's firewall lets in the whole internet.

    Why: only the lack of a public address, which is one setting, keeps everyone from trying passwords.
    Fix: limit the security group to the networks and groups that query the warehouse.
    """
    return any(group.open_to_anyone(cluster.port) for group in cluster.security_groups)


def lets_in(source: str) -> SecurityGroup:
    """A firewall that lets in this range at Redshift's port."""
    one = {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "CidrIp": source}
    return SecurityGroup({"GroupId": "sg-1", "SecurityGroupIngress": [one]})


BEHIND = {"VpcSecurityGroupIds": ["sg-1"]}
redshift_cluster_port_open.cases(
    bad=[(BEHIND, lets_in("0.0.0.0/0"))], good=[(BEHIND, lets_in("10.0.0.0/8")), {}], unknown=[BEHIND]
)


@rule("medium", ClusterSubnetGroup, "aws-fsbp:Redshift.16", "nist-csf-2.0:PR.IR-04", only="live")
def redshift_subnet_group_single_zone(group: ClusterSubnetGroup) -> bool:
    """The Redshift subnet group has subnets in one availability zone only.

    Why: a cluster in it cannot be moved when the zone fails.
    Fix: add subnets of at least one other zone.
    """
    return bool(size(group.zones) < 2)


redshift_subnet_group_single_zone.cases(
    bad=[{"AvailabilityZones": ["eu-west-1a"]}], good=[{"AvailabilityZones": ["eu-west-1a", "eu-west-1b"]}]
)


# Serverless


@rule("medium", Workgroup, "aws-fsbp:RedshiftServerless.1", "nist-csf-2.0:PR.IR-01")
def redshift_workgroup_routes_outside_vpc(workgroup: Workgroup) -> bool:
    """COPY and UNLOAD of the Redshift workgroup do not go through the VPC.

    Why: security groups, endpoint policies and flow logs neither limit nor record where data is copied to.
    Fix: set EnhancedVpcRouting to true and give the VPC an endpoint for S3.
    """
    return not workgroup.enhanced_routing


redshift_workgroup_routes_outside_vpc.cases(bad=[{}], good=[{"EnhancedVpcRouting": True}])


@rule("medium", Workgroup, "aws-fsbp:RedshiftServerless.2", "nist-csf-2.0:PR.DS-02")
def redshift_workgroup_tls_not_required(workgroup: Workgroup) -> bool:
    """The Redshift workgroup accepts connections without TLS.

    Why: passwords and query results cross the network in plain text whenever a client does not ask for TLS.
    Fix: set the configuration parameter require_ssl to true.
    """
    return not workgroup.requires_tls


redshift_workgroup_tls_not_required.cases(
    bad=[{"ConfigParameters": [{"ParameterKey": "require_ssl", "ParameterValue": "false"}]}],
    good=[{}, {"ConfigParameters": [{"ParameterKey": "require_ssl", "ParameterValue": "true"}]}],
)


@rule("critical", Workgroup, "aws-fsbp:RedshiftServerless.3", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def redshift_workgroup_public(workgroup: Workgroup) -> bool:
    """The Redshift workgroup has a public address.

    Why: the whole warehouse can be reached from the internet as soon as a firewall rule lets it.
    Fix: set PubliclyAccessible to false and reach the workgroup through the VPC.
    """
    return workgroup.public


redshift_workgroup_public.cases(bad=[{"PubliclyAccessible": True}], good=[{}])


@rule("low", Namespace, "aws-fsbp:RedshiftServerless.4", "nist-csf-2.0:PR.DS-01")
def redshift_namespace_no_own_key(namespace: Namespace) -> bool:
    """The Redshift namespace is encrypted with a key that AWS owns.

    Why: such a key's use is not logged in your account, and you cannot withdraw it.
    Fix: set KmsKeyId to a customer managed key.
    """
    return not namespace.key_name


redshift_namespace_no_own_key.cases(bad=[{}], good=[{"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k"}])


@rule("medium", Namespace, "aws-fsbp:RedshiftServerless.5", "nist-csf-2.0:PR.AA-01")
def redshift_namespace_default_user(namespace: Namespace) -> bool:
    """The Redshift namespace's administrator has a name that everyone guesses.

    Why: half of what an attacker must guess is known; password lists start with these names.
    Fix: create the namespace with an AdminUsername of your own.
    """
    return any(namespace.admin_user == name for name in DEFAULT_USERS)


redshift_namespace_default_user.cases(bad=[{"AdminUsername": "admin"}], good=[{"AdminUsername": "bi_owner"}])


@rule("medium", Namespace, "aws-fsbp:RedshiftServerless.6", "nist-csf-2.0:PR.PS-04")
def redshift_namespace_logs_not_exported(namespace: Namespace) -> bool:
    """The Redshift namespace does not send its connection and user logs to CloudWatch Logs.

    Why: nobody can tell afterwards who signed in and what changed about users.
    Fix: add connectionlog and userlog to LogExports.
    """
    return not ("connectionlog" in namespace.log_exports and "userlog" in namespace.log_exports)


redshift_namespace_logs_not_exported.cases(
    bad=[{}, {"LogExports": ["userlog"]}], good=[{"LogExports": ["userlog", "connectionlog"]}]
)


@rule("low", Namespace, "aws-fsbp:RedshiftServerless.7", "nist-csf-2.0:PR.PS-01")
def redshift_namespace_default_database(namespace: Namespace) -> bool:
    """The Redshift namespace's database has the default name.

    Why: a name that everyone knows is one thing less to find out, and shows that defaults were left as they were.
    Fix: create the namespace with a DbName of your own.
    """
    return namespace.database == "dev"


redshift_namespace_default_database.cases(bad=[{}], good=[{"DbName": "sales"}])


@rule("critical", Namespace, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05")
def redshift_namespace_policy_public(namespace: Namespace) -> bool:
    """The Redshift namespace's policy lets in anyone.

    Why: strangers can then use what the policy allows, such as sharing the warehouse's data.
    Fix: name accounts or roles as the principal, or add a condition on the organisation.
    """
    return namespace.policy.public


ANYONE = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "redshift:AuthorizeInboundIntegration"}]}
redshift_namespace_policy_public.cases(
    bad=[{"NamespaceResourcePolicy": ANYONE}],
    good=[{}],
    unknown=[{"NamespaceResourcePolicy": Unknown("NamespaceResourcePolicy", "AccessDenied")}],
)
