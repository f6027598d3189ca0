"""AWS Security Finding Format: one JSON array, ready for `BatchImportFindings` in batches of 100.

What was found in code belongs to no account; it bears account 000000000000 until whoever imports it says whose it is.
"""

from __future__ import annotations

from typing import Any, TextIO

from koban.app.reports.report import Context, compact, moment
from koban.app.reports.tally import Tally
from koban.app.scan import Scan
from koban.model.resource import partition_of
from koban.model.result import Result, Verdict

NO_ACCOUNT = "000000000000"
NO_REGION = "us-east-1"
TITLE_MAX, DESCRIPTION_MAX, FIX_MAX, CONTROLS_MAX, REASON_MAX = 256, 1024, 512, 32, 512
COMPLIANCE: dict[Verdict, str] = {"pass": "PASSED", "fail": "FAILED", "excepted": "FAILED", "unknown": "NOT_AVAILABLE"}
# The resource types that Security Hub has a name for, where it is not simply ours without colons.
TYPES = {
    "AWS::ApiGateway::RestApi": "AwsApiGatewayRestApi",
    "AWS::ApiGateway::Stage": "AwsApiGatewayStage",
    "AWS::ApiGatewayV2::Api": "AwsApiGatewayV2Api",
    "AWS::ApiGatewayV2::Stage": "AwsApiGatewayV2Stage",
    "AWS::Athena::WorkGroup": "AwsAthenaWorkGroup",
    "AWS::AutoScaling::AutoScalingGroup": "AwsAutoScalingAutoScalingGroup",
    "AWS::AutoScaling::LaunchConfiguration": "AwsAutoScalingLaunchConfiguration",
    "AWS::Backup::BackupPlan": "AwsBackupBackupPlan",
    "AWS::Backup::BackupVault": "AwsBackupBackupVault",
    "AWS::CertificateManager::Certificate": "AwsCertificateManagerCertificate",
    "AWS::CloudFormation::Stack": "AwsCloudFormationStack",
    "AWS::CloudFront::Distribution": "AwsCloudFrontDistribution",
    "AWS::CloudTrail::Trail": "AwsCloudTrailTrail",
    "AWS::CloudWatch::Alarm": "AwsCloudWatchAlarm",
    "AWS::CodeBuild::Project": "AwsCodeBuildProject",
    "AWS::DynamoDB::Table": "AwsDynamoDbTable",
    "AWS::EC2::EIP": "AwsEc2Eip",
    "AWS::EC2::Instance": "AwsEc2Instance",
    "AWS::EC2::LaunchTemplate": "AwsEc2LaunchTemplate",
    "AWS::EC2::NetworkAcl": "AwsEc2NetworkAcl",
    "AWS::EC2::NetworkInterface": "AwsEc2NetworkInterface",
    "AWS::EC2::RouteTable": "AwsEc2RouteTable",
    "AWS::EC2::SecurityGroup": "AwsEc2SecurityGroup",
    "AWS::EC2::Subnet": "AwsEc2Subnet",
    "AWS::EC2::TransitGateway": "AwsEc2TransitGateway",
    "AWS::EC2::VPC": "AwsEc2Vpc",
    "AWS::EC2::VPCPeeringConnection": "AwsEc2VpcPeeringConnection",
    "AWS::EC2::Volume": "AwsEc2Volume",
    "AWS::ECR::Repository": "AwsEcrRepository",
    "AWS::ECS::Cluster": "AwsEcsCluster",
    "AWS::ECS::Service": "AwsEcsService",
    "AWS::ECS::TaskDefinition": "AwsEcsTaskDefinition",
    "AWS::EFS::AccessPoint": "AwsEfsAccessPoint",
    "AWS::EKS::Cluster": "AwsEksCluster",
    "AWS::ElasticBeanstalk::Environment": "AwsElasticBeanstalkEnvironment",
    "AWS::ElasticLoadBalancing::LoadBalancer": "AwsElbLoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "AwsElbv2LoadBalancer",
    "AWS::Elasticsearch::Domain": "AwsElasticsearchDomain",
    "AWS::Events::EventBus": "AwsEventsEventbus",
    "AWS::GuardDuty::Detector": "AwsGuardDutyDetector",
    "AWS::IAM::AccessKey": "AwsIamAccessKey",
    "AWS::IAM::Group": "AwsIamGroup",
    "AWS::IAM::ManagedPolicy": "AwsIamPolicy",
    "AWS::IAM::Role": "AwsIamRole",
    "AWS::IAM::User": "AwsIamUser",
    "AWS::KMS::Key": "AwsKmsKey",
    "AWS::Kinesis::Stream": "AwsKinesisStream",
    "AWS::Lambda::Function": "AwsLambdaFunction",
    "AWS::MSK::Cluster": "AwsMskCluster",
    "AWS::NetworkFirewall::Firewall": "AwsNetworkFirewallFirewall",
    "AWS::NetworkFirewall::FirewallPolicy": "AwsNetworkFirewallFirewallPolicy",
    "AWS::NetworkFirewall::RuleGroup": "AwsNetworkFirewallRuleGroup",
    "AWS::OpenSearchService::Domain": "AwsOpenSearchServiceDomain",
    "AWS::RDS::DBCluster": "AwsRdsDbCluster",
    "AWS::RDS::DBInstance": "AwsRdsDbInstance",
    "AWS::Redshift::Cluster": "AwsRedshiftCluster",
    "AWS::Route53::HostedZone": "AwsRoute53HostedZone",
    "AWS::S3::AccessPoint": "AwsS3AccessPoint",
    "AWS::S3::Bucket": "AwsS3Bucket",
    "AWS::SNS::Topic": "AwsSnsTopic",
    "AWS::SQS::Queue": "AwsSqsQueue",
    "AWS::SageMaker::NotebookInstance": "AwsSageMakerNotebookInstance",
    "AWS::SecretsManager::Secret": "AwsSecretsManagerSecret",
    "AWS::StepFunctions::StateMachine": "AwsStepFunctionStateMachine",
    "AWS::WAFv2::RuleGroup": "AwsWafv2RuleGroup",
    "AWS::WAFv2::WebACL": "AwsWafv2WebAcl",
    "Koban::AWS::Account": "AwsAccount",
}


