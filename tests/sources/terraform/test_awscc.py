"""The Cloud Control provider's names, as its documentation of each resource has them, against CloudFormation's."""

import json
from typing import Any

import pytest

from koban.model.aws.ec2 import Instance
from koban.model.aws.iam import Role
from koban.model.aws.s3 import Bucket, BucketPolicy
from koban.model.document import fields_of
from koban.model.resource import known_classes
from koban.model.unknown import Maybe, OpenList, Partial, Unknown
from koban.sources.terraform.awscc import attribute_name, awscc_document, resource_name
from koban.sources.terraform.values import JsonText

# A resource and its CloudFormation type; below it documented arguments (a list or set of objects is marked []) and the
# path of the property that each one is.
TABLE = """
awscc_apigateway_stage AWS::ApiGateway::Stage
  access_log_setting.destination_arn AccessLogSetting.DestinationArn
  method_settings[].cache_data_encrypted MethodSettings.CacheDataEncrypted
awscc_apigatewayv2_stage AWS::ApiGatewayV2::Stage
  access_log_settings.destination_arn AccessLogSettings.DestinationArn
  default_route_settings.data_trace_enabled DefaultRouteSettings.DataTraceEnabled
awscc_appsync_graph_ql_api AWS::AppSync::GraphQLApi
  additional_authentication_providers[].authentication_type AdditionalAuthenticationProviders.AuthenticationType
  log_config.field_log_level LogConfig.FieldLogLevel
awscc_athena_work_group AWS::Athena::WorkGroup
  work_group_configuration.publish_cloudwatch_metrics_enabled WorkGroupConfiguration.PublishCloudWatchMetricsEnabled
awscc_autoscaling_auto_scaling_group AWS::AutoScaling::AutoScalingGroup
  target_group_ar_ns TargetGroupARNs
  vpc_zone_identifier VPCZoneIdentifier
awscc_backup_backup_selection AWS::Backup::BackupSelection
  backup_selection_id Id
  backup_selection.selection_name BackupSelection.SelectionName
awscc_bedrock_guardrail AWS::Bedrock::Guardrail
  content_policy_config.filters_config[].input_strength ContentPolicyConfig.FiltersConfig.InputStrength
  content_policy_config.filters_config[].type ContentPolicyConfig.FiltersConfig.Type
awscc_cloudformation_stack AWS::CloudFormation::Stack
  notification_ar_ns NotificationARNs
  parameters Parameters
awscc_cloudfront_origin_access_control AWS::CloudFront::OriginAccessControl
  origin_access_control_id Id
  origin_access_control_config.signing_behavior OriginAccessControlConfig.SigningBehavior
awscc_cloudtrail_trail AWS::CloudTrail::Trail
  cloudwatch_logs_log_group_arn CloudWatchLogsLogGroupArn
  kms_key_id KMSKeyId
awscc_cognito_identity_pool AWS::Cognito::IdentityPool
  identity_pool_id Id
  allow_classic_flow AllowClassicFlow
awscc_cognito_user_pool_client AWS::Cognito::UserPoolClient
  callback_ur_ls CallbackURLs
  allowed_o_auth_flows AllowedOAuthFlows
awscc_datasync_task AWS::DataSync::Task
  cloudwatch_log_group_arn CloudWatchLogGroupArn
  options.log_level Options.LogLevel
awscc_dynamodb_table AWS::DynamoDB::Table
  sse_specification.kms_master_key_id SSESpecification.KMSMasterKeyId
  sse_specification.sse_enabled SSESpecification.SSEEnabled
awscc_ec2_egress_only_internet_gateway AWS::EC2::EgressOnlyInternetGateway
  egress_only_internet_gateway_id Id
  vpc_id VpcId
awscc_ec2_flow_log AWS::EC2::FlowLog
  flow_log_id Id
  resource_id ResourceId
awscc_ec2_instance AWS::EC2::Instance
  block_device_mappings[].ebs.encrypted BlockDeviceMappings.Ebs.Encrypted
  block_device_mappings[].ebs.snapshot_id BlockDeviceMappings.Ebs.SnapshotId
awscc_ec2_network_acl AWS::EC2::NetworkAcl
  network_acl_id Id
  vpc_id VpcId
awscc_ec2_network_interface AWS::EC2::NetworkInterface
  network_interface_id Id
  group_set GroupSet
awscc_ec2_security_group AWS::EC2::SecurityGroup
  security_group_egress[].cidr_ip SecurityGroupEgress.CidrIp
  security_group_egress[].cidr_ipv_6 SecurityGroupEgress.CidrIpv6
awscc_ec2_security_group_egress AWS::EC2::SecurityGroupEgress
  security_group_egress_id Id
  cidr_ip CidrIp
awscc_ec2_security_group_ingress AWS::EC2::SecurityGroupIngress
  security_group_ingress_id Id
  cidr_ip CidrIp
awscc_ec2_spot_fleet AWS::EC2::SpotFleet
  spot_fleet_id Id
awscc_ec2_subnet AWS::EC2::Subnet
  availability_zone AvailabilityZone
  map_public_ip_on_launch MapPublicIpOnLaunch
awscc_ec2_subnet_route_table_association AWS::EC2::SubnetRouteTableAssociation
  subnet_route_table_association_id Id
  route_table_id RouteTableId
awscc_ec2_transit_gateway AWS::EC2::TransitGateway
  transit_gateway_id Id
  auto_accept_shared_attachments AutoAcceptSharedAttachments
awscc_ec2_vpc AWS::EC2::VPC
  cidr_block CidrBlock
  vpc_id VpcId
awscc_ec2_vpc_endpoint AWS::EC2::VPCEndpoint
  vpc_endpoint_id Id
  policy_document PolicyDocument
awscc_ec2_vpc_peering_connection AWS::EC2::VPCPeeringConnection
  vpc_peering_connection_id Id
  peer_owner_id PeerOwnerId
awscc_ec2_vpn_connection AWS::EC2::VPNConnection
  vpn_tunnel_options_specifications[].ike_versions[].value VpnTunnelOptionsSpecifications.IKEVersions.Value
awscc_ec2_vpn_gateway AWS::EC2::VPNGateway
  vpn_gateway_id VPNGatewayId
awscc_ecr_repository AWS::ECR::Repository
  encryption_configuration.encryption_type EncryptionConfiguration.EncryptionType
  encryption_configuration.kms_key EncryptionConfiguration.KmsKey
awscc_ecs_cluster AWS::ECS::Cluster
  configuration.execute_command_configuration.logging Configuration.ExecuteCommandConfiguration.Logging
  cluster_settings[].name ClusterSettings.Name
awscc_ecs_service AWS::ECS::Service
  network_configuration.awsvpc_configuration.assign_public_ip NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp
  cluster Cluster
awscc_ecs_task_definition AWS::ECS::TaskDefinition
  volumes[].efs_volume_configuration.filesystem_id Volumes.EFSVolumeConfiguration.FilesystemId
  volumes[].efs_volume_configuration.transit_encryption Volumes.EFSVolumeConfiguration.TransitEncryption
awscc_ecs_task_set AWS::ECS::TaskSet
  task_set_id Id
  network_configuration.aws_vpc_configuration.assign_public_ip NetworkConfiguration.AwsVpcConfiguration.AssignPublicIp
awscc_efs_file_system AWS::EFS::FileSystem
  backup_policy.status BackupPolicy.Status
  availability_zone_name AvailabilityZoneName
awscc_efs_mount_target AWS::EFS::MountTarget
  mount_target_id Id
  file_system_id FileSystemId
awscc_eks_addon AWS::EKS::Addon
  addon_name AddonName
  cluster_name ClusterName
awscc_eks_cluster AWS::EKS::Cluster
  logging.cluster_logging.enabled_types[].type Logging.ClusterLogging.EnabledTypes.Type
  access_config.authentication_mode AccessConfig.AuthenticationMode
awscc_elasticache_replication_group AWS::ElastiCache::ReplicationGroup
  multi_az_enabled MultiAZEnabled
  log_delivery_configurations[].log_type LogDeliveryConfigurations.LogType
awscc_elasticloadbalancing_load_balancer AWS::ElasticLoadBalancing::LoadBalancer
  listeners[].ssl_certificate_id Listeners.SSLCertificateId
  policies[].attributes[].value Policies.Attributes.Value
awscc_elasticloadbalancingv2_listener AWS::ElasticLoadBalancingV2::Listener
  default_actions[].redirect_config.protocol DefaultActions.RedirectConfig.Protocol
  default_actions[].type DefaultActions.Type
awscc_elasticloadbalancingv2_load_balancer AWS::ElasticLoadBalancingV2::LoadBalancer
  load_balancer_attributes[].key LoadBalancerAttributes.Key
  load_balancer_attributes[].value LoadBalancerAttributes.Value
awscc_guardduty_detector AWS::GuardDuty::Detector
  detector_id Id
  data_sources.kubernetes.audit_logs.enable DataSources.Kubernetes.AuditLogs.Enable
awscc_iam_role AWS::IAM::Role
  policies[].policy_document Policies.PolicyDocument
  policies[].policy_name Policies.PolicyName
awscc_iam_user AWS::IAM::User
  policies[].policy_document Policies.PolicyDocument
  policies[].policy_name Policies.PolicyName
awscc_kafkaconnect_connector AWS::KafkaConnect::Connector
  log_delivery.worker_log_delivery.cloudwatch_logs.enabled LogDelivery.WorkerLogDelivery.CloudWatchLogs.Enabled
  log_delivery.worker_log_delivery.firehose.enabled LogDelivery.WorkerLogDelivery.Firehose.Enabled
awscc_kinesis_stream AWS::Kinesis::Stream
  stream_encryption.encryption_type StreamEncryption.EncryptionType
  stream_encryption.key_id StreamEncryption.KeyId
awscc_kinesisfirehose_delivery_stream AWS::KinesisFirehose::DeliveryStream
  delivery_stream_encryption_configuration_input.key_type DeliveryStreamEncryptionConfigurationInput.KeyType
  delivery_stream_name DeliveryStreamName
awscc_kms_key AWS::KMS::Key
  enable_key_rotation EnableKeyRotation
  enabled Enabled
awscc_lambda_function AWS::Lambda::Function
  dead_letter_config.target_arn DeadLetterConfig.TargetArn
  environment.variables Environment.Variables
awscc_lambda_layer_version_permission AWS::Lambda::LayerVersionPermission
  layer_version_permission_id Id
  layer_version_arn LayerVersionArn
awscc_lambda_permission AWS::Lambda::Permission
  permission_id Id
  principal_org_id PrincipalOrgID
awscc_lambda_url AWS::Lambda::Url
  cors.allow_origins Cors.AllowOrigins
  auth_type AuthType
awscc_logs_log_group AWS::Logs::LogGroup
  kms_key_id KmsKeyId
  log_group_class LogGroupClass
awscc_memorydb_cluster AWS::MemoryDB::Cluster
  acl_name ACLName
  tls_enabled TLSEnabled
awscc_msk_cluster AWS::MSK::Cluster
  logging_info.broker_logs.cloudwatch_logs.enabled LoggingInfo.BrokerLogs.CloudWatchLogs.Enabled
  encryption_info.encryption_at_rest.data_volume_kms_key_id EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId
awscc_neptune_db_cluster AWS::Neptune::DBCluster
  db_cluster_identifier DBClusterIdentifier
  source_db_cluster_identifier SourceDBClusterIdentifier
awscc_neptune_db_instance AWS::Neptune::DBInstance
  db_cluster_identifier DBClusterIdentifier
  db_instance_identifier DBInstanceIdentifier
awscc_opensearchservice_domain AWS::OpenSearchService::Domain
  domain_endpoint_options.enforce_https DomainEndpointOptions.EnforceHTTPS
  domain_endpoint_options.tls_security_policy DomainEndpointOptions.TLSSecurityPolicy
awscc_organizations_organization AWS::Organizations::Organization
  organization_id Id
  feature_set FeatureSet
awscc_organizations_organizational_unit AWS::Organizations::OrganizationalUnit
  organizational_unit_id Id
  name Name
awscc_organizations_policy AWS::Organizations::Policy
  policy_id Id
  aws_managed AwsManaged
awscc_organizations_resource_policy AWS::Organizations::ResourcePolicy
  resource_policy_id Id
  content Content
awscc_rds_db_cluster AWS::RDS::DBCluster
  db_cluster_arn DBClusterArn
  db_cluster_identifier DBClusterIdentifier
awscc_rds_db_instance AWS::RDS::DBInstance
  ca_certificate_identifier CACertificateIdentifier
  db_cluster_identifier DBClusterIdentifier
awscc_rds_db_parameter_group AWS::RDS::DBParameterGroup
  db_parameter_group_name DBParameterGroupName
  family Family
awscc_rds_db_proxy AWS::RDS::DBProxy
  auth[].iam_auth Auth.IAMAuth
  db_proxy_arn DBProxyArn
awscc_rds_db_subnet_group AWS::RDS::DBSubnetGroup
  db_subnet_group_name DBSubnetGroupName
  subnet_ids SubnetIds
awscc_rds_global_cluster AWS::RDS::GlobalCluster
  source_db_cluster_identifier SourceDBClusterIdentifier
  deletion_protection DeletionProtection
awscc_redshift_cluster AWS::Redshift::Cluster
  db_name DBName
  multi_az MultiAZ
awscc_route53_hosted_zone AWS::Route53::HostedZone
  vp_cs[].vpc_id VPCs.VPCId
  query_logging_config.cloudwatch_logs_log_group_arn QueryLoggingConfig.CloudWatchLogsLogGroupArn
awscc_route53_record_set AWS::Route53::RecordSet
  alias_target.dns_name AliasTarget.DNSName
  name Name
awscc_route53resolver_firewall_rule_group AWS::Route53Resolver::FirewallRuleGroup
  firewall_rule_group_id Id
  arn Arn
awscc_route53resolver_firewall_rule_group_association AWS::Route53Resolver::FirewallRuleGroupAssociation
  firewall_rule_group_association_id Id
  mutation_protection MutationProtection
awscc_route53resolver_resolver_query_logging_config AWS::Route53Resolver::ResolverQueryLoggingConfig
  resolver_query_logging_config_id Id
  arn Arn
awscc_s3_bucket_policy AWS::S3::BucketPolicy
  bucket Bucket
  policy_document PolicyDocument
awscc_sagemaker_domain AWS::SageMaker::Domain
  app_network_access_type AppNetworkAccessType
awscc_sagemaker_model AWS::SageMaker::Model
  containers[].image_config.repository_access_mode Containers.ImageConfig.RepositoryAccessMode
  primary_container.image_config.repository_access_mode PrimaryContainer.ImageConfig.RepositoryAccessMode
awscc_secretsmanager_secret AWS::SecretsManager::Secret
  secret_id Id
  kms_key_id KmsKeyId
awscc_secretsmanager_secret_target_attachment AWS::SecretsManager::SecretTargetAttachment
  secret_target_attachment_id Id
  secret_id SecretId
awscc_securityhub_hub AWS::SecurityHub::Hub
  arn ARN
  auto_enable_controls AutoEnableControls
awscc_sns_topic AWS::SNS::Topic
  delivery_status_logging[].failure_feedback_role_arn DeliveryStatusLogging.FailureFeedbackRoleArn
  delivery_status_logging[].protocol DeliveryStatusLogging.Protocol
awscc_sqs_queue AWS::SQS::Queue
  kms_master_key_id KmsMasterKeyId
  queue_name QueueName
awscc_transfer_server AWS::Transfer::Server
  endpoint_type EndpointType
  logging_role LoggingRole
awscc_wafv2_web_acl_association AWS::WAFv2::WebACLAssociation
  web_acl_arn WebACLArn
  resource_arn ResourceArn
"""


