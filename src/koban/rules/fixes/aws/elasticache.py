"""Fixes for Amazon ElastiCache."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("elasticache-group-no-minor-upgrades", put("AutoMinorVersionUpgrade", True))
fixes("elasticache-group-not-backed-up", put("SnapshotRetentionLimit", 7))
fixes("elasticache-group-unencrypted", put("AtRestEncryptionEnabled", True), replaces=True)
fixes("elasticache-cluster-no-minor-upgrades", put("AutoMinorVersionUpgrade", True))
fixes("elasticache-cluster-not-backed-up", put("SnapshotRetentionLimit", 7))
fixes("elasticache-serverless-not-backed-up", put("SnapshotRetentionLimit", 7))
