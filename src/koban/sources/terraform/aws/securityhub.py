"""AWS Security Hub."""

from __future__ import annotations

from koban.model.aws.securityhub import Hub, Standard
from koban.sources.terraform.mapping import maps

maps("aws_securityhub_account", Hub, ARN="arn", AutoEnableControls="auto_enable_controls")
maps("aws_securityhub_standards_subscription", Standard, StandardsArn="standards_arn", StandardsSubscriptionArn="id")
