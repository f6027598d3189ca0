import pytest

from koban.model.aws.opensearch import Domain, ElasticsearchDomain
from koban.model.unknown import Maybe, OpenList, Unknown

NOT_KNOWN = Unknown("var.x", "it has no default")
POLICY = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*", "Resource": "*"}]}'
STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*", "Resource": "*"}
EITHER = pytest.mark.parametrize("name", ["aws_opensearch_domain", "aws_elasticsearch_domain"])
BODY = {
    "domain_name": "d",
    "encrypt_at_rest": [{"enabled": True, "kms_key_id": "k"}],
    "node_to_node_encryption": [{"enabled": True}],
    "vpc_options": [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}],
    "domain_endpoint_options": [{"enforce_https": False, "tls_security_policy": "Policy-Min-TLS-1-2-2019-07"}],
    "advanced_security_options": [
        {"enabled": True, "anonymous_auth_enabled": True, "internal_user_database_enabled": True}
    ],
    "cognito_options": [{"enabled": True}],
    "log_publishing_options": [
        {"log_type": "AUDIT_LOGS", "cloudwatch_log_group_arn": "arn:g", "enabled": False},
        {"log_type": "ES_APPLICATION_LOGS", "cloudwatch_log_group_arn": "arn:g"},
    ],
    "access_policies": POLICY,
    "cluster_config": [
        {
            "instance_count": 3,
            "zone_awareness_enabled": True,
            "dedicated_master_enabled": True,
            "dedicated_master_count": 3,
        }
    ],
}
CODE = {
    "DomainName": "d",
    "EncryptionAtRestOptions": {"Enabled": True, "KmsKeyId": "k"},
    "NodeToNodeEncryptionOptions": {"Enabled": True},
    "VPCOptions": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    "DomainEndpointOptions": {"EnforceHTTPS": False, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
    "AdvancedSecurityOptions": {"Enabled": True, "AnonymousAuthEnabled": True, "InternalUserDatabaseEnabled": True},
    "CognitoOptions": {"Enabled": True},
    "LogPublishingOptions": {
        "AUDIT_LOGS": {"CloudWatchLogsLogGroupArn": "arn:g", "Enabled": False},
        "ES_APPLICATION_LOGS": {"CloudWatchLogsLogGroupArn": "arn:g"},
    },
    "AccessPolicies": {"Statement": [STATEMENT]},
}
COUNTS = {
    "InstanceCount": 3,
    "ZoneAwarenessEnabled": True,
    "DedicatedMasterEnabled": True,
    "DedicatedMasterCount": 3,
}


def test_a_domain(twins):
    twins(
        "aws_opensearch_domain",
        {
            **BODY,
            "engine_version": "OpenSearch_2.19",
            "software_update_options": [{"auto_software_update_enabled": True}],
        },
        Domain,
        {
            **CODE,
            "EngineVersion": "OpenSearch_2.19",
            "ClusterConfig": COUNTS,
            "SoftwareUpdateOptions": {"AutoSoftwareUpdateEnabled": True},
        },
    )
    twins("aws_opensearch_domain", {"domain_name": "d"}, Domain, {"DomainName": "d"})


def test_a_domain_of_the_older_type(twins):
    twins(
        "aws_elasticsearch_domain",
        {**BODY, "elasticsearch_version": "7.10"},
        ElasticsearchDomain,
        {**CODE, "ElasticsearchVersion": "7.10", "ElasticsearchClusterConfig": COUNTS},
    )
    twins("aws_elasticsearch_domain", {"domain_name": "d"}, ElasticsearchDomain, {"DomainName": "d"})


@EITHER
def test_endpoint_options_ask_for_https_unless_told_otherwise(document, name):
    options = [{"tls_security_policy": "Policy-Min-TLS-1-2-PFS-2023-10"}]
    assert document(name, {"domain_endpoint_options": options})["DomainEndpointOptions"]["EnforceHTTPS"] is True
    assert "DomainEndpointOptions" not in document(name, {"domain_name": "d"})


@EITHER
def test_logs_that_are_not_known(document, name):
    where = {"cloudwatch_log_group_arn": "arn:g"}
    assert isinstance(document(name, {"log_publishing_options": NOT_KNOWN})["LogPublishingOptions"], Unknown)
    unnamed = [{"log_type": NOT_KNOWN, **where}]
    assert isinstance(document(name, {"log_publishing_options": unnamed})["LogPublishingOptions"], Unknown)
    gap = Maybe("log_publishing_options", "var.audit has no default", ({"log_type": "AUDIT_LOGS", **where},))
    made = document(name, {"log_publishing_options": OpenList([gap])})
    assert isinstance(made["LogPublishingOptions"]["AUDIT_LOGS"], Unknown)


@EITHER
def test_a_network_that_is_not_known(document, name):
    made = document(name, {"vpc_options": OpenList([Maybe("vpc_options", "var.vpc", ({"subnet_ids": ["s"]},))])})
    assert isinstance(made["VPCOptions"], Unknown)
    made = document(name, {"vpc_options": [{"subnet_ids": NOT_KNOWN}]})
    assert isinstance(made["VPCOptions"]["SubnetIds"], Unknown)


@pytest.mark.parametrize(
    ("name", "cls"),
    [("aws_opensearch_domain_policy", Domain), ("aws_elasticsearch_domain_policy", ElasticsearchDomain)],
)
def test_a_policy_as_a_resource_of_its_own(document, name, cls):
    assert cls(document(name, {"domain_name": "d", "access_policies": POLICY})).policy.public
    made = document(name, {"domain_name": "d", "access_policies": NOT_KNOWN})
    assert isinstance(made["AccessPolicies"], Unknown)
