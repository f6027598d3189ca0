"""Posture rules for Amazon Elastic Kubernetes Service."""

from __future__ import annotations

from koban.model.aws.eks import LOG_TYPES, Addon, Cluster, Nodegroup
from koban.model.rule import rule
from koban.model.unknown import Unknown, matches


def _endpoint(public: object, *cidrs: str) -> dict[str, object]:
    return {"ResourcesVpcConfig": {"EndpointPublicAccess": public, **({"PublicAccessCidrs": cidrs} if cidrs else {})}}


@rule("high", Cluster, "aws-fsbp:EKS.1", "nist-csf-2.0:PR.IR-01")
def eks_cluster_endpoint_open_to_all(cluster: Cluster) -> bool:
    """The API server of this cluster answers every address on the internet.

    Why: a stolen credential or a flaw in the API server can then be used from anywhere.
    Fix: turn off public access to the endpoint, or list the networks that need it in PublicAccessCidrs.
    """
    return cluster.open_to_all


eks_cluster_endpoint_open_to_all.cases(
    bad=[{}, _endpoint(True), _endpoint(True, "198.51.100.0/24", "0.0.0.0/0"), _endpoint(True, "::/0")],
    good=[_endpoint(False), _endpoint(True, "198.51.100.0/24")],
    unknown=[_endpoint(Unknown("EndpointPublicAccess", "parameter Public has no default"))],
)


@rule("medium", Cluster, "aws-fsbp:EKS.1", "nist-csf-2.0:PR.IR-01", when=lambda cluster: not cluster.open_to_all)
def eks_cluster_endpoint_public(cluster: Cluster) -> bool:
    """The API server of this cluster has a public address.

    Why: administration of the cluster needs no public address when it can be reached through the VPC.
    Fix: turn on private access to the endpoint, and turn off public access.
    """
    return cluster.endpoint_public


eks_cluster_endpoint_public.cases(
    bad=[_endpoint(True, "198.51.100.0/24")], good=[_endpoint(False), _endpoint("false")], skipped=[{}]
)


@rule("high", Cluster, "aws-fsbp:EKS.2", "nist-csf-2.0:PR.PS-02", "nist-csf-2.0:ID.AM-08")
def eks_cluster_version_unsupported(cluster: Cluster, *, warning_days_min: int = 0) -> bool:
    """This cluster runs a Kubernetes version past its standard support.

    Why: after standard support fixes come for some months at an extra price, then not at all.
    Fix: upgrade the control plane one minor version at a time, then the nodes and the add-ons.
    """
    return bool(cluster.version_past_end_days >= -warning_days_min)


eks_cluster_version_unsupported.cases(
    bad=[{"Version": "1.24"}, {"Version": 1.29}],
    good=[{}, {"Version": "1.99"}],
    unknown=[{"Version": Unknown("Version", "parameter Version has no default")}],
)


@rule("medium", Cluster, "aws-fsbp:EKS.3", "nist-csf-2.0:PR.DS-01")
def eks_cluster_secrets_unencrypted(cluster: Cluster) -> bool:
    """The Kubernetes secrets of this cluster are not encrypted with a key of your own.

    Why: without one, no key policy of yours limits or records who can decrypt the secrets, and you cannot revoke it.
    Fix: add an encryption configuration for secrets with a customer managed KMS key.
    """
    return not any(one == "secrets" for one in cluster.encrypted)


KEY = {"Resources": ["secrets"], "Provider": {"KeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k"}}

eks_cluster_secrets_unencrypted.cases(bad=[{}, {"EncryptionConfig": []}], good=[{"EncryptionConfig": [KEY]}])


@rule("medium", Cluster, "aws-fsbp:EKS.8", "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-09")
def eks_cluster_audit_log_off(cluster: Cluster) -> bool:
    """The audit log of this cluster is not kept.

    Why: the audit log alone says who did what through the Kubernetes API.
    Fix: enable the log type audit in the cluster's control plane logging.
    """
    return not any(one == "audit" for one in cluster.log_types)


AUDIT_ONLY = {"Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "audit"}]}}}
ALL_LOGS = {"Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": one} for one in LOG_TYPES]}}}

