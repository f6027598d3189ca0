"""Amazon EMR."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Part, Resource, derived, field, link, parts
from koban.model.unknown import Unknown

SSH = 22
PRIVATE_PREFIXES = ("ip-", "10.", "192.168.", *(f"172.{second}." for second in range(16, 32)))


class Cluster(
    Resource,
    type="AWS::EMR::Cluster",
    ids="Name Id",
    arn="arn:{partition}:elasticmapreduce:{region}:{account}:cluster/{Id}",
):
    """An EMR cluster; of a live account, those that run or start."""

    primary_dns: str = field("MasterPublicDNS", "", "The DNS name of the primary node: public, or private in the VPC")
    security_name: str = field("SecurityConfiguration", "", "The name of its security configuration; empty: none")
    security: Any = link("SecurityConfiguration", "AWS::EMR::SecurityConfiguration", "Its security configuration")
    log_uri: str = field("LogUri", "", "The bucket that its logs go to; empty: they stay on its nodes")
    role: Any = link("JobFlowRole", "AWS::IAM::InstanceProfile", "The instance profile of its nodes")

    @derived
    def public(self) -> bool:
        """Whether its primary node has a public address."""
        name = self.primary_dns
        if isinstance(name, Unknown):
            return bool(name._child(" is public"))
        return bool(name) and not name.startswith(PRIVATE_PREFIXES)


class SecurityConfiguration(Resource, type="AWS::EMR::SecurityConfiguration", ids="Name"):
    """How clusters that use it are secured."""

    at_rest: bool = field(
        "SecurityConfiguration.EncryptionConfiguration.EnableAtRestEncryption",
        False,
        "Whether data at rest is encrypted",
    )
    in_transit: bool = field(
        "SecurityConfiguration.EncryptionConfiguration.EnableInTransitEncryption", False, "Whether nodes talk over TLS"
    )
    imds_version: int = field(
        "SecurityConfiguration.InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion",
        1,
        "The oldest version of the metadata service that nodes answer",
    )


class PortRange(Part):
    """Ports that may be open to the internet all the same."""

    first: int = field("MinRange", 0, "The first port")
    last: int = field("MaxRange", 65535, "The last port")


class PublicAccess(
    Resource,
    type="Koban::EMR::PublicAccess",
    ids="Region",
    arn="arn:{partition}:elasticmapreduce:{region}:{account}:block-public-access",
):
    """Whether EMR refuses clusters whose security groups are open to the internet, in one region."""

    blocked: bool = field("BlockPublicSecurityGroupRules", False, "Whether it refuses them")
    permitted: tuple[PortRange, ...] = parts("PermittedPublicSecurityGroupRuleRanges", PortRange, "Ports it permits")
