"""Fixes for Amazon Redshift."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

UNREACHED = "it is no longer reached from outside of its network"

fixes("redshift-cluster-public", put("PubliclyAccessible", False), note=UNREACHED)
fixes("redshift-workgroup-public", put("PubliclyAccessible", False), note=UNREACHED)
fixes("redshift-cluster-snapshots-short", put("AutomatedSnapshotRetentionPeriod", Limit("snapshot_days_min")))
fixes("redshift-cluster-no-upgrades", put("AllowVersionUpgrade", True))
fixes(
    "redshift-cluster-unencrypted",
    put("Encrypted", True),
    note="the cluster can only be read while its data is encrypted",
)
