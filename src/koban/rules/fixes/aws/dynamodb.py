"""Fixes for Amazon DynamoDB."""

from __future__ import annotations

from koban.model.fix import fixes, put

RECOVERY = "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
PAID = "continuous backups are paid for by size"

fixes("dynamodb-table-deletable", put("DeletionProtectionEnabled", True))
fixes("dynamodb-table-not-recoverable", put(RECOVERY, True), note=PAID)
fixes("dynamodb-global-table-deletable", put("Replicas[].DeletionProtectionEnabled", True))
fixes("dynamodb-global-table-not-recoverable", put(f"Replicas[].{RECOVERY}", True), note=PAID)
fixes("dax-cluster-unencrypted", put("SSESpecification.SSEEnabled", True), replaces=True)
fixes("dax-cluster-no-tls", put("ClusterEndpointEncryptionType", "TLS"), replaces=True)