def documented() -> dict[tuple[str, str], list[list[str]]]:
    found: dict[tuple[str, str], list[list[str]]] = {}
    for line in TABLE.strip().splitlines():
        if not line.startswith(" "):
            rows = found.setdefault(tuple(line.split()), [])
        else:
            rows.append(line.split())
    return found


DOCUMENTED = documented()


def nested(path: str, value: Any) -> dict[str, Any]:
    """Objects, and lists of one, inside one another as `path` says."""
    *outer, last = path.split(".")
    made: dict[str, Any] = {last: value}
    for step in reversed(outer):
        made = {step.removesuffix("[]"): [made] if step.endswith("[]") else made}
    return made


@pytest.mark.parametrize(("type_name", "cloudformation"), DOCUMENTED)
def test_documented_names_are_those_of_cloudformation(type_name, cloudformation):
    assert resource_name(cloudformation) == type_name
    for called, name in DOCUMENTED[type_name, cloudformation]:
        lists = [step.endswith("[]") for step in called.split(".")]
        marked = ".".join(step + "[]" * many for step, many in zip(name.split("."), lists, strict=True))
        cls, document = awscc_document(type_name, nested(called, "x"))
        assert cls.type == cloudformation
        assert document == nested(marked, "x"), called


def test_every_field_of_every_class_has_its_way_back():
    awscc_document("awscc_s3_bucket", {})  # which brings in every class
    for cls in known_classes():
        if not cls.type.startswith("AWS::"):
            continue
        for steps in paths(fields_of(cls)):
            if steps[0] in ("Id", "Provider"):
                continue
            called = ".".join(map(attribute_name, steps))
            found, document = awscc_document(resource_name(cls.type), nested(called, "x"))
            assert found is cls
            assert document == nested(".".join(steps), "x"), called


