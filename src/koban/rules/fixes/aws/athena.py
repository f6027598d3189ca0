"""Fixes for Amazon Athena."""

from __future__ import annotations

from koban.model.fix import fixes, put

fixes("athena-workgroup-not-metered", put("WorkGroupConfiguration.PublishCloudWatchMetricsEnabled", True))
fixes(
    "athena-workgroup-not-enforced",
    put("WorkGroupConfiguration.EnforceWorkGroupConfiguration", True),
    note="settings that clients bring along no longer count",
)
