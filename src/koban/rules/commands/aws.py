"""Commands for AWS: only where one command makes the rule pass, and leaves all else as it is but for what is noted."""

from __future__ import annotations

from koban.model.command import command

PAID = "it is paid for"
UNREACHED = "it is no longer reached from outside of its network"
OLD_CLIENTS = "software that knows nothing of IMDSv2 gets no credentials any more"
STRANGERS = "whoever is not of the account can no longer use it"

# -- accounts and regions as a whole ------------------------------------------------------------------------------

BLOCK = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
command(
    "s3-account-public-access-block-off",
    f"aws s3control put-public-access-block --account-id {{AccountId}} --public-access-block-configuration {BLOCK}",
    note="no bucket of the account can be public any more",
    everywhere=True,
)
command(
    "ec2-ebs-default-encryption-off", "aws ec2 enable-ebs-encryption-by-default", note="for volumes made from now on"
)
command(
    "ec2-image-public-access-not-blocked",
    "aws ec2 enable-image-block-public-access --image-block-public-access-state block-new-sharing",
)
command(
    "ec2-snapshot-public-access-not-blocked",
    "aws ec2 enable-snapshot-block-public-access --state block-all-sharing",
    note="public snapshots can no longer be used by others",
)
command(
    "ec2-metadata-default-imdsv1",
    "aws ec2 modify-instance-metadata-defaults --http-tokens required",
    note="for instances started from now on",
)
command("ec2-serial-console-access", "aws ec2 disable-serial-console-access")
command("guardduty-off", "aws guardduty create-detector --enable", note=PAID)
command("macie-off", "aws macie2 enable-macie", note=PAID)
command("securityhub-off", "aws securityhub enable-security-hub", note=PAID)
command("inspector-ec2-off", "aws inspector2 enable --account-ids {account} --resource-types EC2", note=PAID)
command("inspector-ecr-off", "aws inspector2 enable --account-ids {account} --resource-types ECR", note=PAID)
command("inspector-lambda-off", "aws inspector2 enable --account-ids {account} --resource-types LAMBDA", note=PAID)
command("accessanalyzer-off", "aws accessanalyzer create-analyzer --analyzer-name account --type ACCOUNT")
command(
    "emr-public-access-allowed",
    "aws emr put-block-public-access-configuration --block-public-access-configuration"
    " BlockPublicSecurityGroupRules=true,PermittedPublicSecurityGroupRuleRanges=[]",
)
command(
    "ssm-document-public-sharing-allowed",
    "aws ssm update-service-setting --setting-id /ssm/documents/console/public-sharing-permission"
    " --setting-value Disable",
)
for _rule, _kind in (
    ("account-security-contact-missing", "SECURITY"),
    ("account-operations-contact-missing", "OPERATIONS"),
):
    command(
        _rule,
        f"aws account put-alternate-contact --alternate-contact-type {_kind} --name '<NAME>' --title '<TITLE>'"
        " --email-address '<EMAIL>' --phone-number '<PHONE>'",
        everywhere=True,
    )

# -- IAM ----------------------------------------------------------------------------------------------------------

for _rule in (
    "iam-password-never-expires",
    "iam-password-reused",
    "iam-password-short",
    "iam-password-without-lowercase",
    "iam-password-without-number",
    "iam-password-without-symbol",
    "iam-password-without-uppercase",
):
    command(
        _rule,
        "aws iam update-account-password-policy --minimum-password-length 14 --require-symbols --require-numbers"
        " --require-uppercase-characters --require-lowercase-characters --allow-users-to-change-password"
        " --max-password-age 90 --password-reuse-prevention 24",
        note="it sets the whole password policy: adapt it to your own",
        everywhere=True,
    )

# -- EC2, EBS, VPC ------------------------------------------------------------------------------------------------

command(
    "ec2-instance-imdsv1",
    "aws ec2 modify-instance-metadata-options --instance-id {InstanceId} --http-tokens required",
    note=OLD_CLIENTS,
)
command(
    "ec2-instance-metadata-hop-limit",
    "aws ec2 modify-instance-metadata-options --instance-id {InstanceId} --http-put-response-hop-limit 1",
    note="what is farther away, such as a container behind a bridge, no longer reaches the metadata service",
)
command("ec2-instance-not-monitored-closely", "aws ec2 monitor-instances --instance-ids {InstanceId}", note=PAID)
command(
    "ec2-image-public",
    "aws ec2 modify-image-attribute --image-id {ImageId} --launch-permission Remove=[{Group=all}]",
    note=STRANGERS,
)
command(
    "ebs-snapshot-public",
    "aws ec2 modify-snapshot-attribute --snapshot-id {SnapshotId} --attribute createVolumePermission"
    " --operation-type remove --group-names all",
    note=STRANGERS,
)
command(
    "vpc-subnet-public-ip-on-launch",
    "aws ec2 modify-subnet-attribute --subnet-id {SubnetId} --no-map-public-ip-on-launch",
    note="instances started from now on get no public address by themselves",
)
command(
    "vpc-transit-gateway-accepts-by-itself",
    "aws ec2 modify-transit-gateway --transit-gateway-id {Id} --options AutoAcceptSharedAttachments=disable",
)
command(
    "vpc-endpoint-service-accepts-by-itself",
    "aws ec2 modify-vpc-endpoint-service-configuration --service-id {ServiceId} --acceptance-required",
)

