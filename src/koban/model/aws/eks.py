"""Amazon Elastic Kubernetes Service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from koban.model.resource import Resource, derived, field, link
from koban.model.unknown import Unknown

# The day on which standard support of a Kubernetes version ends: the EKS release calendar, compared in November 2026
# with what endoflife.date took from it (1.18 to 1.35; what was before is out of support by any calendar).
VERSION_ENDS = {
    "1.10": "2019-07-22",
    "1.11": "2019-11-04",
    "1.12": "2020-05-11",
    "1.13": "2020-06-30",
    "1.14": "2020-12-08",
    "1.15": "2021-05-03",
    "1.16": "2021-09-27",
    "1.17": "2021-11-02",
    "1.18": "2022-03-31",
    "1.19": "2022-08-01",
    "1.20": "2022-11-01",
    "1.21": "2023-02-16",
    "1.22": "2023-06-04",
    "1.23": "2023-10-11",
    "1.24": "2024-01-31",
    "1.25": "2024-05-01",
    "1.26": "2024-06-11",
    "1.27": "2024-07-24",
    "1.28": "2024-11-26",
    "1.29": "2025-03-23",
    "1.30": "2025-07-23",
    "1.31": "2025-11-26",
    "1.32": "2026-03-23",
    "1.33": "2026-07-29",
    "1.34": "2026-12-02",
    "1.35": "2027-03-27",
}
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
NEVER_DAYS = -36_500.0


def _past_end_days(version: Any, now: datetime) -> Any:
    if isinstance(version, Unknown):
        return version._child(" is out of standard support (days)")
    end = VERSION_ENDS.get(version)
    return (now - datetime.fromisoformat(end).replace(tzinfo=UTC)).total_seconds() / 86400 if end else NEVER_DAYS


class Cluster(
    Resource, type="AWS::EKS::Cluster", ids="Name", arn="arn:{partition}:eks:{region}:{account}:cluster/{Name}"
):
    """A Kubernetes cluster."""

    version: str = field("Version", "", "The Kubernetes version, such as 1.33; a template's absence: the newest")
    endpoint_public: bool = field("ResourcesVpcConfig.EndpointPublicAccess", True, "API server open to the internet")
    endpoint_private: bool = field("ResourcesVpcConfig.EndpointPrivateAccess", False, "API server reached in the VPC")
    public_cidrs: tuple[str, ...] = field(
        "ResourcesVpcConfig.PublicAccessCidrs", ("0.0.0.0/0",), "The networks that may reach the public endpoint"
    )
    log_types: tuple[str, ...] = field(
        "Logging.ClusterLogging.EnabledTypes[].Type", (), "Control plane logs that are kept: api, audit, ..."
    )
    encrypted: tuple[str, ...] = field(
        "EncryptionConfig[].Resources", (), "What is encrypted with a key of your own: secrets"
    )
    authentication: str = field(
        "AccessConfig.AuthenticationMode", "CONFIG_MAP", "API, API_AND_CONFIG_MAP or CONFIG_MAP"
    )
    deletion_protection: bool = field("DeletionProtection", False, "Whether it cannot be deleted by one call")
    role: Any = link("RoleArn", "AWS::IAM::Role", "The role of the control plane")

    @derived
    def open_to_all(self) -> bool:
        """Whether the API server answers every address of the internet."""
        return self.endpoint_public and any(cidr == "0.0.0.0/0" or cidr == "::/0" for cidr in self.public_cidrs)

    @derived
    def version_past_end_days(self) -> Any:
        """Days since standard support of its version ended; negative: not yet, or no end is known."""
        return _past_end_days(self.version, self.now())


class Nodegroup(Resource, type="AWS::EKS::Nodegroup", ids="NodegroupName Id"):
    """A group of nodes that EKS manages."""

    cluster: Any = link("ClusterName", "AWS::EKS::Cluster", "The cluster that it belongs to")
    version: str = field("Version", "", "The Kubernetes version of its nodes; a template's absence: the cluster's")
    ami_type: str = field("AmiType", "", "The kind of image: AL2023_x86_64_STANDARD, BOTTLEROCKET_x86_64, CUSTOM, ...")
    ssh_key: str = field("RemoteAccess.Ec2SshKey", "", "The key pair for SSH; empty: none")
    ssh_groups: tuple[str, ...] = field(
        "RemoteAccess.SourceSecurityGroups", (), "Security groups that may use SSH; none: every address"
    )
    role: Any = link("NodeRole", "AWS::IAM::Role", "The role of the nodes")

    @derived
    def version_past_end_days(self) -> Any:
        """Days since standard support of its version ended; negative: not yet, or no end is known."""
        return _past_end_days(self.version, self.now())


class Addon(Resource, type="AWS::EKS::Addon", ids="AddonName"):
    """An add-on of a cluster that EKS manages."""

    cluster: Any = link("ClusterName", "AWS::EKS::Cluster", "The cluster that it is in")
    addon: str = field("AddonName", "", "Which one: vpc-cni, coredns, ...")
    configuration: str = field("ConfigurationValues", "", "Its settings as JSON or YAML text")
    role: Any = link("ServiceAccountRoleArn", "AWS::IAM::Role", "Its own role; none: it uses that of the nodes")
