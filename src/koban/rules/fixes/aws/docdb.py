"""Fixes for Amazon DocumentDB."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

fixes("docdb-cluster-deletable", put("DeletionProtection", True))
fixes("docdb-cluster-backups-short", put("BackupRetentionPeriod", Limit("backup_days_min")))
fixes("docdb-cluster-unencrypted", put("StorageEncrypted", True), replaces=True)
