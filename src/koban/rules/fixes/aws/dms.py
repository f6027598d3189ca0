"""Fixes for AWS Database Migration Service."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("dms-instance-no-minor-upgrades", put("AutoMinorVersionUpgrade", True))
fixes("dms-instance-single-zone", put("MultiAZ", True), note="a standby is paid for")
fixes(
    "dms-instance-public",
    put("PubliclyAccessible", False),
    replaces=True,
    note="it is no longer reached from outside of its network",
)
