"""Posture rules for Amazon OpenSearch Service, and Elasticsearch domains of older templates."""

from __future__ import annotations

from koban.model.aws.opensearch import Domain, ElasticsearchDomain, modern_tls
from koban.model.rule import rule
from koban.model.unknown import Unknown

DENIED = Unknown("AccessPolicies", "AccessDenied")
OPEN = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*", "Resource": "*"}]}
NETWORK = {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
NARROW = {"Statement": [{**OPEN["Statement"][0], **NETWORK}]}


@rule("high", Domain, "aws-fsbp:Opensearch.1", "nist-csf-2.0:PR.DS-01")
def opensearch_domain_unencrypted(domain: Domain) -> bool:
    """The OpenSearch domain's disks are not encrypted.

    Why: whoever gets hold of a disk or a snapshot can read all indexes.
    Fix: set EncryptionAtRestOptions with Enabled true.
    """
    return not domain.encrypted


opensearch_domain_unencrypted.cases(
    bad=[{}, {"EncryptionAtRestOptions": {"Enabled": False}}], good=[{"EncryptionAtRestOptions": {"Enabled": True}}]
)


@rule("high", Domain, "aws-fsbp:Opensearch.2", "nist-csf-2.0:PR.IR-01")
def opensearch_domain_outside_vpc(domain: Domain) -> bool:
    """The OpenSearch domain's endpoint is on the internet.

    Why: only its access policy and its passwords stand between the data and everyone.
    Fix: create the domain in a VPC, in private subnets, and move the indexes to it.
    """
    return not domain.in_vpc


opensearch_domain_outside_vpc.cases(bad=[{}], good=[{"VPCOptions": {"SubnetIds": ["subnet-1"]}}])


@rule("medium", Domain, "aws-fsbp:Opensearch.3", "nist-csf-2.0:PR.DS-02")
def opensearch_domain_nodes_without_tls(domain: Domain) -> bool:
    """The OpenSearch domain's nodes talk to each other without TLS.

    Why: data crosses the network in plain text between the nodes.
    Fix: set NodeToNodeEncryptionOptions with Enabled true.
    """
    return not domain.node_encryption


opensearch_domain_nodes_without_tls.cases(bad=[{}], good=[{"NodeToNodeEncryptionOptions": {"Enabled": True}}])


@rule("medium", Domain, "aws-fsbp:Opensearch.4", "nist-csf-2.0:PR.PS-04")
def opensearch_domain_errors_not_logged(domain: Domain) -> bool:
    """The OpenSearch domain does not send its error log to CloudWatch Logs.

    Why: failures and attacks that show in the error log go unseen.
    Fix: add ES_APPLICATION_LOGS to LogPublishingOptions with a log group.
    """
    return not domain.logs_to_cloudwatch("ES_APPLICATION_LOGS")


opensearch_domain_errors_not_logged.cases(
    bad=[{}, {"LogPublishingOptions": {"ES_APPLICATION_LOGS": {"Enabled": False}}}],
    good=[{"LogPublishingOptions": {"ES_APPLICATION_LOGS": {"CloudWatchLogsLogGroupArn": "arn:g", "Enabled": True}}}],
)


@rule("medium", Domain, "aws-fsbp:Opensearch.5", "nist-csf-2.0:PR.PS-04")
def opensearch_domain_not_audited(domain: Domain) -> bool:
    """The OpenSearch domain does not send its audit log to CloudWatch Logs.

    Why: nobody can tell afterwards who signed in and which index they read.
    Fix: turn on fine-grained access control and add AUDIT_LOGS to LogPublishingOptions.
    """
    return not domain.logs_to_cloudwatch("AUDIT_LOGS")


opensearch_domain_not_audited.cases(
    bad=[{}], good=[{"LogPublishingOptions": {"AUDIT_LOGS": {"CloudWatchLogsLogGroupArn": "arn:g"}}}]
)


@rule("low", Domain, "aws-fsbp:Opensearch.6", "nist-csf-2.0:PR.IR-04")
def opensearch_domain_few_data_nodes(domain: Domain, *, nodes_min: int = 3) -> bool:
    """The OpenSearch domain has too few data nodes to survive the loss of a zone.

    Why: when a zone or a node fails, indexes become unavailable or lose data.
    Fix: use at least three data nodes and turn on zone awareness.
    """
    return domain.instances < nodes_min or not domain.zone_aware


opensearch_domain_few_data_nodes.cases(
    bad=[{}, {"ClusterConfig": {"InstanceCount": 3}}],
    good=[{"ClusterConfig": {"InstanceCount": 3, "ZoneAwarenessEnabled": True}}],
)


@rule("low", Domain, "aws-fsbp:Opensearch.11", "nist-csf-2.0:PR.IR-04")
def opensearch_domain_few_masters(domain: Domain, *, masters_min: int = 3) -> bool:
    """The OpenSearch domain has fewer than three dedicated master nodes.

    Why: without a majority of masters the cluster stops, or splits in two.
    Fix: set DedicatedMasterEnabled with a DedicatedMasterCount of at least 3.
    """
    return not domain.dedicated_masters or domain.masters < masters_min


opensearch_domain_few_masters.cases(
    bad=[{}, {"ClusterConfig": {"DedicatedMasterEnabled": True, "DedicatedMasterCount": 2}}],
    good=[{"ClusterConfig": {"DedicatedMasterEnabled": True, "DedicatedMasterCount": 3}}],
)


@rule("medium", Domain, "aws-fsbp:Opensearch.8", "nist-csf-2.0:PR.DS-02")
def opensearch_domain_old_tls(domain: Domain) -> bool:
    """The OpenSearch domain accepts plain HTTP or old TLS.

    Why: passwords and data can be read or changed on their way.
    Fix: set EnforceHTTPS and a TLSSecurityPolicy of Policy-Min-TLS-1-2-PFS-2023-10 or newer.
    """
    return not modern_tls(domain)


opensearch_domain_old_tls.cases(
    bad=[{}, {"DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07"}}],
    good=[{"DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"}}],
)


