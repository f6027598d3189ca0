"""Amazon OpenSearch Service, and Elasticsearch domains as older templates declare them."""

from __future__ import annotations

from typing import Any

from koban.model.aws.engine_support import out_of_support
from koban.model.aws.policy import Policy, policy
from koban.model.resource import Resource, derived, field, link, links, matches
from koban.model.unknown import Unknown


class SearchDomain(Resource):
    """What domains of either name have in common."""

    encrypted: bool = field("EncryptionAtRestOptions.Enabled", False, "Whether its disks are encrypted")
    key: Any = link("EncryptionAtRestOptions.KmsKeyId", "AWS::KMS::Key", "The KMS key of its disks")
    node_encryption: bool = field(
        "NodeToNodeEncryptionOptions.Enabled", False, "Whether nodes use TLS among themselves"
    )
    subnets: tuple[str, ...] = field("VPCOptions.SubnetIds", (), "Its subnets; none: it is on the internet")
    security_groups: Any = links("VPCOptions.SecurityGroupIds", "AWS::EC2::SecurityGroup", "Its firewalls")
    https_only: bool = field("DomainEndpointOptions.EnforceHTTPS", False, "Whether plain HTTP is refused")
    tls_policy: str = field("DomainEndpointOptions.TLSSecurityPolicy", "", "The least TLS that clients must speak")
    fine_grained: bool = field("AdvancedSecurityOptions.Enabled", False, "Whether fine-grained access control is on")
    anonymous: bool = field("AdvancedSecurityOptions.AnonymousAuthEnabled", False, "Whether nobody need sign in")
    internal_users: bool = field(
        "AdvancedSecurityOptions.InternalUserDatabaseEnabled", False, "Whether it keeps users with passwords itself"
    )
    cognito: bool = field("CognitoOptions.Enabled", False, "Whether people sign in to dashboards with Cognito")
    logs: dict[str, Any] = field("LogPublishingOptions", {}, "By kind of log: CloudWatchLogsLogGroupArn, Enabled")
    policy: Policy = policy("AccessPolicies", "Who may use it")

    instances: int = 1
    masters: int = 0
    dedicated_masters: bool = False
    zone_aware: bool = False

    @derived
    def in_vpc(self) -> bool:
        """Whether only the VPC reaches it."""
        return bool(self.subnets)

    def logs_to_cloudwatch(self, kind: str) -> bool:
        """Whether one kind of log (``ES_APPLICATION_LOGS``, ``AUDIT_LOGS``) goes to CloudWatch Logs."""
        logs = self.logs
        if isinstance(logs, Unknown):
            return bool(logs._child(f".{kind}"))
        one = logs.get(kind)
        if one is None or isinstance(one, Unknown):
            return bool(one)
        # A template that names the kind without saying whether it is enabled turns it on.
        enabled = one.get("Enabled", True)
        return bool(enabled == True or enabled == "true")  # noqa: E712  the value may be unknown


class Domain(
    SearchDomain,
    type="AWS::OpenSearchService::Domain",
    ids="DomainName",
    arn="arn:{partition}:es:{region}:{account}:domain/{DomainName}",
):
    """An OpenSearch Service domain, of either engine."""

    engine_version: str = field("EngineVersion", "", "OpenSearch_2.19, Elasticsearch_7.10, ...")
    instances: int = field("ClusterConfig.InstanceCount", 1, "How many data nodes it has")
    zone_aware: bool = field("ClusterConfig.ZoneAwarenessEnabled", False, "Whether data nodes are in several zones")
    dedicated_masters: bool = field("ClusterConfig.DedicatedMasterEnabled", False, "Whether it has dedicated masters")
    masters: int = field("ClusterConfig.DedicatedMasterCount", 0, "How many dedicated masters it has")
    update_waiting: bool = field("ServiceSoftwareOptions.UpdateAvailable", False, "Whether newer software is available")
    auto_updates: bool = field("SoftwareUpdateOptions.AutoSoftwareUpdateEnabled", False, "Whether it updates by itself")
    update_status: str = field("ServiceSoftwareOptions.UpdateStatus", "", "ELIGIBLE, PENDING_UPDATE, COMPLETED, ...")

    @derived
    def outdated(self) -> bool:
        """Whether standard support of its engine version has ended."""
        version = self.engine_version
        if isinstance(version, Unknown):
            return bool(version._child(" is out of support"))
        engine, _, number = version.lower().partition("_")
        return out_of_support(engine, number, self.now())


class ElasticsearchDomain(
    SearchDomain,
    type="AWS::Elasticsearch::Domain",
    template_only=True,
    ids="DomainName",
    arn="arn:{partition}:es:{region}:{account}:domain/{DomainName}",
):
    """An Elasticsearch domain as a template of the older type declares it; live, it is a :class:`Domain`."""

    version: str = field("ElasticsearchVersion", "1.5", "The engine's version")
    instances: int = field("ElasticsearchClusterConfig.InstanceCount", 1, "How many data nodes it has")
    zone_aware: bool = field("ElasticsearchClusterConfig.ZoneAwarenessEnabled", False, "Data nodes in several zones")
    dedicated_masters: bool = field("ElasticsearchClusterConfig.DedicatedMasterEnabled", False, "Has dedicated masters")
    masters: int = field("ElasticsearchClusterConfig.DedicatedMasterCount", 0, "How many dedicated masters it has")

    @derived
    def outdated(self) -> bool:
        """Whether standard support of its engine version has ended."""
        return out_of_support("elasticsearch", self.version, self.now())


def modern_tls(domain: SearchDomain) -> bool:
    """Whether a domain asks for HTTPS with a TLS policy of today."""
    return bool(domain.https_only) and bool(matches("^Policy-Min-TLS-1-2-PFS|^Policy-Min-TLS-1-3", domain.tls_policy))
