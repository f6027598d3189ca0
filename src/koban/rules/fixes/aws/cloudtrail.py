"""Fixes for AWS CloudTrail."""

from __future__ import annotations

from koban.model.fix import Limit, fixes, put

fixes("cloudtrail-log-validation-off", put("EnableLogFileValidation", True))
fixes("cloudtrail-trail-not-logging", put("IsLogging", True))
fixes(
    "cloudtrail-trail-of-one-region",
    put("IsMultiRegionTrail", True),
    note="events of all regions are delivered, and paid for",
)
fixes("cloudtrail-event-data-store-deletable", put("TerminationProtectionEnabled", True))
fixes(
    "cloudtrail-event-data-store-keeps-too-briefly",
    put("RetentionPeriod", Limit("kept_days_min")),
    note="events are kept, and paid for, for longer",
)