# -- S3 -----------------------------------------------------------------------------------------------------------

for _rule in ("s3-bucket-public", "s3-bucket-public-write", "s3-bucket-public-access-block-off"):
    command(
        _rule,
        f"aws s3api put-public-access-block --bucket {{BucketName}} --public-access-block-configuration {BLOCK}",
        note="whoever is not signed in can no longer reach it",
    )
command(
    "s3-bucket-not-versioned",
    "aws s3api put-bucket-versioning --bucket {BucketName} --versioning-configuration Status=Enabled",
    note="earlier versions are kept, and paid for",
)
command(
    "s3-bucket-acls-enabled",
    "aws s3api put-bucket-ownership-controls --bucket {BucketName} --ownership-controls"
    " Rules=[{ObjectOwnership=BucketOwnerEnforced}]",
    note="what ACLs grant no longer counts",
)
command(
    "s3-bucket-not-logged",
    "aws s3api put-bucket-logging --bucket {BucketName} --bucket-logging-status"
    " 'LoggingEnabled={TargetBucket=<LOG_BUCKET>,TargetPrefix=<PREFIX>}'",
)

# -- databases ----------------------------------------------------------------------------------------------------

INSTANCE = "aws rds modify-db-instance --db-instance-identifier {DBInstanceIdentifier} --apply-immediately"
CLUSTER = "aws rds modify-db-cluster --db-cluster-identifier {DBClusterIdentifier} --apply-immediately"
command("rds-instance-public", f"{INSTANCE} --no-publicly-accessible", note=UNREACHED)
command("rds-instance-no-minor-upgrades", f"{INSTANCE} --auto-minor-version-upgrade")
command("rds-instance-single-zone", f"{INSTANCE} --multi-az", note="a standby is paid for")
command("rds-instance-deletable", f"{INSTANCE} --deletion-protection")
command("rds-instance-no-iam-auth", f"{INSTANCE} --enable-iam-database-authentication")
command("rds-instance-backups-short", f"{INSTANCE} --backup-retention-period 7", note="backups are paid for by size")
command("rds-instance-tags-not-copied", f"{INSTANCE} --copy-tags-to-snapshot")
command("rds-cluster-deletable", f"{CLUSTER} --deletion-protection")
command("rds-cluster-no-iam-auth", f"{CLUSTER} --enable-iam-database-authentication")
command("rds-cluster-backups-short", f"{CLUSTER} --backup-retention-period 7", note="backups are paid for by size")
command("rds-cluster-tags-not-copied", f"{CLUSTER} --copy-tags-to-snapshot")
command(
    "rds-global-cluster-deletable",
    "aws rds modify-global-cluster --global-cluster-identifier {GlobalClusterIdentifier} --deletion-protection",
)
command("rds-proxy-tls-not-required", "aws rds modify-db-proxy --db-proxy-name {DBProxyName} --require-tls")
command("rds-proxy-logs-statements", "aws rds modify-db-proxy --db-proxy-name {DBProxyName} --no-debug-logging")
command(
    "rds-snapshot-public",
    "aws rds modify-db-snapshot-attribute --db-snapshot-identifier {DBSnapshotIdentifier} --attribute-name restore"
    " --values-to-remove all",
    note=STRANGERS,
)
for _rule, _service in (
    ("rds-cluster-snapshot-public", "rds"),
    ("docdb-snapshot-public", "docdb"),
    ("neptune-snapshot-public", "neptune"),
):
    command(
        _rule,
        f"aws {_service} modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier"
        " {DBClusterSnapshotIdentifier} --attribute-name restore --values-to-remove all",
        note=STRANGERS,
    )
for _service in ("docdb", "neptune"):
    _cluster = f"aws {_service} modify-db-cluster --db-cluster-identifier {{DBClusterIdentifier}} --apply-immediately"
    command(f"{_service}-cluster-deletable", f"{_cluster} --deletion-protection")
    command(f"{_service}-cluster-backups-short", f"{_cluster} --backup-retention-period 7")