def paths(fields, above=()):
    for field in fields:
        if field.is_fact:
            continue
        here = (*above, *(step.removesuffix("[]") for step in field.steps))
        if field.of_part is not None:
            yield from paths(fields_of(field.of_part), here)
        else:
            yield here


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("SSEAlgorithm", "sse_algorithm"),
        ("KMSMasterKeyID", "kms_master_key_id"),
        ("CidrIp", "cidr_ip"),
        ("CidrIpv6", "cidr_ipv_6"),
        ("Ec2SshKey", "ec_2_ssh_key"),
        ("S3Bucket", "s3_bucket"),
        ("NotificationARNs", "notification_ar_ns"),
        ("CloudWatchLogsRoleArn", "cloudwatch_logs_role_arn"),
        ("AllowedOAuthFlows", "allowed_o_auth_flows"),
    ],
)
def test_the_rule_of_names(name, called):
    assert attribute_name(name) == called


def test_what_no_class_is_for():
    assert awscc_document("awscc_location_map", {"map_name": "m"}) is None
    assert awscc_document("aws_s3_bucket", {"bucket": "b"}) is None


def test_a_bucket_reads_as_its_twin_in_a_template():
    body = {
        "id": "b",
        "bucket_name": "b",
        "bucket_encryption": {
            "server_side_encryption_configuration": [
                {"server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": "k"}}
            ]
        },
        "public_access_block_configuration": {"block_public_acls": True, "restrict_public_buckets": None},
        "versioning_configuration": {"status": "Enabled"},
        "lifecycle_configuration": None,
        "tags": [{"key": "Stage", "value": "prod"}],
    }
    cls, document = awscc_document("awscc_s3_bucket", body)
    code = {
        "BucketName": "b",
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}
            ]
        },
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True},
        "VersioningConfiguration": {"Status": "Enabled"},
        "Tags": [{"Key": "Stage", "Value": "prod"}],
    }
    assert cls is Bucket
    assert document == code


