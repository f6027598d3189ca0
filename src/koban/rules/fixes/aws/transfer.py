"""Fixes for AWS Transfer Family."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes(
    "transfer-server-algorithms-outdated",
    put("SecurityPolicyName", "TransferSecurityPolicy-2024-01"),
    note="clients that know older algorithms alone can no longer connect",
)
