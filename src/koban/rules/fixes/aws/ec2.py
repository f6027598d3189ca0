"""Fixes for Amazon EC2."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

OLD_CLIENTS = "software that knows nothing of IMDSv2 gets no credentials any more"

fixes("ec2-instance-imdsv1", put("MetadataOptions.HttpTokens", "required"), note=OLD_CLIENTS)
fixes(
    "ec2-instance-metadata-hop-limit",
    put("MetadataOptions.HttpPutResponseHopLimit", Limit("hops_max")),
    note="what is farther away no longer reaches the metadata service",
)
fixes("ec2-instance-not-monitored-closely", put("Monitoring", True), note="metrics by the minute are paid for")
fixes(
    "ec2-launch-template-imdsv1",
    put("LaunchTemplateData.MetadataOptions.HttpTokens", "required"),
    note=OLD_CLIENTS,
)
fixes("ec2-launch-template-unencrypted", put("LaunchTemplateData.BlockDeviceMappings[].Ebs?.Encrypted", True))
