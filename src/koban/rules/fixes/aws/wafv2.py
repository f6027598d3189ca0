"""Fixes for AWS WAF."""

from __future__ import annotations

from koban.model.fix import fixes, put

METRICS = (
    put("VisibilityConfig.CloudWatchMetricsEnabled", True),
    put("Rules[].VisibilityConfig.CloudWatchMetricsEnabled", True),
)

fixes("wafv2-web-acl-metrics-off", *METRICS)
fixes("wafv2-rule-group-metrics-off", *METRICS)
