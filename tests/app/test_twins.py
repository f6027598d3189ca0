"""One rule set, one verdict: the same things written in CloudFormation and in Terraform are judged the same."""

import pytest

from koban.app.iac import scan_iac
from koban.rules.catalog import catalog

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: data
      VersioningConfiguration: {Status: Enabled}
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: false, RestrictPublicBuckets: false}
      LoggingConfiguration: {DestinationBucketName: !Ref Logs, LogFilePrefix: data/}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: !GetAtt Key.Arn}
            BucketKeyEnabled: true
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: !Sub "${Data.Arn}/*"}
  Logs:
    Type: AWS::S3::Bucket
    Properties: {BucketName: logs}
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:root"}, Action: "kms:*", Resource: "*"}]}
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      VpcId: vpc-1
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0, Description: in}
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8, Description: in}
      SecurityGroupEgress:
        - {IpProtocol: "-1", CidrIp: 0.0.0.0/0, Description: out}
  Volume:
    Type: AWS::EC2::Volume
    Properties: {AvailabilityZone: eu-west-1a, Size: 8, Encrypted: false}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: jobs, KmsMasterKeyId: alias/aws/sqs}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: news}
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: /app, RetentionInDays: 30}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: worker
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: worker
      Role: !GetAtt Role.Arn
      Runtime: python3.8
      Handler: a.b
      Code: {S3Bucket: code, S3Key: a.zip}
      TracingConfig: {Mode: Active}
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: main
      Engine: postgres
      EngineVersion: "16.3"
      DBInstanceClass: db.t4g.medium
      AllocatedStorage: "20"
      StorageEncrypted: true
      PubliclyAccessible: true
      BackupRetentionPeriod: 7
      MultiAZ: false
      DeletionProtection: false
      MasterUsername: owner
      ManageMasterUserPassword: true
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: items
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
  Repository:
    Type: AWS::ECR::Repository
    Properties: {RepositoryName: app, ImageTagMutability: IMMUTABLE, ImageScanningConfiguration: {ScanOnPush: true}}
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: token}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      TrailName: main
      S3BucketName: !Ref Logs
      IsLogging: true
      IsMultiRegionTrail: true
      EnableLogFileValidation: true
      IncludeGlobalServiceEvents: true
"""

TERRAFORM = """
resource "aws_s3_bucket" "Data" {
  bucket = "data"
}
resource "aws_s3_bucket_versioning" "Data" {
  bucket = aws_s3_bucket.Data.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_public_access_block" "Data" {
  bucket             = aws_s3_bucket.Data.id
  block_public_acls  = true
  ignore_public_acls = true
}
resource "aws_s3_bucket_logging" "Data" {
  bucket        = aws_s3_bucket.Data.id
  target_bucket = aws_s3_bucket.Logs.id
  target_prefix = "data/"
}
resource "aws_s3_bucket_server_side_encryption_configuration" "Data" {
  bucket = aws_s3_bucket.Data.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.Key.arn
    }
  }
}
resource "aws_s3_bucket_policy" "DataPolicy" {
  bucket = aws_s3_bucket.Data.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.Data.arn}/*" }]
  })
}
resource "aws_s3_bucket" "Logs" {
  bucket = "logs"
}
resource "aws_kms_key" "Key" {
  enable_key_rotation = true
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }]
  })
}
resource "aws_security_group" "Web" {
  description = "web"
  vpc_id      = "vpc-1"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
    description = "in"
  }
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
    description = "in"
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
    description = "out"
  }
}
resource "aws_ebs_volume" "Volume" {
  availability_zone = "eu-west-1a"
  size              = 8
  encrypted         = false
}
resource "aws_sqs_queue" "Queue" {
  name              = "jobs"
  kms_master_key_id = "alias/aws/sqs"
}
resource "aws_sns_topic" "Topic" {
  name = "news"
}
resource "aws_cloudwatch_log_group" "Group" {
  name              = "/app"
  retention_in_days = 30
}
resource "aws_iam_role" "Role" {
  name               = "worker"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}
data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}
resource "aws_iam_role_policy_attachment" "Role" {
  role       = aws_iam_role.Role.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_lambda_function" "Function" {
  function_name = "worker"
  role          = aws_iam_role.Role.arn
  runtime       = "python3.8"
  handler       = "a.b"
  s3_bucket     = "code"
  s3_key        = "a.zip"
  tracing_config { mode = "Active" }
}
resource "aws_db_instance" "Database" {
  identifier                  = "main"
  engine                      = "postgres"
  engine_version              = "16.3"
  instance_class              = "db.t4g.medium"
  allocated_storage           = 20
  storage_encrypted           = true
  publicly_accessible         = true
  backup_retention_period     = 7
  multi_az                    = false
  deletion_protection         = false
  username                    = "owner"
  manage_master_user_password = true
}
resource "aws_dynamodb_table" "Table" {
  name         = "items"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery { enabled = true }
}
resource "aws_ecr_repository" "Repository" {
  name                 = "app"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration { scan_on_push = true }
}
resource "aws_secretsmanager_secret" "Secret" {
  name = "token"
}
resource "aws_cloudtrail" "Trail" {
  name                          = "main"
  s3_bucket_name                = aws_s3_bucket.Logs.id
  is_multi_region_trail         = true
  enable_log_file_validation    = true
}
"""


@pytest.fixture
def verdicts(tmp_path):
    """`verdicts(name, text)`: what each rule says of each thing of a file, by the rule and the thing's own name."""

    def judged(name: str, text: str) -> dict[tuple[str, str], str]:
        file = tmp_path / name
        file.write_text(text)
        found = {}
        for result in scan_iac([file], catalog()).results:
            address = (result.resource.address or "").rpartition(".")[2]
            key = result.rule, f"{result.resource.type} {address}"
            found[key] = result.verdict
        return found

    return judged


def test_twins_get_the_same_verdicts(verdicts):
    code, terraform = verdicts("template.yaml", TEMPLATE), verdicts("main.tf", TERRAFORM)
    assert len(code) > 100
    assert {key: terraform.get(key) for key in code} == code
    assert set(terraform) == set(code)