eks_cluster_audit_log_off.cases(
    bad=[{}, {"Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}]}}}], good=[AUDIT_ONLY, ALL_LOGS]
)


@rule("low", Cluster, "nist-csf-2.0:PR.PS-04")
def eks_cluster_logs_incomplete(cluster: Cluster) -> bool:
    """Some control plane logs of this cluster are not kept.

    Why: to follow an incident one needs sign-ins (authenticator) and API calls beside the audit log.
    Fix: enable all five log types: api, audit, authenticator, controllerManager and scheduler.
    """
    return any(not any(kept == one for kept in cluster.log_types) for one in LOG_TYPES)


eks_cluster_logs_incomplete.cases(bad=[{}, AUDIT_ONLY], good=[ALL_LOGS])


@rule("low", Cluster, "nist-csf-2.0:PR.AA-05")
def eks_cluster_access_by_config_map(cluster: Cluster) -> bool:
    """Who may use this cluster is written in a config map alone, out of sight of IAM.

    Why: the aws-auth config map is easy to break, leaves no CloudTrail record, and who may edit it is administrator.
    Fix: set AuthenticationMode to API and give access by access entries.
    """
    return cluster.authentication == "CONFIG_MAP"


eks_cluster_access_by_config_map.cases(
    bad=[{}, {"AccessConfig": {"AuthenticationMode": "CONFIG_MAP"}}],
    good=[{"AccessConfig": {"AuthenticationMode": "API"}}],
)


@rule("low", Cluster, "nist-csf-2.0:PR.IR-04")
def eks_cluster_deletion_unprotected(cluster: Cluster) -> bool:
    """This cluster can be deleted by a single call.

    Why: a mistake or an intruder can end every workload of the cluster at once.
    Fix: turn on deletion protection for clusters that matter.
    """
    return not cluster.deletion_protection


eks_cluster_deletion_unprotected.cases(bad=[{}], good=[{"DeletionProtection": True}])


@rule("high", Nodegroup, "nist-csf-2.0:PR.IR-01", "nist-csf-2.0:PR.AA-05")
def eks_nodegroup_ssh_open(group: Nodegroup) -> bool:
    """SSH to the nodes of this group is open to every address.

    Why: with a key and no source security group, EKS itself makes a group that opens port 22 to the internet.
    Fix: remove RemoteAccess and use Session Manager, or list SourceSecurityGroups.
    """
    return bool(group.ssh_key) and not group.ssh_groups


eks_nodegroup_ssh_open.cases(
    bad=[{"RemoteAccess": {"Ec2SshKey": "ops"}}],
    good=[{}, {"RemoteAccess": {"Ec2SshKey": "ops", "SourceSecurityGroups": ["sg-1"]}}],
)


@rule("medium", Nodegroup, "aws-fsbp:EKS.9", "nist-csf-2.0:PR.PS-02", "nist-csf-2.0:ID.AM-08")
def eks_nodegroup_version_unsupported(group: Nodegroup) -> bool:
    """The nodes of this group run a Kubernetes version past its standard support.

    Why: nodes that lag behind miss fixes of the kubelet and of the operating system.
    Fix: upgrade the cluster if it lags too, then update the node group to the cluster's version.
    """
    return bool(group.version_past_end_days >= 0)


eks_nodegroup_version_unsupported.cases(bad=[{"Version": "1.25"}], good=[{}, {"Version": "1.99"}])


@rule("medium", Nodegroup, "nist-csf-2.0:PR.PS-02", "nist-csf-2.0:ID.AM-08")
def eks_nodegroup_image_unsupported(group: Nodegroup) -> bool:
    """The nodes of this group run Amazon Linux 2 images, which EKS no longer makes.

    Why: no new image, and so no security fix, comes out for them since November 2025.
    Fix: make a node group with an AL2023 or Bottlerocket image type and move the workloads to it.
    """
    return bool(group.ami_type.startswith("AL2_"))


eks_nodegroup_image_unsupported.cases(
    bad=[{"AmiType": "AL2_x86_64"}, {"AmiType": "AL2_ARM_64"}],
    good=[{}, {"AmiType": "AL2023_x86_64_STANDARD"}, {"AmiType": "BOTTLEROCKET_ARM_64"}],
)


@rule("low", Addon, "nist-csf-2.0:PR.IR-01", when=lambda addon: addon.addon == "vpc-cni")
def eks_addon_network_policy_off(addon: Addon) -> bool:
    """The VPC network add-on of this cluster does not enforce network policies.

    Why: without enforcement every pod can reach every other, whatever the policies in the cluster say.
    Fix: set enableNetworkPolicy to true in the add-on's ConfigurationValues, unless another engine enforces them.
    """
    return not matches(r"enableNetworkPolicy[\"']?\s*:\s*[\"']?true", addon.configuration)


eks_addon_network_policy_off.cases(
    bad=[{"AddonName": "vpc-cni"}, {"AddonName": "vpc-cni", "ConfigurationValues": '{"enableNetworkPolicy": "false"}'}],
    good=[{"AddonName": "vpc-cni", "ConfigurationValues": '{"enableNetworkPolicy": "true"}'}],
    skipped=[{"AddonName": "coredns"}],
)


@rule("low", Cluster, "nist-csf-2.0:PR.IR-01", when=lambda cluster: cluster.endpoint_public)
def eks_cluster_endpoint_not_private(cluster: Cluster) -> bool:
    """Nodes of this cluster reach its API server by its public address.

    Why: traffic between nodes and the API server then leaves the VPC, and narrowing the public networks cuts nodes off.
    Fix: set EndpointPrivateAccess to true.
    """
    return not cluster.endpoint_private


eks_cluster_endpoint_not_private.cases(
    bad=[{}],
    good=[{"ResourcesVpcConfig": {"EndpointPrivateAccess": True}}],
    skipped=[_endpoint(False)],
)