POLICY = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "*"}]}


def test_policies_are_json_text_whose_names_stay():
    cls, document = awscc_document("awscc_s3_bucket_policy", {"bucket": "b", "policy_document": json.dumps(POLICY)})
    assert cls is BucketPolicy
    assert document == {"Bucket": "b", "PolicyDocument": POLICY}
    cls, document = awscc_document(
        "awscc_iam_role",
        {
            "assume_role_policy_document": json.dumps(POLICY),
            "policies": [{"policy_name": "p", "policy_document": json.dumps(POLICY)}],
        },
    )
    assert cls is Role
    assert document == {
        "AssumeRolePolicyDocument": POLICY,
        "Policies": [{"PolicyName": "p", "PolicyDocument": POLICY}],
    }


def test_json_in_place_of_an_object_keeps_its_names():
    settings = {"EncryptionConfiguration": {"EnableAtRestEncryption": True}}
    body = {"name": "standard", "security_configuration": json.dumps(settings)}
    _, document = awscc_document("awscc_emr_security_configuration", body)
    assert document == {"Name": "standard", "SecurityConfiguration": settings}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents"}
    _, document = awscc_document("awscc_events_event_bus_policy", {"statement": json.dumps(statement)})
    assert document == {"Statement": statement}
    _, document = awscc_document("awscc_glue_job", {"default_arguments": json.dumps({"--enable-metrics": "true"})})
    assert document == {"DefaultArguments": {"--enable-metrics": "true"}}


