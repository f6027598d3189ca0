"""Fixes for Amazon MemoryDB."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

fixes("memorydb-cluster-no-minor-upgrades", put("AutoMinorVersionUpgrade", True))
fixes("memorydb-cluster-snapshots-short", put("SnapshotRetentionLimit", Limit("snapshot_days_min")))
fixes("memorydb-cluster-no-tls", put("TLSEnabled", True), replaces=True)
