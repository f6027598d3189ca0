"""Fixes for Amazon Neptune."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

fixes("neptune-cluster-deletable", put("DeletionProtection", True))
fixes("neptune-cluster-backups-short", put("BackupRetentionPeriod", Limit("backup_days_min")))
fixes("neptune-cluster-tags-not-copied", put("CopyTagsToSnapshot", True))
fixes("neptune-cluster-unencrypted", put("StorageEncrypted", True), replaces=True)
fixes("neptune-instance-no-minor-upgrades", put("AutoMinorVersionUpgrade", True))