def test_what_is_not_known_stays_so_at_any_depth():
    unknown = Unknown("var.x", "no default")

    def made(type_name, body):
        return awscc_document(type_name, body)[1]

    encryption = made("awscc_s3_bucket", {"bucket_encryption": unknown})["BucketEncryption"]
    assert encryption is unknown
    rules = {"server_side_encryption_configuration": [unknown]}
    encryption = made("awscc_s3_bucket", {"bucket_encryption": rules})["BucketEncryption"]
    assert encryption["ServerSideEncryptionConfiguration"][0] is unknown
    text = JsonText({"Statement": [{"Principal": unknown}]})
    policy = made("awscc_s3_bucket_policy", {"policy_document": text})["PolicyDocument"]
    assert policy["Statement"][0]["Principal"] is unknown
    partial = Partial("policy", ('{"Statement": {"Principal": "', unknown, '"}}'))
    policy = made("awscc_s3_bucket_policy", {"policy_document": partial})["PolicyDocument"]
    assert policy["Statement"]["Principal"] is unknown
    assert made("awscc_s3_bucket_policy", {"policy_document": unknown})["PolicyDocument"] is unknown
    maybe = OpenList([Maybe("rules", "var.on has no default", ({"cidr_ip": "0.0.0.0/0"},))])
    found = made("awscc_ec2_security_group", {"security_group_ingress": maybe})["SecurityGroupIngress"]
    assert found[0]._values == ({"CidrIp": "0.0.0.0/0"},)


