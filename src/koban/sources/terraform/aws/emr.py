"""Amazon EMR."""

from __future__ import annotations

from koban.model.aws.emr import Cluster, PublicAccess, SecurityConfiguration
from koban.sources.terraform.mapping import arg, blocks, json, maps

maps(
    "aws_emr_cluster",
    Cluster,
    Name="name",
    Id="id",
    MasterPublicDNS="master_public_dns",
    SecurityConfiguration="security_configuration",
    LogUri="log_uri",
    JobFlowRole=arg("ec2_attributes.instance_profile"),
)
maps(
    "aws_emr_security_configuration",
    SecurityConfiguration,
    Name="name",
    SecurityConfiguration=json("configuration"),
)
maps(
    "aws_emr_block_public_access_configuration",
    PublicAccess,
    BlockPublicSecurityGroupRules="block_public_security_group_rules",
    PermittedPublicSecurityGroupRuleRanges=blocks(
        "permitted_public_security_group_rule_range", MinRange="min_range", MaxRange="max_range"
    ),
)