class Asff:
    def __init__(self, stream: TextIO, context: Context) -> None:
        self.stream = stream
        self.context = context
        self.time = moment(context.started)
        self.written = 0
        stream.write("[")

    def add(self, result: Result) -> None:
        self.stream.write((",\n" if self.written else "\n") + compact(self._finding(result)))
        self.written += 1

    def finish(self, scan: Scan, tally: Tally) -> None:
        self.stream.write("\n]\n")

    def _finding(self, result: Result) -> dict[str, Any]:
        r = result.resource
        account = r.account if r.account and len(r.account) == 12 and r.account.isdigit() else NO_ACCOUNT
        region = r.region or NO_REGION
        partition = partition_of(region)
        compliance: dict[str, Any] = {"Status": COMPLIANCE[result.verdict]}
        if result.controls:
            compliance["RelatedRequirements"] = list(result.controls[:CONTROLS_MAX])
        if result.verdict == "unknown":
            reasons = [{"ReasonCode": "UNKNOWN", "Description": _cut(one, REASON_MAX)} for one in result.because]
            compliance["StatusReasons"] = reasons
        made: dict[str, Any] = {
            "SchemaVersion": "2018-10-08",
            "Id": f"koban/{result.fingerprint}",
            "ProductArn": f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default",
            "ProductName": "Koban",
            "GeneratorId": f"koban/{result.rule}",
            "AwsAccountId": account,
            "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
            "CreatedAt": self.time,
            "UpdatedAt": self.time,
            "Severity": {"Label": "INFORMATIONAL" if result.severity == "info" else result.severity.upper()},
            "Title": _cut(self.context.summary(result), TITLE_MAX),
            "Description": _cut(result.message, DESCRIPTION_MAX),
            "Resources": [_resource(result, partition, region)],
            "Compliance": compliance,
            "RecordState": "ACTIVE",
            "Workflow": {"Status": {"excepted": "SUPPRESSED", "pass": "RESOLVED"}.get(result.verdict, "NEW")},
        }
        if result.fix:
            made["Remediation"] = {"Recommendation": {"Text": _cut(result.fix, FIX_MAX)}}
        if result.because:
            made["ProductFields"] = {"koban/because": _cut("; ".join(result.because), DESCRIPTION_MAX)}
        return made


def _resource(result: Result, partition: str, region: str) -> dict[str, Any]:
    r = result.resource
    made: dict[str, Any] = {"Type": TYPES.get(r.type, "Other"), "Id": r.uid, "Partition": partition, "Region": region}
    if made["Type"] == "Other" or r.file:
        about = {"type": r.type, "name": r.name, "file": r.file, "line": r.line, "address": r.address}
        known = {key: _cut(str(value), 1024) for key, value in about.items() if value is not None}
        made["Details"] = {"Other": known}
    return made


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def report(stream: TextIO, context: Context) -> Asff:
    return Asff(stream, context)