def test_keys_of_the_users_own_stay():
    variables = {"db_password": "x", "stage": "prod"}
    _, document = awscc_document("awscc_lambda_function", {"environment": {"variables": variables}})
    assert document == {"Environment": {"Variables": variables}}
    options = {"AUDIT_LOGS": {"enabled": True}}
    _, document = awscc_document("awscc_opensearchservice_domain", {"log_publishing_options": options})
    assert document == {"LogPublishingOptions": {"AUDIT_LOGS": {"Enabled": True}}}
    _, document = awscc_document("awscc_ssm_parameter", {"tags": {"stage": "prod"}})
    assert document == {"Tags": {"stage": "prod"}}


def test_names_that_terraform_keeps_for_itself():
    _, document = awscc_document("awscc_cognito_identity_pool", {"id": "i", "identity_pool_id": "i"})
    assert document == {"Id": "i"}
    cls, document = awscc_document("awscc_ec2_instance", {"id": "i-1", "instance_id": "i-1"})
    assert cls is Instance
    assert document == {"InstanceId": "i-1"}


def test_an_object_that_no_field_reads_is_there_all_the_same():
    mapping = {"device_name": "/dev/xvda", "ebs": {"volume_size": 8}}
    _, document = awscc_document("awscc_ec2_instance", {"block_device_mappings": [mapping]})
    assert document == {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}]}
