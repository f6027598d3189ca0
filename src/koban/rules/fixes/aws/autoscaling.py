"""Fixes for EC2 Auto Scaling."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

OLD_CLIENTS = "software that knows nothing of IMDSv2 gets no credentials any more"

fixes(
    "autoscaling-launch-configuration-imdsv1",
    put("MetadataOptions.HttpTokens", "required"),
    replaces=True,
    note=OLD_CLIENTS,
)
fixes(
    "autoscaling-launch-configuration-hop-limit",
    put("MetadataOptions.HttpPutResponseHopLimit", Limit("hops_max")),
    replaces=True,
    note="containers behind a bridge no longer reach the metadata service",
)
fixes("autoscaling-launch-configuration-unencrypted", put("BlockDeviceMappings[].Ebs?.Encrypted", True), replaces=True)