@rule("critical", Domain, "cis-aws-7.0:2.21", "nist-csf-2.0:PR.AA-05", when=lambda domain: not domain.in_vpc)
def opensearch_domain_public(domain: Domain) -> bool:
    """Anyone on the internet can use this OpenSearch domain.

    Why: open search clusters are found within hours; their indexes are copied, deleted and held to ransom.
    Fix: name roles as principals in AccessPolicies, turn on fine-grained access control, or move it into a VPC.
    """
    return domain.policy.public and (not domain.fine_grained or domain.anonymous)


opensearch_domain_public.cases(
    bad=[
        {"AccessPolicies": OPEN},
        {"AccessPolicies": OPEN, "AdvancedSecurityOptions": {"Enabled": True, "AnonymousAuthEnabled": True}},
    ],
    good=[{}, {"AccessPolicies": NARROW}, {"AccessPolicies": OPEN, "AdvancedSecurityOptions": {"Enabled": True}}],
    unknown=[{"AccessPolicies": DENIED}],
    skipped=[{"AccessPolicies": OPEN, "VPCOptions": {"SubnetIds": ["subnet-1"]}}],
)


@rule("medium", Domain, "aws-fsbp:Opensearch.7", "nist-csf-2.0:PR.AA-05")
def opensearch_domain_access_coarse(domain: Domain) -> bool:
    """The OpenSearch domain has no fine-grained access control.

    Why: whoever may use the domain may read and delete every index, and no audit log can be kept.
    Fix: set AdvancedSecurityOptions with Enabled true and a master role.
    """
    return not domain.fine_grained


opensearch_domain_access_coarse.cases(bad=[{}], good=[{"AdvancedSecurityOptions": {"Enabled": True}}])


@rule("low", Domain, "nist-csf-2.0:PR.AA-03", when=lambda domain: domain.fine_grained)
def opensearch_domain_own_users(domain: Domain) -> bool:
    """The OpenSearch domain keeps users with passwords of its own.

    Why: such users stay when people leave, and their passwords are neither rotated nor protected by MFA.
    Fix: use a master role, with SAML or IAM Identity Center for people.
    """
    return domain.internal_users


opensearch_domain_own_users.cases(
    bad=[{"AdvancedSecurityOptions": {"Enabled": True, "InternalUserDatabaseEnabled": True}}],
    good=[{"AdvancedSecurityOptions": {"Enabled": True}}],
    skipped=[{}],
)