command(
    "neptune-cluster-no-iam-auth",
    "aws neptune modify-db-cluster --db-cluster-identifier {DBClusterIdentifier} --apply-immediately"
    " --enable-iam-database-authentication",
    note="requests that are not signed are refused",
)
command(
    "dynamodb-table-not-recoverable",
    "aws dynamodb update-continuous-backups --table-name {TableName} --point-in-time-recovery-specification"
    " PointInTimeRecoveryEnabled=true",
    note="continuous backups are paid for by size",
)
command("dynamodb-table-deletable", "aws dynamodb update-table --table-name {TableName} --deletion-protection-enabled")
REDSHIFT = "aws redshift modify-cluster --cluster-identifier {ClusterIdentifier}"
command("redshift-cluster-public", f"{REDSHIFT} --no-publicly-accessible", note=UNREACHED)
command("redshift-cluster-no-upgrades", f"{REDSHIFT} --allow-version-upgrade")
command("redshift-cluster-routes-outside-vpc", f"{REDSHIFT} --enhanced-vpc-routing")
command("redshift-cluster-snapshots-short", f"{REDSHIFT} --automated-snapshot-retention-period 7")
GROUP = "aws elasticache modify-replication-group --replication-group-id {ReplicationGroupId} --apply-immediately"
command("elasticache-group-no-minor-upgrades", f"{GROUP} --auto-minor-version-upgrade")
command("elasticache-group-not-backed-up", f"{GROUP} --snapshot-retention-limit 7")
command(
    "memorydb-cluster-snapshots-short",
    "aws memorydb update-cluster --cluster-name {ClusterName} --snapshot-retention-limit 7",
)

# -- keys, secrets, logs ------------------------------------------------------------------------------------------

command("kms-key-rotation-off", "aws kms enable-key-rotation --key-id {KeyId}")
command(
    "kms-key-deletion-scheduled",
    "aws kms cancel-key-deletion --key-id {KeyId}",
    note="the key is disabled afterwards: enable it with enable-key",
)
TRAIL = "aws cloudtrail update-trail --name {TrailName}"
command("cloudtrail-log-validation-off", f"{TRAIL} --enable-log-file-validation")
command("cloudtrail-trail-of-one-region", f"{TRAIL} --is-multi-region-trail", note="events of all regions are paid for")
command("cloudtrail-trail-not-logging", "aws cloudtrail start-logging --name {TrailName}")
command("cloudtrail-not-encrypted-with-kms", f"{TRAIL} --kms-key-id '<KEY_ARN>'")
command(
    "cloudtrail-event-data-store-deletable",
    "aws cloudtrail update-event-data-store --event-data-store {EventDataStoreArn} --termination-protection-enabled",
)
command("cloudwatch-alarm-actions-off", "aws cloudwatch enable-alarm-actions --alarm-names {AlarmName}")
command(
    "logs-group-keeps-for-ever",
    "aws logs put-retention-policy --log-group-name {LogGroupName} --retention-in-days 400",
    note="what is older is deleted",
)
command(
    "logs-group-keeps-too-briefly",
    "aws logs put-retention-policy --log-group-name {LogGroupName} --retention-in-days 400",
)
command(
    "logs-group-not-encrypted-with-kms",
    "aws logs associate-kms-key --log-group-name {LogGroupName} --kms-key-id '<KEY_ARN>'",
)
for _rule, _feature in (
    ("guardduty-s3-protection-off", "S3_DATA_EVENTS"),
    ("guardduty-eks-audit-logs-off", "EKS_AUDIT_LOGS"),
    ("guardduty-malware-protection-off", "EBS_MALWARE_PROTECTION"),
    ("guardduty-rds-protection-off", "RDS_LOGIN_EVENTS"),
    ("guardduty-lambda-protection-off", "LAMBDA_NETWORK_LOGS"),
):
    command(
        _rule,
        f"aws guardduty update-detector --detector-id {{Id}} --features Name={_feature},Status=ENABLED",
        note=PAID,
    )
command(
    "guardduty-findings-published-late",
    "aws guardduty update-detector --detector-id {Id} --finding-publishing-frequency FIFTEEN_MINUTES",
)

# -- queues and streams -------------------------------------------------------------------------------------------

