import json

from koban.model.aws.emr import Cluster, PublicAccess, SecurityConfiguration
from koban.model.unknown import Unknown
from koban.sources.terraform.values import JsonText


def test_a_cluster(twins):
    twins(
        "aws_emr_cluster",
        {
            "name": "c",
            "master_public_dns": "ip-10-0-0-1.ec2.internal",
            "security_configuration": "standard",
            "log_uri": "s3://logs/emr/",
            "ec2_attributes": [{"instance_profile": "arn:aws:iam::111122223333:instance-profile/nodes"}],
        },
        Cluster,
        {
            "MasterPublicDNS": "ip-10-0-0-1.ec2.internal",
            "SecurityConfiguration": "standard",
            "LogUri": "s3://logs/emr/",
            "JobFlowRole": "arn:aws:iam::111122223333:instance-profile/nodes",
        },
    )
    twins("aws_emr_cluster", {"name": "c", "ec2_attributes": []}, Cluster, {})


SETTINGS = {
    "EncryptionConfiguration": {"EnableAtRestEncryption": True, "EnableInTransitEncryption": True},
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": 2},
}


def test_a_security_configuration(twins, document):
    twins(
        "aws_emr_security_configuration",
        {"name": "standard", "configuration": json.dumps(SETTINGS)},
        SecurityConfiguration,
        {"Name": "standard", "SecurityConfiguration": SETTINGS},
    )
    twins("aws_emr_security_configuration", {"configuration": "{}"}, SecurityConfiguration, {})
    unknown = Unknown("var.encrypted", "no default")
    text = JsonText({"EncryptionConfiguration": {"EnableAtRestEncryption": unknown}})
    made = document("aws_emr_security_configuration", {"configuration": text})["SecurityConfiguration"]
    assert made["EncryptionConfiguration"]["EnableAtRestEncryption"] is unknown


def test_whether_public_clusters_are_refused(twins):
    twins(
        "aws_emr_block_public_access_configuration",
        {
            "block_public_security_group_rules": True,
            "permitted_public_security_group_rule_range": [{"min_range": 22, "max_range": 22}],
        },
        PublicAccess,
        {
            "BlockPublicSecurityGroupRules": True,
            "PermittedPublicSecurityGroupRuleRanges": [{"MinRange": 22, "MaxRange": 22}],
        },
    )
    twins(
        "aws_emr_block_public_access_configuration",
        {"block_public_security_group_rules": False},
        PublicAccess,
        {},
    )
