"""Posture rules for Amazon EMR."""

from __future__ import annotations

from koban.model.aws.emr import SSH, Cluster, PublicAccess, SecurityConfiguration
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("high", Cluster, "aws-fsbp:EMR.1", "nist-csf-2.0:PR.IR-01", only="live")
def emr_cluster_public(cluster: Cluster) -> bool:
    """The primary node of this cluster has a public address.

    Why: its consoles and job interfaces ask for no password by default; a public address puts them within reach.
    Fix: start the cluster in a private subnet, with endpoints or a NAT gateway for what it needs.
    """
    return cluster.public


emr_cluster_public.cases(
    bad=[{"MasterPublicDNS": "ec2-198-51-100-1.eu-west-1.compute.amazonaws.com"}, {"MasterPublicDNS": "198.51.100.1"}],
    good=[{}, {"MasterPublicDNS": "ip-10-0-0-1.eu-west-1.compute.internal"}, {"MasterPublicDNS": "172.20.0.1"}],
    unknown=[{"MasterPublicDNS": Unknown("MasterPublicDNS", "AccessDenied")}],
)


@rule("medium", Cluster, "nist-csf-2.0:PR.DS-01", "nist-csf-2.0:PR.DS-02")
def emr_cluster_security_configuration_missing(cluster: Cluster) -> bool:
    """This cluster has no security configuration.

    Why: without one its disks, its data in S3 and the traffic between its nodes are not encrypted by EMR.
    Fix: make a security configuration with encryption at rest and in transit, and start clusters with it.
    """
    return not cluster.security_name


emr_cluster_security_configuration_missing.cases(bad=[{}], good=[{"SecurityConfiguration": "standard"}])


@rule("low", Cluster, "nist-csf-2.0:PR.PS-04")
def emr_cluster_unlogged(cluster: Cluster) -> bool:
    """The logs of this cluster go away with it.

    Why: jobs run on clusters that live for hours; what they did can be seen afterwards from kept logs alone.
    Fix: set LogUri to a bucket.
    """
    return not cluster.log_uri


emr_cluster_unlogged.cases(bad=[{}], good=[{"LogUri": "s3://logs/emr/"}])


@rule("high", PublicAccess, "aws-fsbp:EMR.2", "nist-csf-2.0:PR.IR-01")
def emr_public_access_allowed(settings: PublicAccess) -> bool:
    """EMR starts clusters in this region whose security groups are open to the internet.

    Why: an open cluster is found within hours and made to mine coins or to give away its data.
    Fix: turn on block public access, and permit no port but 22 at most.
    """
    if not settings.blocked:
        return True
    return any(one.first != SSH or one.last != SSH for one in settings.permitted)


emr_public_access_allowed.cases(
    bad=[
        {"BlockPublicSecurityGroupRules": False},
        {
            "BlockPublicSecurityGroupRules": True,
            "PermittedPublicSecurityGroupRuleRanges": [{"MinRange": 8088, "MaxRange": 8088}],
        },
    ],
    good=[
        {"BlockPublicSecurityGroupRules": True},
        {
            "BlockPublicSecurityGroupRules": True,
            "PermittedPublicSecurityGroupRuleRanges": [{"MinRange": 22, "MaxRange": 22}],
        },
    ],
)


def _encrypted(**settings: bool) -> dict[str, object]:
    return {"Name": "standard", "SecurityConfiguration": {"EncryptionConfiguration": settings}}


@rule("medium", SecurityConfiguration, "aws-fsbp:EMR.3", "nist-csf-2.0:PR.DS-01")
def emr_security_configuration_rest_in_clear(configuration: SecurityConfiguration) -> bool:
    """Clusters with this security configuration do not encrypt data at rest.

    Why: copies of the data on disks and in S3 can be read by whoever gets at them.
    Fix: make a security configuration with EnableAtRestEncryption, and start clusters with that one.
    """
    return not configuration.at_rest


emr_security_configuration_rest_in_clear.cases(
    bad=[_encrypted(EnableInTransitEncryption=True), {"Name": "standard"}],
    good=[_encrypted(EnableAtRestEncryption=True)],
    unknown=[{"Name": "s", "SecurityConfiguration": Unknown("SecurityConfiguration", "it is not JSON")}],
)


@rule("medium", SecurityConfiguration, "aws-fsbp:EMR.4", "nist-csf-2.0:PR.DS-02")
def emr_security_configuration_transit_in_clear(configuration: SecurityConfiguration) -> bool:
    """Nodes of clusters with this security configuration talk to each other in the clear.

    Why: whoever can listen in the network reads the data that jobs shuffle between nodes.
    Fix: make a security configuration with EnableInTransitEncryption, and start clusters with that one.
    """
    return not configuration.in_transit


emr_security_configuration_transit_in_clear.cases(
    bad=[_encrypted(EnableAtRestEncryption=True)], good=[_encrypted(EnableInTransitEncryption=True)]
)


@rule("medium", SecurityConfiguration, "nist-csf-2.0:PR.AA-05")
def emr_security_configuration_imds_v1(configuration: SecurityConfiguration) -> bool:
    """Nodes of clusters with this security configuration answer version 1 of the metadata service.

    Why: a job that can be made to send requests then gives away the credentials of the nodes.
    Fix: set MinimumInstanceMetadataServiceVersion to 2.
    """
    return configuration.imds_version < 2


emr_security_configuration_imds_v1.cases(
    bad=[{"Name": "standard"}],
    good=[
        {
            "SecurityConfiguration": {
                "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": 2}
            }
        }
    ],
)