command(
    "sqs-queue-not-encrypted",
    "aws sqs set-queue-attributes --queue-url {QueueUrl} --attributes SqsManagedSseEnabled=true",
)
command(
    "sns-topic-not-encrypted",
    "aws sns set-topic-attributes --topic-arn {TopicArn} --attribute-name KmsMasterKeyId --attribute-value '<KEY_ID>'",
    note="services that publish to it need to be allowed to use the key",
)
command(
    "kinesis-stream-not-encrypted",
    "aws kinesis start-stream-encryption --stream-name {Name} --encryption-type KMS --key-id alias/aws/kinesis",
)
command(
    "firehose-stream-not-encrypted",
    "aws firehose start-delivery-stream-encryption --delivery-stream-name {DeliveryStreamName}"
    " --delivery-stream-encryption-configuration-input KeyType=AWS_OWNED_CMK",
)
command("events-rule-off", "aws events enable-rule --name {Name}", note="for a rule of the default bus")

# -- what runs ----------------------------------------------------------------------------------------------------

command(
    "lambda-function-tracing-off",
    "aws lambda update-function-configuration --function-name {FunctionName} --tracing-config Mode=Active",
    note="traces are paid for, and its role must be allowed to write them",
)
command(
    "ecr-repository-unscanned",
    "aws ecr put-image-scanning-configuration --repository-name {RepositoryName} --image-scanning-configuration"
    " scanOnPush=true",
)
command(
    "ecr-repository-tags-mutable",
    "aws ecr put-image-tag-mutability --repository-name {RepositoryName} --image-tag-mutability IMMUTABLE",
    note="an image under a tag that is there already (such as latest) is refused",
)
command(
    "ecs-cluster-insights-off",
    "aws ecs update-cluster-settings --cluster {ClusterName} --settings name=containerInsights,value=enabled",
    note="its metrics are paid for",
)
command("eks-cluster-deletion-unprotected", "aws eks update-cluster-config --name {Name} --deletion-protection")
command(
    "efs-file-system-not-backed-up",
    "aws efs put-backup-policy --file-system-id {FileSystemId} --backup-policy Status=ENABLED",
    note=PAID,
)
command(
    "autoscaling-group-ignores-load-balancer-health",
    "aws autoscaling update-auto-scaling-group --auto-scaling-group-name {AutoScalingGroupName}"
    " --health-check-type ELB --health-check-grace-period 300",
)
command(
    "cloudformation-stack-unprotected",
    "aws cloudformation update-termination-protection --stack-name {StackName} --enable-termination-protection",
)
command(
    "ssm-document-public",
    "aws ssm modify-document-permission --name {Name} --permission-type Share --account-ids-to-remove All",
    note=STRANGERS,
)
WORKGROUP = "aws athena update-work-group --work-group {Name} --configuration-updates"
command(
    "athena-workgroup-not-enforced",
    f"{WORKGROUP} EnforceWorkGroupConfiguration=true",
    note="settings that clients bring along no longer count",
)
command("athena-workgroup-not-metered", f"{WORKGROUP} PublishCloudWatchMetricsEnabled=true")

# -- the way in ---------------------------------------------------------------------------------------------------

BALANCER = "aws elbv2 modify-load-balancer-attributes --load-balancer-arn {LoadBalancerArn} --attributes"
command("elbv2-deletion-protection-off", f"{BALANCER} Key=deletion_protection.enabled,Value=true")
command("elbv2-keeps-invalid-headers", f"{BALANCER} Key=routing.http.drop_invalid_header_fields.enabled,Value=true")
command(
    "elbv2-access-logs-off",
    f"{BALANCER} Key=access_logs.s3.enabled,Value=true 'Key=access_logs.s3.bucket,Value=<LOG_BUCKET>'",
)
CLASSIC = "aws elb modify-load-balancer-attributes --load-balancer-name {LoadBalancerName} --load-balancer-attributes"
command("elb-cross-zone-off", f"{CLASSIC} CrossZoneLoadBalancing={{Enabled=true}}")
command("elb-connection-draining-off", f"{CLASSIC} ConnectionDraining={{Enabled=true,Timeout=300}}")
command(
    "apigateway-stage-tracing-off",
    "aws apigateway update-stage --rest-api-id {RestApiId} --stage-name {StageName} --patch-operations"
    " op=replace,path=/tracingEnabled,value=true",
)
FIREWALL = "aws network-firewall"
command(
    "networkfirewall-deletion-protection-off",
    f"{FIREWALL} update-firewall-delete-protection --firewall-name {{FirewallName}} --delete-protection",
)
command(
    "networkfirewall-subnet-protection-off",
    f"{FIREWALL} update-subnet-change-protection --firewall-name {{FirewallName}} --subnet-change-protection",
)
for _rule, _what in (
    ("route53-domain-not-renewed", "enable-domain-auto-renew"),
    ("route53-domain-transfer-unlocked", "enable-domain-transfer-lock"),
):
    command(_rule, f"aws route53domains {_what} --domain-name {{DomainName}} --region us-east-1", everywhere=True)
