"""Fixes for Amazon RDS and Aurora."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

UNREACHED = "it is no longer reached from outside of its network"

fixes("rds-instance-unencrypted", put("StorageEncrypted", True), replaces=True)
fixes("rds-instance-public", put("PubliclyAccessible", False), note=UNREACHED)
fixes("rds-instance-no-minor-upgrades", put("AutoMinorVersionUpgrade", True))
fixes("rds-instance-single-zone", put("MultiAZ", True), note="a standby is paid for")
fixes("rds-instance-deletable", put("DeletionProtection", True))
fixes("rds-instance-no-iam-auth", put("EnableIAMDatabaseAuthentication", True))
fixes("rds-instance-backups-short", put("BackupRetentionPeriod", Limit("backup_days_min")))
fixes("rds-instance-tags-not-copied", put("CopyTagsToSnapshot", True))
fixes("rds-cluster-unencrypted", put("StorageEncrypted", True), replaces=True)
fixes("rds-cluster-deletable", put("DeletionProtection", True))
fixes("rds-cluster-no-iam-auth", put("EnableIAMDatabaseAuthentication", True))
fixes("rds-cluster-backups-short", put("BackupRetentionPeriod", Limit("backup_days_min")))
fixes("rds-cluster-tags-not-copied", put("CopyTagsToSnapshot", True))
fixes("rds-cluster-no-minor-upgrades", put("AutoMinorVersionUpgrade", True))
fixes("rds-global-cluster-deletable", put("DeletionProtection", True))
fixes("rds-proxy-tls-not-required", put("RequireTLS", True), note="clients without TLS can no longer connect")
fixes("rds-proxy-logs-statements", put("DebugLogging", False))
