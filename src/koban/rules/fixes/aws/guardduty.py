"""Fixes for Amazon GuardDuty."""

from __future__ import annotations

from koban.model.fix import fixes, put

PAID = "what it looks at is paid for"

fixes("guardduty-findings-published-late", put("FindingPublishingFrequency", "FIFTEEN_MINUTES"))
for rule, feature in (
    ("guardduty-s3-protection-off", "S3_DATA_EVENTS"),
    ("guardduty-eks-audit-logs-off", "EKS_AUDIT_LOGS"),
    ("guardduty-lambda-protection-off", "LAMBDA_NETWORK_LOGS"),
    ("guardduty-malware-protection-off", "EBS_MALWARE_PROTECTION"),
    ("guardduty-rds-protection-off", "RDS_LOGIN_EVENTS"),
):
    fixes(rule, put(f"Features[Name={feature}].Status", "ENABLED"), note=PAID)
