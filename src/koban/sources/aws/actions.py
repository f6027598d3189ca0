"""The IAM actions that allow the operations that collectors declare: mostly the same name, and where not."""

from __future__ import annotations

# The prefix of a service's actions, where it is not boto3's name for the service.
PREFIXES = {
    "accessanalyzer": "access-analyzer",
    "amp": "aps",
    "apigatewayv2": "apigateway",
    "bedrock-agent": "bedrock",
    "docdb": "rds",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "emr-serverless": "emr-serverless",
    "keyspaces": "cassandra",
    "kinesisanalyticsv2": "kinesisanalytics",
    "neptune": "rds",
    "opensearch": "es",
    "opensearchserverless": "aoss",
    "resourcegroupstaggingapi": "tag",
    "route53resolver": "route53resolver",
    "s3control": "s3",
    "sesv2": "ses",
    "sso-admin": "sso",
    "stepfunctions": "states",
    "timestream-write": "timestream",
    "waf-regional": "waf-regional",
}
# The actions of operations that have another name.
ACTIONS = {
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketAnalyticsConfiguration": "s3:GetAnalyticsConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketInventoryConfiguration": "s3:GetInventoryConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketMetricsConfiguration": "s3:GetMetricsConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListBucketInventoryConfigurations": "s3:GetInventoryConfiguration",
    "s3:ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}
# Services whose actions are HTTP methods: reading is one action.
BY_METHOD = {"apigateway": "apigateway:GET", "apigatewayv2": "apigateway:GET"}

# How the names of operations that only read begin.
READING = ("BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Search")
# What reads and is named otherwise: asks IAM to make the report that GetCredentialReport fetches; changes nothing.
READING_TOO = ("iam:GenerateCredentialReport",)
# Named like reading, and yet they hand out secrets or the contents of things, which Koban never asks for.
NEVER = (
    "cognito-identity:GetCredentialsForIdentity",
    "ecr:GetAuthorizationToken",
    "ecr-public:GetAuthorizationToken",
    "codeartifact:GetAuthorizationToken",
    "redshift:GetClusterCredentials",
    "redshift-serverless:GetCredentials",
    "s3:GetObject",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sts:GetFederationToken",
    "sts:GetSessionToken",
)


def action_of(operation: str) -> str:
    """The IAM action that allows ``service:Operation`` (boto3's service name)."""
    service, _, name = operation.partition(":")
    if service in BY_METHOD:
        return BY_METHOD[service]
    return ACTIONS.get(operation, f"{PREFIXES.get(service, service)}:{name}")


def only_reads(operation: str) -> bool:
    """Whether an operation changes nothing and hands out no secret."""
    name = operation.partition(":")[2]
    return operation in READING_TOO or (name.startswith(READING) and operation not in NEVER)
