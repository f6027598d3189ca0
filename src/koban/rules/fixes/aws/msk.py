"""Fixes for Amazon MSK."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes(
    "msk-cluster-brokers-without-tls",
    put("EncryptionInfo.EncryptionInTransit.InCluster", True),
    replaces=True,
)
