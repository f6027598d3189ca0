"""Fixes for Elastic Load Balancing."""

from __future__ import annotations

from koban.model.fix import Put, fixes, put


def attribute(key: str, value: str) -> Put:
    return put(f"LoadBalancerAttributes[Key={key}].Value", value)


fixes("elbv2-deletion-protection-off", attribute("deletion_protection.enabled", "true"))
fixes(
    "elbv2-keeps-invalid-headers",
    attribute("routing.http.drop_invalid_header_fields.enabled", "true"),
    note="headers with other characters than letters, digits and hyphens no longer reach the targets",
)
fixes("elbv2-desync-only-monitored", attribute("routing.http.desync_mitigation_mode", "defensive"))