@rule("medium", Domain, "aws-fsbp:Opensearch.10", "nist-csf-2.0:PR.PS-02", only="live")
def opensearch_domain_update_waiting(domain: Domain) -> bool:
    """Newer service software is available for the OpenSearch domain.

    Why: service software carries security fixes; until it is installed, known holes stay open.
    Fix: start the update, or turn on automatic software updates.
    """
    return domain.update_waiting


opensearch_domain_update_waiting.cases(
    bad=[{"ServiceSoftwareOptions": {"UpdateAvailable": True}}],
    good=[{}, {"ServiceSoftwareOptions": {"UpdateAvailable": False}}],
)


@rule("medium", Domain, "nist-csf-2.0:PR.PS-02")
def opensearch_domain_engine_out_of_support(domain: Domain) -> bool:
    """The OpenSearch domain's engine version is out of standard support.

    Why: it gets no ordinary fixes any more, and AWS bills extended support.
    Fix: upgrade to a supported version, after a snapshot.
    """
    return domain.outdated


opensearch_domain_engine_out_of_support.cases(
    bad=[{"EngineVersion": "Elasticsearch_6.7"}, {"EngineVersion": "OpenSearch_1.2"}],
    good=[{"EngineVersion": "OpenSearch_2.19"}, {}],
    unknown=[{"EngineVersion": Unknown("EngineVersion", "parameter Version has no default")}],
)


# Templates of the older type


@rule("high", ElasticsearchDomain, "aws-fsbp:ES.1", "nist-csf-2.0:PR.DS-01", only="code")
def es_domain_unencrypted(domain: ElasticsearchDomain) -> bool:
    """The Elasticsearch domain's disks are not encrypted.

    Why: whoever gets hold of a disk or a snapshot can read all indexes.
    Fix: set EncryptionAtRestOptions with Enabled true.
    """
    return not domain.encrypted


es_domain_unencrypted.cases(
    bad=[{}, {"EncryptionAtRestOptions": {"Enabled": False}}], good=[{"EncryptionAtRestOptions": {"Enabled": True}}]
)


@rule("high", ElasticsearchDomain, "aws-fsbp:ES.2", "nist-csf-2.0:PR.IR-01", only="code")
def es_domain_outside_vpc(domain: ElasticsearchDomain) -> bool:
    """The Elasticsearch domain's endpoint is on the internet.

    Why: only its access policy and its passwords stand between the data and everyone.
    Fix: create the domain in a VPC, in private subnets, and move the indexes to it.
    """
    return not domain.in_vpc


es_domain_outside_vpc.cases(bad=[{}], good=[{"VPCOptions": {"SubnetIds": ["subnet-1"]}}])


@rule("medium", ElasticsearchDomain, "aws-fsbp:ES.3", "nist-csf-2.0:PR.DS-02", only="code")
def es_domain_nodes_without_tls(domain: ElasticsearchDomain) -> bool:
    """The Elasticsearch domain's nodes talk to each other without TLS.

    Why: data crosses the network in plain text between the nodes.
    Fix: set NodeToNodeEncryptionOptions with Enabled true.
    """
    return not domain.node_encryption


es_domain_nodes_without_tls.cases(bad=[{}], good=[{"NodeToNodeEncryptionOptions": {"Enabled": True}}])


@rule("medium", ElasticsearchDomain, "aws-fsbp:ES.4", "nist-csf-2.0:PR.PS-04", only="code")
def es_domain_errors_not_logged(domain: ElasticsearchDomain) -> bool:
    """The Elasticsearch domain does not send its error log to CloudWatch Logs.

    Why: failures and attacks that show in the error log go unseen.
    Fix: add ES_APPLICATION_LOGS to LogPublishingOptions with a log group.
    """
    return not domain.logs_to_cloudwatch("ES_APPLICATION_LOGS")


es_domain_errors_not_logged.cases(
    bad=[{}, {"LogPublishingOptions": {"ES_APPLICATION_LOGS": {"Enabled": False}}}],
    good=[{"LogPublishingOptions": {"ES_APPLICATION_LOGS": {"CloudWatchLogsLogGroupArn": "arn:g", "Enabled": True}}}],
)


@rule("medium", ElasticsearchDomain, "aws-fsbp:ES.5", "nist-csf-2.0:PR.PS-04", only="code")
def es_domain_not_audited(domain: ElasticsearchDomain) -> bool:
    """The Elasticsearch domain does not send its audit log to CloudWatch Logs.

    Why: nobody can tell afterwards who signed in and which index they read.
    Fix: turn on fine-grained access control and add AUDIT_LOGS to LogPublishingOptions.
    """
    return not domain.logs_to_cloudwatch("AUDIT_LOGS")


