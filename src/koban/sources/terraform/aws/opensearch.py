"""Amazon OpenSearch Service, and Elasticsearch domains of the older type."""

from __future__ import annotations

from typing import Any

from koban.model.aws.opensearch import Domain, ElasticsearchDomain
from koban.sources.terraform.conversions import by_name
from koban.sources.terraform.mapping import Body, arg, block, folds, json, mapped, maps

LOG = {"CloudWatchLogsLogGroupArn": arg("cloudwatch_log_group_arn"), "Enabled": arg("enabled")}
COUNTS: dict[str, Any] = {
    "InstanceCount": "instance_count",
    "ZoneAwarenessEnabled": "zone_awareness_enabled",
    "DedicatedMasterEnabled": "dedicated_master_enabled",
    "DedicatedMasterCount": "dedicated_master_count",
}


def log(body: Body) -> Any:
    """Where one kind of log goes."""
    return mapped(LOG, body)


BOTH: dict[str, Any] = {
    "DomainName": arg("domain_name"),
    "EncryptionAtRestOptions": block("encrypt_at_rest", Enabled="enabled", KmsKeyId="kms_key_id"),
    "NodeToNodeEncryptionOptions": block("node_to_node_encryption", Enabled="enabled"),
    "VPCOptions": block("vpc_options", SubnetIds="subnet_ids", SecurityGroupIds="security_group_ids"),
    "DomainEndpointOptions": block(
        "domain_endpoint_options",
        EnforceHTTPS=arg("enforce_https", default=True),
        TLSSecurityPolicy="tls_security_policy",
    ),
    "AdvancedSecurityOptions": block(
        "advanced_security_options",
        Enabled="enabled",
        AnonymousAuthEnabled="anonymous_auth_enabled",
        InternalUserDatabaseEnabled="internal_user_database_enabled",
    ),
    "CognitoOptions": block("cognito_options", Enabled="enabled"),
    "LogPublishingOptions": by_name("log_publishing_options", "log_type", log),
    "AccessPolicies": json("access_policies"),
}

maps(
    "aws_opensearch_domain",
    Domain,
    lacks={"ServiceSoftwareOptions": "only the service knows which of its own software a domain runs"},
    EngineVersion="engine_version",
    ClusterConfig=block("cluster_config", **COUNTS),
    SoftwareUpdateOptions=block("software_update_options", AutoSoftwareUpdateEnabled="auto_software_update_enabled"),
    **BOTH,
)
folds("aws_opensearch_domain_policy", Domain, "domain_name", AccessPolicies=json("access_policies"))
maps(
    "aws_elasticsearch_domain",
    ElasticsearchDomain,
    ElasticsearchVersion="elasticsearch_version",
    ElasticsearchClusterConfig=block("cluster_config", **COUNTS),
    **BOTH,
)
folds("aws_elasticsearch_domain_policy", ElasticsearchDomain, "domain_name", AccessPolicies=json("access_policies"))
