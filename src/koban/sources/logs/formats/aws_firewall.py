"""AWS WAF and AWS Network Firewall."""

from __future__ import annotations

from typing import Any

from koban.sources.logs.format import json_records


@json_records("aws-waf")
def waf(record: dict[str, Any]) -> bool:
    return "webaclId" in record and "httpRequest" in record


@json_records("aws-network-firewall")
def network_firewall(record: dict[str, Any]) -> bool:
    return "firewall_name" in record and isinstance(record.get("event"), dict)