es_domain_not_audited.cases(
    bad=[{}], good=[{"LogPublishingOptions": {"AUDIT_LOGS": {"CloudWatchLogsLogGroupArn": "arn:g"}}}]
)


@rule("low", ElasticsearchDomain, "aws-fsbp:ES.6", "nist-csf-2.0:PR.IR-04", only="code")
def es_domain_few_data_nodes(domain: ElasticsearchDomain, *, nodes_min: int = 3) -> bool:
    """The Elasticsearch domain has too few data nodes to survive the loss of a zone.

    Why: when a zone or a node fails, indexes become unavailable or lose data.
    Fix: use at least three data nodes and turn on zone awareness.
    """
    return domain.instances < nodes_min or not domain.zone_aware


es_domain_few_data_nodes.cases(
    bad=[{}, {"ElasticsearchClusterConfig": {"InstanceCount": 3}}],
    good=[{"ElasticsearchClusterConfig": {"InstanceCount": 3, "ZoneAwarenessEnabled": True}}],
)


@rule("low", ElasticsearchDomain, "aws-fsbp:ES.7", "nist-csf-2.0:PR.IR-04", only="code")
def es_domain_few_masters(domain: ElasticsearchDomain, *, masters_min: int = 3) -> bool:
    """The Elasticsearch domain has fewer than three dedicated master nodes.

    Why: without a majority of masters the cluster stops, or splits in two.
    Fix: set DedicatedMasterEnabled with a DedicatedMasterCount of at least 3.
    """
    return not domain.dedicated_masters or domain.masters < masters_min


es_domain_few_masters.cases(
    bad=[{}, {"ElasticsearchClusterConfig": {"DedicatedMasterEnabled": True, "DedicatedMasterCount": 2}}],
    good=[{"ElasticsearchClusterConfig": {"DedicatedMasterEnabled": True, "DedicatedMasterCount": 3}}],
)


@rule("medium", ElasticsearchDomain, "aws-fsbp:ES.8", "nist-csf-2.0:PR.DS-02", only="code")
def es_domain_old_tls(domain: ElasticsearchDomain) -> bool:
    """The Elasticsearch domain accepts plain HTTP or old TLS.

    Why: passwords and data can be read or changed on their way.
    Fix: set EnforceHTTPS and a TLSSecurityPolicy of Policy-Min-TLS-1-2-PFS-2023-10 or newer.
    """
    return not modern_tls(domain)


es_domain_old_tls.cases(
    bad=[{}, {"DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07"}}],
    good=[{"DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"}}],
)


@rule(
    "critical",
    ElasticsearchDomain,
    "cis-aws-7.0:2.21",
    "nist-csf-2.0:PR.AA-05",
    only="code",
    when=lambda domain: not domain.in_vpc,
)
def es_domain_public(domain: ElasticsearchDomain) -> bool:
    """Anyone on the internet can use this Elasticsearch domain.

    Why: open search clusters are found within hours; their indexes are copied, deleted and held to ransom.
    Fix: name roles as principals in AccessPolicies, turn on fine-grained access control, or move it into a VPC.
    """
    return domain.policy.public and (not domain.fine_grained or domain.anonymous)


es_domain_public.cases(
    bad=[{"AccessPolicies": OPEN}],
    good=[{}, {"AccessPolicies": NARROW}],
    unknown=[{"AccessPolicies": DENIED}],
    skipped=[{"AccessPolicies": OPEN, "VPCOptions": {"SubnetIds": ["subnet-1"]}}],
)


@rule("medium", ElasticsearchDomain, "nist-csf-2.0:PR.PS-02", only="code")
def es_domain_engine_out_of_support(domain: ElasticsearchDomain) -> bool:
    """The Elasticsearch domain's engine version is out of standard support.

    Why: it gets no ordinary fixes any more, and AWS bills extended support.
    Fix: declare an AWS::OpenSearchService::Domain of a supported version.
    """
    return domain.outdated


es_domain_engine_out_of_support.cases(
    bad=[{}, {"ElasticsearchVersion": "7.4"}], good=[{"ElasticsearchVersion": "7.10"}]
)
