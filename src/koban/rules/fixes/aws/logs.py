"""Fixes for Amazon CloudWatch Logs."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

fixes(
    "logs-group-keeps-too-briefly",
    put("RetentionInDays", Limit("kept_days_min")),
    note="logs are kept, and paid for, for longer",
)
fixes("logs-group-deletable", put("DeletionProtectionEnabled", True))
