"""Fixes for Amazon EFS."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("efs-file-system-not-backed-up", put("BackupPolicy.Status", "ENABLED"), note="backups are paid for by size")
fixes("efs-file-system-unencrypted", put("Encrypted", True), replaces=True)
